"""Scenes at another scale, computed on demand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal, cast

import numpy as np
import numpy.typing as npt

from training.data.arrays.lazy import LazyArray, PixelArray, spanning
from training.data.arrays.scenes import Scene

_SPARSE = 4  # rows of the source to one that is wanted, from which on they are read in strips
_STRIP_ROWS = 512  # of the source: bounds memory


class ResizedArray(LazyArray):
    """An array at another height and width: bilinear or by the nearest pixel, without smoothing, as published.

    The centre of pixel i of n lies at (i + 0.5) * N / n - 0.5 of the N pixels of the source.

    Args:
        source: (B, H, W) or (H, W), in memory or lazy.
        size: (height, width) of the result.
        method: "bilinear" (integers are rounded) or "nearest".
    """

    def __init__(self, source: PixelArray, size: tuple[int, int], method: Literal["bilinear", "nearest"]) -> None:
        self.source, self.method = source, method
        self.shape = (*source.shape[:-2], *size)
        self.dtype = source.dtype

    def part(self, bands: range, rows: range, cols: range) -> npt.NDArray[Any]:
        """Read the pixels of the source that a window needs, a strip at a time, and interpolate them."""
        reduction = rows.step * self.source.shape[-2] / self.shape[-2]
        count = max(1, int(_STRIP_ROWS / reduction))
        if reduction < _SPARSE or len(rows) <= count:
            return self._strip(bands, rows, cols)
        return np.concatenate([self._strip(bands, rows[at : at + count], cols) for at in range(0, len(rows), count)], 1)

    def _strip(self, bands: range, rows: range, cols: range) -> npt.NDArray[Any]:
        (top, bottom, down), (left, right, across) = (
            _neighbours(places, wanted, there, self.method)
            for places, wanted, there in zip((rows, cols), self.shape[-2:], self.source.shape[-2:], strict=True)
        )
        window = (spanning(range(top.min(), bottom.max() + 1)), spanning(range(left.min(), right.max() + 1)))
        axes = (slice(bands.start, bands.stop, bands.step),) if self.source.ndim == 3 else ()
        pixels = self.source[(*axes, *window)].reshape(-1, *(s.stop - s.start for s in window))
        top, bottom, left, right = top - top.min(), bottom - top.min(), left - left.min(), right - left.min()
        if self.method == "nearest":
            return pixels[:, top[:, None], left]
        upper = _mix(pixels[:, top[:, None], left], pixels[:, top[:, None], right], across)
        lower = _mix(pixels[:, bottom[:, None], left], pixels[:, bottom[:, None], right], across)
        mixed = _mix(upper, lower, down[:, None])
        return (np.rint(mixed) if np.issubdtype(self.dtype, np.integer) else mixed).astype(self.dtype)


def resized(scene: Scene, long_side: int | None) -> Scene:
    """The scene with its longer side at `long_side` pixels, its proportions kept; None keeps the scene.

    Pixels without data must have been filled.
    """
    height, width = scene.labels.shape
    if long_side is None or max(height, width) == long_side:
        return scene
    scale = long_side / max(height, width)
    size = (max(1, int(height * scale + 0.5)), max(1, int(width * scale + 0.5)))
    image, labels = ResizedArray(scene.image, size, "bilinear"), ResizedArray(scene.labels, size, "nearest")
    valid = None if scene.valid is None else ResizedArray(scene.valid, size, "nearest")
    return replace(scene, image=image, labels=labels, valid=valid)


def _neighbours(
    places: range, wanted: int, there: int, method: str
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.float32]]:
    """Along an axis: the pixels before and after each place, and how far the place is from the first of them."""
    if method == "nearest":
        centre = (2 * np.array(places) + 1) * there // (2 * wanted)
        return centre, centre, np.zeros(len(places), np.float32)
    position = np.clip((np.array(places) + 0.5) * there / wanted - 0.5, 0, there - 1)
    before = np.floor(position).astype(np.int64)
    return before, np.minimum(before + 1, there - 1), (position - before).astype(np.float32)


def _mix(one: npt.NDArray[Any], other: npt.NDArray[Any], share: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Between `one` (share 0) and `other` (share 1)."""
    start = one.astype(np.float32)
    return cast(npt.NDArray[np.float32], start + (other.astype(np.float32) - start) * share)
