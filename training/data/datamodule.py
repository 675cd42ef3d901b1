"""From a dataset's name and folder to batches."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lightning as L
import numpy as np
from torch import Tensor
from torch.utils.data import DataLoader

from training.data import dubai, folder, generated
from training.data.crops import RandomCrops, WholeScenes
from training.data.scenes import DatasetError, Scene


@dataclass(frozen=True)
class Dataset:
    """A kind of dataset.

    Attributes:
        load: root and split -> scenes.
        classes: root -> names and colours (RRGGBB) of the classes.
        measure: training scenes -> what the network must know of its input; None: three bands like photographs.
    """

    load: Callable[[str | Path, str], list[Scene]]
    classes: Callable[[str | Path], tuple[tuple[str, ...], tuple[str, ...]]]
    measure: Callable[[list[Scene]], dict[str, Any]] | None = None


def _folder_classes(root: str | Path) -> tuple[tuple[str, ...], tuple[str, ...]]:
    classes = folder.read_classes(root)
    return classes.names, classes.colours


DATASETS = {
    "dubai": Dataset(dubai.load, lambda root: (dubai.CLASSES, dubai.COLOURS)),
    "folder": Dataset(folder.load, _folder_classes, folder.statistics),
    "generated": Dataset(generated.load, lambda root: (generated.CLASSES, generated.COLOURS)),
}


class SceneData(L.LightningDataModule):
    """Random crops of a dataset's training scenes; its validation and test scenes whole.

    Args:
        dataset: name of the dataset, see DATASETS.
        root: folder of the dataset as downloaded. Generated scenes need none.
        crop: side of a training crop in pixels.
        batch_size: crops a step and process.
        steps: training steps an epoch; validation and checkpoints come after each epoch.
        scale: range of the random magnification.
        balance: probability that a crop is drawn around a pixel of a class drawn uniformly.
        area_power: scenes are drawn with probability area ** area_power.
        generated: number of generated scenes (1536 px) added to the training scenes.
        generated_share: share of the crops that come from those.
        workers: processes that prepare crops.
        seed: of the crops.
    """

    def __init__(
        self,
        dataset: str = "dubai",
        root: str = "",
        crop: int = 640,
        batch_size: int = 4,
        steps: int = 250,
        scale: tuple[float, float] = (1.0, 1.0),
        balance: float = 0.0,
        area_power: float = 1.0,
        generated: int = 0,
        generated_share: float = 0.0,
        workers: int = 1,
        seed: int = 0,
    ) -> None:
        super().__init__()
        self.save_hyperparameters()
        if dataset not in DATASETS:
            raise DatasetError(f"Unknown dataset '{dataset}'; there are {', '.join(sorted(DATASETS))}")
        self.dataset = DATASETS[dataset]
        names, colours = self.dataset.classes(root)
        self.class_names, self.class_colours = list(names), list(colours)
        self.classes = len(names)
        self._real: list[Scene] = []
        self.train_scenes: list[Scene] = []
        self.weights: list[float] = []
        self.whole: dict[str, list[Scene]] = {}

    def setup(self, stage: str) -> None:
        """Read the scenes that `stage` ("fit", "validate", "test") needs."""
        if stage == "fit" and not self.train_scenes:
            self._setup_training()
        if stage in ("fit", "validate") and "val" not in self.whole:
            self.whole["val"] = self.dataset.load(self.hparams["root"], "val")
        if stage == "test" and "test" not in self.whole:
            self.whole["test"] = self.dataset.load(self.hparams["root"], "test")

    @property
    def input(self) -> dict[str, Any]:
        """What the network must know of its input, see `Settings`; empty where its defaults fit."""
        return self.dataset.measure(self._real_scenes()) if self.dataset.measure else {}

    def _real_scenes(self) -> list[Scene]:
        if not self._real:
            self._real = self.dataset.load(self.hparams["root"], "train")
        return self._real

    def _setup_training(self) -> None:
        h = self.hparams
        real = self._real_scenes()
        weights = np.array([s.labels.size for s in real], np.float64) ** h["area_power"]
        weights /= weights.sum()
        if h["generated"]:
            extra = generated.scenes(h["generated"], side=1536, seed=h["seed"] + 1)
            share = h["generated_share"]
            weights = np.concatenate([weights * (1 - share), np.full(len(extra), share / len(extra))])
            real = real + extra
        self.train_scenes, self.weights = real, weights.tolist()

    def train_dataloader(self) -> DataLoader[dict[str, Tensor]]:
        """Crops of one epoch. Epoch and process number enter the seed, so that no crop comes twice."""
        h = self.hparams
        epoch, rank = (self.trainer.current_epoch, self.trainer.global_rank) if self.trainer else (0, 0)
        crops = RandomCrops(
            self.train_scenes,
            self.weights,
            h["crop"],
            h["steps"] * h["batch_size"],
            seed=(h["seed"] * 100_000 + epoch) * 1_000 + rank,
            scale=tuple(h["scale"]),
            balance=h["balance"],
        )
        return DataLoader(crops, h["batch_size"], num_workers=h["workers"], drop_last=True)

    def val_dataloader(self) -> DataLoader[dict[str, Tensor]]:
        """Validation scenes, one at a time."""
        return DataLoader(WholeScenes(self.whole["val"]), batch_size=1)

    def test_dataloader(self) -> DataLoader[dict[str, Tensor]]:
        """Test scenes, one at a time."""
        return DataLoader(WholeScenes(self.whole["test"]), batch_size=1)
