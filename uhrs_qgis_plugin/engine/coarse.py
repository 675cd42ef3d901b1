"""The coarse pass: low stream over scenes, blended where they overlap, into one map of the whole canvas.

The raster is read once, from top to bottom, in slabs as wide as the canvas: in that order every block of a file,
striped or tiled, is decoded once. A row of scenes makes a *strip* of the map, blended along its width. Strips are
kept as they are and blended with each other when a part of the map is asked for, so a finished strip never changes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.coarse_map import (
    CoarseMap,
    SceneGrid,
    ScenePlan,
    any_in_squares,
    finished_strips,
    strip_name,
)
from uhrs_qgis_plugin.engine.grid import CELL32, DOWN_RATIO, Canvas, Window
from uhrs_qgis_plugin.engine.journal import Pieces
from uhrs_qgis_plugin.engine.source import CanvasSource
from uhrs_qgis_plugin.engine.streams import Streams

SLAB_PIXELS = 8 << 20  # pixels of the raster that are read at once: bounds memory, and how long a cancel waits


@dataclass(frozen=True)
class Slab:
    """Some rows of the canvas at 1/4 scale.

    Attributes:
        row: First pixel row on the canvas.
        image: (B, h, canvas width / 4) numbers; None when they hold no data.
        valid: (h, canvas width / 4) bool.
    """

    row: int
    image: NDArray[Any] | None
    valid: NDArray[np.bool_]


def read_slabs(source: CanvasSource, first_row: int) -> Iterator[Slab]:
    """Read the canvas from a row on, each pixel once.

    Args:
        source: The canvas.
        first_row: Where to begin, a multiple of the canvas' unit.

    Yields:
        The slabs from top to bottom.
    """
    canvas = source.canvas
    unit = math.lcm(canvas.unit, min(source.block_rows, 2048))
    height = max(unit, SLAB_PIXELS // canvas.width // unit * unit)
    starts = list(range(first_row, canvas.height, height))
    # A rest of 1 to 3 rows cannot be averaged like the others: it stays with the slab before.
    if len(starts) > 1 and canvas.data_height - starts[-1] < DOWN_RATIO:
        starts.pop()
    for start, end in zip(starts, [*starts[1:], canvas.height]):
        image, valid = source.read_scene(Window(start, 0, end - start, canvas.width))
        yield Slab(start, image, valid)


def map_coarsely(
    slabs: Iterable[Slab],
    streams: Streams,
    canvas: Canvas,
    plan: ScenePlan,
    pieces: Pieces,
    proceed: Callable[[float], None],
) -> CoarseMap:
    """Run the low stream over all scenes of the strips that are not finished.

    Args:
        slabs: From `read_slabs`, from the first row of the first strip that is not finished.
        streams: The model.
        canvas: The canvas.
        plan: How to cut the canvas.
        pieces: Where strips are kept.
        proceed: Called with 0..1 before every scene; raises to stop.

    Returns:
        The map. Scenes without any data are not run: features and U stay 0 there.
    """
    grid = SceneGrid(canvas, plan)
    buffer = _RollingBuffer(slabs)
    for index in range(finished_strips(len(grid.rows), pieces), len(grid.rows)):
        image, valid = buffer.rows(grid.rows[index], grid.height)

        def proceed_in_strip(share: float, done: int = index) -> None:
            proceed((done + share) / len(grid.rows))

        strip = _run_strip(image, valid, streams, (grid, plan), proceed_in_strip)
        for kind, array in strip.items():
            pieces.put(strip_name(index, kind), array)
    return CoarseMap(canvas, plan, pieces)


class _RollingBuffer:
    """Puts slabs together to strips, and keeps no row longer than the next strip needs it."""

    def __init__(self, slabs: Iterable[Slab]) -> None:
        self._slabs = iter(slabs)
        self._held: list[Slab] = []

    def rows(self, row: int, height: int) -> tuple[NDArray[Any] | None, NDArray[np.bool_]]:
        """Image (None without data) and validity of `height` pixel rows from `row`; rows before are dropped."""
        self._held = [slab for slab in self._held if _end(slab) > row]
        while not self._held or _end(self._held[-1]) < row + height:
            self._held.append(next(self._slabs))
        parts = [
            (slab.image, slab.valid, max(0, row - slab.row) // DOWN_RATIO, (row + height - slab.row) // DOWN_RATIO)
            for slab in self._held
        ]
        valid = np.concatenate([flags[top:bottom] for _, flags, top, bottom in parts])
        images = [image for image, _, _, _ in parts if image is not None]
        if not images:
            return None, valid
        shape = (len(images[0]), *valid.shape)
        image = np.zeros(shape, images[0].dtype)
        start = 0
        for pixels, flags, top, bottom in parts:
            count = len(flags[top:bottom])
            if pixels is not None:
                image[:, start : start + count] = pixels[:, top:bottom]
            start += count
        return image, valid


def _end(slab: Slab) -> int:
    """The pixel row after a slab."""
    return slab.row + DOWN_RATIO * len(slab.valid)


def _run_strip(
    image: NDArray[Any] | None,
    valid: NDArray[np.bool_],
    streams: Streams,
    layout: tuple[SceneGrid, ScenePlan],
    proceed: Callable[[float], None],
) -> dict[str, NDArray[Any]]:
    """Run the scenes of one row and blend them along the width; "valid" comes last, it marks the strip as whole."""
    grid, plan = layout
    canvas_width = valid.shape[1] * DOWN_RATIO
    features = np.zeros((plan.channels, grid.height // CELL32, canvas_width // CELL32), np.float32)
    uncertainty = np.zeros((1, grid.height // plan.stride, canvas_width // plan.stride), np.float32)
    for index, col in enumerate(grid.cols):
        proceed(index / len(grid.cols))
        part = slice(col // DOWN_RATIO, (col + grid.width) // DOWN_RATIO)
        if image is None or not valid[:, part].any():
            continue
        scene_features, scene_u = streams.low(np.ascontiguousarray(image[np.newaxis, :, :, part]))
        for target, values, step in ((features, scene_features[0], CELL32), (uncertainty, scene_u[0], plan.stride)):
            place = target[:, :, col // step : (col + grid.width) // step]
            if len(grid.cols) == 1:
                place[...] = values
            else:
                place += values * grid.by_col[step][index]
    return {
        "features": features,
        "uncertainty": uncertainty,
        "valid": any_in_squares(valid, grid.valid_cell // DOWN_RATIO),
    }
