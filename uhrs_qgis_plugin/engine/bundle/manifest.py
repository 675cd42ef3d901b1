"""Check model.json, the manifest of a bundle, key by key.

The property names are those of the STAC Machine Learning Model extension (`mlm:*`) plus ours (`uhrs:*`).
"""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

from uhrs_qgis_plugin.engine.errors import BundleError

INT8_VERSION = 2  # the first that may hold 8-bit graphs
FORMAT_VERSIONS = (1, INT8_VERSION)
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
MAX_BANDS = 1024
MAX_PATCH_SIDE = 4096
MAX_CHANNELS = 4096
MAX_DIGITS = 20  # of a whole number: enough for 64 bits
MAX_PROSE = 10_000  # letters
MAX_METRICS_DEPTH = 8
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
        raise _wrong("the top level", manifest, "an object")
    version = _get(manifest, "uhrs:format_version", "the number 1 or 2", _is_int)
    if version not in FORMAT_VERSIONS:
        raise BundleError(
            f"model.json: 'uhrs:format_version' is {version} but this version reads 1 and 2: "
            "update the software or export the model again."
        )
    for key, (allowed, accepts) in SCALARS.items():
        _get(manifest, key, allowed, accepts)
    for key, (allowed, accepts) in OPTIONAL.items():
        if key in manifest:
            _get(manifest, key, allowed, accepts)
    _check_input(_get(manifest, "mlm:input", "a list of one object", _is_single)[0], manifest)
    _check_output(_get(manifest, "mlm:output", "a list of one object", _is_single)[0])
    if "uhrs:calibration" in manifest:
        _check_calibration(_get(manifest, "uhrs:calibration", "an object", lambda value: isinstance(value, dict)))


def _check_calibration(entry: Mapping[str, Any]) -> None:
    """Check what a manifest says of the calibration of the final uncertainty."""
    where = "uhrs:calibration"
    warm = _get(entry, "temperatures", "an object", lambda value: isinstance(value, dict), where)
    if set(warm) != {"low", "fused"}:
        raise _wrong(f"'{where}.temperatures'", sorted(warm), "'low' and 'fused'")
    for key in warm:
        _get(warm, key, "a number above 0", lambda value: _is_number(value) and value > 0, f"{where}.temperatures")
    _get(entry, "measured_on", PROSE, _is_prose, where)
    _get(entry, "error", "an object of numbers and texts", _is_metrics, where)


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
    entry = _get(manifest, "uhrs:int8", "an object", lambda value: isinstance(value, dict))
    for key, (allowed, accepts) in INT8.items():
        _get(entry, key, allowed, accepts, "uhrs:int8")
    if "miou" in entry:
        _get(entry, "miou", "an object of numbers and texts", _is_metrics, "uhrs:int8")


def _check_input(entry: Mapping[str, Any], manifest: Mapping[str, Any]) -> None:
    """Check the only entry of mlm:input, and the fill values that depend on it."""
    where = "mlm:input[0]"
    _get(entry, "name", "'image'", lambda value: value == "image", where)
    bands = _get(entry, "bands", f"a list of 1..{MAX_BANDS} band names", _is_band_list, where)
    allowed = f"one of {', '.join(DATA_TYPES)}"
    data_type = _get(entry, "data_type", allowed, lambda value: value in DATA_TYPES, where)
    _get(entry, "value_scaling", "null (scaling lives inside the graphs)", lambda value: value is None, where)
    _get(entry, "raster:spatial_resolution", "metres above 0, or null", _is_resolution, where)
    tensor = _get(entry, "input", "an object", lambda value: isinstance(value, dict), where)
    where += ".input"
    shape = [-1, len(bands), -1, -1]
    _get(tensor, "shape", f"{shape}", lambda value: value == shape, where)
    order = ["batch", "bands", "height", "width"]
    _get(tensor, "dim_order", f"{order}", lambda value: value == order, where)
    _get(tensor, "data_type", f"'{data_type}' like 'data_type' above", lambda value: value == data_type, where)
    fill = _get(manifest, "uhrs:fill", f"a list of {len(bands)} numbers, one per band", _is_number_list)
    if len(fill) != len(bands):
        raise _wrong("'uhrs:fill'", fill, f"a list of {len(bands)} numbers, one per band")
    low, high = INTEGER_RANGES.get(data_type, (-math.inf, math.inf))
    for value in fill:
        if not low <= value <= high or (data_type in INTEGER_RANGES and value != int(value)):
            raise _wrong("'uhrs:fill'", fill, f"numbers that {data_type} can hold")


def _check_output(entry: Mapping[str, Any]) -> None:
    """Check the only entry of mlm:output."""
    where = "mlm:output[0]"
    _get(entry, "name", "'classes'", lambda value: value == "classes", where)
    _get(entry, "tasks", f"['{TASK}']", lambda value: value == [TASK], where)
    key = "classification:classes"
    allowed = f"a list of 2..{MAX_CLASSES} objects"
    classes = _get(entry, key, allowed, lambda value: isinstance(value, list), where)
    if not 2 <= len(classes) <= MAX_CLASSES:
        raise BundleError(
            f"model.json: '{where}.{key}' has {len(classes)} entries, expected {allowed}: export the model again."
        )
    for index, item in enumerate(classes):
        at = f"{where}.{key}[{index}]"
        if not isinstance(item, dict):
            raise _wrong(f"'{at}'", item, "an object")
        _get(item, "value", f"{index} (values 0, 1, 2, ... in order)", _equals_int(index), at)
        _get(item, "name", "a text that is not empty", _is_text, at)
        _get(item, "color_hint", "six hexadecimal digits such as 'E2A929'", _is_colour, at)
    names = [item["name"] for item in classes]
    if len(set(names)) != len(names):
        raise _wrong(f"'{where}.{key}'", names, "names that differ")


def _get(holder: Mapping[str, Any], key: str, allowed: str, accepts: Callable[[Any], bool], where: str = "") -> Any:  # noqa: ANN401 (what JSON holds; `accepts` has checked it)
    """Get one key of an object.

    Args:
        allowed: What is allowed, for the error text.
        accepts: Whether a value is allowed.
        where: Path of the object in the manifest, for the error text.

    Returns:
        The value.

    Raises:
        BundleError: The key is missing or its value is not allowed.
    """
    path = f"'{where}.{key}'" if where else f"'{key}'"
    if key not in holder:
        raise BundleError(f"model.json: {path} is missing, expected {allowed}: export the model again.")
    if not accepts(holder[key]):
        raise _wrong(path, holder[key], allowed)
    return holder[key]


def _wrong(path: str, value: object, allowed: str) -> BundleError:
    """Make the error for one key."""
    text = repr(value)
    shown = text if len(text) <= 80 else text[:77] + "..."
    return BundleError(f"model.json: {path} is {shown}, expected {allowed}: export the model again.")


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


def _is_int(value: object) -> bool:
    """Whole number; True and False are none."""
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: object) -> bool:
    """Finite number; True and False are none."""
    return _is_int(value) or (isinstance(value, float) and math.isfinite(value))


def _is_text(value: object) -> bool:
    """Text that is not empty and holds no control characters."""
    return isinstance(value, str) and bool(value.strip()) and value.isprintable() and len(value) <= 1000


def _is_prose(value: object) -> bool:
    """Text for people: lines without control characters, which could steer a terminal."""
    return (
        isinstance(value, str)
        and len(value) <= MAX_PROSE
        and not any(unicodedata.category(letter) in ("Cc", "Cs") for letter in value if letter not in "\n\t")
    )


def _is_metrics(value: object, depth: int = 0) -> bool:
    """Scores by name: numbers, texts, or again scores by name."""
    if not isinstance(value, dict) or depth > MAX_METRICS_DEPTH:
        return False
    return all(
        _is_prose(key)
        and (
            item is None
            or isinstance(item, bool)
            or _is_number(item)
            or _is_prose(item)
            or _is_metrics(item, depth + 1)
        )
        for key, item in value.items()
    )


def _is_colour(value: object) -> bool:
    """Six hexadecimal digits."""
    return isinstance(value, str) and re.fullmatch(r"[0-9A-Fa-f]{6}", value) is not None


def _is_single(value: object) -> bool:
    """List of exactly one object."""
    return isinstance(value, list) and len(value) == 1 and isinstance(value[0], dict)


def _is_band_list(value: object) -> bool:
    """List of texts."""
    return isinstance(value, list) and 1 <= len(value) <= MAX_BANDS and all(_is_text(item) for item in value)


def _is_number_list(value: object) -> bool:
    """List of finite numbers."""
    return isinstance(value, list) and all(_is_number(item) for item in value)


def _is_resolution(value: object) -> bool:
    """Metres above 0, or null."""
    return value is None or (_is_number(value) and float(value) > 0)  # type: ignore[arg-type]


def _is_channels(value: object) -> bool:
    """Number of channels that the engine supports."""
    return _is_int(value) and 1 <= value <= MAX_CHANNELS  # type: ignore[operator]


def _is_share(value: object) -> bool:
    """Number in 0..1."""
    return _is_number(value) and 0 <= value <= 1  # type: ignore[operator]


def _equals_int(wanted: int) -> Callable[[object], bool]:
    """Test for one whole number."""
    return lambda value: _is_int(value) and value == wanted


PROSE = f"a text of at most {MAX_PROSE} letters without control characters"
# key -> (what is allowed, test)
SCALARS: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "mlm:name": ("a text that is not empty", _is_text),
    "mlm:architecture": ("a text that is not empty", _is_text),
    "mlm:tasks": (f"['{TASK}']", lambda value: value == [TASK]),
    "mlm:framework": ("'ONNX'", lambda value: value == "ONNX"),
    "mlm:total_parameters": ("a whole number, 0 or more", lambda value: _is_int(value) and value >= 0),
    "uhrs:down_ratio": ("4", _equals_int(4)),
    "uhrs:downsampling": ("'average' or 'nearest'", lambda value: value in ("average", "nearest")),
    "uhrs:patch_side": (
        f"a multiple of 16 in 16..{MAX_PATCH_SIDE}",
        lambda value: _is_int(value) and 16 <= value <= MAX_PATCH_SIDE and value % 16 == 0,
    ),
    "uhrs:feature_channels": (f"a whole number in 1..{MAX_CHANNELS}", _is_channels),
    "uhrs:uncertainty_stride": ("16 or 8", lambda value: _is_int(value) and value in (16, 8)),
    "uhrs:default_ratio": ("a number in 0..1", _is_share),
}
INT8: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "agreement": ("a number in 0..1", _is_share),
    "uncertainty_difference": ("a number in 0..1", _is_share),
    "test_scene_agreement": ("a number in 0..1", _is_share),
    "calibrated_on": (PROSE, _is_prose),
    "compared_on": (PROSE, _is_prose),
}
OPTIONAL: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "uhrs:coarse_channels": (f"a whole number in 1..{MAX_CHANNELS}", _is_channels),
    "uhrs:version": (PROSE, _is_prose),
    "uhrs:training_data": (PROSE, _is_prose),
    "uhrs:network": ("an object", lambda value: isinstance(value, dict)),
    "uhrs:metrics": ("an object of numbers and texts", _is_metrics),
    "uhrs:licence": (PROSE, _is_prose),
}
