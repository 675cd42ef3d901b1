"""What an ONNX file says of itself: the keys of the QGIS plugin Deepness, whose values are JSON.

Its documentation: "Adding metadata to ONNX model". Where that and its code differ (`tiles_size` and `tile_size`), both
are read. Deepness divides the numbers of a raster by 255 before it subtracts a mean and divides by a deviation.
"""

from __future__ import annotations

import ast
import contextlib
import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from uhrs_qgis_plugin.engine.errors import BundleError

SEGMENTOR = "segmentor"
DIVISOR = 255.0
METRES_PER_CENTIMETRE = 0.01
LONGEST = 100_000  # letters of a value that are parsed
MOST_NAMES = 1000


@dataclass(frozen=True)
class Metadata:
    """What a file says of itself; None and () where it is silent.

    Attributes:
        is_deepness: Whether it says so in the way of Deepness, so that its scaling and band order are known.
        class_names: Names of the classes in order.
        resolution_m: Ground pixel size in metres.
        tile_side: Side of the windows in pixels.
        overlap: Share of a window's side by which neighbours overlap, 0..1.
        mean: Per band, subtracted after the division by 255.
        std: Per band, by which the difference is divided.
        threshold: Probability below which Deepness takes no class but the first.
    """

    is_deepness: bool = False
    class_names: tuple[str, ...] = ()
    resolution_m: float | None = None
    tile_side: int | None = None
    overlap: float | None = None
    mean: tuple[float, ...] = ()
    std: tuple[float, ...] = ()
    threshold: float | None = None


def read_metadata(entries: Mapping[str, str]) -> Metadata:
    """Read the metadata of an ONNX file.

    Args:
        entries: Key -> value, as onnxruntime gives them. Unknown keys are ignored.

    Returns:
        What they say.

    Raises:
        BundleError: A known key has a value that cannot be understood, or the file is no segmentation network.
    """
    kind = _parsed(entries, "model_type")
    if kind is not None and str(kind).lower() != SEGMENTOR:
        raise BundleError(
            f"The file calls itself a '{str(kind)[:40]}' (metadata key 'model_type') and not a 'Segmentor': choose a "
            "network for segmentation."
        )
    tile = _number(entries, "tile_size", "tiles_size")
    overlap = _number(entries, "tiles_overlap")
    resolution = _number(entries, "resolution")
    if resolution is not None and resolution <= 0:
        raise _wrong("resolution", resolution)
    if tile is not None and (tile < 1 or tile != int(tile)):
        raise _wrong("tile_size", tile)
    if overlap is not None and not 0 <= overlap < 100:
        raise _wrong("tiles_overlap", overlap)
    return Metadata(
        is_deepness=kind is not None,
        class_names=_names(entries),
        resolution_m=None if resolution is None else resolution * METRES_PER_CENTIMETRE,
        tile_side=None if tile is None else int(tile),
        overlap=None if overlap is None else overlap / 100,
        mean=_numbers(entries, "standardization_mean"),
        std=_numbers(entries, "standardization_std"),
        threshold=_number(entries, "seg_thresh"),
    )


def _names(entries: Mapping[str, str]) -> tuple[str, ...]:
    """Read the names of the classes: {0: 'a', 1: 'b'}, or a list of one such object for each output."""
    key = "class_names" if "class_names" in entries else "names"
    found = _parsed(entries, key)
    if found is None:
        return ()
    if isinstance(found, list) and len(found) == 1 and isinstance(found[0], dict):
        found = found[0]
    if isinstance(found, dict):
        try:
            pairs = sorted((int(number), name) for number, name in found.items())
        except (TypeError, ValueError) as error:
            raise _wrong(key, found) from error
        if [number for number, _ in pairs] != list(range(len(pairs))):
            raise _wrong(key, found)
        found = [name for _, name in pairs]
    if (
        not isinstance(found, list)
        or not 1 <= len(found) <= MOST_NAMES
        or not all(isinstance(name, str) for name in found)
    ):
        raise _wrong(key, found)
    return tuple(found)


def _number(entries: Mapping[str, str], *keys: str) -> float | None:
    """Read a number under the first of some keys that is there."""
    for key in keys:
        value = _parsed(entries, key)
        if value is not None:
            return _finite(key, value)
    return None


def _numbers(entries: Mapping[str, str], key: str) -> tuple[float, ...]:
    """Read a list of numbers."""
    value = _parsed(entries, key)
    if value is None:
        return ()
    items: Sequence[Any] = value if isinstance(value, list) else [value]
    return tuple(_finite(key, item) for item in items[:MOST_NAMES])


def _finite(key: str, value: Any) -> float:  # noqa: ANN401 (what JSON holds)
    """Read a number that may be written as a text."""
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise _wrong(key, value) from error
    if not math.isfinite(number) or isinstance(value, bool):
        raise _wrong(key, value)
    return number


def _parsed(entries: Mapping[str, str], key: str) -> Any:  # noqa: ANN401 (what JSON holds)
    """Read the value of a key: JSON, or as older files have it a literal of Python, or a bare word; None = absent."""
    text = entries.get(key)
    if text is None or not text.strip():
        return None
    if len(text) > LONGEST:
        raise _wrong(key, text)
    parsers: tuple[Callable[[str], Any], ...] = (json.loads, ast.literal_eval)
    for parse in parsers:
        with contextlib.suppress(ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
            return parse(text)
    return text


def _wrong(key: str, value: object) -> BundleError:
    """Make the error for one key."""
    shown = " ".join(repr(value).split())
    shown = shown if len(shown) <= 60 else f"{shown[:57]}..."
    expected = {
        "class_names": "names by consecutive numbers from 0",
        "names": "names by consecutive numbers from 0",
        "resolution": "centimetres above 0",
        "tile_size": "a whole number of pixels",
        "tiles_overlap": "per cent in 0..99",
    }.get(key, "numbers")
    return BundleError(
        f"The metadata key '{key}' of the file is {shown}, expected {expected}: mend it in the file, as Deepness "
        "documents it, or remove it and give the value as an option."
    )
