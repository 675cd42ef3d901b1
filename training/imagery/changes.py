"""Imagery that a model was not trained on, made from its own: bands in another order, haze, other pixel sizes."""

from __future__ import annotations

import itertools
import math

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray

from training.data.arrays import PixelArray
from uhrs_qgis_plugin.engine.familiarity import SIDE

_FACTORS = 1.5, 6.0  # of the pixel size, up and down
_HAZE = 0.25, 0.8  # share of the light that comes from the haze
_AIRLIGHT = 1.2, 2.2  # deviations above the mean: how bright the haze is
_KERNELS_UP = ("bilinear", "bicubic", "bicubic", "nearest")
_KERNELS_DOWN = ("area", "area", "bilinear", "nearest")

Pixels = NDArray[np.generic]


def change_window(
    kind: str, image: PixelArray, row: int, col: int, mean: float, deviation: float, rng: np.random.Generator
) -> Pixels | None:
    """Make a window of changed imagery.

    Args:
        kind: One of the engine's `CHANGES`.
        image: (B, H, W) a training scene.
        row: First row of the window in the scene.
        col: First column.
        mean: Mean of all bands over the training imagery.
        deviation: Their standard deviation.
        rng: Draws how strong the change is.

    Returns:
        (B, 128, 128) pixels; None where this scene has no room for it, or too few bands.
    """
    bands, height, width = image.shape
    if kind == "band order":
        if bands < 2:
            return None
        order = rng.permutation(bands)
        while (order == np.arange(bands)).all():
            order = rng.permutation(bands)
        return np.asarray(image[:, row : row + SIDE, col : col + SIDE])[order]
    if kind == "haze":
        airlight = mean + deviation * (rng.uniform(*_AIRLIGHT) + rng.normal(0, 0.05, bands))
        return hazy(np.asarray(image[:, row : row + SIDE, col : col + SIDE]), rng.uniform(*_HAZE), airlight)
    factor = math.exp(rng.uniform(math.log(_FACTORS[0]), math.log(_FACTORS[1])))
    side = round(SIDE / factor) if kind == "finer" else math.ceil(SIDE * factor)
    if side > min(height, width):
        return None
    top, left = min(row, height - side), min(col, width - side)
    kernel = str(rng.choice(_KERNELS_UP if kind == "finer" else _KERNELS_DOWN))
    return resampled_pixels(np.asarray(image[:, top : top + side, left : left + side]), (SIDE, SIDE), kernel)


def hazy(pixels: Pixels, share: float, airlight: float | NDArray[np.float64]) -> Pixels:
    """Mix imagery with the light of haze: (1 - t) J + t A (H. Koschmieder's law with one depth).

    Args:
        pixels: (B, h, w).
        share: t, 0 (clear) to 1.
        airlight: A, a number or one a band.
    """
    light = np.broadcast_to(np.asarray(airlight, np.float64), (len(pixels),))[:, None, None]
    return _as_type((1 - share) * pixels.astype(np.float64) + share * light, pixels.dtype)


def resampled_pixels(pixels: Pixels, shape: tuple[int, int], kernel: str) -> Pixels:
    """Resample an image to a height and width.

    Args:
        pixels: (B, h, w).
        kernel: area, nearest, bilinear or bicubic; the latter two are widened when the image becomes smaller.
    """
    tensor = torch.from_numpy(np.ascontiguousarray(pixels, np.float32))[None]
    antialias = {"antialias": True} if kernel in ("bilinear", "bicubic") else {}
    found = F.interpolate(tensor, shape, mode=kernel, **antialias)
    return _as_type(found[0].numpy(), pixels.dtype)


def band_orders(bands: int, most: int) -> list[tuple[int, ...]]:
    """List orders of bands other than their own, at most so many."""
    own = tuple(range(bands))
    return list(itertools.islice((order for order in itertools.permutations(own) if order != own), most))


def _as_type(values: NDArray[np.floating], dtype: np.dtype[np.generic]) -> Pixels:
    """Round and clip to a type."""
    if dtype.kind not in "iu":
        return values.astype(dtype)
    limits = np.iinfo(dtype.name)
    return np.clip(np.round(values), limits.min, limits.max).astype(dtype)
