"""The fit of a raster: overall, by scene, and as a map."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.bundle import Imagery
from uhrs_qgis_plugin.engine.errors import BundleError
from uhrs_qgis_plugin.engine.familiarity.descriptor import describe, descriptor_names
from uhrs_qgis_plugin.engine.familiarity.likelihood import WindowRatios, compare_windows
from uhrs_qgis_plugin.engine.familiarity.sampling import STEP, sample_windows, spacing
from uhrs_qgis_plugin.engine.familiarity.wording import FITS_FROM, fit_sentence
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.results import LEVELS

BINOMIAL = (1, 2, 1)  # weights of a window and its neighbours in the map, along each axis
Read = Callable[[Window], "tuple[NDArray[Any], NDArray[np.bool_] | None]"]


@dataclass(frozen=True)
class ImageryFit:
    """How well imagery fits a model.

    Attributes:
        overall: 0 (unlike the training imagery) to 1 (like it), over all windows; below 0.5 is worth a warning.
        scenes: The same of each scene, None where no window of it holds data.
        windows: Windows that were looked at and hold data.
        message: A sentence about what differs; "" where the imagery fits.
    """

    overall: float
    scenes: tuple[float | None, ...]
    windows: int
    message: str

    @property
    def fits(self) -> bool:
        """Whether there is nothing to warn of."""
        return not self.message


class UnfamiliarMap:
    """How unfamiliar each place of a raster is: that of the nearest windows, linear between their middles."""

    def __init__(self, rows: NDArray[np.float64], cols: NDArray[np.float64], values: NDArray[np.float64]) -> None:
        """Take the values.

        Args:
            rows: (r,) pixel rows of the middles of windows.
            cols: (c,) pixel columns of the middles.
            values: (r, c) 0 (like the training imagery) to 1.
        """
        self._rows, self._cols, self._values = rows, cols, values

    @property
    def arrays(self) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """What it was made of."""
        return self._rows, self._cols, self._values

    def cells(self, window: Window, cell: int) -> NDArray[np.uint8]:
        """Return 254 * the values of a window, (ceil(h / cell), ceil(w / cell)) uint8.

        Args:
            window: Pixels; its first row and column are multiples of `cell`.
            cell: Pixels along a side of a cell.
        """
        down = _between(self._rows, window.row + cell * (np.arange(-(-window.height // cell)) + 0.5))
        across = _between(self._cols, window.col + cell * (np.arange(-(-window.width // cell)) + 0.5))
        (top, below), (left, right) = (parts[:2] for parts in (down, across))
        share_down, share_across = down[2][:, None], across[2]
        upper = self._values[top][:, left] * (1 - share_across) + self._values[top][:, right] * share_across
        lower = self._values[below][:, left] * (1 - share_across) + self._values[below][:, right] * share_across
        return np.round(LEVELS * (upper * (1 - share_down) + lower * share_down)).astype(np.uint8)


def windows_of_fit(height: int, width: int) -> list[Window]:
    """The windows that `measure_fit` looks at."""
    return sample_windows(height, width, spacing(height, width))


def windows_of_map(height: int, width: int) -> list[Window]:
    """The windows that `unfamiliar_map` looks at."""
    return sample_windows(height, width, min(STEP, spacing(height, width)))


def measure_fit(
    height: int, width: int, read: Read, imagery: Imagery, bands: int, scenes: Sequence[Window] = ()
) -> ImageryFit | None:
    """Look at sample windows of a raster.

    Args:
        height: Rows of the raster.
        width: Columns.
        read: Window -> pixels (B, h, w) in the model's numbers, and which hold data, None for all.
        imagery: Statistics of the training imagery.
        bands: Bands of the model.
        scenes: Windows whose fit is wanted too.

    Returns:
        The fit; None where no window holds enough data.

    Raises:
        BundleError: The statistics are of descriptors of another length.
    """
    windows = windows_of_fit(height, width)
    there, descriptors = _described(windows, read, imagery, bands)
    if not there:
        return None
    found = compare_windows(descriptors, imagery)
    parts = [_in_scene(there, scene) for scene in scenes]
    by_scene = tuple(_fit(found.score(part)[0], imagery) if part else None for part in parts)
    overall = _fit(found.score()[0], imagery)
    strange = [index for index, fit in enumerate(by_scene) if fit is not None and fit < FITS_FROM]
    message = ""
    if overall < FITS_FROM:
        message = fit_sentence(descriptors.mean(axis=0), found.score()[1], imagery, bands)
    elif strange:
        chosen = sorted({number for index in strange for number in parts[index]})
        sentence = fit_sentence(descriptors[chosen].mean(axis=0), found.score(chosen)[1], imagery, bands)
        message = f"In {len(strange)} of {len(by_scene) - by_scene.count(None)} scenes: {sentence}"
    return ImageryFit(overall, by_scene, len(there), message)


def unfamiliar_map(height: int, width: int, read: Read, imagery: Imagery, bands: int) -> UnfamiliarMap:
    """Look at windows everywhere, at most 256 pixels apart, and judge each with its neighbours, which count less.

    Args: see `measure_fit`.

    Returns:
        The map; where no window holds data it goes on as it is beside that.

    Raises:
        BundleError: The statistics are of descriptors of another length.
    """
    windows = windows_of_map(height, width)
    rows, cols = sorted({window.row for window in windows}), sorted({window.col for window in windows})
    values = np.full((len(rows), len(cols)), np.nan)
    there, descriptors = _described(windows, read, imagery, bands)
    if there:
        found = compare_windows(descriptors, imagery)
        places = tuple(np.array([(rows.index(window.row), cols.index(window.col)) for window in there]).T)
        scores = _with_neighbours(found, places, values.shape).min(axis=2)[places]
        values[places] = 1 / (1 + np.exp(scores - imagery.threshold))
    middle = windows[0]
    return UnfamiliarMap(
        np.asarray(rows) + middle.height / 2, np.asarray(cols) + middle.width / 2, _without_gaps(values)
    )


def _with_neighbours(
    found: WindowRatios, places: tuple[NDArray[np.int64], ...], shape: tuple[int, int]
) -> NDArray[np.float64]:
    """Log ratios (rows, cols, kinds) smoothed over 3 x 3 windows, those that hold data, with binomial weights."""
    totals = np.zeros((shape[0] + 2, shape[1] + 2, len(found.kinds) + 1))
    totals[places[0] + 1, places[1] + 1] = np.pad(found.logs, ((0, 0), (0, 1)), constant_values=1.0)
    sums = np.zeros((*shape, totals.shape[2]))
    for row, by_row in enumerate(BINOMIAL):
        for col, by_col in enumerate(BINOMIAL):
            sums += by_row * by_col * totals[row : row + shape[0], col : col + shape[1]]
    return np.asarray(sums[..., :-1] / np.maximum(sums[..., -1:], 1))


def _described(
    windows: Sequence[Window], read: Read, imagery: Imagery, bands: int
) -> tuple[list[Window], NDArray[np.float64]]:
    """Describe the windows that hold enough data: these, and their descriptors (n, D)."""
    size = len(descriptor_names(bands))
    if {mixture.means.shape[1] for mixture in imagery.mixtures.values()} != {size}:
        raise BundleError(
            f"model.json: 'uhrs:imagery.mixtures' are not of the {size} numbers that describe windows of {bands} "
            "bands: describe the imagery again (training/describe_imagery.py)."
        )
    there, found = [], []
    for window in windows:
        pixels, valid = read(window)
        descriptor = describe(pixels, valid, imagery.mean, imagery.deviation)
        if descriptor is not None:
            there.append(window)
            found.append(descriptor)
    return there, np.asarray(found, np.float64).reshape(len(found), size)


def _in_scene(windows: Sequence[Window], scene: Window) -> list[int]:
    """Indices of the windows whose middle lies in a scene."""
    return [
        index
        for index, window in enumerate(windows)
        if scene.row <= window.row + window.height // 2 < scene.row_end
        and scene.col <= window.col + window.width // 2 < scene.col_end
    ]


def _fit(score: float, imagery: Imagery) -> float:
    """0 to 1; 0.5 at the threshold."""
    return round(float(1 / (1 + np.exp(imagery.threshold - score))), 3)


def _between(
    middles: NDArray[np.float64], places: NDArray[np.floating[Any]]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Indices of the middles before and after each place, and how near it is to the later one, 0..1."""
    after = np.clip(np.searchsorted(middles, places), 1, max(1, len(middles) - 1)).astype(np.int64)
    before = after - 1
    after = np.minimum(after, len(middles) - 1)
    gap = np.maximum(middles[after] - middles[before], 1.0)
    return before, after, np.clip((places - middles[before]) / gap, 0.0, 1.0) * (after > before)


def _without_gaps(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Fill NaN with the value of a neighbour, spreading from window to window; 0 where there is none at all."""
    filled = values.copy()
    while np.isnan(filled).any() and not np.isnan(filled).all():
        padded = np.pad(filled, 1, constant_values=np.nan)
        for row, col in ((0, 1), (2, 1), (1, 0), (1, 2)):
            shifted = padded[row : row + filled.shape[0], col : col + filled.shape[1]]
            filled = np.where(np.isnan(filled), shifted, filled)
    return np.nan_to_num(filled, nan=0.0)
