"""The coarse map: what the low stream says about a whole canvas, kept as strips and blended when it is asked for."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.grid import CELL32, Canvas, Window, scenes
from uhrs_qgis_plugin.engine.journal import Pieces


@dataclass(frozen=True)
class ScenePlan:
    """How to cut a canvas into scenes.

    Attributes:
        side: Side of a scene in pixels, a multiple of lcm(patch side, 32).
        overlap: Least pixels that neighbours share, a multiple of 32 below `side`.
        channels: Channels G of the features.
        stride: Pixels per cell of U, 16 or 8.
    """

    side: int
    overlap: int
    channels: int
    stride: int


class SceneGrid:
    """The scenes of a canvas with their weights.

    Attributes:
        rows: First pixel row of each row of scenes.
        cols: First pixel column of each column of scenes.
        height: Rows of a scene.
        width: Columns of a scene.
        valid_cell: Pixels per cell of a strip's validity: fits scenes, which start at multiples of 32, and patches.
        by_row: Pixels per cell -> per row of scenes its weights.
        by_col: Pixels per cell -> per column of scenes its weights.
    """

    def __init__(self, canvas: Canvas, plan: ScenePlan) -> None:
        """Cut the canvas.

        Args:
            canvas: The canvas.
            plan: How.
        """
        windows = [window for window, _ in scenes(canvas, plan.side, plan.overlap)]
        self.rows = sorted({window.row for window in windows})
        self.cols = sorted({window.col for window in windows})
        self.height, self.width = windows[0].height, windows[0].width
        self.valid_cell = math.gcd(canvas.patch_side, CELL32)
        steps = {CELL32, plan.stride}
        self.by_row = {step: scene_weights(self.rows, self.height, step) for step in steps}
        self.by_col = {step: scene_weights(self.cols, self.width, step) for step in steps}


class CoarseMap:
    """What the low stream says about a whole canvas.

    Attributes:
        canvas: The canvas.
        stride: Pixels per cell of U.
        valid_patches: (patch rows, patch cols) bool, whether a patch holds data (looked at in 1/4 scale).
    """

    def __init__(self, canvas: Canvas, plan: ScenePlan, pieces: Pieces) -> None:
        """Open the map.

        Args:
            canvas: The canvas.
            plan: How it was cut.
            pieces: Where all strips lie.
        """
        self.canvas, self.stride = canvas, plan.stride
        self._grid, self._pieces = SceneGrid(canvas, plan), pieces
        cell = self._grid.valid_cell
        cells = np.zeros(canvas.cells(cell), np.bool_)
        for index, row in enumerate(self._grid.rows):
            cells[row // cell : (row + self._grid.height) // cell] |= pieces.get(strip_name(index, "valid"))
        self.valid_patches = any_in_squares(cells, canvas.patch_side // cell)

    def features(self, window: Window) -> NDArray[np.float32]:
        """Features of a window.

        Args:
            window: Pixels on the canvas, multiples of 32.

        Returns:
            (G, h, w) float32, one cell per 32x32 pixels; only the fusion reads meaning into them.
        """
        return self._blend("features", window, CELL32)

    def uncertainty(self, window: Window) -> NDArray[np.float32]:
        """U of a window.

        Args:
            window: Pixels on the canvas, multiples of `stride`.

        Returns:
            (h, w) float32 in [0, 1], one cell per `stride` x `stride` pixels.
        """
        return self._blend("uncertainty", window, self.stride)[0]

    def _blend(self, kind: str, window: Window, cell: int) -> NDArray[np.float32]:
        """Add up the strips that a window touches, each with its weight."""
        total: NDArray[np.float32] | None = None
        grid = self._grid
        for index, start in enumerate(grid.rows):
            top, bottom = max(window.row, start), min(window.row_end, start + grid.height)
            if top >= bottom:
                continue
            strip = self._pieces.get(strip_name(index, kind))
            part = np.array(strip[:, (top - start) // cell : (bottom - start) // cell, window.slices(cell)[1]])
            if len(grid.rows) == 1:
                return part
            weight = grid.by_row[cell][index][(top - start) // cell : (bottom - start) // cell]
            if total is None:
                total = np.zeros((len(part), window.height // cell, window.width // cell), np.float32)
            total[:, (top - window.row) // cell : (bottom - window.row) // cell] += part * weight[:, np.newaxis]
        if total is None:
            raise IndexError(f"{window} lies on no strip")
        return total


def strip_name(index: int, kind: str) -> str:
    """Name the piece that holds "features", "uncertainty" or "valid" of a strip."""
    return f"strip-{index:05}-{kind}"


def finished_strips(count: int, pieces: Pieces) -> int:
    """Count the strips at the top that need not be computed again; their last array to be written is "valid"."""
    done = 0
    while done < count and strip_name(done, "valid") in pieces:
        done += 1
    return done


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
