"""The published augmentation of a crop: any rotation, and changes of colour in RGB and HSV.

Written for crops of a loader's process: numpy in, numpy out, everything drawn from the given generator.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F

from training.data.arrays import IGNORE

_ANGLES = (90.0, 270.0)  # degrees; not multiples of 90
_BRIGHTNESS, _FACTORS, _HUE = 32.0, (0.5, 1.5), 36.0  # grey levels; of contrast and saturation; degrees
_STRIP = 1 << 15  # pixels whose colours are changed together: what is computed on the way stays in the cache
_TILE = 256  # side of what is turned together: its source stays in the cache, too

Pixels = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]


def rotate(image: Pixels, labels: Pixels, rng: np.random.Generator) -> tuple[Pixels, Pixels]:
    """Turn a crop (3, H, W) and its labels (H, W) about the centre by 90 to 270 degrees, uniformly drawn.

    The size stays. What comes from outside the crop is black and ignored.
    """
    angle = np.deg2rad(rng.uniform(*_ANGLES))
    height, width = labels.shape
    sine, cosine = np.float32(np.sin(angle)), np.float32(np.cos(angle))
    centre = np.float32((height - 1) / 2), np.float32((width - 1) / 2)
    turned, mask = np.empty_like(image), np.empty_like(labels)
    for top in range(0, height, _TILE):
        down = np.arange(top, min(top + _TILE, height), dtype=np.float32)[:, None] - centre[0]
        for left in range(0, width, _TILE):
            across = np.arange(left, min(left + _TILE, width), dtype=np.float32) - centre[1]
            # Row and column in the source of each pixel of the tile.
            source = (sine * across + (cosine * down + centre[0]), (cosine * across + centre[1]) - sine * down)
            tile = (slice(top, top + len(down)), slice(left, left + len(across)))
            turned[(slice(None), *tile)] = _between_pixels(image, *source)
            mask[tile] = _nearest(labels, *source)
    return turned, mask


def _between_pixels(image: Pixels, rows: Floats, cols: Floats) -> Pixels:
    """The image (3, H, W) at places (h, w), bilinear; black outside."""
    (top, bottom), (left, right) = (
        (max(0, int(least) - 1), min(length, int(most) + 3))
        for (least, most), length in zip(map(_extent, (rows, cols)), image.shape[1:], strict=True)
    )
    if top >= bottom or left >= right:
        return np.zeros((len(image), *rows.shape), np.uint8)
    part = torch.from_numpy(image[:, top:bottom, left:right]).float()[None]
    grid = torch.empty(1, *rows.shape, 2)
    for number, (places, first, last) in enumerate(((cols, left, right), (rows, top, bottom))):
        # In halves of the part's sides from its middle; pixels have their centres at halves.
        grid[0, ..., number] = torch.add(torch.from_numpy(places), 0.5 - first).mul_(2 / (last - first)).sub_(1)
    found = F.grid_sample(part, grid, mode="bilinear", padding_mode="zeros", align_corners=False)
    return found[0].round_().byte().numpy()


def _extent(places: npt.NDArray[Any]) -> tuple[Any, Any]:
    """The least and the largest of places in a turned tile (h, w): they lie in its corners."""
    corners = places[:: max(1, len(places) - 1), :: max(1, places.shape[1] - 1)]
    return corners.min(), corners.max()


def _nearest(labels: Pixels, rows: Floats, cols: Floats) -> Pixels:
    """The labels (H, W) at places (h, w), of the nearest pixel; IGNORE outside."""
    height, width = labels.shape
    row, col = np.rint(rows).astype(np.intp), np.rint(cols).astype(np.intp)
    if all(least >= 0 and most < length for (least, most), length in ((_extent(row), height), (_extent(col), width))):
        return labels.ravel().take(row * width + col)  # most tiles: nothing is outside
    outside = (row < 0) | (row >= height) | (col < 0) | (col >= width)
    place = row.clip(0, height - 1) * width + col.clip(0, width - 1)
    found = labels.ravel().take(place)
    found[outside] = IGNORE
    return found


def distort(image: Pixels, rng: np.random.Generator) -> Pixels:
    """Change brightness, contrast, saturation and hue of (3, H, W), each with probability 1/2.

    Brightness by up to 32 grey levels; contrast and saturation by a factor of 0.5 to 1.5; hue by up to 36 degrees.
    Contrast comes before or after saturation and hue, with equal probability. Numbers stay within 0 and 255.
    """

    def drawn(low: float, high: float) -> float | None:
        return float(rng.uniform(low, high)) if rng.random() < 0.5 else None

    brightness, first = drawn(-_BRIGHTNESS, _BRIGHTNESS), rng.random() < 0.5
    contrast, saturation, hue = drawn(*_FACTORS), drawn(*_FACTORS), drawn(-_HUE, _HUE)
    first = first or (saturation is None and hue is None)
    flat = image.reshape(3, -1)
    changed = np.empty_like(flat)
    for start in range(0, flat.shape[1], _STRIP):
        pixels = flat[:, start : start + _STRIP].astype(np.float32)
        if brightness is not None:
            pixels += np.float32(brightness)
            np.clip(pixels, 0, 255, out=pixels)
        if contrast is not None and first:
            _times(pixels, contrast)
        if saturation is not None:
            pixels = saturate(pixels, saturation)
        if hue is not None:
            pixels = turn_hue(pixels, hue)
        if contrast is not None and not first:
            _times(pixels, contrast)
        changed[:, start : start + _STRIP] = np.rint(pixels, out=pixels)
    return changed.reshape(image.shape)


def _times(pixels: Floats, factor: float) -> None:
    """Multiply in place, up to 255."""
    pixels *= np.float32(factor)
    np.minimum(pixels, 255, out=pixels)


def saturate(pixels: Floats, factor: float) -> Floats:
    """Multiply the saturation of HSV, at most to 1, and keep hue and value.

    With V the largest channel and S = (V - smallest) / V, a channel c becomes V - (V - c) * S' / S.
    """
    value = pixels.max(0)
    spread = value - pixels.min(0)
    most = value / np.maximum(spread, np.float32(1e-6))  # 1 / S
    return value - (value - pixels) * np.minimum(np.float32(factor), most)


def turn_hue(pixels: Floats, degrees: float) -> Floats:
    """Add to the hue of HSV, and keep saturation and value.

    A channel is the largest within a sixth of the circle around its own hue, the smallest beyond two sixths, and
    linear in between. Hues are counted in sixths times the spread of the pixel, so that nothing is divided.
    """
    red, green, blue = pixels
    value = np.maximum(np.maximum(red, green), blue)
    spread = value - np.minimum(np.minimum(red, green), blue)
    twice = spread + spread
    hue = np.where(
        value == red, green - blue, np.where(value == green, blue - red + twice, red - green + twice + twice)
    )
    hue += spread * np.float32(degrees / 60)
    five = twice + twice + spread
    turned = np.empty_like(pixels)
    for below in turned:  # red, green, blue, whose own hues are 0, 2 and 4 sixths: by how much each is below the value
        np.abs(hue, out=below)  # how far from the own hue, one way round
        other = five - below  # the other way round, less the first sixth
        below -= spread
        np.minimum(below, other, out=below)
        np.minimum(below, spread, out=below)
        np.maximum(below, 0, out=below)
        np.subtract(value, below, out=below)
        hue -= twice
    return turned
