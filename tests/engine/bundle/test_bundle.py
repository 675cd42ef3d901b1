import copy
import io
import os
import struct
import zipfile

import numpy as np
import pytest

from tests.engine.tiny_bundle import manifest, write_tiny_bundle
from uhrs_qgis_plugin.engine.bundle import archive as bundle_archive
from uhrs_qgis_plugin.engine.bundle.bundle import ClassInfo, read_bundle, write_bundle
from uhrs_qgis_plugin.engine.errors import BundleError, OutputError


@pytest.fixture(scope="module")
def members(tmp_path_factory):
    """The four members of a sound bundle."""
    path = tmp_path_factory.mktemp("bundle") / "sound.uhrs"
    write_tiny_bundle(path)
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture
def pack(tmp_path):
    """Write (name, content) pairs as a zip."""

    def write(pairs, compression=zipfile.ZIP_DEFLATED):
        path = tmp_path / "model.uhrs"
        with zipfile.ZipFile(path, "w", compression) as archive:
            for name, content in pairs:
                archive.writestr(name, content)
        return path

    return write


def test_bundle_tells_what_the_manifest_says(tmp_path):
    written = write_tiny_bundle(tmp_path / "tiny.uhrs", bands=4, classes=3, dtype="uint16", stride=8, resolution_m=0.3)
    bundle = read_bundle(tmp_path / "tiny.uhrs")
    assert bundle == written
    assert bundle.name == "tiny"
    assert bundle.bands == ("band1", "band2", "band3", "band4")
    assert bundle.data_type == "uint16"
    assert bundle.resolution_m == 0.3
    assert bundle.classes[0] == ClassInfo(0, "class0", (226, 169, 41))
    assert [entry.value for entry in bundle.classes] == [0, 1, 2]
    assert (bundle.patch_side, bundle.uncertainty_stride) == (128, 8)
    assert (bundle.coarse_channels, bundle.feature_channels) == (4, 4)
    assert bundle.default_ratio == 0.5
    assert set(bundle.graphs) == {"low", "high", "fuse"}
    assert "weights" not in repr(bundle)
    assert len(repr(bundle)) < 300


def test_equal_models_are_equal_files(tmp_path):
    one = write_tiny_bundle(tmp_path / "one.uhrs")
    assert one.sha256 == write_tiny_bundle(tmp_path / "two.uhrs").sha256
    assert one.sha256 != write_tiny_bundle(tmp_path / "three.uhrs", classes=4).sha256


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_stored_and_deflated_are_read(members, pack, compression):
    assert read_bundle(pack(members.items(), compression)).name == "tiny"


@pytest.mark.parametrize("name", ["model.json", "low.onnx", "high.onnx", "fuse.onnx"])
def test_missing_member_is_named(members, pack, name):
    with pytest.raises(BundleError, match=f"lacks {name}"):
        read_bundle(pack((key, value) for key, value in members.items() if key != name))


@pytest.mark.parametrize(
    "name", ["../evil", "/etc/passwd", "low.onnx.data", "weights/low.onnx", "low.onnx/", "LOW.ONNX"]
)
def test_other_members_are_refused(members, pack, name):
    with pytest.raises(BundleError, match="has the member"):
        read_bundle(pack([*members.items(), (name, b"x")]))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_duplicate_member_is_refused(members, pack):
    with pytest.raises(BundleError, match="has a member twice"):
        read_bundle(pack([*members.items(), ("low.onnx", b"x")]))


def test_many_entries_are_refused(pack):
    with pytest.raises(BundleError, match="has 100 members"):
        read_bundle(pack((f"m{index}", b"") for index in range(100)))


def test_other_compressions_are_refused(members, pack):
    with pytest.raises(BundleError, match=r"packs .* in a way that is neither"):
        read_bundle(pack(members.items(), zipfile.ZIP_BZIP2))


def test_encrypted_member_is_refused(members, pack):
    path = pack(members.items())
    raw = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        raw[raw.index(signature) + offset] |= 1
    path.write_bytes(raw)
    with pytest.raises(BundleError, match=r"encrypted member 'model.json'"):
        read_bundle(path)


def test_large_bundle_is_refused_before_unpacking(members, pack, monkeypatch):
    path = pack(members.items())
    size = sum(map(len, members.values()))
    monkeypatch.setattr(bundle_archive, "MAX_TOTAL_BYTES", size)
    assert read_bundle(path).name == "tiny"
    monkeypatch.setattr(bundle_archive, "MAX_TOTAL_BYTES", size - 1)
    with pytest.raises(BundleError, match=f"unpacks to {size} bytes, allowed are {size - 1}"):
        read_bundle(path)
    monkeypatch.setattr(bundle_archive, "MAX_TOTAL_BYTES", path.stat().st_size - 1)
    with pytest.raises(BundleError, match="is larger than"):
        read_bundle(path)


def test_large_manifest_is_refused(members, pack):
    text = b" " * 2**20 + members["model.json"]
    with pytest.raises(BundleError, match=r"has a model\.json of \d+ bytes, allowed are 1048576"):
        read_bundle(pack([*[(k, v) for k, v in members.items() if k != "model.json"], ("model.json", text)]))


@pytest.mark.parametrize("announced", [10, 10**6])
def test_lying_header_is_refused(members, pack, announced):
    """A directory that announces another size than the data has must neither cut nor blow up."""
    path = pack({**members, "fuse.onnx": bytes(10**5)}.items())
    raw = bytearray(path.read_bytes())
    for signature, size_at, name_at in ((b"PK\x03\x04", 22, 30), (b"PK\x01\x02", 24, 46)):
        at = next(
            index
            for index in range(len(raw))
            if raw[index : index + 4] == signature and raw[index + name_at : index + name_at + 9] == b"fuse.onnx"
        )
        raw[at + size_at : at + size_at + 4] = struct.pack("<I", announced)
    path.write_bytes(raw)
    with pytest.raises(BundleError, match=r"is not a bundle or is damaged|announces"):
        read_bundle(path)


@pytest.mark.parametrize("content", [b"", b"not a zip", b"PK\x03\x04" + bytes(100)])
def test_not_a_zip(tmp_path, content):
    path = tmp_path / "model.uhrs"
    path.write_bytes(content)
    with pytest.raises(BundleError, match="is not a bundle or is damaged"):
        read_bundle(path)


def test_every_cut_and_many_flips_are_refused_or_harmless(members, pack):
    path = pack(members.items())
    raw = path.read_bytes()
    for size in range(0, len(raw), 97):
        path.write_bytes(raw[:size])
        with pytest.raises(BundleError):
            read_bundle(path)
    rng = np.random.default_rng(0)
    refused = 0
    for position in rng.integers(0, len(raw), 300):
        damaged = bytearray(raw)
        damaged[position] ^= 1 << rng.integers(8)
        path.write_bytes(damaged)
        try:
            read_bundle(path)
        except BundleError:
            refused += 1
    assert refused > 200  # the rest hits dates and the like


@pytest.mark.parametrize(("path", "reason"), [("missing.uhrs", "No such file"), (".", "directory")])
def test_unreadable_path(tmp_path, path, reason):
    with pytest.raises(BundleError, match=f"Cannot read the model .*{reason}"):
        read_bundle(tmp_path / path)


def _replaced(members, name, content):
    return [(key, content if key == name else value) for key, value in members.items()]


def _with_external(graph, where):
    """Give one tensor of a graph an outside file."""
    from onnx import TensorProto, helper, load_from_string

    model = load_from_string(graph)
    if where == "initializer":
        tensor = model.graph.initializer[0]
    elif where == "attribute":
        tensor = model.graph.node[0].attribute.add(name="t", type=4).t
    else:
        inner = helper.make_graph([], "inner", [], [], [helper.make_tensor("w", 1, [1], [0.0])])
        model.graph.node[0].attribute.add(name="g", type=5).g.CopyFrom(inner)
        tensor = model.graph.node[0].attribute[-1].g.initializer[0]
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="/etc/passwd")
    return model.SerializeToString()


@pytest.mark.parametrize("where", ["initializer", "attribute", "subgraph"])
@pytest.mark.parametrize("name", ["low.onnx", "high.onnx", "fuse.onnx"])
def test_external_data_is_refused(members, pack, where, name):
    source = members["low.onnx"] if name == "fuse.onnx" else members[name]
    with pytest.raises(BundleError, match=f"'{name}' refers to data outside the bundle"):
        read_bundle(pack(_replaced(members, name, _with_external(source, where))))


@pytest.mark.parametrize(
    ("graph", "reason"),
    [
        (b"", "no graph inside"),
        (b"\x08\x08", "no graph inside"),
        (b"\x38\x01", "is not an ONNX graph"),
        (b"\x3a\x7f\x00", "is damaged"),
        (b"\xff" * 20, "is damaged"),
        (b"\x0b\x0c", "is damaged"),
        (b"\x00\x00", "is damaged"),
    ],
)
def test_damaged_graph(members, pack, graph, reason):
    with pytest.raises(BundleError, match=reason):
        read_bundle(pack(_replaced(members, "high.onnx", graph)))


def test_deep_nesting_is_refused(members, pack):
    def wrap(field, content):
        size = len(content)
        varint = b""
        while size > 127:
            varint += bytes([size & 127 | 128])
            size >>= 7
        return bytes([field << 3 | 2]) + varint + bytes([size]) + content

    graph = b""
    for _ in range(40):  # graph > node > attribute > graph > ...
        graph = wrap(1, wrap(5, wrap(6, graph)))
    with pytest.raises(BundleError, match="deeper than"):
        read_bundle(pack(_replaced(members, "low.onnx", wrap(7, graph))))


def test_write_bundle_refuses_what_reading_refuses(tmp_path, members):
    graphs = {name: members[f"{name}.onnx"] for name in ("low", "high", "fuse")}
    path = tmp_path / "model.uhrs"
    wrong = copy.deepcopy(manifest())
    wrong["uhrs:patch_side"] = 100
    with pytest.raises(BundleError, match="'uhrs:patch_side' is 100"):
        write_bundle(path, wrong, graphs)
    with pytest.raises(BundleError, match="needs the graphs"):
        write_bundle(path, manifest(), {"low": b""})
    with pytest.raises(BundleError, match="refers to data outside"):
        write_bundle(path, manifest(), {**graphs, "low": _with_external(graphs["low"], "initializer")})
    assert os.listdir(tmp_path) == []


def test_write_bundle_replaces_at_once(tmp_path, members, monkeypatch):
    path = tmp_path / "model.uhrs"
    path.write_bytes(b"old")
    graphs = {name: members[f"{name}.onnx"] for name in ("low", "high", "fuse")}

    def fail(source, target):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", fail)
        with pytest.raises(OutputError, match="No space left"):
            write_bundle(path, manifest(), graphs)
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["model.uhrs"]
    write_bundle(path, manifest(), graphs)
    assert zipfile.is_zipfile(io.BytesIO(path.read_bytes()))
    assert os.listdir(tmp_path) == ["model.uhrs"]


def test_write_bundle_needs_a_folder(tmp_path, members):
    graphs = {name: members[f"{name}.onnx"] for name in ("low", "high", "fuse")}
    with pytest.raises(OutputError, match=r"model.uhrs' cannot be written: No such file"):
        write_bundle(tmp_path / "no" / "model.uhrs", manifest(), graphs)
