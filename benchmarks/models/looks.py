"""Measure how land-cover models bear another look of the scenes they were chosen on: haze, light, colours, sharpness.

    .venv-train/bin/python benchmarks/models/looks.py --data dubai --root DIR --model landcover-arid-rgb other.uhrs

The validation scenes are changed and segmented through the engine, in floating point. Printed is a row for each look
and model: mIoU in per cent at several K, over all scenes together.
"""

from __future__ import annotations

import argparse
import io
import json
import sys
from collections.abc import Sequence
from pathlib import Path

if __name__ == "__main__":  # run from anywhere: the repository root, not this folder, is searched for modules
    sys.path[0] = str(Path(__file__).resolve().parents[2])

import numpy as np
from PIL import Image, ImageFilter

from training.data.arrays import IGNORE, Scene
from training.data.datasets import find_dataset
from training.evaluation import BundleSegmenter
from uhrs_qgis_plugin.engine.bundle import find_model

AIRLIGHT = (200.0, 205.0, 215.0)


def scaled(image: np.ndarray, factors: Sequence[float], offsets: Sequence[float] = (0, 0, 0)) -> np.ndarray:
    """Multiply each band and add to it: (3, H, W) uint8."""
    numbers = image * np.reshape(factors, (3, 1, 1)) + np.reshape(offsets, (3, 1, 1))
    return np.clip(np.rint(numbers), 0, 255).astype(np.uint8)


def soft(image: np.ndarray) -> np.ndarray:
    """Blur by 1.2 pixels."""
    return _bands(_picture(image).filter(ImageFilter.GaussianBlur(1.2)))


def compressed(image: np.ndarray) -> np.ndarray:
    """Store as JPEG of quality 30."""
    content = io.BytesIO()
    _picture(image).save(content, "JPEG", quality=30)
    return _bands(Image.open(content).convert("RGB"))


def _picture(image: np.ndarray) -> Image.Image:
    return Image.fromarray(np.ascontiguousarray(np.moveaxis(image, 0, -1)))


def _bands(picture: Image.Image) -> np.ndarray:
    return np.ascontiguousarray(np.moveaxis(np.asarray(picture), -1, 0))


LOOKS = {
    "as it is": lambda image: image,
    "haze, 40 % of the light": lambda image: scaled(image, (0.6,) * 3, [0.4 * value for value in AIRLIGHT]),
    "1.35 times as bright": lambda image: scaled(image, (1.35,) * 3),
    "0.55 times as bright": lambda image: scaled(image, (0.55,) * 3),
    "warm (1.15, 1, 0.8)": lambda image: scaled(image, (1.15, 1.0, 0.8)),
    "green (0.85, 1.05, 0.9)": lambda image: scaled(image, (0.85, 1.05, 0.9)),
    "blurred, 1.2 px": soft,
    "JPEG of quality 30": compressed,
}


def miou(segmenter: BundleSegmenter, scenes: Sequence[Scene], look: str, ratio: float) -> float:
    """mIoU in per cent of scenes that were changed, of the classes that occur."""
    classes = len(segmenter.class_names)
    matrix = np.zeros((classes, classes), np.int64)
    for scene in scenes:
        labels = np.asarray(scene.labels[:])
        found = segmenter.segment(Scene(scene.name, LOOKS[look](np.asarray(scene.image[:])), labels), ratio).labels
        counted = (labels != IGNORE) & (found < classes)
        pairs = labels[counted].astype(np.int64) * classes + found[counted]
        matrix += np.bincount(pairs, minlength=classes**2).reshape(classes, classes)
    hits = np.diag(matrix)
    union = matrix.sum(axis=0) + matrix.sum(axis=1) - hits
    return round(100 * float((hits[union > 0] / union[union > 0]).mean()), 1)


def main(arguments: Sequence[str] | None = None) -> list[dict[str, object]]:
    """Measure, and print a row for each look and model; returns the rows."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", default="dubai", help="dataset; its validation scenes are taken")
    parser.add_argument("--root", default="", help="folder of the dataset as downloaded")
    parser.add_argument("--model", nargs="+", default=[""], help="names or paths; the default model unless given")
    parser.add_argument("--looks", nargs="+", default=list(LOOKS), choices=list(LOOKS), metavar="LOOK")
    parser.add_argument("--ratios", type=float, nargs="+", default=[0.0, 0.5, 1.0], metavar="K")
    parser.add_argument("--out", type=Path, help="JSON file to write, for training/write_card.py")
    options = parser.parse_args(arguments)
    scenes = find_dataset(options.data).load(options.root, "val")
    segmenters = [BundleSegmenter(Path(find_model(name).path), precision="float") for name in options.model]
    rows = []
    for look in options.looks:
        for segmenter in segmenters:
            found = {f"K = {ratio:g}": miou(segmenter, scenes, look, ratio) for ratio in options.ratios}
            about = {"model": segmenter.bundle.path, "graphs": segmenter.bundle.graphs_sha256}
            rows.append({"look": look, **about, **found})
            print(json.dumps(rows[-1]), flush=True)
    if options.out is not None:
        options.out.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    return rows


if __name__ == "__main__":
    main()
