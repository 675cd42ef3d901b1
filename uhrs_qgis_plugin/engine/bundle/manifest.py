"""Check model.json, the manifest of a bundle, key by key.

The property names are those of the STAC Machine Learning Model extension (`mlm:*`) plus ours (`uhrs:*`).
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from typing import Any

from uhrs_qgis_plugin.engine.bundle.checks import (
    MAX_BANDS,
    MAX_CHANNELS,
    PROSE,
    checked,
    equals_int,
    is_band_list,
    is_channels,
    is_colour,
    is_int,
    is_metrics,
    is_number,
    is_number_list,
    is_prose,
    is_resolution,
    is_share,
    is_single,
    is_text,
    wrong,
)
from uhrs_qgis_plugin.engine.bundle.windows import NETWORK_KIND, NETWORK_VERSION, windows_of
from uhrs_qgis_plugin.engine.errors import BundleError

INT8_VERSION = 2  # the first that may hold 8-bit graphs
FORMAT_VERSIONS = (1, INT8_VERSION, NETWORK_VERSION)
DATA_TYPES = ("uint8", "int8", "uint16", "int16", "uint32", "int32", "float32", "float64")
INTEGER_RANGES = {
    "uint8": (0, 255),
    "int8": (-128, 127),
    "uint16": (0, 65535),
    "int16": (-32768, 32767),
    "uint32": (0, 2**32 - 1),
    "int32": (-(2**31), 2**31 - 1),
}
MAX_CLASSES = 250  # labels are uint8 and 255 means no data
MAX_PATCH_SIDE = 4096
MAX_DIGITS = 20  # of a whole number: enough for 64 bits
DIGITS_ALIKE = bytes.maketrans(b"123456789E", b"000000000e")
MAY_BE_HUGE = (b"e000", b"e+000", b"0" * 200)  # with all digits alike: in a number that is read as infinity
TASK = "semantic-segmentation"


def parse_manifest(text: bytes) -> dict[str, Any]:
    """Read model.json and check it, see `check_manifest`.

    Args:
        text: The file's bytes (UTF-8 JSON).

    Returns:
        The checked object.

    Raises:
        BundleError: Not JSON, or a key is missing or wrong; the text names the key.
    """
    try:
        manifest = json.loads(
            text.decode("utf-8"),
            parse_constant=_refuse_constant,
            # The statistics of imagery are tens of thousands of numbers, which a function of ours would hold up.
            parse_float=_finite_float if _may_be_huge(text) else None,
            parse_int=_short_int,
            object_pairs_hook=_unique_keys,
        )
    except (ValueError, RecursionError) as error:
        raise BundleError(f"model.json is not valid JSON ({error}): export the model again.") from error
    check_manifest(manifest)
    return dict(manifest)


def _may_be_huge(text: bytes) -> bool:
    """Whether a number in a text may be read as infinity: by its digits, or its exponent. Faster than a pattern."""
    alike = text.translate(DIGITS_ALIKE)
    return any(sign in alike for sign in MAY_BE_HUGE)


def check_manifest(manifest: object) -> None:
    """Check every key of a manifest but the statistics of imagery, which `read_imagery` checks.

    Raises:
        BundleError: A key is missing or wrong; the text names the key.
    """
    if not isinstance(manifest, dict):
        raise wrong("the top level", manifest, "an object")
    version = checked(manifest, "uhrs:format_version", "the number 1, 2 or 3", is_int)
    if version not in FORMAT_VERSIONS:
        raise BundleError(
            f"model.json: 'uhrs:format_version' is {version} but this version reads 1, 2 and 3: "
            "update the software or export the model again."
        )
    is_network = version == NETWORK_VERSION
    scalars = SCALARS if is_network else {**SCALARS, **OF_STREAMS}
    for key, (allowed, accepts) in scalars.items():
        checked(manifest, key, allowed, accepts)
    for key, (allowed, accepts) in OPTIONAL.items():
        if key in manifest:
            checked(manifest, key, allowed, accepts)
    source = checked(manifest, "mlm:input", "a list of one object", is_single)[0]
    target = checked(manifest, "mlm:output", "a list of one object", is_single)[0]
    _check_input(source, manifest)
    _check_output(target)
    if is_network:
        _check_network(manifest)
    else:
        _check_streams(source, target)
    if "uhrs:calibration" in manifest:
        _check_calibration(checked(manifest, "uhrs:calibration", "an object", lambda value: isinstance(value, dict)))


def _check_streams(source: Mapping[str, Any], target: Mapping[str, Any]) -> None:
    """Check what the low stream takes, and that the fusion gives classes."""
    where, bands = "mlm:input[0]", source["bands"]
    checked(source, "name", "'image'", lambda value: value == "image", where)
    checked(source, "value_scaling", "null (scaling lives inside the graphs)", lambda value: value is None, where)
    tensor = checked(source, "input", "an object", lambda value: isinstance(value, dict), where)
    where += ".input"
    shape = [-1, len(bands), -1, -1]
    checked(tensor, "shape", f"{shape}", lambda value: value == shape, where)
    order = ["batch", "bands", "height", "width"]
    checked(tensor, "dim_order", f"{order}", lambda value: value == order, where)
    data_type = source["data_type"]
    checked(tensor, "data_type", f"'{data_type}' like 'data_type' above", lambda value: value == data_type, where)
    checked(target, "name", "'classes'", lambda value: value == "classes", "mlm:output[0]")


def _check_network(manifest: Mapping[str, Any]) -> None:
    """Check what one network takes and gives, and that nothing is said of streams."""
    checked(manifest, "uhrs:kind", f"'{NETWORK_KIND}'", lambda value: value == NETWORK_KIND)
    strange = sorted({*OF_STREAMS, "uhrs:coarse_channels", "uhrs:calibration"} & set(manifest))
    if strange:
        raise BundleError(
            f"model.json: '{strange[0]}' is there, which a bundle of one network does not have: export the model again."
        )
    windows = windows_of(manifest)
    if not windows.has_first_look and manifest["uhrs:default_ratio"] != 1:
        raise wrong("'uhrs:default_ratio'", manifest["uhrs:default_ratio"], "1, as there is no first look")


def _check_calibration(entry: Mapping[str, Any]) -> None:
    """Check what a manifest says of the calibration of the final uncertainty."""
    where = "uhrs:calibration"
    warm = checked(entry, "temperatures", "an object", lambda value: isinstance(value, dict), where)
    if set(warm) != {"low", "fused"}:
        raise wrong(f"'{where}.temperatures'", sorted(warm), "'low' and 'fused'")
    for key in warm:
        checked(warm, key, "a number above 0", lambda value: is_number(value) and value > 0, f"{where}.temperatures")
    checked(entry, "measured_on", PROSE, is_prose, where)
    checked(entry, "error", "an object of numbers and texts", is_metrics, where)


def check_int8(manifest: Mapping[str, Any], has_graphs: bool) -> None:
    """Check what a manifest says of the 8-bit graphs.

    Args:
        manifest: From `parse_manifest`.
        has_graphs: Whether there are any.

    Raises:
        BundleError: They are there and it says nothing, or the other way round, or a key is wrong.
    """
    if not has_graphs:
        if "uhrs:int8" in manifest:
            raise BundleError(
                "model.json: 'uhrs:int8' describes 8-bit graphs but there are none: export the model again."
            )
        return
    if manifest["uhrs:format_version"] < INT8_VERSION:
        raise BundleError(
            f"model.json: 'uhrs:format_version' is {manifest['uhrs:format_version']}, and 8-bit graphs need "
            f"{INT8_VERSION}: export the model again."
        )
    entry = checked(manifest, "uhrs:int8", "an object", lambda value: isinstance(value, dict))
    for key, (allowed, accepts) in INT8.items():
        checked(entry, key, allowed, accepts, "uhrs:int8")
    if "miou" in entry:
        checked(entry, "miou", "an object of numbers and texts", is_metrics, "uhrs:int8")


def _check_input(entry: Mapping[str, Any], manifest: Mapping[str, Any]) -> None:
    """Check the only entry of mlm:input, and the fill values that depend on it."""
    where = "mlm:input[0]"
    bands = checked(entry, "bands", f"a list of 1..{MAX_BANDS} band names", is_band_list, where)
    allowed = f"one of {', '.join(DATA_TYPES)}"
    data_type = checked(entry, "data_type", allowed, lambda value: value in DATA_TYPES, where)
    checked(entry, "raster:spatial_resolution", "metres above 0, or null", is_resolution, where)
    fill = checked(manifest, "uhrs:fill", f"a list of {len(bands)} numbers, one per band", is_number_list)
    if len(fill) != len(bands):
        raise wrong("'uhrs:fill'", fill, f"a list of {len(bands)} numbers, one per band")
    low, high = INTEGER_RANGES.get(data_type, (-math.inf, math.inf))
    for value in fill:
        if not low <= value <= high or (data_type in INTEGER_RANGES and value != int(value)):
            raise wrong("'uhrs:fill'", fill, f"numbers that {data_type} can hold")


def _check_output(entry: Mapping[str, Any]) -> None:
    """Check the only entry of mlm:output."""
    where = "mlm:output[0]"
    checked(entry, "tasks", f"['{TASK}']", lambda value: value == [TASK], where)
    key = "classification:classes"
    allowed = f"a list of 2..{MAX_CLASSES} objects"
    classes = checked(entry, key, allowed, lambda value: isinstance(value, list), where)
    if not 2 <= len(classes) <= MAX_CLASSES:
        raise BundleError(
            f"model.json: '{where}.{key}' has {len(classes)} entries, expected {allowed}: export the model again."
        )
    for index, item in enumerate(classes):
        at = f"{where}.{key}[{index}]"
        if not isinstance(item, dict):
            raise wrong(f"'{at}'", item, "an object")
        checked(item, "value", f"{index} (values 0, 1, 2, ... in order)", equals_int(index), at)
        checked(item, "name", "a text that is not empty", is_text, at)
        checked(item, "color_hint", "six hexadecimal digits such as 'E2A929'", is_colour, at)
    names = [item["name"] for item in classes]
    if len(set(names)) != len(names):
        raise wrong(f"'{where}.{key}'", names, "names that differ")


def _refuse_constant(name: str) -> None:
    """Refuse NaN and Infinity, which are not JSON."""
    raise ValueError(f"the constant {name} is not allowed")


def _finite_float(text: str) -> float:
    """Refuse what is written as a number and read as infinity, such as 1e999."""
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"the number {text[:20]} is too large")
    return value


def _short_int(text: str) -> int:
    """Refuse numbers of a million digits, which take long to read, and any that no float can hold."""
    if len(text) > MAX_DIGITS:
        raise ValueError(f"a number has {len(text)} digits, allowed are {MAX_DIGITS}")
    return int(text)


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse duplicate keys: parsers differ in which of them counts."""
    entries = dict(pairs)
    if len(entries) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"the key {twice[:50]!r} is there twice")
    return entries


# key -> (what is allowed, test)
SCALARS: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "mlm:name": ("a text that is not empty", is_text),
    "mlm:architecture": ("a text that is not empty", is_text),
    "mlm:tasks": (f"['{TASK}']", lambda value: value == [TASK]),
    "mlm:framework": ("'ONNX'", lambda value: value == "ONNX"),
    "mlm:total_parameters": ("a whole number, 0 or more", lambda value: is_int(value) and value >= 0),
    "uhrs:down_ratio": ("4", equals_int(4)),
    "uhrs:downsampling": ("'average' or 'nearest'", lambda value: value in ("average", "nearest")),
    "uhrs:patch_side": (
        f"a multiple of 16 in 16..{MAX_PATCH_SIDE}",
        lambda value: is_int(value) and 16 <= value <= MAX_PATCH_SIDE and value % 16 == 0,
    ),
    "uhrs:default_ratio": ("a number in 0..1", is_share),
}
OF_STREAMS: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "uhrs:feature_channels": (f"a whole number in 1..{MAX_CHANNELS}", is_channels),
    "uhrs:uncertainty_stride": ("16 or 8", lambda value: is_int(value) and value in (16, 8)),
}
INT8: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "agreement": ("a number in 0..1", is_share),
    "uncertainty_difference": ("a number in 0..1", is_share),
    "test_scene_agreement": ("a number in 0..1", is_share),
    "calibrated_on": (PROSE, is_prose),
    "compared_on": (PROSE, is_prose),
}
OPTIONAL: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "uhrs:coarse_channels": (f"a whole number in 1..{MAX_CHANNELS}", is_channels),
    "uhrs:version": (PROSE, is_prose),
    "uhrs:training_data": (PROSE, is_prose),
    "uhrs:network": ("an object", lambda value: isinstance(value, dict)),
    "uhrs:metrics": ("an object of numbers and texts", is_metrics),
    "uhrs:licence": (PROSE, is_prose),
}
