"""Parts of scenes: a window of one, and labels that count inside or outside of rectangles only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from training.data.arrays.lazy import LazyArray, PixelArray
from training.data.arrays.scenes import IGNORE, Scene
from uhrs_qgis_plugin.engine.grid import Window


class WindowArray(LazyArray):
    """A window of an array (B, H, W) or (H, W)."""

    def __init__(self, source: PixelArray, window: Window) -> None:
        self.source, self._window = source, window
        self.shape, self.dtype = (*source.shape[:-2], window.height, window.width), source.dtype

    def part(self, bands: range, rows: range, cols: range) -> npt.NDArray[Any]:
        """Read a part of the window."""
        row, col = self._window.row, self._window.col
        place = (
            slice(row + rows.start, row + rows.stop, rows.step),
            slice(col + cols.start, col + cols.stop, cols.step),
        )
        axes = (slice(bands.start, bands.stop, bands.step),) if self.source.ndim == 3 else ()
        pixels = self.source[(*axes, *place)]
        return pixels if pixels.ndim == 3 else pixels[None]


class LabelsInBoxes(LazyArray):
    """Labels (H, W) that are IGNORE outside of rectangles, or inside of them.

    Args:
        labels: (H, W) uint8.
        boxes: The rectangles.
        inside: Whether labels inside count, or those outside.
    """

    def __init__(self, labels: PixelArray, boxes: Sequence[Window], inside: bool) -> None:
        self.source, self._boxes, self._inside = labels, boxes, inside
        self.shape, self.dtype = labels.shape, labels.dtype

    def part(self, bands: range, rows: range, cols: range) -> npt.NDArray[np.uint8]:
        """Read a window and ignore what does not count."""
        labels = self.source[rows.start : rows.stop : rows.step, cols.start : cols.stop : cols.step]
        row, col = np.array(rows)[:, None], np.array(cols)
        within = np.zeros(labels.shape, np.bool_)
        for box in self._boxes:
            within |= (row >= box.row) & (row < box.row_end) & (col >= box.col) & (col < box.col_end)
        return np.where(within == self._inside, labels, np.uint8(IGNORE))[None]


def window_of_scene(scene: Scene, window: Window, name: str) -> Scene:
    """A window of a scene as a scene of its own."""
    image, labels = WindowArray(scene.image, window), WindowArray(scene.labels, window)
    valid = None if scene.valid is None else WindowArray(scene.valid, window)
    return replace(scene, name=name, image=image, labels=labels, valid=valid, file=None)
