"""Checks of single values of model.json, and the errors that name the key."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

from uhrs_qgis_plugin.engine.errors import BundleError

MAX_CHANNELS = 4096
MAX_BANDS = 1024
MAX_PROSE = 10_000  # letters
MAX_METRICS_DEPTH = 8


def checked(holder: Mapping[str, Any], key: str, allowed: str, accepts: Callable[[Any], bool], where: str = "") -> Any:  # noqa: ANN401 (what JSON holds; `accepts` has checked it)
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
        raise wrong(path, holder[key], allowed)
    return holder[key]


def wrong(path: str, value: object, allowed: str) -> BundleError:
    """Make the error for one key."""
    text = repr(value)
    shown = text if len(text) <= 80 else text[:77] + "..."
    return BundleError(f"model.json: {path} is {shown}, expected {allowed}: export the model again.")


def is_int(value: object) -> bool:
    """Whole number; True and False are none."""
    return isinstance(value, int) and not isinstance(value, bool)


def is_number(value: object) -> bool:
    """Finite number; True and False are none."""
    return is_int(value) or (isinstance(value, float) and math.isfinite(value))


def is_text(value: object) -> bool:
    """Text that is not empty and holds no control characters."""
    return isinstance(value, str) and bool(value.strip()) and value.isprintable() and len(value) <= 1000


def is_prose(value: object) -> bool:
    """Text for people: lines without control characters, which could steer a terminal."""
    return (
        isinstance(value, str)
        and len(value) <= MAX_PROSE
        and not any(unicodedata.category(letter) in ("Cc", "Cs") for letter in value if letter not in "\n\t")
    )


def is_metrics(value: object, depth: int = 0) -> bool:
    """Scores by name: numbers, texts, or again scores by name."""
    if not isinstance(value, dict) or depth > MAX_METRICS_DEPTH:
        return False
    return all(
        is_prose(key)
        and (item is None or isinstance(item, bool) or is_number(item) or is_prose(item) or is_metrics(item, depth + 1))
        for key, item in value.items()
    )


def is_colour(value: object) -> bool:
    """Six hexadecimal digits."""
    return isinstance(value, str) and re.fullmatch(r"[0-9A-Fa-f]{6}", value) is not None


def is_single(value: object) -> bool:
    """List of exactly one object."""
    return isinstance(value, list) and len(value) == 1 and isinstance(value[0], dict)


def is_band_list(value: object) -> bool:
    """List of texts."""
    return isinstance(value, list) and 1 <= len(value) <= MAX_BANDS and all(is_text(item) for item in value)


def is_number_list(value: object) -> bool:
    """List of finite numbers."""
    return isinstance(value, list) and all(is_number(item) for item in value)


def is_resolution(value: object) -> bool:
    """Metres above 0, or null."""
    return value is None or (is_number(value) and float(value) > 0)  # type: ignore[arg-type]


def is_channels(value: object) -> bool:
    """Number of channels that the engine supports."""
    return is_int(value) and 1 <= value <= MAX_CHANNELS  # type: ignore[operator]


def is_share(value: object) -> bool:
    """Number in 0..1."""
    return is_number(value) and 0 <= value <= 1  # type: ignore[operator]


def equals_int(wanted: int) -> Callable[[object], bool]:
    """Test for one whole number."""
    return lambda value: is_int(value) and value == wanted


PROSE = f"a text of at most {MAX_PROSE} letters without control characters"
