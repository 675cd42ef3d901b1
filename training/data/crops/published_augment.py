"""The published augmentation of a crop: any rotation, and changes of colour in RGB and HSV.

Written for crops of a loader's process: numpy in, numpy out, everything drawn from the given generator.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F

from training.data.arrays import IGNORE

_ANGLES = (90.0, 270.0)  # degrees; not multiples of 90
_BRIGHTNESS, _FACTORS, _HUE = 32.0, (0.5, 1.5), 36.0  # grey levels; of contrast and saturation; degrees
_STRIP = 1 << 18  # pixels whose colours are changed together: they stay in the processor's cache

Pixels = npt.NDArray[np.uint8]


def rotate(image: Pixels, labels: Pixels, rng: np.random.Generator) -> tuple[Pixels, Pixels]:
    """Turn a crop (3, H, W) and its labels (H, W) about the centre by 90 to 270 degrees, uniformly drawn.

    The size stays. What comes from outside the crop is black and ignored.
    """
    angle = np.deg2rad(rng.uniform(*_ANGLES))
    height, width = labels.shape
    sine, cosine = float(np.sin(angle)), float(np.cos(angle))
    # Rows: where x and y of a target pixel lie in the source, both in halves of the crop's sides.
    matrix = torch.tensor([[[cosine, -sine * height / width, 0.0], [sine * width / height, cosine, 0.0]]])
    grid = F.affine_grid(matrix, [1, 1, height, width], align_corners=False)
    pixels = torch.from_numpy(image).float()[None]
    turned = F.grid_sample(pixels, grid, mode="bilinear", padding_mode="zeros", align_corners=False)
    below = torch.from_numpy(labels).float()[None, None] - IGNORE  # so that what is outside, 0, means IGNORE
    mask = F.grid_sample(below, grid, mode="nearest", padding_mode="zeros", align_corners=False) + IGNORE
    return turned[0].round().byte().numpy(), mask[0, 0].byte().numpy()


def distort(image: Pixels, rng: np.random.Generator) -> Pixels:
    """Change brightness, contrast, saturation and hue of (3, H, W), each with probability 1/2.

    Brightness by up to 32 grey levels; contrast and saturation by a factor of 0.5 to 1.5; hue by up to 36 degrees.
    Contrast comes before or after saturation and hue, with equal probability. Numbers stay within 0 and 255.
    """

    def drawn(low: float, high: float) -> float | None:
        return float(rng.uniform(low, high)) if rng.random() < 0.5 else None

    brightness, first = drawn(-_BRIGHTNESS, _BRIGHTNESS), rng.random() < 0.5
    contrast, saturation, hue = drawn(*_FACTORS), drawn(*_FACTORS), drawn(-_HUE, _HUE)
    flat = image.reshape(3, -1)
    changed = np.empty_like(flat)
    for start in range(0, flat.shape[1], _STRIP):
        pixels = flat[:, start : start + _STRIP].astype(np.float32)
        if brightness is not None:
            pixels = np.clip(pixels + brightness, 0, 255)
        if contrast is not None and first:
            pixels = np.clip(pixels * contrast, 0, 255)
        if saturation is not None:
            pixels = saturate(pixels, saturation)
        if hue is not None:
            pixels = turn_hue(pixels, hue)
        if contrast is not None and not first:
            pixels = np.clip(pixels * contrast, 0, 255)
        changed[:, start : start + _STRIP] = np.rint(pixels)
    return changed.reshape(image.shape)


def saturate(pixels: npt.NDArray[np.float32], factor: float) -> npt.NDArray[np.float32]:
    """Multiply the saturation of HSV, at most to 1, and keep hue and value.

    With V the largest channel and S = (V - smallest) / V, a channel c becomes V - (V - c) * S' / S.
    """
    value = pixels.max(0)
    spread = value - pixels.min(0)
    most = value / np.maximum(spread, np.float32(1e-6))  # 1 / S
    return value - (value - pixels) * np.minimum(np.float32(factor), most)


def turn_hue(pixels: npt.NDArray[np.float32], degrees: float) -> npt.NDArray[np.float32]:
    """Add to the hue of HSV, and keep saturation and value."""
    red, green, blue = pixels
    value = pixels.max(0)
    spread = value - pixels.min(0)
    scale = np.float32(1) / np.maximum(spread, np.float32(1e-6))
    hue = np.where(  # in sixths of the circle
        value == red,
        (green - blue) * scale,
        np.where(value == green, (blue - red) * scale + 2, (red - green) * scale + 4),
    )
    hue += np.float32(degrees / 60)
    turned = np.empty_like(pixels)
    for channel, offset in enumerate((5, 3, 1)):
        place = (hue + np.float32(offset)) % 6
        turned[channel] = value - spread * np.clip(np.minimum(place, 4 - place), 0, 1)
    return turned
