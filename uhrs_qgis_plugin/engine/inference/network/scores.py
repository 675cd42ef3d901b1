"""From scores of classes to labels and uncertainty, and their places on the grids of the two passes.

Everything goes class by class, so that memory does not grow with their number.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.bundle import Windows
from uhrs_qgis_plugin.engine.grid import CELL8, CELL32
from uhrs_qgis_plugin.engine.results import LEVELS

Array = NDArray[np.float32]

LEAST_LOGIT = -100.0  # below the largest: exp of it is 0 in 32 bits, and no difference overflows
TINY = 1e-30  # stands for a probability of 0 under the logarithm
NUMBERS_AT_ONCE = 1 << 22  # of interpolated probabilities: 16 MiB


class ClassScores:
    """The scores of a window at some of its pixels.

    Attributes:
        labels: (h, w) uint8, the class with the highest score, among equals the first.
        uncertainty: (h, w) entropy / ln C of the classes' probabilities, 0..1.
    """

    def __init__(
        self, layers: Sequence[Array], windows: Windows, rows: NDArray[np.int64], cols: NDArray[np.int64]
    ) -> None:
        """Look at every class once.

        Args:
            layers: C arrays of scores, one cell for stride x stride pixels of the window.
            rows: (h,) rows of pixels in the window; those outside of it take the nearest.
            cols: (w,) columns likewise.
        """
        self._layers, self._stride, self._rows, self._cols = layers, windows.stride, rows, cols
        self._is_logits = windows.scores == "logits"
        self._peak = self._at_pixels(layers[0]).copy()
        self.labels = np.zeros(self._peak.shape, np.uint8)
        for value, layer in enumerate(layers[1:], 1):
            scores = self._at_pixels(layer)
            self.labels[scores > self._peak] = value
            np.maximum(self._peak, scores, out=self._peak)
        self._total, weighted = np.zeros_like(self._peak), np.zeros_like(self._peak)
        for layer in layers:
            parts, logarithms = self._parts(layer)
            self._total += parts
            weighted += parts * logarithms
        known = self._total > 0  # probabilities that are all 0 say nothing
        total = np.where(known, self._total, np.float32(1))
        entropy = np.where(known, np.log(total) - weighted / total, np.float32(math.log(len(layers))))
        self.uncertainty: Array = (entropy / np.float32(math.log(len(layers)))).clip(0, 1)

    def probabilities(self) -> Iterator[Array]:
        """Give the probabilities (h, w) of each class; all classes alike where nothing is known."""
        unknown = self._total <= 0
        total = self._total.copy()
        total[unknown] = 1
        for layer in self._layers:
            share = self._parts(layer)[0] / total
            share[unknown] = 1 / len(self._layers)
            yield share

    def _parts(self, layer: Array) -> tuple[Array, Array]:
        """What a class adds to the sum of its pixel, and the logarithm of that."""
        scores = self._at_pixels(layer)
        if self._is_logits:
            logarithms = np.maximum(scores - self._peak, np.float32(LEAST_LOGIT))
            return np.exp(logarithms), logarithms
        parts = np.maximum(scores, 0)
        return parts, np.log(np.maximum(parts, np.float32(TINY)))

    def _at_pixels(self, layer: Array) -> Array:
        """Bring scores to pixels: linear between the middles of cells."""
        if self._stride == 1:
            last = len(layer) - 1
            return layer.take(self._rows.clip(0, last), 0).take(self._cols.clip(0, last), 1)
        for axis, places in enumerate((self._rows, self._cols)):
            layer = _between(layer, (places + 0.5) / self._stride - 0.5, axis)
        return layer


def _between(array: Array, places: NDArray[np.float64], axis: int) -> Array:
    """Interpolate linearly along an axis; beyond its ends the last cell counts."""
    places = places.clip(0, array.shape[axis] - 1)
    first = np.floor(places).astype(np.int64)
    second = np.minimum(first + 1, array.shape[axis] - 1)
    weight = (places - first).astype(np.float32)
    weight = weight[:, np.newaxis] if axis == 0 else weight
    return array.take(first, axis) * (1 - weight) + array.take(second, axis) * weight


def patch_features(seen: ClassScores) -> Array:
    """Pack the labels and the final uncertainty of a patch onto cells of 8 pixels.

    Returns:
        (65, p/8, p/8): 64 labels, row by row, and the mean uncertainty.
    """
    side = len(seen.labels) // CELL8
    labels = seen.labels.reshape(side, CELL8, side, CELL8).transpose(1, 3, 0, 2).reshape(CELL8**2, side, side)
    return np.concatenate([labels, means(seen.uncertainty, CELL8)[np.newaxis]], dtype=np.float32)


def means(values: Array, size: int) -> Array:
    """Average squares of `size` x `size`."""
    height, width = values.shape
    return values.reshape(height // size, size, width // size, size).mean((1, 3))


def deep(cells: Array, size: int) -> Array:
    """Put squares of cells into channels: (C, size a, size b) becomes (C size size, a, b)."""
    channels, height, width = cells.shape
    squares = cells.reshape(channels, height // size, size, width // size, size)
    return np.ascontiguousarray(squares.transpose(0, 2, 4, 1, 3).reshape(-1, height // size, width // size))


def flat(channels: Array, size: int) -> Array:
    """Undo `deep`."""
    _, height, width = channels.shape
    squares = channels.reshape(-1, size, size, height, width).transpose(0, 3, 1, 4, 2)
    return squares.reshape(-1, height * size, width * size)


def fused(windows: Windows, inputs: Sequence[NDArray[Any]]) -> list[NDArray[np.uint8]]:
    """Join both looks: selected cells keep what the second look gave, others are interpolated from the first.

    Args:
        inputs: As the "fuse" of `Streams` takes them, with N = 1.

    Returns:
        As it gives them.
    """
    low, uncertainty, high, selected = (array[0] for array in inputs)
    selected = selected[0]
    size = CELL8 * selected.shape[0], CELL8 * selected.shape[1]
    close = high[:-1].reshape(CELL8, CELL8, *selected.shape).transpose(2, 0, 3, 1).reshape(size).astype(np.uint8)
    final, first = high[-1], uncertainty[0]
    if not windows.has_first_look:
        first = final  # the only uncertainty that is known
    elif not selected.all():
        cells = flat(low, CELL32 // windows.coarse_cell)
        wanted = ~selected
        labels = interpolated_labels(cells, windows.coarse_cell, wanted)
        close = np.where(wanted.repeat(CELL8, 0).repeat(CELL8, 1), labels, close)
        finer = windows.coarse_cell // CELL8
        final = np.where(wanted, _entropies(cells).repeat(finer, 0).repeat(finer, 1), final)
    levels = np.rint(np.stack([first, final]).clip(0, 1) * LEVELS).astype(np.uint8)
    return [close[np.newaxis], levels[np.newaxis]]


def _entropies(cells: Array) -> Array:
    """Entropy / ln C of probabilities (C, h, w)."""
    total, weighted = np.zeros(cells.shape[1:], np.float32), np.zeros(cells.shape[1:], np.float32)
    for layer in cells:
        part = np.maximum(layer, 0)
        total += part
        weighted += part * np.log(np.maximum(part, np.float32(TINY)))
    total = np.maximum(total, np.float32(TINY))
    return ((np.log(total) - weighted / total) / np.float32(math.log(len(cells)))).clip(0, 1)


def interpolated_labels(cells: Array, size: int, wanted: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Find the class of every pixel by linear interpolation of probabilities.

    Where four neighbouring cells agree on a class, no pixel between them can have another: only the others are
    interpolated.

    Args:
        cells: (C, h, w) probabilities.
        size: Pixels per cell, even.
        wanted: Cells of 8 pixels that are needed; elsewhere the result is any class.

    Returns:
        (h size, w size) labels; beyond the middles of the outer cells these count.
    """
    padded = np.pad(cells, ((0, 0), (1, 1), (1, 1)), mode="edge")
    best = padded.argmax(0).astype(np.uint8)
    corners = [best[:-1, :-1], best[:-1, 1:], best[1:, :-1], best[1:, 1:]]
    labels = np.repeat(np.repeat(corners[0], size, 0), size, 1)
    mixed = np.any([corner != corners[0] for corner in corners[1:]], axis=0) & _touched(wanted, size)
    rows, cols = np.nonzero(mixed)
    squares = labels.reshape(len(mixed), size, -1, size)
    share = ((np.arange(size) + 0.5) / size).astype(np.float32)
    step = max(1, NUMBERS_AT_ONCE // (len(cells) * size * size))
    for start in range(0, len(rows), step):
        row, col = rows[start : start + step], cols[start : start + step]
        # Products and sums of arrays, not of matrices: their last bits would depend on how many squares there are.
        above, below = (
            padded[:, row + down, col][..., None] * (1 - share) + padded[:, row + down, col + 1][..., None] * share
            for down in (0, 1)
        )
        between = above[:, :, None] * (1 - share)[:, None] + below[:, :, None] * share[:, None]  # (C, n, size, size)
        squares[row, :, col, :] = between.argmax(0).astype(np.uint8)
    half = size // 2
    return labels[half:-half, half:-half]


def _touched(wanted: NDArray[np.bool_], size: int) -> NDArray[np.bool_]:
    """Tell which squares between four cells touch a cell of 8 pixels that is wanted."""
    factor = size // CELL8
    height, width = wanted.shape[0] // factor, wanted.shape[1] // factor
    cells = np.pad(wanted.reshape(height, factor, width, factor).any((1, 3)), 1)
    return cells[:-1, :-1] | cells[:-1, 1:] | cells[1:, :-1] | cells[1:, 1:]
