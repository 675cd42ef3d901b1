"""Does reviewing a real place teach more where the model is uncertain than at random?

    .venv-train/bin/python benchmarks/review/run.py DIR/zanzibar_2.tif DIR/philippines_1.tif --out build/review

The loop of docs/tutorial-review.md without hands, on places that the model was not trained on. The labels of NAME.tif
are in NAME_labels.tif, pixel on pixel: 1 = the class, 255 = unknown, anything else = other. Each raster is cut into
parts of at most --part pixels; each part is a place of its own:

1. The model segments it (all patches refined). The labels are brought to its pixels: the class where it has more than
   half of what is known.
2. An arm chooses --top per cent of the area, and what the labels say there becomes training samples; those of the arm
   "whole" are all labels, more than any choice can teach.
3. `train.py` goes on from the model by configs/review.yaml, `export_model.py` makes a bundle, and that segments the
   place again. Where all that was judged is of one class, training is not possible, and the map stays.

IoU of the class is compared arm by arm on the pixels that neither of the two arms judged ("rest"), and on all pixels,
where those that were judged are right ("map"); "before" is the first map, of which nothing was judged. An interval is
that of the mean over the parts, the seeds of a part averaged: of Student's t, 95 %. What is done is kept in --out and
not done again.
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
import rasterio
import torch
from PIL import Image
from rasterio.warp import Resampling, reproject
from rasterio.windows import Window as RasterWindow

from benchmarks.review.choices import ARMS, Numbers, Place
from benchmarks.review.reviewing import ROOT, Lesson, judge, learn, read
from uhrs_qgis_plugin.engine.bundle import Bundle, find_model
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.outputs import Outputs
from uhrs_qgis_plugin.engine.samples import SampleClass
from uhrs_qgis_plugin.engine.segmentation import Options, segment

REVIEW = str(ROOT / "training" / "configs" / "review.yaml")
UNKNOWN = 255
RIGHT, INVENTED, MISSED, JUDGED = (51, 160, 44), (215, 48, 31), (31, 120, 180), (255, 200, 0)
BEFORE = "before"  # the arm of which nothing was judged
TWO_SIDED = {1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571, 6: 2.447, 7: 2.365, 8: 2.306, 9: 2.262}  # t, 95 %


def make_places(path: Path, side: int, model: Bundle, top: float, value: int, out: Path) -> list[Place]:
    """Cut a raster into parts and segment each.

    Args:
        side: Of a part in pixels, at most.
        value: The number of the class in the model.
    """
    places = []
    with rasterio.open(path) as image, rasterio.open(path.with_name(f"{path.stem}_labels.tif")) as labels:
        height, width = image.shape
        down, across = -(-height // side), -(-width // side)
        for row, col in product(range(down), range(across)):
            window = RasterWindow.from_slices(
                (row * height // down, (row + 1) * height // down),
                (col * width // across, (col + 1) * width // across),
            )
            name = f"{path.stem}_{row * across + col}"
            folder = out / name
            folder.mkdir(parents=True, exist_ok=True)
            if not (folder / "truth.tif").exists():
                _cut(image, window, folder / "image.tif")
                _segment(folder, model, "")
                _cut(labels, window, folder / "labels.tif")
                bring_labels(folder / "labels.tif", folder / "classes.tif", folder / "truth.tif", value)
            with rasterio.open(folder / "uncertainty.tif") as file:
                doubt = file.read((1, 2))
            places.append(Place(name, folder, read(folder / "classes.tif"), read(folder / "truth.tif"), doubt, top))
    return places


def _cut(source: Any, window: RasterWindow, path: Path) -> None:
    """Write a window of a raster."""
    profile = {"driver": "GTiff", "count": source.count, "dtype": source.dtypes[0], "crs": source.crs}
    profile.update(height=window.height, width=window.width, transform=source.window_transform(window))
    with rasterio.open(path, "w", compress="deflate", **profile) as file:
        file.write(source.read(window=window))


def _segment(folder: Path, model: Bundle | str, mark: str) -> None:
    """Segment the image of a folder with all patches refined."""
    outputs = Outputs(str(folder / f"classes{mark}.tif"), str(folder / f"uncertainty{mark}.tif"))
    segment(str(folder / "image.tif"), model, outputs, Options(ratio=1.0, precision="float"))


def bring_labels(labels: Path, classes: Path, path: Path, value: int) -> None:
    """Write labels at the pixels of a class raster: of a model with two classes, the one or the other.

    Args:
        value: The number of the class that is 1 in the labels; the other one is 1 - value.
    """
    with rasterio.open(labels) as source, rasterio.open(classes) as grid:
        given, profile = source.read(1), grid.profile
        shares = []
        for pixels in (given != UNKNOWN, given == 1):
            share = np.zeros(grid.shape, np.float32)
            reproject(
                pixels.astype(np.float32),
                share,
                src_transform=source.transform,
                src_crs=source.crs,
                dst_transform=grid.transform,
                dst_crs=grid.crs,
                resampling=Resampling.average,
            )
            shares.append(share)
    known, share = shares
    truth = np.where(share > known / 2, value, 1 - value)
    truth[known < 0.5] = UNKNOWN
    profile.update(nodata=UNKNOWN, driver="GTiff")
    with rasterio.open(path, "w", **profile) as file:
        file.write(truth.astype(np.uint8), 1)


def close_loop(place: Place, arm: str, seed: int, lesson: Lesson, classes: Sequence[SampleClass], kept: Path) -> None:
    """Judge, learn, segment again; what came of it is written to a file."""
    begun = time.process_time()
    rng = np.random.default_rng(seed)
    regions = ARMS[arm](place, rng)
    judgements = judge(regions)
    judged = judgements.apply(place.truth.copy(), Window(0, 0, *place.truth.shape), UNKNOWN)
    sources = place.folder / "image.tif", place.folder / "truth.tif"
    taught, found = 0.0, place.found
    if len(np.unique(place.truth[judged])) > 1:  # of one class alone nothing can be learnt, and training refuses
        with tempfile.TemporaryDirectory() as scratch:
            bundle, _ = learn(Path(scratch), *sources, classes, judgements, lesson)
            taught = time.process_time() - begun
            _segment(place.folder, bundle, "_again")
        found = read(place.folder / "classes_again.tif")
        for name in ("classes", "uncertainty"):
            (place.folder / f"{name}_again.tif").unlink()
    seconds = {"taught": taught, "all": time.process_time() - begun}
    np.savez_compressed(kept, found=found, judged=judged, seconds=json.dumps(seconds))


def iou(found: Numbers, truth: Numbers, where: Numbers, value: int) -> float:
    """IoU of a class over some pixels, per cent."""
    one, other = (found == value) & where, (truth == value) & where
    return 100 * float((one & other).sum()) / max(1, int((one | other).sum()))


@dataclass(frozen=True, eq=False)
class Outcome:
    """Of one arm on one place with one seed: what was found (h, w), and what was judged (h, w)."""

    found: Numbers
    judged: Numbers


def interval(values: Sequence[float]) -> tuple[float, float | None]:
    """Mean, and half of its 95 % interval; None for one value."""
    mean = float(np.mean(values))
    if len(values) < 2:
        return mean, None
    factor = TWO_SIDED.get(len(values) - 1, 1.96 + 2.5 / (len(values) - 1))
    return mean, factor * float(np.std(values, ddof=1)) / len(values) ** 0.5


def compare(
    places: Sequence[Place], outcomes: dict[tuple[str, str, int], Outcome], one: str, other: str, value: int
) -> dict[str, Any] | None:
    """Differences of IoU, `one` less `other`: on what neither judged, and on the map; None where nothing is paired."""
    nothing = {place.name: Outcome(place.found, np.zeros(place.found.shape, np.bool_)) for place in places}
    outcomes = {**outcomes, **{(name, BEFORE, seed): nothing[name] for name, _, seed in outcomes if name in nothing}}
    rest: dict[str, list[float]] = {}
    maps: dict[str, list[float]] = {}
    for place in places:
        seeds = [s for n, a, s in outcomes if n == place.name and a == one and (n, other, s) in outcomes]
        known = place.truth != UNKNOWN
        for seed in seeds:
            pair = [outcomes[place.name, arm, seed] for arm in (one, other)]
            where = known & ~pair[0].judged & ~pair[1].judged
            first, second = (iou(item.found, place.truth, where, value) for item in pair)
            rest.setdefault(place.name, []).append(first - second)
            final = [iou(np.where(p.judged, place.truth, p.found), place.truth, known, value) for p in pair]
            maps.setdefault(place.name, []).append(final[0] - final[1])
    if not rest:
        return None
    means = {name: float(np.mean(values)) for name, values in rest.items()}
    both = {"rest": interval(list(means.values())), "map": interval([float(np.mean(v)) for v in maps.values()])}
    return {"one": one, "other": other, "parts": means, "pairs": sum(map(len, rest.values())), **both}


def table(places: Sequence[Place], outcomes: dict[tuple[str, str, int], Outcome], value: int) -> list[dict[str, Any]]:
    """A row for each arm: means over seeds, then over places, of IoU and of what was judged, per cent."""
    rows = []
    for arm in ARMS:
        by_place: dict[str, list[list[float]]] = {}
        for place in places:
            known = place.truth != UNKNOWN
            for (name, other, _), item in outcomes.items():
                if (name, other) != (place.name, arm):
                    continue
                judged = item.judged & known
                where = known & ~judged if arm != "whole" else known
                wrong = place.found != place.truth
                final = np.where(judged, place.truth, item.found) if arm != "whole" else item.found
                by_place.setdefault(name, []).append(
                    [
                        iou(place.found, place.truth, where, value),
                        iou(item.found, place.truth, where, value),
                        iou(place.found, place.truth, known, value),
                        iou(final, place.truth, known, value),
                        100 * float(judged.sum() / known.sum()),
                        100 * float(wrong[judged].mean()),
                        100 * float((place.truth[judged] == value).mean()),
                    ]
                )
        if by_place:
            mean = np.mean([np.mean(found, axis=0) for found in by_place.values()], axis=0).tolist()
            keys = ("rest_before", "rest", "map_before", "map", "judged", "wrong", "of_class")
            rows.append({"arm": arm, "places": len(by_place), **dict(zip(keys, mean, strict=True))})
    return rows


PAIRS = [
    *((arm, BEFORE) for arm in ARMS if arm != "whole"),
    *((arm, "random regions") for arm in ARMS if "regions" in arm and arm != "random regions"),
    *((arm, "random squares") for arm in ARMS if "squares" in arm and arm != "random squares"),
    *((arm, "regions") for arm in ARMS if arm not in ("regions", "random regions", "random squares", "whole")),
]


def word(mean: tuple[float, float | None]) -> str:
    """A mean and its interval as text."""
    return f"{mean[0]:+.2f}" + (f" +- {mean[1]:.2f}" if mean[1] is not None else "")


def report(places: Sequence[Place], outcomes: dict[tuple[str, str, int], Outcome], value: int) -> dict[str, Any]:
    """Print and return the tables."""
    rows = table(places, outcomes, value)
    for row in rows:
        print(
            f"{row['arm']}: rest {row['rest_before']:.1f} -> {row['rest']:.1f}, map {row['map_before']:.1f} -> "
            f"{row['map']:.1f}; {row['judged']:.2f} % judged, of it {row['wrong']:.0f} % wrong and "
            f"{row['of_class']:.0f} % of the class; {row['places']} places"
        )
    found = []
    for one, other in PAIRS:
        item = compare(places, outcomes, one, other, value)
        if item is not None:
            found.append(item)
            parts = " ".join(f"{difference:+.1f}" for difference in item["parts"].values())
            print(
                f"{one} - {other}: rest {word(item['rest'])} ({parts}; {item['pairs']} pairs), map {word(item['map'])}"
            )
    return {"arms": rows, "differences": found}


def draw(path: Path, place: Place, items: Sequence[Outcome], value: int) -> None:
    """Draw the image, what was found at first, and for each outcome what was found again, with the judged places."""
    with rasterio.open(place.folder / "image.tif") as file:
        small = file.read((1, 2, 3), out_shape=(3, *place.truth.shape), resampling=Resampling.average)
    image = np.moveaxis(small, 0, -1)
    panels = [image]
    for found, judged in ((place.found, None), *((item.found, item.judged) for item in items)):
        drawn = (0.4 * image + 0.6 * 255).astype(np.uint8)
        one, other, known = found == value, place.truth == value, place.truth != UNKNOWN
        for where, colour in ((one & other, RIGHT), (one & ~other & known, INVENTED), (~one & other & known, MISSED)):
            drawn[where] = (0.3 * image[where] + 0.7 * np.array(colour)).astype(np.uint8)
        if judged is not None:
            moved = [np.roll(judged, step, axis) for axis in (0, 1) for step in (-1, 1)]
            drawn[judged & ~np.logical_and.reduce(moved)] = JUDGED
        panels.append(drawn)
    margin = np.full((image.shape[0], 6, 3), 255, np.uint8)
    strip = np.concatenate([part for panel in panels for part in (panel, margin)][:-1], axis=1)
    Image.fromarray(strip).save(path, optimize=True)


def settings_of(seed: int, given: Sequence[Sequence[str]]) -> dict[str, object]:
    """Settings of a training: its seed, and those of the command line."""
    return {"seed_everything": seed, "data.seed": seed, **dict(given)}


def main(args: Sequence[str] | None = None) -> dict[str, Any]:
    """Run what is not done yet, and report."""
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("images", type=Path, nargs="+", help="NAME.tif, with labels in NAME_labels.tif beside it")
    parser.add_argument("--model", default="buildings-rgb", help="name or path of a model with two classes")
    parser.add_argument("--class", dest="name", default="building", help="which class is compared")
    parser.add_argument("--part", type=int, default=2048, help="side of a place in pixels, at most")
    parser.add_argument("--top", type=float, default=2.0, help="area that is judged, per cent")
    parser.add_argument("--arms", nargs="+", choices=list(ARMS), default=["regions", "random regions", "whole"])
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--crop", type=int, default=256, help="side of samples and training crops in pixels")
    parser.add_argument("--set", nargs=2, action="append", default=[], metavar=("NAME", "VALUE"), help="of train.py")
    parser.add_argument("--picture", type=Path, help="JPEG or PNG of the first place, with the arms of the first seed")
    parser.add_argument("--out", type=Path, default=Path("build/review"))
    options = parser.parse_args(args)
    torch.set_num_threads(1)  # the same sums in the same order, whatever the machine
    warnings.simplefilter("ignore")
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    model = find_model(options.model)
    if [entry.value for entry in model.classes] != [0, 1]:
        raise SystemExit(f"'{model.name}' has {len(model.classes)} classes; this needs a model with two, 0 and 1.")
    classes = [SampleClass(entry.value, entry.name, entry.colour) for entry in model.classes]
    value = next(entry.value for entry in model.classes if entry.name == options.name)
    cut = (options.part, model, options.top, value, options.out)
    places = [place for path in options.images for place in make_places(path, *cut)]
    outcomes: dict[tuple[str, str, int], Outcome] = {}
    for seed, place, arm in product(options.seeds, places, options.arms):
        kept = options.out / f"{place.name} {arm} {seed}.npz"
        if not kept.exists():
            settings = settings_of(seed, options.set)
            lesson = Lesson(model.path, REVIEW, options.crop, 0, settings, ("--float-only", "--no-imagery"))
            close_loop(place, arm, seed, lesson, classes, kept)
        with np.load(kept) as file:
            outcomes[place.name, arm, seed] = Outcome(file["found"], file["judged"])
            where = (place.truth != UNKNOWN) & ~(file["judged"] if arm != "whole" else False)
            before, after = (iou(found, place.truth, where, value) for found in (place.found, file["found"]))
            print(f"{place.name}, {arm}, seed {seed}: {before:.1f} -> {after:.1f} {file['seconds']}", flush=True)
    found = report(places, outcomes, value)
    (options.out / "review.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    if options.picture is not None:
        shown = [outcomes[places[0].name, arm, options.seeds[0]] for arm in options.arms]
        draw(options.picture, places[0], shown, value)
    return found


if __name__ == "__main__":
    main()
