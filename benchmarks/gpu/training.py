"""How fast our recipe and the published one train, and how long they wait: `train.py` on generated files."""

from __future__ import annotations

import csv
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
# Name -> configuration, and what is changed on a card.
RECIPES = {
    "ours, bf16": ("training/configs/deepglobe.yaml", ["--trainer.precision", "bf16-mixed"]),
    "published": ("training/configs/published/deepglobe.yaml", []),
}
STEPS, EPOCHS = 25, 2  # the last epoch counts: the first one finds its kernels


def make_data(folder: Path, side: int, images: int) -> None:
    """Write a dataset of JPEG images and PNG masks, as DeepGlobe comes: parts of one generated scene."""
    import rasterio

    from training.data.synthetic import CLASSES, COLOURS, render
    from uhrs_qgis_plugin.engine.grid import Window

    step = min(side, 1224)
    image, labels = render(3, Window(0, 0, step, step))
    times = -(-side // step)
    image, labels = np.tile(image, (1, times, times))[:, :side, :side], np.tile(labels, (times, times))[:side, :side]
    lines = [f'  - {{name: {name}, colour: "{_hex(colour)}"}}' for name, colour in zip(CLASSES, COLOURS)]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "classes.yaml").write_text("classes:\n" + "\n".join(lines) + "\nignore: [255]\n", encoding="utf-8")
    for split in ("train", "val"):
        for kind in ("images", "labels"):
            (folder / split / kind).mkdir(parents=True, exist_ok=True)
        for number in range(images if split == "train" else 1):
            turned, marked = np.rot90(image, number, (1, 2)), np.rot90(labels, number)
            _write(rasterio, folder / split / "images" / f"{number}.jpg", turned, driver="JPEG", quality=90)
            _write(rasterio, folder / split / "labels" / f"{number}.png", marked[np.newaxis], driver="PNG")


def _hex(colour: Any) -> str:
    return colour.lstrip("#").upper() if isinstance(colour, str) else "".join(f"{int(part):02X}" for part in colour[:3])


def _write(rasterio: Any, path: Path, array: np.ndarray, **how: Any) -> None:
    import warnings

    count, height, width = array.shape
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # these files lie nowhere on earth
        with rasterio.open(path, "w", count=count, height=height, width=width, dtype="uint8", **how) as file:
            file.write(np.ascontiguousarray(array))


def train(name: str, folder: Path, job: dict[str, Any], limit_s: float) -> dict[str, Any]:
    """Train for some steps: what the last epoch logged about its speed."""
    config, more = RECIPES[name]
    quick, out = job["quick"], folder / name.replace(", ", "-")
    command = [
        sys.executable, str(ROOT / "training" / "train.py"), "fit", "--config", str(ROOT / config),
        "--data.dataset", "folder", "--data.root", str(folder / "data"),
        "--data.steps", "2" if quick else str(STEPS), "--trainer.max_epochs", str(EPOCHS),
        "--trainer.limit_val_batches", "0", "--trainer.callbacks", "[]", "--trainer.enable_progress_bar", "false",
        "--trainer.logger", "lightning.pytorch.loggers.CSVLogger", "--trainer.logger.save_dir", str(out),
        "--trainer.default_root_dir", str(out),
        "--trainer.accelerator", "cpu" if job["device"] == "cpu" else "gpu", "--trainer.devices", "1", *more,
    ]  # fmt: skip
    if quick:
        command += ["--data.crop", "256", "--data.batch_size", "2", "--data.workers", "0"]
    begun = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True, timeout=limit_s, cwd=ROOT, check=False)
    if done.returncode:
        raise RuntimeError(
            f"train.py ended with code {done.returncode}: {' / '.join(done.stderr.strip().splitlines()[-3:])}"
        )
    logged: dict[str, Any] = {}
    for path in sorted(out.rglob("metrics.csv")):
        with path.open(encoding="utf-8") as file:
            for row in csv.DictReader(file):
                logged.update({key: float(value) for key, value in row.items() if key.startswith("speed/") and value})
    if not logged:
        raise RuntimeError("train.py logged no speed")
    return {**logged, "seconds": time.monotonic() - begun}
