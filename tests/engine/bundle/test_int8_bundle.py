"""Bundles with 8-bit graphs: beside those in floating point, or in their place."""

import copy
import zipfile

import pytest

from tests.engine.bundle.hostile import packed, refused
from tests.engine.tiny_bundle import INT8_STATED, manifest, write_tiny_bundle
from uhrs_qgis_plugin.engine.bundle import read_bundle, read_manifest, write_bundle
from uhrs_qgis_plugin.engine.errors import BundleError


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = tmp_path_factory.mktemp("int8") / "both.uhrs"
    write_tiny_bundle(path, int8=True)
    return path


@pytest.fixture(scope="module")
def members(path):
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def described(**changes):
    return {**manifest(), "uhrs:format_version": 2, "uhrs:int8": {**INT8_STATED, **changes}}


def test_both_precisions_are_told_apart(path):
    bundle = read_bundle(path)
    assert bundle.precisions == ("float", "int8")
    assert (set(bundle.graphs), set(bundle.int8_graphs)) == ({"low", "high", "fuse"}, {"low", "high"})
    assert bundle.int8 == INT8_STATED
    small, plain = bundle.in_precision("int8"), bundle.in_precision("float")
    assert (small.precision, plain.precision) == ("int8", "float")
    assert small.graphs == {**bundle.graphs, **bundle.int8_graphs}
    assert plain.graphs == bundle.graphs
    assert [small.member(graph) for graph in ("low", "high", "fuse")] == [
        "low.int8.onnx",
        "high.int8.onnx",
        "fuse.onnx",
    ]
    assert plain.member("low") == "low.onnx"


def test_the_floating_point_graphs_are_those_of_a_bundle_without_8_bits(path, tmp_path):
    plain = write_tiny_bundle(tmp_path / "plain.uhrs")
    assert plain.precisions == ("float",)
    assert (plain.int8, plain.int8_graphs) == ({}, {})
    assert plain.graphs == read_bundle(path).graphs


@pytest.mark.parametrize(
    ("names", "precisions"),
    [
        (("low.int8", "high.int8", "fuse"), ("int8",)),
        (("low", "low.int8", "high", "fuse"), ("float", "int8")),
        (("low", "high.int8", "fuse"), ("int8",)),
    ],
)
def test_each_stream_may_be_there_in_one_form(members, tmp_path, names, precisions):
    graphs = {name: members[f"{name}.onnx"] for name in names}
    bundle = write_bundle(tmp_path / "some.uhrs", described(), graphs)
    assert bundle.precisions == precisions
    expected = {kind: graphs.get(f"{kind}.int8", graphs.get(kind)) for kind in ("low", "high", "fuse")}
    assert bundle.in_precision("int8").graphs == expected


@pytest.mark.parametrize("names", [("low.int8", "fuse"), ("low.int8", "high.int8"), ("low", "high", "fuse.int8")])
def test_a_stream_that_is_missing_in_both_forms(members, tmp_path, names):
    with pytest.raises(BundleError, match="needs the graphs low, high and fuse"):
        write_bundle(tmp_path / "some.uhrs", described(), {name: members["low.onnx"] for name in names})
    assert list(tmp_path.iterdir()) == []


def test_missing_in_both_forms_is_named(members, tmp_path):
    kept = {name: content for name, content in members.items() if not name.startswith("low")}
    refused(packed(tmp_path, kept.items()), "lacks low.onnx")


@pytest.mark.parametrize("name", ["fuse.int8.onnx", "low.int4.onnx", "low.int8"])
def test_other_members_are_refused(members, tmp_path, name):
    refused(packed(tmp_path, [*members.items(), (name, b"x")]), "has the member")


@pytest.mark.parametrize("name", ["low.int8.onnx", "high.int8.onnx"])
def test_8_bit_graphs_are_looked_through_like_others(members, tmp_path, name):
    from onnx import TensorProto, load_from_string

    model = load_from_string(members[name])
    model.graph.initializer[0].data_location = TensorProto.EXTERNAL
    outside = {**members, name: model.SerializeToString()}
    refused(packed(tmp_path, outside.items()), f"'{name}' refers to data outside the bundle")
    model = load_from_string(members[name])
    model.graph.node[0].domain = "com.microsoft"
    foreign = {**members, name: model.SerializeToString()}
    refused(packed(tmp_path, foreign.items()), f"'{name}' uses operators of the domain 'com.microsoft'")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"agreement": 1.5}, "'uhrs:int8.agreement' is 1.5, expected a number in 0..1"),
        ({"agreement": None}, "'uhrs:int8.agreement' is None"),
        ({"uncertainty_difference": -1}, "'uhrs:int8.uncertainty_difference' is -1"),
        ({"test_scene_agreement": True}, "'uhrs:int8.test_scene_agreement' is True"),
        ({"calibrated_on": "a\x1b[2J"}, "'uhrs:int8.calibrated_on'"),
        ({"compared_on": 3}, "'uhrs:int8.compared_on' is 3"),
        ({"miou": [1]}, "'uhrs:int8.miou'"),
    ],
)
def test_what_is_said_of_them_is_checked(members, tmp_path, change, reason):
    graphs = {name[:-5]: content for name, content in members.items() if name.endswith(".onnx")}
    with pytest.raises(BundleError, match=reason):
        write_bundle(tmp_path / "some.uhrs", described(**change), graphs)


def test_graphs_and_description_come_together(members, tmp_path):
    graphs = {name[:-5]: content for name, content in members.items() if name.endswith(".onnx")}
    with pytest.raises(BundleError, match="'uhrs:int8' is missing"):
        write_bundle(tmp_path / "some.uhrs", {**manifest(), "uhrs:format_version": 2}, graphs)
    with pytest.raises(BundleError, match="8-bit graphs need 2"):
        write_bundle(tmp_path / "some.uhrs", {**described(), "uhrs:format_version": 1}, graphs)
    plain = {name: graphs[name] for name in ("low", "high", "fuse")}
    with pytest.raises(BundleError, match="describes 8-bit graphs but there are none"):
        write_bundle(tmp_path / "some.uhrs", described(), plain)


def test_manifest_is_read_as_it_stands(path):
    text = read_manifest(path)
    assert text["uhrs:int8"] == INT8_STATED
    changed = copy.deepcopy(text)
    changed["mlm:name"] = "other"
    graphs = read_bundle(path)
    named = {**graphs.graphs, **{f"{name}.int8": graph for name, graph in graphs.int8_graphs.items()}}
    assert write_bundle(path.with_name("other.uhrs"), changed, named).name == "other"
    with pytest.raises(BundleError, match="No such file"):
        read_manifest(path.with_name("missing.uhrs"))
