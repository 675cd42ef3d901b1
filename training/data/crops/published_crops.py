"""Training crops as the published code draws them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.utils.data import Dataset

from training.data.arrays import IGNORE, Scene
from training.data.crops.published_augment import distort, rotate
from training.errors import DatasetError

_MOST_OF_ONE_CLASS = 0.75  # a crop in which one class has a larger share of the labelled pixels is drawn again
_TRIES = 10


class PublishedCrops(Dataset[dict[str, Tensor]]):
    """Square crops: random place, horizontal flip, rotation by any angle, change of colours, padding; in this order.

    Scenes come in random order, each once before any comes again. Crop i of an epoch is a pure function of (seed,
    epoch, i).

    Args:
        scenes: where to crop; three bands of uint8.
        size: side of a crop in pixels; smaller scenes are padded below and on the right, with ignored labels.

    Raises:
        DatasetError: The scenes have other bands or another data type: the changes of colour are made for RGB.
    """

    def __init__(self, scenes: Sequence[Scene], size: int, length: int, seed: int) -> None:
        for scene in scenes:
            if scene.image.shape[0] != 3 or scene.image.dtype != np.uint8:
                raise DatasetError(
                    f"Scene '{scene.name}' has {scene.image.shape[0]} bands of {scene.image.dtype}; the published "
                    "augmentation is made for three bands of uint8: use --data.augmentation ours"
                )
        self.scenes, self.size, self.length, self.seed = scenes, size, length, seed

    def __len__(self) -> int:
        """Number of crops an epoch."""
        return self.length

    def __getitem__(self, index: int | tuple[int, int]) -> dict[str, Tensor]:
        """Crop i of epoch 0, or crop (epoch, i): see `RandomCrops`."""
        epoch, place = index if isinstance(index, tuple) else (0, index)
        if place >= self.length:
            raise IndexError(index)
        rng = np.random.default_rng((self.seed, epoch, place))
        number = self._scene(epoch * self.length + place)
        scene = self.scenes[number]
        row, col, labels = self._place(scene, rng)
        image = np.asarray(scene.image[:, row : row + self.size, col : col + self.size], np.uint8)
        if rng.random() < 0.5:
            # torch turns the rows of bytes around three times as fast as a copy of numpy's view.
            image, labels = (torch.from_numpy(pixels).flip(-1).numpy() for pixels in (image, labels))
        image, labels = np.ascontiguousarray(image), np.ascontiguousarray(labels)
        if rng.random() < 0.5:
            image, labels = rotate(image, labels, rng)
        pixels, mask = self._padded(distort(image, rng), labels)
        return {
            "image": torch.from_numpy(pixels),
            "mask": torch.from_numpy(mask),
            "origin": torch.tensor((number, row, col, self.size)),
            "colour_seed": torch.tensor(int(rng.integers(2**62))),
        }

    def _scene(self, place: int) -> int:
        """Number of the scene of a crop, counted over all epochs."""
        turn, rest = divmod(place, len(self.scenes))
        return int(np.random.default_rng((self.seed, turn)).permutation(len(self.scenes))[rest])

    def _place(self, scene: Scene, rng: np.random.Generator) -> tuple[int, int, npt.NDArray[np.uint8]]:
        """Row, column and labels of a window in which no class dominates, if one is found."""
        height, width = scene.labels.shape
        for _ in range(_TRIES + 1):
            row = int(rng.integers(max(height - self.size, 0) + 1))
            col = int(rng.integers(max(width - self.size, 0) + 1))
            labels = scene.labels[row : row + self.size, col : col + self.size]
            counts = torch.bincount(torch.from_numpy(labels).ravel(), minlength=IGNORE + 1).numpy()[:IGNORE]
            if 0 < counts.max() < _MOST_OF_ONE_CLASS * counts.sum():
                break
        return row, col, labels

    def _padded(self, image: npt.NDArray[Any], labels: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
        """Both in the types that a network takes, at full size.

        Published: 0 after normalisation, which is the mean of the training images. Normalisation happens in the
        network, so here the rounded mean of the crop stands for it.
        """
        height, width = labels.shape
        if labels.size == self.size**2:
            return image, labels.copy()  # they may be a scene's own
        pixels = np.empty((len(image), self.size, self.size), np.uint8)
        pixels[:] = np.rint(image.mean((1, 2), keepdims=True))
        mask = np.full((self.size, self.size), IGNORE, np.uint8)
        pixels[:, :height, :width], mask[:height, :width] = image, labels
        return pixels, mask
