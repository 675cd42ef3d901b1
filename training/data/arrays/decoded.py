"""Scenes of files, decoded once and kept in memory where they fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from training.data.arrays.lazy import LazyArray, PixelArray
from training.data.arrays.scenes import Scene

_STRIP_ROWS = 512  # decoded at a time: what is resized takes several times its size meanwhile


class DecodedArray(LazyArray):
    """All of a lazy array, in memory.

    Processes that are forked share it; others get the lazy array instead of a copy each.

    Args:
        source: (B, H, W) or (H, W).
    """

    def __init__(self, source: LazyArray) -> None:
        self.source, self.shape, self.dtype = source, source.shape, source.dtype
        self._pixels = np.empty(self.shape, self.dtype)
        before = (slice(None),) * (self.ndim - 2)
        for row in range(0, self.shape[-2], _STRIP_ROWS):
            strip = (*before, slice(row, row + _STRIP_ROWS))
            self._pixels[strip] = source[strip]

    def part(self, bands: range, rows: range, cols: range) -> npt.NDArray[Any]:
        """Slice."""
        pixels = self._pixels if self.ndim == 3 else self._pixels[None]
        return pixels[tuple(slice(places.start, places.stop, places.step) for places in (bands, rows, cols))]

    def __reduce__(self) -> tuple[Any, ...]:
        """To another process: what it was decoded from."""
        return _unchanged, (self.source,)


def _unchanged(source: LazyArray) -> LazyArray:
    return source


def in_memory(array: PixelArray) -> bool:
    """Whether slicing costs no reading."""
    return not isinstance(array, LazyArray) or isinstance(array, DecodedArray)


def decoded(scenes: Sequence[Scene], limit: float) -> tuple[list[Scene], int]:
    """The scenes with image and labels in memory, and how many bytes that took.

    Where not all fit, as many as do, from the first on; none where these are less than half: decoding them would take
    longer than they save.

    Args:
        scenes: lazy or in memory already.
        limit: bytes that they may take together.
    """
    sizes = [_size(scene.image) + _size(scene.labels) for scene in scenes]
    if sum(sizes) > 2 * limit:
        return list(scenes), 0
    made, taken = [], 0
    for scene, size in zip(scenes, sizes, strict=True):
        if 0 < size <= limit - taken:
            scene, taken = replace(scene, image=_kept(scene.image), labels=_kept(scene.labels)), taken + size
        made.append(scene)
    return made, taken


def _size(array: PixelArray) -> int:
    return 0 if in_memory(array) else int(array.size * array.dtype.itemsize)


def _kept(array: PixelArray) -> PixelArray:
    return DecodedArray(array) if isinstance(array, LazyArray) and not in_memory(array) else array
