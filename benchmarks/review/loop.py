"""Does reviewing the most uncertain places teach a model more than reviewing places at random?

    make bench-loop
    .venv-train/bin/python benchmarks/review/loop.py --looks warm cold --seeds 11 12 13 --out build/benchmarks

The loop of docs/tutorial-review.md without hands, through the same code: a scene whose look the bundled model does not
know is segmented, the 2 % of its area with the highest uncertainty are outlined as regions and judged (the truth is
known), samples are cut, `train.py` goes on from the bundled model, `export_model.py` makes a bundle, and that segments
scenes of the same look that nobody has seen. The arm "spread" takes the 2 % of each square of the scene. The other arms
judge as many pixels elsewhere: the same regions at random places, or single cells of 8 x 8 pixels at random. Prints the
mIoU before and after, in per cent, and of what is judged the share that was wrong and that of each class.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
import tempfile
import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

if __name__ == "__main__":  # run from anywhere: the repository root, not this folder, is searched for modules
    sys.path[0] = str(Path(__file__).resolve().parents[2])

import numpy as np
import torch

from benchmarks.review.reviewing import (
    BUNDLED,
    CELL,
    Lesson,
    judge,
    learn,
    read,
    rgb,
    scattered_cells,
    scattered_regions,
    uncertain_regions,
)
from training.data.synthetic import CLASSES, COLOURS, SceneOptions, Style, write_scene
from training.evaluation import confusion, mean_iou
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.outputs import Outputs
from uhrs_qgis_plugin.engine.samples import SampleClass
from uhrs_qgis_plugin.engine.segmentation import Options, segment

# Of the last one the bundled model recognises whole classes no longer, and has no doubt about it.
LOOKS = {
    "warm": Style(warmth=1.0, contrast=0.7, sand_tone=0.75, green_tone=0.65),
    "cold": Style(warmth=-1.0, haze=0.3, sand_tone=0.75, green_tone=1.4),
    "large": Style(resolution_scale=1.7, haze=0.2, contrast=1.2, sand_tone=1.15),
    "noisy": Style(haze=0.2, contrast=0.8, noise=12.0),
    "hazy": Style(haze=0.4, contrast=0.7, noise=8.0),
}
SQUARE = 16  # cells: side of the squares of the arm "spread"

CLASSES_OF_SAMPLES = tuple(SampleClass(v, n, rgb(c)) for v, (n, c) in enumerate(zip(CLASSES, COLOURS, strict=True)))


@dataclass(frozen=True)
class Setting:
    """One experiment.

    Attributes:
        look: Key of `LOOKS`: what the model does not know.
        side: Of the scene under review, in pixels.
        unseen: Scenes to measure on.
        unseen_side: Their side in pixels.
        top: Area that is judged, per cent.
        crop: Side of a training crop in pixels, and of a sample.
        batch: Crops a step.
        steps: Steps of fine-tuning.
        lr: Learning rate.
    """

    look: str = "warm"
    side: int = 1536
    unseen: int = 2
    unseen_side: int = 768
    top: float = 2.0
    crop: int = 320
    batch: int = 4
    steps: int = 100
    lr: float = 3e-4

    @property
    def lesson(self) -> Lesson:
        """How the model is taught."""
        settings = {"data.batch_size": self.batch, "data.steps": self.steps, "data.balance": 1.0}
        return Lesson(crop=self.crop, settings={**settings, "model.lr": self.lr, "model.warmup": 10})


def write_scenes(folder: Path, seed: int, setting: Setting) -> list[str]:
    """Write the scene under review, 'review', and the unseen ones, each with its truth; returns the unseen names."""
    names = [f"unseen{index}" for index in range(setting.unseen)]
    sides = {"review": setting.side, **dict.fromkeys(names, setting.unseen_side)}
    for index, (name, side) in enumerate(sides.items()):
        options = SceneOptions(style=LOOKS[setting.look])
        write_scene(
            str(folder / f"{name}.tif"), side, side, 100 * seed + index, str(folder / f"{name}_truth.tif"), options
        )
    return names


def measure(folder: Path, names: Sequence[str], bundle: str) -> float:
    """Segment scenes with all patches refined; mIoU over all of them together, per cent."""
    total = torch.zeros(len(CLASSES), len(CLASSES))
    for name in names:
        outputs = Outputs(str(folder / f"{name}_classes.tif"), str(folder / f"{name}_uncertainty.tif"))
        segment(str(folder / f"{name}.tif"), bundle, outputs, Options(ratio=1.0))
        labels, truth = (torch.from_numpy(read(folder / f"{name}_{kind}.tif")) for kind in ("classes", "truth"))
        total = total + confusion(labels, truth, len(CLASSES))
    return 100 * mean_iou(total)


# The side of the squares that give the regions, in cells (0: the whole scene), and where these are judged.
ARMS = {
    "regions": (0, lambda regions, grid, rng: regions),
    "spread": (SQUARE, lambda regions, grid, rng: regions),
    "random regions": (0, scattered_regions),
    "random cells": (0, scattered_cells),
}


def close_loop(folder: Path, seed: int, setting: Setting, arms: Sequence[str]) -> list[dict[str, Any]]:
    """Run the experiment.

    Args:
        folder: For scratch files.
        seed: Of the scenes and of the random places.
        setting: The experiment.
        arms: Keys of `ARMS`.

    Returns:
        A row for the bundled model, and one an arm: mIoU on the unseen scenes and on the reviewed one, per cent; share
        of the pixels that was judged, and of these that the model had wrong and that are of each class, per cent;
        seconds.
    """
    names = write_scenes(folder, seed, setting)
    before, own = measure(folder, names, BUNDLED), measure(folder, ["review"], BUNDLED)
    truth = read(folder / "review_truth.tif")
    wrong = read(folder / "review_classes.tif") != truth
    # Found before an arm segments the scene anew.
    doubt, across = folder / "review_uncertainty.tif", -(-setting.side // CELL)
    regions = {side: uncertain_regions(doubt, setting.top, spread=side) for side in (0, SQUARE)}
    rows: list[dict[str, Any]] = [{"arm": "bundled", "unseen": before, "reviewed": own}]
    for arm in arms:
        start, (side, place) = time.perf_counter(), ARMS[arm]
        judgements = judge(place(regions[side], (across, across), np.random.default_rng(seed)))
        sources = folder / "review.tif", folder / "review_truth.tif"
        bundle, pixels = learn(folder, *sources, CLASSES_OF_SAMPLES, judgements, setting.lesson)
        judged = judgements.apply(np.zeros(wrong.shape, np.uint8), Window(0, 0, *wrong.shape), None)
        rows.append(
            {
                "arm": arm,
                "unseen": measure(folder, names, bundle),
                "reviewed": measure(folder, ["review"], bundle),
                "judged": 100 * pixels / wrong.size,
                "wrong": 100 * float(wrong[judged].mean()),
                "classes": [100 * float(np.mean(truth[judged] == value)) for value in range(len(CLASSES))],
                "seconds": time.perf_counter() - start,
            }
        )
    return rows


def word(rows: Sequence[dict[str, Any]]) -> str:
    """The rows as text."""
    lines = []
    for row in rows:
        line = f"  {row['arm']}: mIoU {row['unseen']:.1f} unseen, {row['reviewed']:.1f} reviewed"
        if row["arm"] != "bundled":
            classes = " ".join(f"{name} {share:.0f}" for name, share in zip(CLASSES, row["classes"], strict=True))
            line += f"; {row['judged']:.2f} % judged, {row['wrong']:.0f} % of it was wrong ({classes})"
        lines.append(line)
    return "\n".join(lines)


def means(found: Sequence[Sequence[dict[str, Any]]], kind: str) -> dict[str, float]:
    """The mean of the arms over all looks and seeds: of "unseen" or "reviewed"."""
    return {rows[0]["arm"]: float(np.mean([row[kind] for row in rows])) for rows in zip(*found, strict=True)}


def claims(found: Sequence[Sequence[dict[str, Any]]]) -> dict[str, bool]:
    """What docs/tutorial-review.md says of the means over all looks and seeds, and whether it holds here.

    A claim about an arm that was not run is left out.
    """
    held = {}
    for kind in ("reviewed", "unseen"):
        mean = means(found, kind)
        for arm in ("regions", "random regions"):
            if arm in mean:
                held[f"{arm} teach the model something about {kind} scenes"] = mean[arm] > mean["bundled"]
        for arm in ("random regions", "random cells"):
            if {"regions", arm} <= mean.keys():
                held[f"regions teach more than {arm} about {kind} scenes"] = mean["regions"] > mean[arm]
    return held


def main(args: Sequence[str] | None = None) -> int:
    """Run the experiment for looks and seeds; 0 = every claim holds."""
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("--looks", nargs="+", choices=sorted(LOOKS), default=list(LOOKS))
    parser.add_argument("--seeds", type=int, nargs="+", default=[11, 12, 13])
    parser.add_argument("--arms", nargs="+", choices=sorted(ARMS), default=list(ARMS))
    for name in ("side", "unseen_side", "crop", "steps"):
        parser.add_argument(f"--{name.replace('_', '-')}", type=int, default=getattr(Setting, name))
    parser.add_argument("--out", type=Path, default=Path("build/benchmarks"))
    options = parser.parse_args(args)
    torch.set_num_threads(1)  # the same sums in the same order, whatever the machine
    warnings.simplefilter("ignore")
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    sizes = {name: getattr(options, name) for name in ("side", "unseen_side", "crop", "steps")}
    found = {}
    for look, seed in product(options.looks, options.seeds):
        with tempfile.TemporaryDirectory() as folder:
            found[f"{look} {seed}"] = close_loop(Path(folder), seed, Setting(look=look, **sizes), options.arms)
        print(f"{look}, seed {seed}", word(found[f"{look} {seed}"]), sep="\n", flush=True)
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "loop.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    for kind in ("reviewed", "unseen"):
        mean = means(list(found.values()), kind)
        print(f"mean mIoU {kind}: " + ", ".join(f"{arm} {value:.1f}" for arm, value in mean.items()))
    held = claims(list(found.values()))
    print(*(f"{'holds' if holds else 'FAILS'}: {claim}" for claim, holds in held.items()), sep="\n")
    return int(not all(held.values()))


if __name__ == "__main__":
    sys.exit(main())
