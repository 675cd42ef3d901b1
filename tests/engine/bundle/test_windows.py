"""Bundles of one network: what model.json may say, what is refused, and that it comes back as it was written."""

import copy
import json
import zipfile
from dataclasses import replace

import pytest

from tests.engine.bundle.hostile import packed, refused
from tests.engine.tiny_bundle import write_tiny_bundle
from tests.engine.tiny_network import tiny_network, write_network_bundle
from uhrs_qgis_plugin.engine.bundle import Windows, amend_bundle, best_windows, read_bundle, read_manifest, write_bundle
from uhrs_qgis_plugin.engine.errors import BundleError

SETTINGS = [
    {},
    {"batch": 4, "is_fixed": True, "input_axes": "NHWC"},
    {"output_axes": "NHWC", "stride": 4, "scores": "probabilities"},
    {"channels": 1, "classes": 2, "first_look": "none"},
    {"mean": (), "deviation": (), "input_type": "uint8"},
    {"input_type": "float16", "output_type": "float16", "side": 100, "margin": 3},
]


@pytest.mark.parametrize("settings", SETTINGS)
def test_windows_come_back_as_they_were_written(tmp_path, settings):
    network = tiny_network(**settings)
    written = write_network_bundle(tmp_path / "own.uhrs", network)
    bundle = read_bundle(tmp_path / "own.uhrs")
    assert bundle.windows == written.windows == network.windows
    assert bundle.graphs == {"network": network.graph()}
    assert (bundle.precisions, bundle.window_side) == (("float",), network.windows.side)
    assert bundle.has_first_look == (network.windows.first_look == "same")
    assert len(bundle.classes) == network.classes


def test_a_bundle_can_be_amended(tmp_path):
    write_network_bundle(tmp_path / "own.uhrs", tiny_network())
    bundle = amend_bundle(tmp_path / "own.uhrs", {"uhrs:licence": "MIT"})
    assert (bundle.licence, bundle.windows) == ("MIT", tiny_network().windows)


@pytest.mark.parametrize(("side", "expected"), [(64, (16, 32)), (224, (32, 160)), (256, (32, 192)), (512, (64, 384))])
def test_best_windows(side, expected):
    assert best_windows(side) == expected


@pytest.mark.parametrize("side", range(64, 1200, 17))
def test_best_windows_always_fit(side):
    margin, patch = best_windows(side)
    assert Windows("a", "b", side, margin, patch, 3).side - patch - 2 * margin < 16
    assert side / 16 <= margin <= side / 4


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"side": 63}, "the side is 63 pixels, allowed are 64 to 4096"),
        ({"side": 4128}, "the side is 4128"),
        ({"margin": -1}, "margins of -1"),
        ({"margin": 17}, "patches of 64 pixels with margins of 17 need more than 96"),
        ({"patch_side": 40}, "patches have 40 pixels, allowed are multiples of 16"),
        ({"stride": 3}, "the stride is 3"),
        ({"side": 100, "stride": 8}, "no multiple of the stride 8"),
        ({"scores": "labels"}, "the scores is 'labels'"),
        ({"first_look": "half"}, "the first look is 'half', allowed are same, none"),
        ({"input_axes": "CHW"}, "the axes of the input is 'CHW'"),
        ({"batch": 0}, "the batch is 0"),
        ({"deviation": (1.0, 0.0, 1.0)}, "these must be above 0"),
        ({"mean": (1.0,)}, "as many means as deviations"),
        ({"side": 4096, "patch_side": 4064, "channels": 250}, "250 channels of 4096 x 4096"),
    ],
)
def test_windows_that_cannot_be(change, reason):
    with pytest.raises(BundleError, match=reason) as caught:
        replace(tiny_network().windows, **change)
    assert "\n" not in str(caught.value)


INPUT, OUTPUT, WINDOWS = ("mlm:input", 0), ("mlm:output", 0), ("uhrs:windows",)


@pytest.mark.parametrize(
    ("keys", "value", "reason"),
    [
        (("uhrs:kind",), "two networks", "'uhrs:kind' is 'two networks', expected 'network'"),
        (("uhrs:windows",), None, "'uhrs:windows' is None"),
        (("uhrs:format_version",), 2, "'uhrs:feature_channels' is missing"),
        (("uhrs:default_ratio",), 2, "'uhrs:default_ratio' is 2"),
        (("uhrs:calibration",), {}, "'uhrs:calibration' is there, which a bundle of one network does not have"),
        (("uhrs:uncertainty_stride",), 8, "'uhrs:uncertainty_stride' is there"),
        ((*WINDOWS, "side"), "96", "'uhrs:windows.side' is '96'"),
        ((*WINDOWS, "side"), True, "'uhrs:windows.side' is True"),
        ((*WINDOWS, "margin"), 17, "margins of 17"),
        ((*WINDOWS, "stride"), 0, "the stride is 0"),
        ((*WINDOWS, "scores"), ["logits"], "'uhrs:windows.scores'"),
        ((*WINDOWS, "first_look"), "maybe", "the first look is 'maybe'"),
        ((*INPUT, "name"), "", "'mlm:input\\[0\\].name' is ''"),
        ((*INPUT, "value_scaling"), [], "'mlm:input\\[0\\].value_scaling' is \\[\\], expected null, or a list of 3"),
        ((*INPUT, "value_scaling"), {"type": "z-score"}, "'mlm:input\\[0\\].value_scaling'"),
        ((*INPUT, "value_scaling", 1), {"type": "min-max", "minimum": 0, "maximum": 9}, "of the type 'z-score'"),
        ((*INPUT, "value_scaling", 1, "stddev"), 0, "a stddev above 0"),
        ((*INPUT, "input", "shape"), [-1, 4, -1, -1], "'mlm:input\\[0\\].input.shape'"),
        ((*INPUT, "input", "shape"), [-1, 3, 64, 64], "height and width both -1 or both 96"),
        ((*INPUT, "input", "shape"), [-1, 3, 96, -1], "height and width both -1 or both 96"),
        ((*INPUT, "input", "shape"), [0, 3, -1, -1], "a batch of 1 or more"),
        ((*INPUT, "input", "shape"), [-1, 3, -1], "a list of 4 whole numbers"),
        ((*INPUT, "input", "dim_order"), [["batch"]], "'mlm:input\\[0\\].input.dim_order'"),
        ((*INPUT, "input", "data_type"), "uint8", "expected one of float32, float16, float64"),
        ((*OUTPUT, "result", "shape"), [-1, 1, -1, -1], "3 channels"),
        (
            (*OUTPUT, "result", "dim_order"),
            ["batch", "bands", "height", "width"],
            "'mlm:output\\[0\\].result.dim_order'",
        ),
        ((*OUTPUT, "result", "data_type"), "int64", "the numbers of the output is 'int64'"),
        ((*OUTPUT, "result"), None, "'mlm:output\\[0\\].result' is None"),
    ],
)
def test_wrong_key_is_named(tmp_path, keys, value, reason):
    write_network_bundle(tmp_path / "own.uhrs", tiny_network())
    description = read_manifest(tmp_path / "own.uhrs")
    holder = description
    for key in keys[:-1]:
        holder = holder[key]
    holder[keys[-1]] = value
    with zipfile.ZipFile(tmp_path / "own.uhrs") as archive:
        graph = archive.read("network.onnx")
    refused(packed(tmp_path, [("model.json", json.dumps(description)), ("network.onnx", graph)]), reason)


def test_without_a_first_look_k_is_one(tmp_path):
    with pytest.raises(BundleError, match=r"'uhrs:default_ratio' is 0.5, expected 1, as there is no first look"):
        write_network_bundle(tmp_path / "own.uhrs", tiny_network(first_look="none"), ratio=0.5)


def test_members_of_both_kinds_are_refused(tmp_path):
    one = write_network_bundle(tmp_path / "own.uhrs", tiny_network())
    two = write_tiny_bundle(tmp_path / "two.uhrs")
    with zipfile.ZipFile(two.path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    graph = one.graphs["network"]
    refused(
        packed(tmp_path, [*members.items(), ("network.onnx", graph)]), "has one network beside low and high streams"
    )
    refused(packed(tmp_path, [("model.json", members["model.json"]), ("network.onnx", graph)]), "those of one network")
    with pytest.raises(BundleError, match=r"network or network.int8 alone"):
        write_bundle(tmp_path / "both.uhrs", read_manifest(two.path), {**two.graphs, "network": graph})
    manifest = json.dumps(read_manifest(one.path))
    streams = [(name, content) for name, content in members.items() if name != "model.json"]
    refused(packed(tmp_path, [("model.json", manifest), *streams]), "those of a low and a high stream")


def test_a_strange_graph_is_looked_through_like_others(tmp_path):
    from onnx import TensorProto, load_from_string

    one = write_network_bundle(tmp_path / "own.uhrs", tiny_network())
    description = json.dumps(read_manifest(one.path))
    model = load_from_string(one.graphs["network"])
    harmful = copy.deepcopy(model)
    harmful.graph.initializer[0].data_location = TensorProto.EXTERNAL
    path = packed(tmp_path, [("model.json", description), ("network.onnx", harmful.SerializeToString())])
    refused(path, "'network.onnx' refers to data outside the bundle")
    harmful = copy.deepcopy(model)
    harmful.graph.node[0].domain = "com.microsoft"
    path = packed(tmp_path, [("model.json", description), ("network.onnx", harmful.SerializeToString())])
    refused(path, "'network.onnx' uses operators of the domain 'com.microsoft'")


def test_older_graphs_list_their_weights_among_the_inputs(tmp_path):
    from onnx import helper, load_from_string

    network = tiny_network()
    model = load_from_string(network.graph())
    for tensor in list(model.graph.initializer):
        model.graph.input.append(helper.make_tensor_value_info(tensor.name, tensor.data_type, tensor.dims))
    model.graph.input.append(helper.make_tensor_value_info("more", 1, [3]))
    graph = {"network": model.SerializeToString()}
    with pytest.raises(BundleError, match="takes an input of 1 axes, expected 4"):
        write_network_bundle(tmp_path / "own.uhrs", network, int8=graph)
    model.graph.input.pop()
    model.graph.input.append(helper.make_tensor_value_info("vector", 1, [3]))
    model.graph.initializer.append(helper.make_tensor("vector", 1, [3], [1.0, 2.0, 3.0]))
    bundle = write_network_bundle(tmp_path / "own.uhrs", network, int8={"network": model.SerializeToString()})
    assert bundle.windows == network.windows
