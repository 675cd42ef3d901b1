"""Which patches get the high stream: those of highest mean uncertainty, one budget for the whole canvas."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.segmentation.passes.coarse_map import CoarseMap

STRIP_PATCHES = 16  # patch rows read at a time: the uncertainty may be in files on disk


def score_patches(coarse: CoarseMap) -> NDArray[np.float64]:
    """Take the area mean of U over each patch.

    Returns:
        (patch rows, patch cols) mean U.
    """
    canvas = coarse.canvas
    side, (rows, cols) = canvas.patch_side, canvas.patch_shape
    cells = side // coarse.stride
    scores = np.empty((rows, cols), np.float64)
    for first in range(0, rows, STRIP_PATCHES):
        count = min(STRIP_PATCHES, rows - first)
        strip = coarse.uncertainty(Window(first * side, 0, count * side, canvas.width)).astype(np.float64)
        # Rows first, columns second, always in this order: the same cells give the same last bit everywhere.
        by_row = strip.reshape(-1, cells, cols * cells).sum(axis=1)
        scores[first : first + count] = by_row.reshape(-1, cols, cells).sum(axis=2)
    return scores / cells**2


def select_by_ratio(scores: NDArray[np.float64], valid: NDArray[np.bool_], ratio: float) -> NDArray[np.bool_]:
    """Select the fraction K of the patches with data that have the highest U.

    Args:
        scores: (patch rows, patch cols) mean U.
        valid: (patch rows, patch cols) whether a patch holds data.
        ratio: K in 0..1.

    Returns:
        (patch rows, patch cols) bool with round(K * valid patches) set; among equals the first in row-major order.
        K = 0.5 of 5 patches selects 2 (Python rounds halves to even).
    """
    return select_most_unsure(scores, valid, round(ratio * int(np.count_nonzero(valid))))


def select_most_unsure(scores: NDArray[np.float64], candidates: NDArray[np.bool_], count: int) -> NDArray[np.bool_]:
    """Select the `count` candidates of highest U; among equals the first in row-major order.

    Args:
        scores: (patch rows, patch cols) mean U.
        candidates: (patch rows, patch cols) bool.
        count: How many; all when there are fewer.

    Returns:
        (patch rows, patch cols) bool.
    """
    places = np.flatnonzero(candidates)
    order = np.argsort(-scores.ravel()[places], kind="stable")
    selected = np.zeros(scores.size, np.bool_)
    selected[places[order[: max(0, count)]]] = True
    return selected.reshape(scores.shape)


def select_by_threshold(scores: NDArray[np.float64], valid: NDArray[np.bool_], threshold: float) -> NDArray[np.bool_]:
    """Select every patch with data whose mean U reaches a threshold.

    Args:
        scores: (patch rows, patch cols) mean U.
        valid: (patch rows, patch cols) whether a patch holds data.
        threshold: Least mean U, 0..1.

    Returns:
        (patch rows, patch cols) bool.
    """
    return valid & (scores >= threshold)


class Selection(Protocol):
    """Decides which patches get the high stream, block by block."""

    def flags(self, patches: Window) -> NDArray[np.bool_]:
        """Decide about the patches of a window. Idempotent: repeated calls return the same flags.

        Args:
            patches: Window in patches.

        Returns:
            (height, width) bool.
        """

    def expected(self, place: Window, patches: NDArray[np.bool_]) -> int | None:
        """Tell how many of some patches will be selected.

        Args:
            place: A window in patches.
            patches: (height, width) bool, which of its patches.

        Returns:
            The number; None when it is not known yet.
        """

    def record_cost(self, patches: int, high_seconds: float, seconds: float) -> None:
        """Learn what a block took.

        Args:
            patches: Patches that ran through the high stream for it.
            high_seconds: Seconds they took.
            seconds: Seconds of the whole block.
        """


class FixedSelection:
    """A selection that is known before the first block."""

    def __init__(self, selected: NDArray[np.bool_]) -> None:
        """Take the flags (patch rows, patch cols)."""
        self.selected = selected

    def flags(self, patches: Window) -> NDArray[np.bool_]:
        """See `Selection.flags`."""
        return self.selected[patches.slices()]

    def expected(self, place: Window, patches: NDArray[np.bool_]) -> int:
        """See `Selection.expected`."""
        return int(np.count_nonzero(self.selected[place.slices()] & patches))

    def record_cost(self, patches: int, high_seconds: float, seconds: float) -> None:
        """Nothing to learn."""


class EveryPatch(FixedSelection):
    """Every patch of the raster, as no first look tells them apart; the empty ones are left out when they are read.

    What is `selected`, for the report, are the patches in which the coarse pass found data.
    """

    def __init__(self, valid: NDArray[np.bool_], inside: NDArray[np.bool_]) -> None:
        """Take the flags.

        Args:
            valid: (patch rows, patch cols) whether a patch holds data, as the coarse pass saw it: at 1/4 scale.
            inside: (patch rows, patch cols) whether a patch holds pixels of the raster.
        """
        super().__init__(valid)
        self._inside = inside

    def flags(self, patches: Window) -> NDArray[np.bool_]:
        """See `Selection.flags`."""
        return self._inside[patches.slices()]


@dataclass
class Costs:
    """Seconds that things take.

    Attributes:
        patch: One patch through the high stream.
        block: The rest of a block.
    """

    patch: float
    block: float


class TimedSelection:
    """As many of the most uncertain patches as the time allows, decided at every block.

    Blocks come in the order of the canvas, so the patches that the time allows for are spread over those that are
    still to come by one threshold of U. It follows what the blocks so far really took. A patch whose fate a
    neighbour's margin has settled keeps it, so that blocks fit together.
    """

    def __init__(
        self,
        scores: NDArray[np.float64],
        valid: NDArray[np.bool_],
        blocks: int,
        deadline: float,
        costs: Costs,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begin.

        Args:
            scores: (patch rows, patch cols) mean U.
            valid: (patch rows, patch cols) whether a patch holds data.
            blocks: Blocks to come.
            deadline: When the last one should be done, on the clock.
            costs: First guess.
            clock: Tells the time in seconds.
        """
        self.selected = np.zeros(valid.shape, np.bool_)
        self._scores, self._open = scores, valid.copy()
        self._settled = ~valid
        self._blocks, self._deadline, self._clock = blocks, deadline, clock
        self._costs, self._patches, self._done = costs, 0, 0
        self._waiting = 0  # settled for a patch of the high stream, but not reported by `record_cost` yet

    def flags(self, patches: Window) -> NDArray[np.bool_]:
        """See `Selection.flags`."""
        left = self._deadline - self._clock() - self._costs.block * (self._blocks - self._done)
        count = int(max(0.0, left) / max(self._costs.patch, 1e-9)) - self._waiting
        chosen = select_most_unsure(self._scores, self._open, count)[patches.slices()]
        fresh = ~self._settled[patches.slices()]
        self.selected[patches.slices()][fresh] = chosen[fresh]
        self._settled[patches.slices()] = True
        self._open[patches.slices()] = False
        self._waiting += int(np.count_nonzero(chosen & fresh))
        return self.selected[patches.slices()].copy()

    def expected(self, place: Window, patches: NDArray[np.bool_]) -> None:
        """See `Selection.expected`: the time decides."""

    def record_cost(self, patches: int, high_seconds: float, seconds: float) -> None:
        """See `Selection.record_cost`: running means, in which the first guess counts as one block and one patch."""
        self._waiting = max(0, self._waiting - patches)
        if patches:
            known = self._patches + 1
            self._costs.patch = (self._costs.patch * known + high_seconds) / (known + patches)
            self._patches += patches
        self._done += 1
        self._costs.block += (max(0.0, seconds - high_seconds) - self._costs.block) / (self._done + 1)
