"""Random training crops from scenes of any size."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor
from torch.utils.data import Dataset

from training.data.scenes import IGNORE, Scene

_LOOK_STEP = 8  # class positions are drawn from every 8th row and column: dense enough, small enough
_MIN_KNOWN = 0.25  # a crop with less than this share of labelled pixels is drawn again
_TRIES = 10


class RandomCrops(Dataset[dict[str, Tensor]]):
    """Square crops at random places, scales, flips and right-angle rotations.

    Crop i is a pure function of (seed, i): order and number of workers do not change the data.

    Args:
        scenes: where to crop.
        weights: probability of each scene, any positive scale.
        size: side of a crop in pixels.
        length: number of crops.
        seed: any integer.
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
        self._places = [_class_places(scene) for scene in scenes]

    def __len__(self) -> int:
        """Number of crops."""
        return self.length

    def __getitem__(self, index: int) -> dict[str, Tensor]:
        """`image` (B, size, size) float32 in the raster's own numbers, `mask` (size, size) int64."""
        if index >= self.length:
            raise IndexError(index)
        rng = np.random.default_rng((self.seed, index))
        for _ in range(_TRIES):
            image, labels = self._draw(rng)
            if np.mean(labels != IGNORE) >= _MIN_KNOWN:
                break
        turns, flip = int(rng.integers(4)), bool(rng.integers(2))
        image, labels = np.rot90(image, turns, (1, 2)), np.rot90(labels, turns)
        if flip:
            image, labels = image[:, :, ::-1], labels[:, ::-1]
        return self._resized(
            torch.from_numpy(np.ascontiguousarray(image)), torch.from_numpy(np.ascontiguousarray(labels))
        )

    def _draw(self, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """A window of a scene at its own scale."""
        chosen = int(rng.choice(len(self.scenes), p=self.weights))
        scene, places = self.scenes[chosen], self._places[chosen]
        height, width = scene.labels.shape
        magnification = float(np.exp(rng.uniform(*np.log(self.scale))))
        side = min(max(round(self.size / magnification), 1), height, width)
        row, col = rng.integers(height - side + 1), rng.integers(width - side + 1)
        if places and rng.random() < self.balance:
            spots = places[int(rng.integers(len(places)))]
            spot = spots[int(rng.integers(len(spots)))]
            row, col = (
                int(np.clip(at - rng.integers(side), 0, end - side))
                for at, end in zip(spot, (height, width), strict=True)
            )
        window = np.s_[row : row + side, col : col + side]
        return scene.image[(slice(None), *window)], scene.labels[window]

    def _resized(self, image: Tensor, labels: Tensor) -> dict[str, Tensor]:
        pixels, mask = image.float()[None], labels.long()
        if pixels.shape[-1] != self.size:
            target = (self.size, self.size)
            shrink = pixels.shape[-1] > self.size
            pixels = F.interpolate(pixels, target, mode="bilinear", align_corners=False, antialias=shrink)
            mask = F.interpolate(mask[None, None].float(), target, mode="nearest")[0, 0].long()
        return {"image": pixels[0], "mask": mask}


def _class_places(scene: Scene) -> list[np.ndarray]:
    """For each class of the scene, (n, 2) rows and columns where it stands."""
    seen = scene.labels[::_LOOK_STEP, ::_LOOK_STEP]
    return [np.argwhere(seen == value) * _LOOK_STEP for value in np.unique(seen) if value != IGNORE]


class WholeScenes(Dataset[dict[str, Tensor]]):
    """Every scene whole, for validation and testing.

    Args:
        scenes: the scenes.
    """

    def __init__(self, scenes: Sequence[Scene]) -> None:
        self.scenes = scenes

    def __len__(self) -> int:
        """Number of scenes."""
        return len(self.scenes)

    def __getitem__(self, index: int) -> dict[str, Tensor]:
        """`image` (B, H, W) float32, `mask` (H, W) int64."""
        if index >= len(self.scenes):
            raise IndexError(index)
        scene = self.scenes[index]
        return {
            "image": torch.from_numpy(np.asarray(scene.image).astype(np.float32)),
            "mask": torch.from_numpy(np.asarray(scene.labels)).long(),
        }
