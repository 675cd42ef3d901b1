import json

import pytest

from tests.engine.tiny_bundle import manifest, write_tiny_bundle
from uhrs_qgis_plugin.engine.bundle import amend_bundle, read_bundle
from uhrs_qgis_plugin.engine.bundle.manifest import check_manifest, parse_manifest
from uhrs_qgis_plugin.engine.errors import BundleError


def _parse(description):
    return parse_manifest(json.dumps(description).encode())


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"{", "not valid JSON"),
        (b"\xff\xfe", "not valid JSON"),
        (b"[" * 100000, "not valid JSON"),
        (b'{"a": NaN}', "constant NaN is not allowed"),
        (b"[]", "the top level is"),
    ],
)
def test_damaged_manifest(text, reason):
    with pytest.raises(BundleError, match=reason):
        parse_manifest(text)


INPUT, OUTPUT = ("mlm:input", 0), ("mlm:output", 0)
CLASSES = (*OUTPUT, "classification:classes")


@pytest.mark.parametrize(
    ("keys", "value", "reason"),
    [
        (("uhrs:format_version",), 4, "'uhrs:format_version' is 4 but this version reads 1, 2 and 3"),
        (("uhrs:format_version",), True, "'uhrs:format_version' is True"),
        (("mlm:name",), "", "'mlm:name' is ''"),
        (("mlm:name",), "a\nb", "'mlm:name'"),
        (("mlm:architecture",), 3, "'mlm:architecture' is 3"),
        (("mlm:tasks",), ["detection"], "'mlm:tasks'"),
        (("mlm:framework",), "PyTorch", "'mlm:framework' is 'PyTorch', expected 'ONNX'"),
        (("mlm:total_parameters",), -1, "'mlm:total_parameters' is -1"),
        (("mlm:total_parameters",), 1.5, "'mlm:total_parameters' is 1.5"),
        (("mlm:input",), [], "'mlm:input' is \\[\\]"),
        ((*INPUT, "name"), "picture", "'mlm:input\\[0\\].name'"),
        ((*INPUT, "bands"), [], "'mlm:input\\[0\\].bands'"),
        ((*INPUT, "bands"), ["red", 3, "blue"], "'mlm:input\\[0\\].bands'"),
        ((*INPUT, "data_type"), "complex64", "'mlm:input\\[0\\].data_type' is 'complex64', expected one of uint8"),
        ((*INPUT, "data_type"), ["uint8"], "'mlm:input\\[0\\].data_type'"),
        ((*INPUT, "value_scaling"), [], "'mlm:input\\[0\\].value_scaling'"),
        ((*INPUT, "raster:spatial_resolution"), 0, "'mlm:input\\[0\\].raster:spatial_resolution' is 0"),
        ((*INPUT, "input"), 1, "'mlm:input\\[0\\].input' is 1"),
        ((*INPUT, "input", "shape"), [1, 3, 512, 512], "'mlm:input\\[0\\].input.shape'"),
        ((*INPUT, "input", "dim_order"), ["bands"], "'mlm:input\\[0\\].input.dim_order'"),
        ((*INPUT, "input", "data_type"), "uint16", "'mlm:input\\[0\\].input.data_type' is 'uint16'"),
        ((*OUTPUT, "name"), "x", "'mlm:output\\[0\\].name'"),
        ((*OUTPUT, "tasks"), [], "'mlm:output\\[0\\].tasks'"),
        (CLASSES, [], "classification:classes' has 0 entries, expected a list of 2..250"),
        (CLASSES, [{"value": 0}] * 251, "classification:classes' has 251 entries"),
        ((*CLASSES, 1), "road", "classes\\[1\\]' is 'road'"),
        ((*CLASSES, 1, "value"), 7, "classes\\[1\\].value' is 7, expected 1"),
        ((*CLASSES, 1, "name"), "class0", "names that differ"),
        ((*CLASSES, 2, "name"), None, "classes\\[2\\].name' is None"),
        ((*CLASSES, 2, "color_hint"), "#E2A929", "classes\\[2\\].color_hint'"),
        (("uhrs:down_ratio",), 8, "'uhrs:down_ratio' is 8, expected 4"),
        (("uhrs:downsampling",), "cubic", "'uhrs:downsampling' is 'cubic'"),
        (("uhrs:patch_side",), 100, "'uhrs:patch_side' is 100, expected a multiple of 16"),
        (("uhrs:patch_side",), 128.0, "'uhrs:patch_side' is 128.0"),
        (("uhrs:feature_channels",), 0, "'uhrs:feature_channels' is 0"),
        (("uhrs:coarse_channels",), 1.5, "'uhrs:coarse_channels' is 1.5"),
        (("uhrs:uncertainty_stride",), 4, "'uhrs:uncertainty_stride' is 4, expected 16 or 8"),
        (("uhrs:default_ratio",), 1.5, "'uhrs:default_ratio' is 1.5"),
        (("uhrs:fill",), [1, 2], "'uhrs:fill' is \\[1, 2\\], expected a list of 3"),
        (("uhrs:fill",), [1, 2, 300], "'uhrs:fill' is \\[1, 2, 300\\], expected numbers that uint8 can hold"),
        (("uhrs:fill",), [1, 2, 0.5], "expected numbers that uint8 can hold"),
        (("uhrs:metrics",), [], "'uhrs:metrics'"),
        (("uhrs:licence",), None, "'uhrs:licence'"),
    ],
)
def test_wrong_key_is_named(keys, value, reason):
    description = manifest()
    holder = description
    for key in keys[:-1]:
        holder = holder[key]
    holder[keys[-1]] = value
    with pytest.raises(BundleError, match=reason):
        _parse(description)


@pytest.mark.parametrize("optional", ["uhrs:training_data", "uhrs:metrics", "uhrs:licence"])
def test_optional_keys_may_be_missing(optional):
    description = manifest()
    del description[optional]
    assert optional not in _parse(description)


def test_every_required_key_is_missed():
    description = manifest()
    optional = {"uhrs:training_data", "uhrs:metrics", "uhrs:licence", "uhrs:coarse_channels"}
    for key in sorted(set(description) - optional):
        less = {name: value for name, value in description.items() if name != key}
        with pytest.raises(BundleError, match=f"'{key}' is missing"):
            _parse(less)


@pytest.mark.parametrize(
    ("entry", "match"),
    [
        ([], "an object"),
        ({}, "temperatures"),
        ({"temperatures": {"low": 1.0}}, "'low' and 'fused'"),
        ({"temperatures": {"low": 1.0, "fused": 0}}, "above 0"),
        ({"temperatures": {"low": 1.0, "fused": True}}, "above 0"),
        ({"temperatures": {"low": 1.0, "fused": 1.0}}, "measured_on"),
        ({"temperatures": {"low": 1.0, "fused": 1.0}, "measured_on": "x", "error": [1]}, "error"),
    ],
)
def test_calibration_is_checked(entry, match):
    with pytest.raises(BundleError, match=match):
        check_manifest({**manifest(), "uhrs:calibration": entry})


def test_calibration_is_read(tmp_path):
    told = {"temperatures": {"low": 1.5, "fused": 0.7}, "measured_on": "x, val", "error": {"K = 0 %": {"after": 0.01}}}
    path = tmp_path / "m.uhrs"
    write_tiny_bundle(path)
    assert read_bundle(path).calibration == {}
    assert amend_bundle(path, {"uhrs:calibration": told}).calibration == told
