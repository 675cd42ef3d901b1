"""Measure a checkpoint or a bundle on labelled scenes.

    python training/evaluate.py --checkpoint runs/dubai/last.ckpt --data dubai --root DIR --out runs/evaluation
    python training/evaluate.py --bundle uhrs_qgis_plugin/models/default.uhrs --data generated

One confusion matrix over the whole set gives each class's IoU, their mean and the pixel accuracy, at several K.
A checkpoint runs in torch on the whole scene; a bundle runs in the engine, reading and writing rasters like a user.
Writes metrics.json, metrics.md and one picture a scene: image, truth, prediction, uncertainty. With --uncertainty also
what U is worth: whether it finds the low stream's errors, and what selecting by it brings.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

if __name__ == "__main__":  # run from anywhere: the repository root, not training/, is searched for modules
    sys.path[0] = str(Path(__file__).resolve().parents[1])

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from training import uncertainty
from training.checkpoint import CheckpointError, load_trained
from training.data.datamodule import DATASETS
from training.data.scenes import DatasetError, Scene
from training.metrics import accuracy, class_iou, confusion, mean_iou
from training.pictures import save_panels
from training.segmenters import BundleSegmenter, NetworkSegmenter, Segmenter
from uhrs_qgis_plugin.engine.errors import UhrsError


def evaluate(
    segmenter: Segmenter,
    scenes: Sequence[Scene],
    ratios: Sequence[float],
    colours: dict[str, str],
    folder: Path | None = None,
) -> dict[str, Tensor]:
    """Confusion matrices (C, C) by setting: each K, and the low stream alone where the segmenter knows it.

    Args:
        segmenter: what labels the scenes.
        scenes: the labelled scenes.
        ratios: the K to try.
        colours: RRGGBB by class name, in the order of the labels.
        folder: where to put one picture a scene, at the largest K; None draws none.
    """
    classes = len(colours)
    matrices: dict[str, Tensor] = {}

    def count(name: str, labels: npt.NDArray[np.uint8], truth: Tensor) -> None:
        counts = confusion(torch.from_numpy(labels), truth, classes)
        matrices[name] = matrices[name] + counts if name in matrices else counts

    for scene in scenes:
        truth = torch.from_numpy(np.asarray(scene.labels))
        for ratio in sorted(ratios):
            result = segmenter.segment(scene, ratio)
            count(f"K = {100 * ratio:g} %", result.labels, truth)
        if result.low_labels is not None:
            count("low stream", result.low_labels, truth)
        if folder is not None:
            save_panels(folder / f"{scene.name}.png", scene, result.labels, result.uncertainty, colours)
    return matrices


def summary(matrices: dict[str, Tensor], class_names: Sequence[str]) -> dict[str, Any]:
    """Plain numbers, in per cent, for JSON and tables."""
    return {
        name: {
            "miou": round(100 * mean_iou(matrix), 2),
            "accuracy": round(100 * accuracy(matrix), 2),
            "iou": {
                label: round(100 * value, 2)
                for label, value in zip(class_names, class_iou(matrix).tolist(), strict=True)
            },
        }
        for name, matrix in matrices.items()
    }


def table(numbers: dict[str, Any], class_names: Sequence[str]) -> str:
    """A Markdown table, one row a setting."""
    lines = [
        "| setting | mIoU | accuracy | " + " | ".join(class_names) + " |",
        "|---" * (3 + len(class_names)) + "|",
    ]
    for name, row in numbers.items():
        cells = [f"{row['miou']:.2f}", f"{row['accuracy']:.2f}", *(f"{row['iou'][c]:.2f}" for c in class_names)]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def parse(args: Sequence[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    model = parser.add_mutually_exclusive_group(required=True)
    model.add_argument("--checkpoint", type=Path, help="a .ckpt of train.py, run in torch")
    model.add_argument("--bundle", type=Path, help="a .uhrs bundle, run in the engine")
    parser.add_argument("--data", required=True, choices=sorted(DATASETS), help="which dataset")
    parser.add_argument("--root", default="", help="folder of the dataset as downloaded")
    parser.add_argument("--split", default="test", choices=("train", "val", "test"))
    parser.add_argument("--ratios", type=float, nargs="+", default=[0.0, 0.25, 0.5, 1.0], metavar="K")
    parser.add_argument("--uncertainty", action="store_true", help="also measure what U is worth; needs --checkpoint")
    parser.add_argument("--out", type=Path, default=Path("runs/evaluation"), help="folder for the results")
    options = parser.parse_args(args)
    if options.uncertainty and options.checkpoint is None:
        parser.error("--uncertainty looks inside the network: give --checkpoint instead of --bundle")
    return options


def main(args: Sequence[str] | None = None) -> dict[str, Any]:
    """Evaluate as the command line says; returns the numbers that metrics.json holds."""
    options = parse(args)
    dataset = DATASETS[options.data]
    class_names, class_colours = dataset.classes(options.root)
    segmenter: Segmenter
    if options.checkpoint:
        segmenter = NetworkSegmenter(load_trained(options.checkpoint))
    else:
        segmenter = BundleSegmenter(options.bundle)
    if segmenter.class_names != list(class_names):
        raise DatasetError(
            f"The model's classes are {segmenter.class_names}, those of '{options.data}' are {list(class_names)}; "
            "evaluate it on the dataset it was trained for"
        )
    scenes = dataset.load(options.root, options.split)
    options.out.mkdir(parents=True, exist_ok=True)
    colours = dict(zip(class_names, class_colours, strict=True))
    numbers = summary(evaluate(segmenter, scenes, options.ratios, colours, options.out), class_names)
    text = table(numbers, class_names)
    (options.out / "metrics.json").write_text(json.dumps(numbers, indent=2) + "\n", encoding="utf-8")
    (options.out / "metrics.md").write_text(text + "\n", encoding="utf-8")
    print(text)
    if isinstance(segmenter, NetworkSegmenter) and options.uncertainty:
        inner = [ratio for ratio in sorted(options.ratios) if 0 < ratio < 1]  # nothing and everything need no choice
        meaning = uncertainty.summary(uncertainty.study(segmenter.network, scenes, inner))
        (options.out / "uncertainty.json").write_text(json.dumps(meaning, indent=2) + "\n", encoding="utf-8")
        (options.out / "uncertainty.md").write_text(uncertainty.table(meaning) + "\n", encoding="utf-8")
        uncertainty.save_plots(options.out / "uncertainty.png", meaning)
        print(uncertainty.table(meaning))
    print(f"Written to {options.out}")
    return numbers


if __name__ == "__main__":
    try:
        main()
    except (CheckpointError, DatasetError, UhrsError) as error:
        print(f"evaluate.py: {error}", file=sys.stderr)
        raise SystemExit(2) from None
