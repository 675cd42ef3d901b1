"""Pixels without data: a number in their place in the image, IGNORE in the labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from training.data.arrays.lazy import LazyArray, PixelArray
from training.data.arrays.scenes import IGNORE, Scene


class FilledArray(LazyArray):
    """An image (B, H, W) with a number per band where it holds no data, as the engine fills it.

    Args:
        image: (B, H, W).
        valid: (H, W) bool.
        fill: B numbers, see `fill_values`.
    """

    def __init__(self, image: PixelArray, valid: PixelArray, fill: Sequence[float]) -> None:
        self.source, self._valid = image, valid
        self.shape, self.dtype = image.shape, image.dtype
        self._fill = np.asarray(fill).astype(self.dtype)

    def part(self, bands: range, rows: range, cols: range) -> npt.NDArray[Any]:
        """Read a window and fill it."""
        window = _slices(rows, cols)
        pixels = self.source[(slice(bands.start, bands.stop, bands.step), *window)]
        fill = self._fill[bands.start : bands.stop : bands.step]
        return np.where(self._valid[window], pixels, fill[:, None, None])


class LabelsWithData(LazyArray):
    """Labels (H, W) that are IGNORE where the image holds no data.

    Args:
        labels: (H, W) uint8.
        valid: (H, W) bool.
    """

    def __init__(self, labels: PixelArray, valid: PixelArray) -> None:
        self.labels, self.valid = labels, valid
        self.shape, self.dtype = labels.shape, labels.dtype

    def part(self, bands: range, rows: range, cols: range) -> npt.NDArray[np.uint8]:
        """Read a window of both."""
        window = _slices(rows, cols)
        return np.where(self.valid[window], self.labels[window], np.uint8(IGNORE))[None]


class BlankLabels(LazyArray):
    """Labels (H, W) of an image that has none: IGNORE everywhere.

    Args:
        shape: (H, W).
    """

    def __init__(self, shape: tuple[int, int]) -> None:
        self.shape, self.dtype = shape, np.dtype(np.uint8)

    def part(self, bands: range, rows: range, cols: range) -> npt.NDArray[np.uint8]:
        """IGNORE."""
        return np.full((1, len(rows), len(cols)), IGNORE, np.uint8)


def filled(scene: Scene, fill: Sequence[float]) -> Scene:
    """The scene with `fill` in the pixels of its image that hold no data."""
    if scene.valid is None:
        return scene
    return replace(scene, image=FilledArray(scene.image, scene.valid, fill))


def fill_values(mean: Sequence[float], data_type: str) -> list[float]:
    """What stands for missing pixels, in training and in a bundle: the mean of each band, in the raster's type."""
    whole = np.dtype(data_type).kind in "iu"
    return [float(np.dtype(data_type).type(round(number) if whole else number)) for number in mean]


def _slices(rows: range, cols: range) -> tuple[slice, slice]:
    return slice(rows.start, rows.stop, rows.step), slice(cols.start, cols.stop, cols.step)
