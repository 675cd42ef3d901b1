"""Measure how fast files become training crops: layouts of the real sizes, generated, read as a training reads them.

    .venv-train/bin/python benchmarks/data/crops.py [--layouts deepglobe inria urur] [--rounds 5] [--markdown FILE]

Nothing is trained: the crops are thrown away. One process: crops a second of the processor's time, in one thread, as in
a loader's process; other work on the machine changes little of it. Two processes: by the clock, from a loader, which
needs two quiet cores. The files are in the system's cache. A file of a layout stands for many (hard links), and none of
them is decoded before. Some four minutes and 1.2 GB of disk.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

if __name__ == "__main__":  # run from anywhere: the repository root, not this folder, is searched for modules
    sys.path[0] = str(Path(__file__).resolve().parents[2])

import rasterio
import torch
from rasterio.errors import NotGeoreferencedWarning

from benchmarks.engine.tables import draw, spread
from benchmarks.machine import describe_machine
from training.data import SceneData
from training.data.arrays import decoded
from training.data.crops import keep_freed_memory
from training.data.datasets import deepglobe, inria
from uhrs_qgis_plugin.engine.files import replacing

FILES = 4  # different ones of a layout
KEPT = 3  # scenes that are decoded where crops come from memory
FIELD = 460  # pixels a side of a place of one class: in about half of the windows one class prevails, as in farmland


@dataclass(frozen=True)
class Layout:
    """A dataset as it lies on disk.

    Attributes:
        dataset: Its name in `DATASETS`.
        side: Of an image, pixels.
        crop: Side of a published crop.
        image, mask: Below the root; `{}` is the id, `{split}` the split.
        tiff: How TIFF files are written.
        classes: How many there are.
    """

    dataset: str
    side: int
    crop: int
    image: str
    mask: str
    tiff: dict[str, Any]
    classes: int


LAYOUTS = {
    "deepglobe": Layout("deepglobe", 2448, 1224, "land-train/{}_sat.jpg", "land-train/{}_mask.png", {}, 7),
    "inria": Layout(
        "inria",
        5000,
        2500,
        "AerialImageDataset/train/images/{}.tif",
        "AerialImageDataset/train/gt/{}.tif",
        {"interleave": "pixel"},
        2,
    ),
    "inria_png": Layout("inria", 5000, 2500, "imgs/{split}/{}_sat.tif", "labels/{split}/{}_mask.png", {}, 2),
    "urur": Layout("urur", 5120, 2560, "URUR/{split}/image/{}.png", "URUR/{split}/label/{}.png", {}, 8),
}
DRIVERS = {".tif": "GTiff", ".png": "PNG", ".jpg": "JPEG"}


def make(root: Path, layout: Layout, side: int) -> None:
    """Write a layout: some files, and links to them for all other ids."""
    rng = np.random.default_rng(side)
    for split, ids in _ids(layout).items():
        first: list[tuple[Path, Path]] = []
        for number, name in enumerate(ids):
            pair = tuple(root / place.format(name, split=split) for place in (layout.image, layout.mask))
            for path in pair:
                path.parent.mkdir(parents=True, exist_ok=True)
            if number < (FILES if split == "train" else 1):
                image, mask = _scene(rng, side, layout)
                _write(pair[0], image, layout)
                _write(pair[1], mask, layout)
                first.append((pair[0], pair[1]))
                continue
            for path, other in zip(pair, first[number % len(first)], strict=True):
                os.link(other, path)


def _ids(layout: Layout) -> dict[str, list[str]]:
    splits = ("train", "val", "test")
    if layout.dataset == "urur":
        return {split: [f"{split}_{n}" for n in range(200 if split == "train" else 1)] for split in splits}
    kind = deepglobe if layout.dataset == "deepglobe" else inria
    return {split: kind.split_ids(split) for split in splits}


def _scene(rng: np.random.Generator, side: int, layout: Layout) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    """An image with coarse shapes and grain, and its mask as the layout writes it."""
    cells = -(-side // FIELD)
    share = np.full(layout.classes, 0.45 / (layout.classes - 1))
    share[min(2, layout.classes - 1)] = 0.55
    small = rng.choice(layout.classes, (cells, cells), p=share).astype(np.uint8)
    labels = small.repeat(FIELD, 0).repeat(FIELD, 1)[:side, :side]
    grain = rng.normal(0, 12, (3, side, side)).astype(np.float32)
    grain = (grain + np.roll(grain, 1, 1) + np.roll(grain, 1, 2)) / 1.7  # neighbours are alike, as in photographs
    image = (60 + 12 * labels.astype(np.float32) + grain).clip(0, 255).astype(np.uint8)
    if layout.dataset == "deepglobe":
        table = np.array([[int(c[i : i + 2], 16) for i in (0, 2, 4)] for c in deepglobe.COLOURS], np.uint8)
        return image, np.moveaxis(table[labels], -1, 0)
    scaled = labels * np.uint8(255) if layout.mask.endswith("gt/{}.tif") else labels
    return image, scaled[None]


def _write(path: Path, pixels: npt.NDArray[np.uint8], layout: Layout) -> None:
    count, height, width = pixels.shape
    driver = DRIVERS[path.suffix]
    profile = {"driver": driver, "count": count, "height": height, "width": width, "dtype": "uint8"}
    if driver == "GTiff":
        profile |= layout.tiff
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        with rasterio.open(path, "w", **profile) as file:
            file.write(pixels)


def open_data(root: Path, layout: Layout, how: dict[str, Any], **more: Any) -> SceneData:
    """The data of a training.

    Args:
        how: Settings of `SceneData`, and "memory": whether some scenes are decoded before.
    """
    settings = {key: value for key, value in how.items() if key != "memory"}
    data = SceneData(layout.dataset, str(root), batch_size=1, cache_gb=0, **settings, **more)
    data.setup("fit")
    if how["memory"]:
        data.train_scenes = decoded(data.train_scenes[:KEPT], float("inf"))[0]
        data.weights = data.weights[:KEPT]
    return data


def one_process(data: SceneData, crops: int, rounds: int) -> list[float]:
    """Crops a second of the processor's time in each round, in this process and one thread: as one loader process."""
    keep_freed_memory()
    made = data._crops(crops * rounds + 2)
    numbers = iter(range(len(made)))
    for _ in range(2):
        made[next(numbers)]
    found, threads = [], torch.get_num_threads()
    torch.set_num_threads(1)
    for _ in range(rounds):
        began = time.process_time()
        for _ in range(crops):
            made[next(numbers)]
        found.append(crops / (time.process_time() - began))
    torch.set_num_threads(threads)
    return found


def two_processes(data: SceneData, crops: int, rounds: int) -> list[float]:
    """Crops a second by the clock that two loader processes give, after they have started."""
    batches = iter(data.train_dataloader())
    for _ in range(2 + 2 * 4):  # what the processes prepare ahead counts for nobody
        next(batches)
    found = []
    for _ in range(rounds):
        began = time.perf_counter()
        for _ in range(crops):
            next(batches)
        found.append(crops / (time.perf_counter() - began))
    return found


def measure(options: argparse.Namespace) -> list[dict[str, Any]]:
    """All measurements; prints a line each."""
    found = []
    for name in options.layouts:
        layout = LAYOUTS[name]
        side, crop = (round(length * options.scale) for length in (layout.side, layout.crop))
        root = options.out / f"{name}_{side}"
        if not (root / "complete").exists():
            make(root, layout, side)
            (root / "complete").touch()
        for augmentation, size in (("published", crop), ("ours", round(768 * options.scale))):
            for memory in (False, True):
                how = {"augmentation": augmentation, "crop": size, "memory": memory}
                if augmentation == "ours":
                    how["scale"] = (1 / 1.4, 1.4)
                steps = options.crops * (options.rounds + 2) + 10
                data = open_data(root, layout, how, workers=2, steps=steps)
                rates = {
                    "one": one_process(data, options.crops, options.rounds),
                    "two": [] if options.one else two_processes(data, options.crops, options.rounds),
                }
                found.append({"layout": name, "side": side, **how, **rates})
                print(f"{name}, {how}: {statistics.median(rates['one']):.2f} crops/s", file=sys.stderr, flush=True)
    return found


def table(found: Sequence[dict[str, Any]]) -> str:
    """The Markdown of the measurements: a line for each layout, augmentation and place of the pixels."""
    counts = [count for count in ("one", "two") if all(one[count] for one in found)]
    lines = []
    for one in found:
        crop = f"{one['crop']} of {one['side']}"
        rates = [spread(one[count]) for count in counts]
        lines.append([one["layout"], one["augmentation"], crop, "memory" if one["memory"] else "files", *rates])
    names = {"one": "one process", "two": "two processes"}
    return draw(["layout", "crops", "pixels a side", "from", *(names[count] for count in counts)], lines)


def main(args: Sequence[str] | None = None) -> None:
    """Measure as the command line says."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--layouts", nargs="+", default=list(LAYOUTS), choices=list(LAYOUTS))
    parser.add_argument("--crops", type=int, default=8, help="crops a round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--one", action="store_true", help="one process alone, whose time other work does not change")
    parser.add_argument("--scale", type=float, default=1.0, help="of all sizes; for trying the script")
    parser.add_argument("--out", type=Path, default=Path("build/benchmarks/crops"), help="for files and crops.json")
    parser.add_argument("--markdown", type=Path, help="the page to write")
    options = parser.parse_args(args)
    options.out.mkdir(parents=True, exist_ok=True)
    machine = describe_machine()
    found = measure(options)
    with replacing(options.out / "crops.json") as part:
        part.write_text(json.dumps({"machine": machine, "measured": found}, indent=1) + "\n", encoding="utf-8")
    text = table(found)
    if options.markdown:
        with replacing(options.markdown) as part:
            part.write_text(page(machine, text), encoding="utf-8")
    print(text)


_PAGE = """# Crops

Written by `benchmarks/data/crops.py`; do not edit.

How fast files become training crops, on generated files of the real sizes and formats, in crops a second: the median
of the rounds, in brackets the slowest and the fastest. *Published* and *ours* are the two augmentations
(`data.augmentation`); ours changes colours on the device and not here. *Files* decodes a window for each crop, *memory*
is what `data.cache_gb` gives for scenes that fit. `inria_png` is the layout of the published code, whose masks are PNG.
A process is one of `data.workers`, with one thread; one is measured in the processor's time, two by the clock.
"""


def page(machine: dict[str, Any], text: str) -> str:
    """The page of docs."""
    used = f"{machine['date']}; {machine['processor']}, {machine['cores']} cores; load before the start "
    return f"{_PAGE}\n{used}{machine['load_before']}.\n\n{text}\n"


if __name__ == "__main__":
    main()
