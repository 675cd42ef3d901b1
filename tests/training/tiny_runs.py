"""Trainings of seconds: a folder of small rasters, a narrow network, the real train.py."""

import csv
import sys
from pathlib import Path
from unittest import mock

import lightning as L
import numpy as np
import rasterio
import torch
import yaml
from torch import nn

from training import train

CLASSES = """classes:
  - {name: ground, colour: "BEBEBE"}
  - {name: roof, colour: "D7301F", value: 200}
ignore: [7]
"""
NETWORK = {"low_widths": [8, 12, 16, 16], "context": 8, "high_widths": [8, 8, 16, 32], "patch_side": 32}
SCENES = (("train", "a", 150, 200), ("train", "b", 96, 130), ("val", "c", 100, 90), ("val", "d", 70, 64))
SCENES = (*SCENES, ("val", "e", 64, 64))


class NoDropout(L.Callback):
    """Dropout draws its own numbers in each process: off, where processes are compared with one."""

    def on_fit_start(self, trainer, pl_module):
        for module in pl_module.modules():
            if isinstance(module, nn.Dropout | nn.Dropout2d):
                module.p = 0.0


class FrozenStatistics(L.Callback):
    """Normalisation by the running statistics, so that a crop's result does not depend on its batch."""

    def on_train_batch_start(self, trainer, pl_module, batch, batch_idx):
        for module in pl_module.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.eval()


def write_folder(root, scenes=SCENES, dtype=np.uint8, unlabelled=40):
    """Bright roofs on dark ground; the first `unlabelled` rows of each second mask are ignored."""
    root.mkdir(parents=True, exist_ok=True)
    (root / "classes.yaml").write_text(CLASSES)
    rng = np.random.default_rng(0)
    for number, (split, name, height, width) in enumerate(scenes):
        roof = np.kron(rng.random((height // 16 + 1, width // 16 + 1)) > 0.6, np.ones((16, 16)))[:height, :width] > 0
        image = (rng.integers(0, 90, (3, height, width)) + 150 * roof).astype(dtype)
        mask = np.where(roof, 200, 0).astype(np.uint8)
        mask[: unlabelled * (number % 2)] = 7
        write(root / split / "images" / f"{name}.tif", image)
        write(root / split / "labels" / f"{name}.tif", mask[None])
    return root


def write(path, pixels):
    path.parent.mkdir(parents=True, exist_ok=True)
    count, height, width = pixels.shape
    place = rasterio.transform.from_origin(500_000, 2_800_000, 0.5, 0.5)
    options = {"driver": "GTiff", "count": count, "height": height, "width": width, "dtype": pixels.dtype}
    with rasterio.open(path, "w", crs="EPSG:32640", transform=place, **options) as file:
        file.write(pixels)


def configuration(folder, root, checkpoints=None, callbacks=(), **model):
    """Write the YAML of a run that leaves everything in `folder`, which is new or empty; returns its path."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    checkpoint = {"class_path": "lightning.pytorch.callbacks.ModelCheckpoint"}
    settings = {
        "run": folder.name,
        "trainer": {
            "default_root_dir": str(folder.parent),
            "accelerator": "cpu",
            "max_epochs": 4,
            "log_every_n_steps": 1,
            "num_sanity_val_steps": 0,
            "enable_progress_bar": False,
            "enable_model_summary": False,
            "logger": {
                "class_path": "lightning.pytorch.loggers.CSVLogger",
                "init_args": {"save_dir": str(folder), "name": "csv"},
            },
            "callbacks": [
                *({**checkpoint, "init_args": c} for c in checkpoints or ({},)),
                *({"class_path": f"tests.training.tiny_runs.{name}"} for name in callbacks),
            ],
        },
        "model": {"network": NETWORK, "lr": 1e-3, "warmup": 3, "estimator_weight": 0.5, **model},
        "data": {
            "dataset": "folder",
            "root": str(root),
            "crop": 64,
            "batch_size": 2,
            "steps": 5,
            "scale": [0.7, 1.4],
            "balance": 0.5,
            "workers": 0,
        },
    }
    path = folder.parent / f"{folder.name}.yaml"
    path.write_text(yaml.safe_dump(settings))
    return path


def last_checkpoint(folder):
    """Arguments of train.py: last.ckpt and logs in a folder that is new or empty, and no other checkpoint."""
    settings = "filename: last, enable_version_counter: false"
    return (
        f"--trainer.default_root_dir={folder.parent}",
        f"--run={folder.name}",
        f"--trainer.callbacks=[{{class_path: lightning.pytorch.callbacks.ModelCheckpoint, init_args: {{{settings}}}}}]",
    )


def fit(config, *options):
    """Run train.py in this process, on one thread: threads that wait for each other cost more than they bring."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with mock.patch.object(sys, "argv", ["train.py"]):  # Lightning warns of pytest's own arguments
            return train.main(["fit", f"--config={config}", *options])
    finally:
        torch.set_num_threads(threads)


def logged(folder, name="train/final"):
    """What the run wrote under a name: {step: value}."""
    (path,) = Path(folder).glob("csv/version_*/metrics.csv")
    rows = list(csv.DictReader(path.open()))
    return {int(row["step"]): float(row[name]) for row in rows if row.get(name)}


def state(path):
    """The content of a checkpoint."""
    return torch.load(path, weights_only=True)


def differing(first, second, path=""):
    """Names of what is not bit for bit equal in two nested states."""
    if isinstance(first, dict):
        keys = first.keys() | second.keys()
        return [n for key in keys for n in differing(first.get(key), second.get(key), f"{path}/{key}")]
    if isinstance(first, list | tuple):
        pairs = zip(first, second, strict=True)
        return [n for place, pair in enumerate(pairs) for n in differing(*pair, f"{path}/{place}")]
    equal = torch.equal(first, second) if isinstance(first, torch.Tensor) else first == second
    return [] if equal else [path]
