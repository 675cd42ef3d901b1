"""The coarse map: the low stream's results for a whole canvas, stored by scene and blended when read."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.flow import ArrayStore
from uhrs_qgis_plugin.engine.grid import CELL32, Canvas, Window, scenes
from uhrs_qgis_plugin.engine.segmentation.planning import ScenePlan


class SceneGrid:
    """The scenes of a canvas with their weights.

    Attributes:
        scenes: The scenes, row-major.
        rows: First pixel row of each row of scenes.
        cols: First pixel column of each column of scenes.
        height: Rows of a scene.
        width: Columns of a scene.
        valid_cell: Pixels per cell of a scene's validity: fits scenes, which start at multiples of 32, and patches.
        by_row: Pixels per cell -> per row of scenes its weights.
        by_col: Pixels per cell -> per column of scenes its weights.
    """

    def __init__(self, canvas: Canvas, plan: ScenePlan) -> None:
        self.scenes = [window for window, _ in scenes(canvas, plan.side, plan.overlap)]
        self.rows = sorted({window.row for window in self.scenes})
        self.cols = sorted({window.col for window in self.scenes})
        self.height, self.width = self.scenes[0].height, self.scenes[0].width
        self.valid_cell = math.gcd(canvas.patch_side, CELL32)
        steps = {CELL32, plan.stride}
        self.by_row = {step: scene_weights(self.rows, self.height, step) for step in steps}
        self.by_col = {step: scene_weights(self.cols, self.width, step) for step in steps}


class CoarseMap:
    """The low stream's results for a whole canvas.

    Attributes:
        canvas: The canvas.
        stride: Pixels per cell of U.
        store: Where the scenes lie; each is looked at when it is needed.
    """

    def __init__(self, canvas: Canvas, plan: ScenePlan, store: ArrayStore) -> None:
        self.canvas, self.stride, self.store = canvas, plan.stride, store
        self._grid, self._channels, self._is_seen = SceneGrid(canvas, plan), plan.channels, plan.is_seen
        self._hold_data: dict[int, bool] = {}  # scenes that were looked at

    @functools.cached_property
    def valid_patches(self) -> NDArray[np.bool_]:
        """(patch rows, patch cols) bool, whether a patch holds data (looked at in 1/4 scale)."""
        cell = self._grid.valid_cell
        cells = np.zeros(self.canvas.cells(cell), np.bool_)
        for index, scene in enumerate(self._grid.scenes):
            valid = self.store.get(scene_name(index, "valid"))
            cells[scene.slices(cell)] |= valid
            self._hold_data[index] = bool(valid.any())
        return any_in_squares(cells, self.canvas.patch_side // cell)

    def features(self, window: Window) -> NDArray[np.float32]:
        """Features of a window.

        Args:
            window: Pixels on the canvas, multiples of 32.

        Returns:
            (G, h, w) float32, one cell per 32x32 pixels; only the fusion reads meaning into them.
        """
        return self._blend("features", window, CELL32, self._channels)

    def uncertainty(self, window: Window) -> NDArray[np.float32]:
        """U of a window.

        Args:
            window: Pixels on the canvas, multiples of `stride`.

        Returns:
            (h, w) float32 in [0, 1], one cell per `stride` x `stride` pixels; 1 where no network looked.
        """
        if not self._is_seen:
            return np.ones((window.height // self.stride, window.width // self.stride), np.float32)
        return self._blend("uncertainty", window, self.stride, 1)[0]

    def _blend(self, kind: str, window: Window, cell: int, channels: int) -> NDArray[np.float32]:
        """Add up the rows of scenes that a window touches, each with its weight."""
        total = np.zeros((channels, window.height // cell, window.width // cell), np.float32)
        for index, row in enumerate(self._grid.rows):
            scenes = Window(row, 0, self._grid.height, self.canvas.width)
            part = scenes.overlap(window)
            if part.height:
                weight = self._grid.by_row[cell][index][part.slices(cell, scenes)[0]]
                place = (slice(None), *part.slices(cell, window))
                total[place] += self._blend_row(kind, index, part, total[place].shape) * weight[:, np.newaxis]
        return total

    def _blend_row(self, kind: str, row: int, window: Window, shape: tuple[int, ...]) -> NDArray[np.float32]:
        """Add up the scenes of one row that a part of the row touches, each with its weight; 0 where none has data."""
        grid, total = self._grid, np.zeros(shape, np.float32)
        cell = window.height // shape[1]
        for col in range(len(grid.cols)):
            index = row * len(grid.cols) + col
            part = grid.scenes[index].overlap(window)
            if part.width and self._holds_data(index):
                there = part.slices(cell, grid.scenes[index])
                values = self.store.get(scene_name(index, kind))[(slice(None), *there)]
                total[(slice(None), *part.slices(cell, window))] += values * grid.by_col[cell][col][there[1]]
        return total

    def _holds_data(self, scene: int) -> bool:
        """Whether a scene has features and U."""
        if scene not in self._hold_data:
            self._hold_data[scene] = bool(self.store.get(scene_name(scene, "valid")).any())
        return self._hold_data[scene] and self._is_seen


def scene_name(index: int, kind: str) -> str:
    """Name the piece that holds "features", "uncertainty" or "valid" of a scene."""
    return f"scene-{index:06}-{kind}"


def missing_scenes(scenes: Iterable[int], store: ArrayStore) -> list[int]:
    """List those of some scenes that are not finished; the last array of one is "valid"."""
    return [index for index in scenes if scene_name(index, "valid") not in store]


def scene_weights(starts: Sequence[int], side: int, cell: int) -> list[NDArray[np.float32]]:
    """Blend scenes along one axis: trapezoids that sum to one at every cell.

    Args:
        starts: From `scene_starts`.
        side: Scene side in pixels (the canvas length when there is one scene).
        cell: Pixels per cell of the blended array; divides every start and the side.

    Returns:
        Per scene, one weight per cell (side / cell,), in (0, 1].
    """
    cells = side // cell
    first = [start // cell for start in starts]
    total = np.zeros(first[-1] + cells, np.float64)
    position = np.arange(cells) + 0.5
    raw = []
    for index, start in enumerate(first):
        weight = np.ones(cells, np.float64)
        if index > 0:
            weight = np.minimum(weight, position / max(1, first[index - 1] + cells - start))
        if index + 1 < len(first):
            weight = np.minimum(weight, (cells - position) / max(1, start + cells - first[index + 1]))
        raw.append(weight)
        total[start : start + cells] += weight
    return [(weight / total[start : start + cells]).astype(np.float32) for weight, start in zip(raw, first)]


def any_in_squares(flags: NDArray[np.bool_], size: int) -> NDArray[np.bool_]:
    """Tell per `size` x `size` square whether a flag is set in it; sides must be multiples of `size`."""
    height, width = flags.shape
    by_row = np.any(flags.reshape(height // size, size, width), axis=1)
    return np.asarray(np.any(by_row.reshape(height // size, width // size, size), axis=2))
