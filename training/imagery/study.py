"""Whether the fit tells imagery apart: AUROC of each kind of strange imagery against familiar scenes."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.errors import NotGeoreferencedWarning

from training.data.arrays import PixelArray
from training.imagery.changes import band_orders, hazy, resampled_pixels
from training.imagery.statistics import SCENE_SIDE, scene_scores
from uhrs_qgis_plugin.engine.bundle import Imagery
from uhrs_qgis_plugin.engine.familiarity import SIDE
from uhrs_qgis_plugin.engine.raster import ground_pixel, open_raster

HAZE = (0.3, 0.5, 0.7)
FINER, COARSER = (2, 4), (2, 4)
AIRLIGHT = 228.0  # of 8-bit imagery
_MOST_ORDERS = 5

Pixels = NDArray[np.generic]


@dataclass(frozen=True)
class Study:
    """One kind of imagery.

    Attributes:
        kind: What it is.
        scenes: How many scenes of it there are.
        auroc: How well the fit tells them from all familiar scenes, 0.5 (not at all) to 1; None for familiar ones.
        warned: Share of the scenes that get a warning.
        fits: Fit of the scenes, sorted, 0 to 1.
    """

    kind: str
    scenes: int
    auroc: float | None
    warned: float
    fits: tuple[float, ...]


def study_fit(
    imagery: Imagery,
    familiar: Mapping[str, Sequence[PixelArray]],
    rasters: Sequence[Path] = (),
    resolution_m: float | None = None,
) -> list[Study]:
    """Score familiar scenes, changed copies of them, and other rasters.

    Args:
        imagery: The statistics of a model.
        familiar: Name -> images (B, H, W) of the kind that the model was trained on, none of them used in training.
        rasters: Other imagery.
        resolution_m: Pixel size of the model: other imagery is also read at it. None = at its own alone.

    Returns:
        A row per kind, familiar ones first.
    """
    own = {
        name: [score for image in images for score in scene_scores(image, imagery)] for name, images in familiar.items()
    }
    scores = np.concatenate([np.asarray(values) for values in own.values()])
    rows = [_row(name, values, None, imagery) for name, values in own.items()]
    images = [image for group in familiar.values() for image in group]
    for kind, copies in _copies(images):
        values = [score for copy in copies for score in scene_scores(copy, imagery)]
        if values:
            rows.append(_row(kind, values, scores, imagery))
    if rasters:
        rows.append(
            _row("other rasters", [s for path in rasters for s in scene_scores(_read(path), imagery)], scores, imagery)
        )
    if rasters and resolution_m is not None:
        values = [s for path in rasters for s in scene_scores(_read(path, resolution_m), imagery, least=SIDE // 2)]
        rows.append(_row(f"other rasters, read at {resolution_m:g} m (as large as they are)", values, scores, imagery))
    return rows


def auroc(familiar: NDArray[np.float64], strange: NDArray[np.float64]) -> float:
    """Probability that a strange scene scores lower than a familiar one; ties count half (T. Fawcett, 2006, section 7).

    Args:
        familiar: (n,) scores.
        strange: (m,) scores.
    """
    lower = strange[:, None] < familiar
    return float(np.mean(lower + 0.5 * (strange[:, None] == familiar)))


def study_table(rows: Sequence[Study]) -> str:
    """The rows as a table in Markdown."""
    lines = [
        "| imagery | scenes | AUROC | warned | lowest fit | median | highest |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        area = "" if row.auroc is None else f"{row.auroc:.3f}"
        middle = row.fits[len(row.fits) // 2]
        lines.append(
            f"| {row.kind} | {row.scenes} | {area} | {row.warned:.0%} | {row.fits[0]:.2f} | {middle:.2f} | "
            f"{row.fits[-1]:.2f} |"
        )
    return "\n".join(lines)


def _row(kind: str, scores: Sequence[float], familiar: NDArray[np.float64] | None, imagery: Imagery) -> Study:
    """Summarise the scores of a kind."""
    values = np.sort(np.asarray(scores, np.float64))
    fits = 1 / (1 + np.exp(imagery.threshold - values))
    area = None if familiar is None else auroc(familiar, values)
    return Study(kind, len(values), area, float(np.mean(fits < 0.5)), tuple(fits.tolist()))


def _copies(images: Sequence[PixelArray]) -> Iterator[tuple[str, Iterator[Pixels]]]:
    """Changed copies of images, kind by kind."""
    for order in band_orders(images[0].shape[0], _MOST_ORDERS):
        name = ", ".join(str(band + 1) for band in order)
        yield f"bands in the order {name}", (np.asarray(image)[list(order)] for image in images)
    for share in HAZE:
        yield f"haze, {share:.0%} of the light", (hazy(np.asarray(image), share, AIRLIGHT) for image in images)
    for factor in FINER:
        yield f"pixels {factor} times finer (cubic)", (part for image in images for part in _finer(image, factor))
    for factor in COARSER:
        yield f"pixels {factor} times coarser (averaged)", (_resampled(image, 1 / factor) for image in images)


def _finer(image: PixelArray, factor: int) -> Iterator[Pixels]:
    """Enlarge the middle of each scene of 1024 pixels to a scene."""
    _, height, width = image.shape
    side = SCENE_SIDE // factor
    for row in range(0, max(1, height - SCENE_SIDE // 2), SCENE_SIDE):
        for col in range(0, max(1, width - SCENE_SIDE // 2), SCENE_SIDE):
            top = row + max(0, min(SCENE_SIDE, height - row) - side) // 2
            left = col + max(0, min(SCENE_SIDE, width - col) - side) // 2
            yield _resampled(np.asarray(image[:, top : top + side, left : left + side]), factor)


def _resampled(image: PixelArray, factor: float) -> Pixels:
    """Resample an image to `factor` times as many pixels along a side."""
    _, height, width = image.shape
    shape = round(height * factor), round(width * factor)
    return resampled_pixels(np.asarray(image), shape, "bicubic" if factor > 1 else "area")


def _read(path: Path, resolution_m: float | None = None) -> Pixels:
    """All bands of a raster, perhaps at another pixel size."""
    with warnings.catch_warnings(), rasterio.open(path) as file:
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        pixels = file.read()
    if resolution_m is None:
        return np.asarray(pixels)
    with open_raster(str(path)) as reader:
        ground = ground_pixel(reader.info)
    factor = 1.0 if ground is None else math.sqrt(ground[0] * ground[1]) / resolution_m
    return _resampled(pixels, factor)
