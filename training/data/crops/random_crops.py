"""Random training crops from scenes of any size."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor
from torch.utils.data import Dataset

from training.data.arrays import IGNORE, Scene, in_memory

_MIN_KNOWN = 0.25  # a crop with less than this share of labelled pixels is drawn again
_TRIES = 10
_STEP = 8  # places lie on every 8th row and column: dense enough, small enough
_MOST_PLACES = 8_000_000  # in all scenes together, 4 bytes each; larger datasets are sampled less densely


class RandomCrops(Dataset[dict[str, Tensor]]):
    """Square crops at random places, scales, flips and right-angle rotations.

    Crop i of an epoch is a pure function of (seed, epoch, i): neither order nor the number of workers or processes
    changes the data. A scene that is smaller than a crop is not magnified: the rest of the crop is its mirror image,
    without labels.

    Args:
        weights: probability of each scene, any positive scale.
        scale: range of the magnification, drawn log-uniformly; (1, 1) keeps the scene's own scale.
        balance: probability that a crop is drawn around a pixel of a class drawn uniformly, so that rare
            classes are seen often; otherwise the place is uniform.
    """

    def __init__(
        self,
        scenes: Sequence[Scene],
        weights: Sequence[float],
        size: int,
        length: int,
        seed: int,
        scale: tuple[float, float] = (1.0, 1.0),
        balance: float = 0.0,
    ) -> None:
        self.scenes, self.size, self.length, self.seed = scenes, size, length, seed
        self.scale, self.balance = scale, balance
        self.weights = np.asarray(weights, np.float64) / np.sum(weights)
        self._places = ClassPlaces(scenes)
        if balance:
            self._places.look()

    def __len__(self) -> int:
        """Number of crops an epoch."""
        return self.length

    def __getitem__(self, index: int | tuple[int, int]) -> dict[str, Tensor]:
        """Crop i of epoch 0, or crop (epoch, i).

        Returns:
            `image` (B, size, size) in the raster's own numbers, uint8 or float32, see `for_device`; `mask` (size, size)
            uint8; `origin` (4,) int64: number of the scene, row, column and side of the window in its pixels (it may
            reach beyond the scene); and `colour_seed` () int64, which determines the change of colours.
        """
        epoch, place = index if isinstance(index, tuple) else (0, index)
        if place >= self.length:
            raise IndexError(index)
        rng = np.random.default_rng((self.seed, epoch, place))
        for _ in range(_TRIES):
            image, labels, window = self._draw(rng)
            if np.mean(labels != IGNORE) >= _MIN_KNOWN:
                break
        image, labels, window = self._padded(image, labels, window, rng)
        turns, flip = int(rng.integers(4)), bool(rng.integers(2))
        image, labels = np.rot90(image, turns, (1, 2)), np.rot90(labels, turns)
        if flip:
            image, labels = image[:, :, ::-1], labels[:, ::-1]
        sample = self._resized(image, labels)
        return {**sample, "origin": torch.tensor(window), "colour_seed": torch.tensor(int(rng.integers(2**62)))}

    def _draw(self, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, tuple[int, int, int, int]]:
        """A window of a scene at its own scale, and (number of the scene, row, column, side)."""
        chosen = int(rng.choice(len(self.scenes), p=self.weights))
        scene = self.scenes[chosen]
        height, width = scene.labels.shape
        magnification = float(np.exp(rng.uniform(*np.log(self.scale))))
        side = min(max(round(self.size / magnification), 1), max(height, self.size), max(width, self.size))
        row, col = (int(rng.integers(max(end - side, 0) + 1)) for end in (height, width))
        spot = self._places.draw(chosen, rng) if rng.random() < self.balance else None
        if spot is not None:
            row, col = (
                int(np.clip(at - rng.integers(side), 0, max(end - side, 0)))
                for at, end in zip(spot, (height, width), strict=True)
            )
        window = np.s_[row : row + side, col : col + side]
        return scene.image[(slice(None), *window)], scene.labels[window], (chosen, row, col, side)

    def _padded(
        self, image: np.ndarray, labels: np.ndarray, window: tuple[int, int, int, int], rng: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray, tuple[int, int, int, int]]:
        """Bring the part of a small scene to the side of its window: at a random place, mirrored, ignored around it."""
        number, row, col, side = window
        missing = [side - length for length in labels.shape]
        if not any(missing):
            return image, labels, window
        before = [int(rng.integers(length + 1)) for length in missing]
        widths = [(first, length - first) for first, length in zip(before, missing, strict=True)]
        image = np.pad(image, ((0, 0), *widths), mode="symmetric")
        labels = np.pad(labels, widths, constant_values=IGNORE)
        return image, labels, (number, row - before[0], col - before[1], side)

    def _resized(self, image: np.ndarray, labels: np.ndarray) -> dict[str, Tensor]:
        """Both at the side of a crop; what a network will read as bytes is rounded to whole numbers."""
        pixels, mask = for_device(image), torch.from_numpy(np.ascontiguousarray(labels))
        if pixels.shape[-1] != self.size:
            target = (self.size, self.size)
            shrink = pixels.shape[-1] > self.size
            fine = pixels[None].float()  # bytes would be rounded along each axis
            fine = F.interpolate(fine, target, mode="bilinear", align_corners=False, antialias=shrink)[0]
            pixels = fine.round_().to(pixels.dtype) if pixels.dtype == torch.uint8 else fine
            mask = F.interpolate(mask[None, None], target, mode="nearest")[0, 0]
        return {"image": pixels, "mask": mask}


def for_device(image: npt.NDArray[Any]) -> Tensor:
    """An image (B, H, W) as it travels to the device: bytes as they are, a quarter of their size as floats."""
    return torch.from_numpy(np.ascontiguousarray(image if image.dtype == np.uint8 else image.astype(np.float32)))


class ClassPlaces:
    """For each scene and class some of the places where it stands; looked for when a scene is first asked about."""

    def __init__(self, scenes: Sequence[Scene]) -> None:
        self.scenes = scenes
        pixels = sum(int(scene.labels.size) for scene in scenes)
        self.step = max(_STEP, int(np.ceil((pixels / _MOST_PLACES) ** 0.5)))
        self._found: dict[int, list[tuple[npt.NDArray[np.uint32], int]]] = {}

    def draw(self, number: int, rng: np.random.Generator) -> tuple[int, int] | None:
        """Row and column of a place of a class that is drawn uniformly; None where nothing is labelled."""
        if number not in self._found:
            self._found[number] = self._look(self.scenes[number])
        if not self._found[number]:
            return None
        places, width = self._found[number][int(rng.integers(len(self._found[number])))]
        row, col = divmod(int(places[int(rng.integers(len(places)))]), width)
        return row * self.step, col * self.step

    def look(self) -> None:
        """Look at the scenes in memory now: processes that are forked afterwards share what was found."""
        self._found |= {n: self._look(scene) for n, scene in enumerate(self.scenes) if in_memory(scene.labels)}

    def _look(self, scene: Scene) -> list[tuple[npt.NDArray[np.uint32], int]]:
        """For each class its places, numbered row by row on the coarse grid, and the width of that grid."""
        seen = scene.labels[:: self.step, :: self.step]
        values = [value for value in np.unique(seen) if value != IGNORE]
        return [(np.flatnonzero(seen == value).astype(np.uint32), seen.shape[1]) for value in values]
