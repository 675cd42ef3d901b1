"""What cannot be imported is refused in one line that says what was found and what to give; nothing is left behind."""

from __future__ import annotations

import json
import re
import zipfile

import numpy as np
import pytest

from tests.engine.importing.networks import deepness, write_network
from uhrs_qgis_plugin.engine.errors import BundleError, OptionsError, OutputError, UhrsError
from uhrs_qgis_plugin.engine.importing import ImportOptions, import_model

ANSWERS = {"classes": tuple("abcd"), "bands": ("red", "green", "blue"), "resolution": "0.5", "divisor": 255.0}


@pytest.fixture
def refuse(tmp_path):
    """Try to import a file; returns the text of the error, and checks that nothing is left."""

    def run(kind=UhrsError, options=None, path=None, **network):
        path = path or write_network(tmp_path / "net.onnx", **network)
        before = sorted(item.name for item in tmp_path.iterdir())
        with pytest.raises(kind) as caught:
            import_model(path, tmp_path / "net.uhrs", ImportOptions(**{**ANSWERS, **(options or {})}))
        text = str(caught.value)
        assert "\n" not in text
        assert len(text) < 600
        assert sorted(item.name for item in tmp_path.iterdir()) == before
        return text

    return run


def outside(model):
    """Move the weights out of the file, as torch does by default."""
    tensor = model.graph.initializer[0]
    tensor.data_location = 1
    entry = tensor.external_data.add()
    entry.key, entry.value = "location", "weights.bin"


def no_axes(model):
    """Forget even the number of axes of the input."""
    model.graph.input[0].type.tensor_type.ClearField("shape")


def second_input(model):
    """Ask for a second image."""
    other = model.graph.input.add()
    other.CopyFrom(model.graph.input[0])
    other.name = "before"


CLASS_NUMBERS = [("ArgMax", ["plain"], ["scores"], {"axis": 1, "keepdims": 0})]


def as_integers(model):
    model.graph.output[0].type.tensor_type.elem_type = 7


def of_axes(*axes):
    """Change the output to other axes."""
    return [("Reshape", ["plain", "axes"], ["scores"])], np.array(axes)


# What the network is like -> the error, and what its text says.
NETWORKS = {
    "external data": ({"finish": outside}, BundleError, "refers to data outside"),
    "dynamic rank": ({"finish": no_axes}, BundleError, "takes an input of 0 axes, expected 4"),
    "two inputs": ({"finish": second_input}, BundleError, "has 2 inputs .*'before'"),
    "class numbers": (
        {"extra_nodes": CLASS_NUMBERS, "output_axes": [1, 128, 128], "finish": as_integers},
        BundleError,
        "class numbers: export the network without its last step",
    ),
    "no padding": ({"padding": 0, "kernel": 5}, BundleError, "124 x 124 for 128 x 128 pixels.*export it with padding"),
    "a custom operator": (
        {"extra_nodes": [("Mine", ["plain"], ["scores"], {"domain": "my.ops"})], "opsets": (("", 17), ("my.ops", 1))},
        BundleError,
        "operators of the domain 'my.ops'",
    ),
    "oblong windows": ({"input_axes": [1, 3, 128, 256]}, BundleError, "takes windows of 128 x 256 pixels"),
    "tiny windows": ({"side": 32}, BundleError, "windows of 32 pixels, allowed are 64"),
    "huge windows": ({"side": 8192}, BundleError, "windows of 8192 pixels, allowed are 64 to 4096"),
    "strings": ({"dtype": "int64"}, BundleError, "takes numbers of the type int64"),
    "dropout that stays": (
        {"extra_nodes": [("RandomNormalLike", ["plain"], ["noise"]), ("Add", ["plain", "noise"], ["scores"])]},
        BundleError,
        "other scores each time for the same image",
    ),
    "sigmoid for each class": (
        {"head": "Sigmoid"},
        OptionsError,
        "within 0 and 1 whose sum over the classes is between .* give 'probabilities' as scores",
    ),
    "infinite scores": (
        {"extra_nodes": [("Sub", ["plain", "plain"], ["zero"]), ("Log", ["zero"], ["scores"])]},
        BundleError,
        "not finite",
    ),
    "dead": ({"extra_nodes": [("Sub", ["plain", "plain"], ["scores"])]}, BundleError, "same scores for every pixel"),
    "a detector": ({"metadata": deepness(model_type="Detector")}, BundleError, "calls itself a 'Detector'"),
    "too few bands": ({"bands": 4}, OptionsError, r"takes 4 bands, but 3 are named \(red, green, blue\): name 4"),
    "too many classes": (
        {"channels": 6},
        OptionsError,
        r"scores of 6 classes, but 4 names are given \(a, b, c, d\): give 6 names",
    ),
    "one class": ({"channels": 1}, OptionsError, "2 classes, but 4 names .* or one for the class that its one channel"),
    "no class for each": ({"channels": 251}, UhrsError, "251"),
}


@pytest.mark.parametrize("what", NETWORKS)
def test_networks(refuse, what):
    network, kind, text = NETWORKS[what]
    found = refuse(kind, **network)
    assert re.search(text, found), found


@pytest.mark.parametrize(
    ("axes", "text"),
    [
        ((1, 4 * 128, 128), "1 x 512 x 128.* choose a network for semantic segmentation"),
        ((1, 4 * 128 * 128), "1 x 65536"),
    ],
)
@pytest.mark.parametrize("is_told", [True, False])
def test_outputs_that_are_no_map(refuse, axes, text, is_told):
    """Of detectors and classifiers; some files do not even say how many axes there are."""
    from onnx import numpy_helper

    def forget(model):
        if not is_told:
            model.graph.output[0].type.tensor_type.ClearField("shape")

    nodes, shape = of_axes(*axes)
    constants = [numpy_helper.from_array(shape, "axes")]
    found = refuse(BundleError, extra_nodes=nodes, constants=constants, output_axes=[None] * len(axes), finish=forget)
    if is_told:
        assert "which is no score for each class and pixel" in found
    else:
        assert re.search(text, found), found


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"class_names": '{"0": "a", "2": "b"}'}, "'class_names' .* consecutive numbers from 0"),
        ({"class_names": '{"0": 7}'}, "'class_names'"),
        ({"class_names": "[1, [2]]"}, "'class_names'"),
        ({"class_names": "[" * 5000}, "'class_names'"),
        ({"resolution": '"wide"'}, "'resolution' .* expected centimetres"),
        ({"resolution": "-3"}, "'resolution' .* expected centimetres"),
        ({"resolution": "NaN"}, "'resolution' .* expected centimetres"),
        ({"tiles_size": "12.5"}, "'tile_size' .* expected a whole number"),
        ({"tiles_overlap": "100"}, "'tiles_overlap' .* per cent"),
        ({"standardization_std": "[0.2, 0, 0.2]"}, "A std of the file is not above 0"),
        ({"standardization_mean": "[0.2, 0.2]"}, "mean has 2 numbers, but there are 3 bands"),
        ({"standardization_mean": '{"a": 1}'}, "'standardization_mean'"),
        ({"class_names": '{"0": "water", "1": "water", "2": "c", "3": "d"}'}, "'water' has no name of its own"),
        ({"class_names": '{"0": "water", "1": "land"}'}, "4 classes, but 2 names are in its metadata"),
    ],
)
def test_metadata_that_nobody_understands(refuse, changes, text):
    import re

    options = {"classes": (), "bands": (), "resolution": "", "divisor": None}
    found = refuse(UhrsError, options, metadata={**deepness(), **changes})
    assert re.search(text, found), found


@pytest.mark.parametrize(
    ("options", "network", "text"),
    [
        ({"divisor": None}, {}, "does not tell everything .* Give mean and std"),
        ({"bands": ()}, {}, r"Give bands \(3, in its order"),
        ({"bands": ()}, {"bands": 4, "metadata": deepness()}, r"Give bands \(4, in its order"),
        ({"divisor": None, "mean": (0.0,)}, {}, "do not tell whether .* give the divisor"),
        ({"divisor": None, "mean": (0.5,), "std": (50.0,)}, {}, "give the divisor"),
        ({"divisor": None, "mean": (0.5,), "std": (0.2,), "data_type": "uint16"}, {}, "give the divisor"),
        ({"mean": (0.5, 0.5)}, {}, "mean has 2 numbers, but there are 3 bands: give 1 or 3"),
        ({}, {"dtype": "uint8"}, r"as they are \(uint8\): leave divisor, mean and std away"),
        ({"divisor": None, "data_type": "uint16"}, {"dtype": "uint8"}, "takes uint8, not uint16"),
        ({"window": 256}, {}, "takes windows of 128 pixels and no others"),
        ({"window": 48}, {"side": None}, "The window has 48 pixels, allowed are 64"),
        ({"margin": 60}, {}, "margin of 60 pixels leaves nothing of windows of 128: give at most 56"),
        ({"scores": "probabilities"}, {}, "which are no probabilities"),
        ({"layout": "NHWC"}, {}, r"takes 128 bands, but 3 are named"),
        ({}, {"input_axes": [1, 7, 7, 7]}, "neither axis is clearly that of the bands"),
        ({"classes": ("a", "a", "b", "c")}, {}, "'a' has no name of its own"),
        ({"classes": ("a", "", "b", "c")}, {}, "has no name of its own"),
        ({"classes": ("a\n", "b", "c", "d")}, {}, "name"),
        ({"name": "x" * 5000}, {}, "mlm:name"),
    ],
)
def test_options_that_do_not_fit(refuse, options, network, text):
    found = refuse(UhrsError, options, **network)
    assert re.search(text, found), found


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"divisor": 0.0}, "divisor 0 is not allowed"),
        ({"divisor": float("nan")}, "divisor nan is not allowed"),
        ({"std": (0.0,)}, "std 0 is not allowed"),
        ({"mean": (float("inf"),)}, "mean inf is not allowed"),
        ({"resolution": "30 cm"}, "'30 cm' is not allowed: give the pixel size in metres"),
        ({"resolution": "0"}, "'0' is not allowed"),
        ({"layout": "HWC"}, "layout 'HWC' is unknown: give one of auto, NCHW, NHWC"),
        ({"first_look": "twice"}, "first look 'twice' is unknown: give one of none, same"),
        ({"scores": "softmax"}, "scores 'softmax' is unknown"),
        ({"data_type": "int64"}, "data type 'int64' is unknown"),
        ({"window": 0}, "window 0 is not allowed"),
        ({"margin": -1}, "margin -1 is not allowed"),
    ],
)
def test_options_that_fit_nothing(options, text):
    with pytest.raises(OptionsError, match=text):
        ImportOptions(**options)


def test_a_network_that_takes_one_size_but_promises_any(tmp_path, refuse):
    """As exporters write it where a size was computed in Python: the file says free, and only one works."""
    from onnx import numpy_helper

    nodes = [("Reshape", ["plain", "axes"], ["scores"])]
    constants = [numpy_helper.from_array(np.array([1, 4, 256, 256]), "axes")]
    network = {"side": None, "extra_nodes": nodes, "constants": constants}
    path = write_network(tmp_path / "net.onnx", **network)
    windows = import_model(path, tmp_path / "net.uhrs", ImportOptions(**ANSWERS)).windows
    assert (windows.side, windows.is_fixed) == (256, True), "512 fails, so 256 is tried"
    (tmp_path / "net.uhrs").unlink()
    assert "fails on an image of 1 x 3 x 320 x 320" in refuse(BundleError, {"window": 320}, **network)


def test_files_that_are_no_network(tmp_path, refuse):
    """Weights without a network, a model that is a bundle already, text, nothing, a folder, and no file at all."""
    cases = {
        "weights.pt": (b"", "a zip archive, as torch writes its checkpoints: export the network as ONNX"),
        "model.uhrs": (b"", "is a model bundle already"),
        "text.onnx": (json.dumps({"a": 1}).encode(), "not an ONNX graph"),
        "empty.onnx": (b"", "no graph inside"),
        "ort.onnx": (b"\0\0\0\0ORTM" + b"\0" * 40, "onnxruntime's own format"),
    }
    for name, (content, text) in cases.items():
        path = tmp_path / name
        path.write_bytes(content)
        if name in ("weights.pt", "model.uhrs"):
            with zipfile.ZipFile(path, "w") as archive:
                archive.writestr("data.pkl", "x")
        assert text in refuse(BundleError, path=path)
    assert "is no file" in refuse(BundleError, path=tmp_path)
    assert "Cannot read" in refuse(BundleError, path=tmp_path / "none.onnx")


def test_a_file_that_is_cut_off(tmp_path, refuse):
    path = write_network(tmp_path / "net.onnx")
    content = path.read_bytes()
    for part in (0.3, 0.9):
        path.write_bytes(content[: int(part * len(content))])
        refuse(BundleError, path=path)


def test_places_where_no_bundle_can_be(tmp_path):
    path = write_network(tmp_path / "net.onnx", metadata=deepness())
    before = path.read_bytes()
    with pytest.raises(OptionsError, match=r"end it with \.uhrs"):
        import_model(path, path)
    with pytest.raises(OptionsError, match=r"end it with \.uhrs"):
        import_model(path, tmp_path / "model")
    with pytest.raises(OutputError):
        import_model(path, tmp_path / "none" / "model.uhrs")
    assert path.read_bytes() == before
    assert [item.name for item in tmp_path.iterdir()] == ["net.onnx"]


def test_a_bundle_that_is_there_stays_when_the_next_import_fails(tmp_path):
    good, bad = write_network(tmp_path / "net.onnx", metadata=deepness()), tmp_path / "bad.onnx"
    import_model(good, tmp_path / "net.uhrs")
    before = (tmp_path / "net.uhrs").read_bytes()
    write_network(bad, padding=0, metadata=deepness())
    with pytest.raises(BundleError):
        import_model(bad, tmp_path / "net.uhrs")
    assert (tmp_path / "net.uhrs").read_bytes() == before
