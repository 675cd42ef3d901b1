"""Does reviewing the most uncertain places teach a model more than reviewing places at random?

    make bench-loop
    .venv-train/bin/python benchmarks/loop.py --looks warm cold --seeds 11 12 13 --out build/benchmarks

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
from unittest import mock

if __name__ == "__main__":  # run from anywhere: the repository root, not this folder, is searched for modules
    sys.path[0] = str(Path(__file__).resolve().parents[1])

import numpy as np
import numpy.typing as npt
import torch

from training import export_model, train
from training.data.synthetic import CLASSES, COLOURS, SceneOptions, Style, write_scene
from training.evaluation import confusion, mean_iou
from uhrs_qgis_plugin.engine.areas import PixelPolygon
from uhrs_qgis_plugin.engine.corrections import Judgement, Judgements
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.outputs import Outputs
from uhrs_qgis_plugin.engine.raster import open_raster
from uhrs_qgis_plugin.engine.regions import RegionOptions, find_regions, trace
from uhrs_qgis_plugin.engine.samples import SampleClass, SampleOptions, SampleSources, cut_samples
from uhrs_qgis_plugin.engine.segmentation import Options, segment

ROOT = Path(__file__).resolve().parents[1]
BUNDLED = str(ROOT / "uhrs_qgis_plugin" / "models" / "default.uhrs")
CONFIG = str(ROOT / "training" / "configs" / "folder.yaml")
CELL = 8  # pixels of a cell of the uncertainty raster
TRIES = 10_000

# Of the last one the bundled model recognises whole classes no longer, and has no doubt about it.
LOOKS = {
    "warm": Style(warmth=1.0, contrast=0.7, sand_tone=0.75, green_tone=0.65),
    "cold": Style(warmth=-1.0, haze=0.3, sand_tone=0.75, green_tone=1.4),
    "large": Style(resolution_scale=1.7, haze=0.2, contrast=1.2, sand_tone=1.15),
    "noisy": Style(haze=0.2, contrast=0.8, noise=12.0),
    "hazy": Style(haze=0.4, contrast=0.7, noise=8.0),
}
SQUARE = 16  # cells: side of the squares of the arm "spread"

Cells = npt.NDArray[np.int64]  # (n, 3) row, first column, column after the last


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


def read(path: Path) -> npt.NDArray[np.uint8]:
    """The first band of a raster (h, w)."""
    with open_raster(str(path)) as reader:
        return reader.read([1], Window(0, 0, reader.info.height, reader.info.width))[0]


def uncertain(folder: Path, setting: Setting, spread: int = 0) -> list[Cells]:
    """The most uncertain regions of the scene under review, or of each square of it, as runs of cells."""
    options = RegionOptions(top=setting.top, min_cells=1, limit=50_000, spread=spread)
    return [
        region.runs.astype(np.int64) for region in find_regions(str(folder / "review_uncertainty.tif"), options).regions
    ]


def scattered_regions(regions: Sequence[Cells], grid: int, rng: np.random.Generator) -> list[Cells]:
    """The same regions at random places that do not overlap, the largest first."""
    taken, placed = np.zeros((grid, grid), np.bool_), []
    for runs in sorted(regions, key=lambda item: -int((item[:, 2] - item[:, 1]).sum())):
        origin = np.array([runs[:, 0].min(), runs[:, 1].min(), runs[:, 1].min()])
        height, width = runs[:, 0].max() + 1 - origin[0], runs[:, 2].max() - origin[1]
        for _ in range(TRIES):
            row, col = rng.integers(0, grid - height + 1), rng.integers(0, grid - width + 1)
            moved = runs - origin + (row, col, col)
            if not any(taken[r, first:after].any() for r, first, after in moved):
                break
        for r, first, after in moved:
            taken[r, first:after] = True
        placed.append(moved)
    return placed


def scattered_cells(regions: Sequence[Cells], grid: int, rng: np.random.Generator) -> list[Cells]:
    """As many single cells at random."""
    count = sum(int((runs[:, 2] - runs[:, 1]).sum()) for runs in regions)
    rows, cols = np.unravel_index(rng.choice(grid * grid, count, replace=False), (grid, grid))
    return [np.array([[row, col, col + 1]]) for row, col in zip(rows, cols, strict=True)]


def judge(regions: Sequence[Cells]) -> Judgements:
    """Say that the class raster is right in these regions."""
    outlines = [
        [[ring.astype(np.float64) * CELL for ring in part] for part in trace(runs.astype(np.int32))] for runs in regions
    ]
    return Judgements([Judgement(PixelPolygon.of(parts), None) for parts in outlines])


def learn(folder: Path, judgements: Judgements, setting: Setting) -> tuple[str, int]:
    """Cut samples, go on training from the bundled model, export; returns the bundle and the judged pixels."""
    classes = tuple(SampleClass(v, n, _rgb(c)) for v, (n, c) in enumerate(zip(CLASSES, COLOURS, strict=True)))
    sources = SampleSources(str(folder / "review.tif"), str(folder / "review_truth.tif"), classes)
    work = Path(tempfile.mkdtemp(dir=folder))
    done = cut_samples(sources, judgements, str(work / "samples"), SampleOptions(side=setting.crop))
    saver = _part("callbacks.ModelCheckpoint", "save_last: true")
    arguments = {
        "config": CONFIG,
        "data.root": work / "samples",
        "data.crop": setting.crop,
        "data.batch_size": setting.batch,
        "data.steps": setting.steps,
        "data.balance": 1.0,
        "data.workers": 0,
        "model.lr": setting.lr,
        "model.warmup": 10,
        "trainer.accelerator": "cpu",
        "trainer.max_epochs": 1,
        "trainer.default_root_dir": work,
        "run": "taught",
        "trainer.callbacks": saver,
        "trainer.enable_progress_bar": "false",
        "trainer.enable_model_summary": "false",
    }
    with mock.patch.object(sys, "argv", ["train.py"]):  # Lightning warns of other arguments than those that it got
        train.main(["fit", *(f"--{name}={value}" for name, value in arguments.items())])
    export_model.main([str(work / "taught" / "last.ckpt"), str(work / "taught.uhrs")])
    return str(work / "taught.uhrs"), int(done.pixels.sum())


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
    regions, grid = {side: uncertain(folder, setting, side) for side in (0, SQUARE)}, -(-setting.side // CELL)
    rows: list[dict[str, Any]] = [{"arm": "bundled", "unseen": before, "reviewed": own}]
    for arm in arms:
        start, (side, place) = time.perf_counter(), ARMS[arm]
        judgements = judge(place(regions[side], grid, np.random.default_rng(seed)))
        bundle, pixels = learn(folder, judgements, setting)
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


def _part(name: str, settings: str) -> str:
    """A list of one part of Lightning, as its command line takes it."""
    return f"[{{class_path: lightning.pytorch.{name}, init_args: {{{settings}}}}}]"


def _rgb(text: str) -> tuple[int, int, int]:
    red, green, blue = bytes.fromhex(text)
    return red, green, blue


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
