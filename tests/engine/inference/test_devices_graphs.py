"""Graphs that are not what the manifest says: found when the model is started, before the first pixel."""

import dataclasses

import numpy as np
import pytest

from tests.engine.fakes import fake_bundle
from tests.engine.tiny_bundle import CHANNELS, write_tiny_bundle
from uhrs_qgis_plugin.engine.errors import BundleError, DeviceError
from uhrs_qgis_plugin.engine.inference import sessions
from uhrs_qgis_plugin.engine.inference.sessions import OrtStreams, open_streams


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    return write_tiny_bundle(tmp_path_factory.mktemp("graphs") / "tiny.uhrs")


def _replaced(bundle, other, *graphs):
    return dataclasses.replace(bundle, graphs={**bundle.graphs, **{name: other.graphs[name] for name in graphs}})


@pytest.mark.parametrize(
    ("changes", "graph", "match"),
    [
        ({"bands": 4}, "low", r"'low.onnx' .*takes 'image' as tensor\(uint8\)\[any, 4, any, any\], expected .*3, any"),
        ({"dtype": "uint16"}, "high", r"'patches' as tensor\(uint16\)\[.*expected tensor\(uint8\)\[any, 3, 128, 128\]"),
        ({"stride": 8}, "low", r"'low.onnx' of model 'tiny' gave float32\[1, 1, 16, 16\] where float32\[1, 1, 8, 8\]"),
        ({"classes": 6}, "fuse", "gave labels up to 5 and uncertainties up to .*, expected at most 2"),
    ],
)
def test_graphs_of_another_model_are_found_before_the_first_pixel(bundle, tmp_path, monkeypatch, changes, graph, match):
    other = write_tiny_bundle(tmp_path / "other.uhrs", **changes)
    if graph == "fuse":  # bright features, so that the last class wins
        trial = sessions.trial_inputs(bundle)
        trial["fuse"][0][:] = trial["fuse"][2][:] = 255
        monkeypatch.setattr(sessions, "trial_inputs", lambda bundle: trial)
    with pytest.raises(BundleError, match=match) as caught:
        open_streams(_replaced(bundle, other, graph), "cpu")
    assert "\n" not in str(caught.value)


def _changed(graph, change):
    from onnx import load_from_string

    model = load_from_string(graph)
    change(model)
    return model.SerializeToString()


def _fix_height(model):
    model.graph.input[0].type.tensor_type.shape.dim[2].dim_value = 512


def _give_doubles(model):
    from onnx import helper

    model.graph.output[0].type.tensor_type.elem_type = 11
    for node in model.graph.node:
        node.output[:] = ["as_float" if name == "features" else name for name in node.output]
        node.input[:] = ["as_float" if name == "features" else name for name in node.input]
    model.graph.node.append(helper.make_node("Cast", ["as_float"], ["features"], to=11))


def _grow_without_bounds(model):
    from onnx import helper, numpy_helper

    model.graph.initializer.append(numpy_helper.from_array(np.array([2**40, 2**20], np.int64), "huge"))
    model.graph.node.append(helper.make_node("ConstantOfShape", ["huge"], ["bomb"]))
    model.graph.output.append(helper.make_tensor_value_info("bomb", 1, [None, None]))


def _claim_a_huge_weight(model):
    model.graph.initializer[0].dims[0] = 2**40


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (_fix_height, r"'image' as tensor\(uint8\)\[any, 3, 512, any\], expected tensor\(uint8\)\[any, 3, any, any\]"),
        (_give_doubles, r"gives 'features' as tensor\(double\), expected tensor\(float\)"),
        (_grow_without_bounds, "cannot be loaded|Not enough memory"),
        (_claim_a_huge_weight, "cannot be loaded"),
    ],
)
def test_graphs_with_other_shapes_and_types_are_refused(bundle, change, match):
    broken = dataclasses.replace(bundle, graphs={**bundle.graphs, "low": _changed(bundle.graphs["low"], change)})
    with pytest.raises((BundleError, DeviceError), match=match) as caught:
        open_streams(broken, "cpu")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("value", [-0.5, 1.5])
def test_uncertainties_that_are_none_are_refused(value):
    class Session:
        def run(self, outputs, feed):
            return [np.zeros((1, CHANNELS, 1, 1), np.float32), np.full((1, 1, 2, 2), value, np.float32)]

    streams = OrtStreams(fake_bundle(), {"low": Session()}, "cpu", "0")
    with pytest.raises(BundleError, match=rf"gave uncertainties in {value}..{value}, expected 0..1"):
        streams.low(np.zeros((1, 3, 8, 8), np.uint8))


def test_trial_fits_patches_that_are_no_multiple_of_32(tmp_path):
    bundle = write_tiny_bundle(tmp_path / "odd.uhrs", patch_side=48, stride=8, dtype="float32", bands=1)
    assert open_streams(bundle, "cpu").device == "cpu"
