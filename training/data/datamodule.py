"""From a dataset's name and folder to batches."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Literal

import lightning as L
import numpy as np
from lightning.pytorch.utilities import rank_zero_info
from torch import Tensor
from torch.utils.data import DataLoader

from training.data.arrays import PixelArray, Scene, decoded, fill_values, filled, in_memory, resized
from training.data.crops import (
    CropLoader,
    CropOrder,
    PublishedCrops,
    RandomCrops,
    SceneLoader,
    SceneOrder,
    WholeScenes,
    keep_freed_memory,
    scene_loading,
)
from training.data.datasets import SceneSource, check_alike, check_labelled, generated_scenes, label_counts, statistics
from uhrs_qgis_plugin.engine.raster import NEAR

_MOST_NOTES = 5  # in the log of a training
_MOST_WORKERS = 16  # unless more are asked for


class SceneData(L.LightningDataModule):
    """Random crops of a dataset's training scenes; its validation and test scenes whole.

    Args:
        dataset: name of the dataset, see DATASETS.
        root: folder of the dataset as downloaded. Generated scenes need none.
        crop: side of a training crop in pixels.
        batch_size: crops a step and process.
        steps: training steps an epoch; validation and checkpoints come after each epoch.
        scale: range of the random magnification. None: as far as the engine leaves rasters at their own pixels, 1 / 1.4
            to 1.4, where `resolution_m` promises a pixel size; else none.
        balance: probability that a crop is drawn around a pixel of a class drawn uniformly.
        area_power: scenes are drawn with probability area ** area_power.
        generated: number of generated scenes (1536 px) added to the training scenes.
        generated_share: share of the crops that come from those.
        workers: processes that prepare crops. None: one for each core of the processor, at most 16, where a card
            trains; else one, because training itself keeps the processor busy. The crops are the same. As many, at
            most two, decode the next validation scenes of networks that see a scene whole.
        cache_gb: training scenes in files are decoded once and kept in memory as far as they take no more than this (or
            half of what is free), none where most would not fit; 0 reads a window of the file for each
            crop.
        seed: of the crops.
        augmentation: "ours": scale, balance, right angles, colours changed on the device (`model.jitter`); or
            "published": see `PublishedCrops`, which takes none of scale, balance and area_power, and changes colours by
            itself (set `model.jitter` to 0).
        long_side: training scenes are resized so that their longer side has this many pixels; None keeps them.
        eval_long_side: the same for validation and test scenes. Their labels are resized with them.
        resolution_m: ground size of a pixel in metres to which all images are brought, as the engine brings rasters to
            a model's; the bundle states it. None keeps each image's own.
        split: share of the labelled area of a folder without `val` that is taken for validation, in blocks of a crop's
            size; None takes the folder's own.
    """

    def __init__(
        self,
        dataset: str = "dubai",
        root: str = "",
        crop: int = 640,
        batch_size: int = 4,
        steps: int = 250,
        scale: tuple[float, float] | None = None,
        balance: float = 0.0,
        area_power: float = 1.0,
        generated: int = 0,
        generated_share: float = 0.0,
        workers: int | None = None,
        cache_gb: float = 8.0,
        seed: int = 0,
        augmentation: Literal["ours", "published"] = "ours",
        long_side: int | None = None,
        eval_long_side: int | None = None,
        resolution_m: float | None = None,
        split: float | None = None,
    ) -> None:
        super().__init__()
        self.save_hyperparameters()
        if scale is None:
            self.hparams["scale"] = (1.0, 1.0) if resolution_m is None else (1 / NEAR, NEAR)
        self.source = SceneSource(dataset, root, resolution_m, split, crop, seed)
        self.dataset = self.source.kind
        names, colours = self.dataset.classes(root)
        self.class_names, self.class_colours = list(names), list(colours)
        self.classes = len(names)
        self.fill: list[float] | None = None  # per band, for pixels without data; None takes the training scenes' means
        self.taken_whole = False  # whether the network sees scenes whole, so that the next ones can be decoded ahead
        self._real: list[Scene] = []
        self.train_scenes: list[Scene] = []
        self.weights: list[float] = []
        self.whole: dict[str, list[Scene]] = {}

    def setup(self, stage: str) -> None:
        """Read the scenes that `stage` ("fit", "validate", "test") needs.

        Raises:
            DatasetError: A scene cannot be read, differs from the others, or nothing is labelled.
        """
        if stage == "fit" and not self.train_scenes:
            self._setup_training()
        validates = stage == "validate" or (stage == "fit" and not self._without_validation())
        if validates and "val" not in self.whole:
            self.whole["val"] = self._load("val", self.hparams["eval_long_side"])
        if stage == "test" and "test" not in self.whole:
            self.whole["test"] = self._load("test", self.hparams["eval_long_side"])
        check_alike([scenes[0] for scenes in self.source.loaded.values()])
        if stage == "fit":
            for split, scenes in self.source.loaded.items():
                check_labelled(scenes, split)
            self._say_notes()

    @property
    def input(self) -> dict[str, Any]:
        """Properties of the input for the network, see `Settings`; empty where its defaults fit."""
        return self.dataset.measure(self.source.scenes("train")) if self.dataset.measure else {}

    @property
    def sets(self) -> list[list[int]]:
        """The classes that labels for several stand for, see `Scene.labels`."""
        return self.dataset.sets(self.hparams["root"]) if self.dataset.sets else []

    @property
    def bands(self) -> list[str]:
        """What the bands are, such as "red"; empty where none tells."""
        names = self.source.scenes("train")[0].bands if self.dataset.measure else ()
        told = [name or f"band{number}" for number, name in enumerate(names, 1)]
        return told if any(names) and len(set(told)) == len(told) else []

    def class_pixels(self) -> list[int]:
        """Labelled pixels of each class in the training scenes, generated ones left out. Reads all labels once."""
        return label_counts(self._real_scenes(), self.classes)

    def _real_scenes(self) -> list[Scene]:
        if not self._real:
            self._real = self._load("train", self.hparams["long_side"])
        return self._real

    def _load(self, split: str, long_side: int | None) -> list[Scene]:
        """The scenes of a split, filled where they hold no data, resized as configured."""
        scenes = self.source.scenes(split)
        if self.fill is None and any(scene.valid is not None for scene in scenes):
            told = statistics(self.source.scenes("train"))
            self.fill = fill_values(told["mean"], told["data_type"])
        return [resized(filled(scene, self.fill or ()), long_side) for scene in scenes]

    def _say_notes(self) -> None:
        """Log the notes on the files, and how small scenes are handled."""
        notes = [*self.source.notes]
        notes += [note for scenes in self.source.loaded.values() for scene in scenes for note in scene.notes]
        small = [s for s in self._real if min(s.labels.shape) < self.hparams["crop"]]
        if small and self.hparams["augmentation"] == "ours":
            least = min(min(scene.labels.shape) for scene in small)
            notes.append(
                f"{len(small)} of {len(self._real)} training scenes are smaller than a crop of {self.hparams['crop']} "
                f"px; they are not magnified but padded, without labels. --data.crop {max(least // 32 * 32, 32)} "
                "trains faster"
            )
        for note in notes[:_MOST_NOTES]:
            rank_zero_info(f"Note: {note}.")
        if len(notes) > _MOST_NOTES:
            rank_zero_info(f"Note: {len(notes) - _MOST_NOTES} more such notes; check_data.py prints all.")

    def _setup_training(self) -> None:
        h = self.hparams
        real = self._real_scenes()
        weights = np.array([s.labels.size for s in real], np.float64) ** h["area_power"]
        weights /= weights.sum()
        if h["generated"]:
            extra = generated_scenes(h["generated"], side=1536, seed=h["seed"] + 1)
            check_alike([real[0], extra[0]])
            share = h["generated_share"]
            weights = np.concatenate([weights * (1 - share), np.full(len(extra), share / len(extra))])
            real = real + extra
        limit = min(h["cache_gb"] * 1e9, _free_memory() / 2) / self._process()[1]
        self.train_scenes, size = decoded(real, limit)
        if size:
            kept = sum(in_memory(scene.image) for scene in self.train_scenes)
            part = "" if kept == len(real) else f" of {kept} of {len(real)}"
            rank_zero_info(f"Training scenes: {size / 1e9:.1f} GB{part}, decoded into memory.")
        self.weights = weights.tolist()

    def train_dataloader(self) -> DataLoader[dict[str, Tensor]]:
        """Crops of one epoch after the other, see `CropOrder`."""
        h, (process, processes) = self.hparams, self._process()
        crops = self._crops(h["steps"] * h["batch_size"] * processes)
        order = CropOrder(crops, h["steps"], h["batch_size"], process, processes, self._batches_done)
        return CropLoader(crops, h["batch_size"], sampler=order, **self._loading())

    def _crops(self, length: int) -> RandomCrops | PublishedCrops:
        """The crops of an epoch of all processes."""
        h = self.hparams
        if h["augmentation"] == "published":
            return PublishedCrops(self.train_scenes, h["crop"], length, h["seed"])
        return RandomCrops(
            self.train_scenes,
            self.weights,
            h["crop"],
            length,
            seed=h["seed"],
            scale=tuple(h["scale"]),
            balance=h["balance"],
        )

    def _loading(self) -> dict[str, Any]:
        """How a loader gets its batches to the device."""
        card = self.trainer is not None and self.trainer.strategy.root_device.type == "cuda"
        workers = self.hparams["workers"]
        if workers is None:
            workers = min(_cores() // self._process()[1], _MOST_WORKERS) if card else 1
        process = {"persistent_workers": workers > 0, "worker_init_fn": keep_freed_memory}
        return {"num_workers": workers, "pin_memory": card, **process}

    def _without_validation(self) -> bool:
        """Whether the trainer will never look at validation scenes, so that there need not be any."""
        return self.trainer is not None and self.trainer.limit_val_batches == 0

    def _process(self) -> tuple[int, int]:
        """Number of this process, and how many train together."""
        return (self.trainer.global_rank, self.trainer.world_size) if self.trainer else (0, 1)

    def _batches_done(self) -> int:
        """Batches that the training has taken so far, including those before it was resumed."""
        return self.trainer.fit_loop.epoch_loop.batch_progress.total.processed if self.trainer else 0  # type: ignore[attr-defined]

    def val_dataloader(self) -> DataLoader[dict[str, PixelArray | None]]:
        """Validation scenes, one at a time, to be read part by part; decoded ahead where they are `taken_whole`."""
        return self._whole_scenes("val")

    def test_dataloader(self) -> DataLoader[dict[str, PixelArray | None]]:
        """Test scenes, one at a time."""
        return self._whole_scenes("test")

    def _whole_scenes(self, split: str) -> DataLoader[dict[str, PixelArray | None]]:
        scenes = self.whole[split]
        whole = WholeScenes(scenes)
        loading = scene_loading(scenes, self._loading()["num_workers"] if self.taken_whole else 0)
        return SceneLoader(whole, sampler=SceneOrder(whole, *self._process()), **loading)


def _cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _free_memory() -> float:
    """Bytes that can be had without swapping; endless where the system does not tell."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))
    except (OSError, ValueError, StopIteration):
        return float("inf")
