"""Measure how well models find one class on labelled rasters: other places, other pixels, through the engine.

    .venv-train/bin/python benchmarks/models/places.py DIR/zanzibar_2.tif --model buildings-rgb [--picture worst.png]

The labels of NAME.tif are in NAME_labels.tif, pixel on pixel: 1 = the class, 255 = unknown, anything else = other. Each
raster is segmented as a user would (--resolution auto). Printed are the IoU of the class at several K, over all rasters
together, with a 95 % interval (1000 bootstrap samples of squares of --square pixels of the labels), and seconds of
processor time for a million pixels of the class map. The picture shows the squares with most wrong pixels, at the last
K of the last model.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

if __name__ == "__main__":  # run from anywhere: the repository root, not this folder, is searched for modules
    sys.path[0] = str(Path(__file__).resolve().parents[2])

import numpy as np
import rasterio
from PIL import Image

from uhrs_qgis_plugin.engine.bundle import Bundle, find_model
from uhrs_qgis_plugin.engine.outputs import Outputs
from uhrs_qgis_plugin.engine.segmentation import Options, segment

UNKNOWN = 255
SAMPLES = 1000
RIGHT, INVENTED, MISSED, NOT_KNOWN = (51, 160, 44), (215, 48, 31), (31, 120, 180), (128, 128, 128)


def read_labels(image: Path) -> np.ndarray:
    """Read the labels of an image: (H, W) uint8."""
    path = image.with_name(f"{image.stem}_labels.tif")
    with rasterio.open(path) as labels, rasterio.open(image) as pixels:
        if labels.shape != pixels.shape:
            raise SystemExit(f"{path} has {labels.shape} pixels, {image} has {pixels.shape}: they must be equal.")
        return np.asarray(labels.read(1))


def find_class(image: Path, model: Bundle, name: str, ratio: float, shape: tuple[int, int]) -> tuple[np.ndarray, float]:
    """Segment an image.

    Args:
        image: The raster.
        model: The model.
        name: A class of it.
        ratio: K.
        shape: (H, W) of the labels.

    Returns:
        Where the class was found, (H, W) bool at the labels' pixels, and seconds of processor time for a million pixels
        of the class map.
    """
    value = next(entry.value for entry in model.classes if entry.name == name)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "classes.tif"
        begun = time.process_time()
        segment(str(image), model, Outputs(str(out)), Options(ratio=ratio))
        seconds = time.process_time() - begun
        with rasterio.open(out) as file:
            found = file.read(1)
    rows, columns = ((2 * np.arange(n) + 1) * m // (2 * n) for n, m in zip(shape, found.shape, strict=True))
    return found[np.ix_(rows, columns)] == value, 1e6 * seconds / found.size


def squares(pixels: np.ndarray, side: int) -> np.ndarray:
    """Count the true pixels of each square, row by row; squares at the right and lower edge may be smaller."""
    height, width = pixels.shape
    sums = np.add.reduceat(pixels.astype(np.int64), np.arange(0, height, side), axis=0)
    return np.asarray(np.add.reduceat(sums, np.arange(0, width, side), axis=1))


def interval(hits: np.ndarray, union: np.ndarray) -> tuple[float, float]:
    """95 % bootstrap interval of sum(hits) / sum(union) over squares."""
    chosen = np.random.default_rng(0).integers(len(hits), size=(SAMPLES, len(hits)))
    ious = hits[chosen].sum(axis=1) / np.maximum(1, union[chosen].sum(axis=1))
    low, high = np.percentile(ious, (2.5, 97.5))
    return float(low), float(high)


def worst_places(image: Path, labels: np.ndarray, found: np.ndarray, side: int, count: int) -> list[np.ndarray]:
    """Draw the squares with most wrong pixels: the image, and beside it what is right, invented, missed, unknown."""
    truth, known = labels == 1, labels != UNKNOWN
    wrong = squares((found != truth) & known, side)
    places = []
    with rasterio.open(image) as file:
        for index in np.argsort(-wrong, axis=None, kind="stable")[:count]:
            row, column = (int(i) * side for i in np.unravel_index(index, wrong.shape))
            window = (slice(row, row + side), slice(column, column + side))
            pixels = np.moveaxis(file.read([1, 2, 3], window=((row, row + side), (column, column + side))), 0, -1)
            t, f, k = truth[window], found[window], known[window]
            drawn = (0.4 * pixels + 0.6 * 255).astype(np.uint8)
            for where, colour in ((t & f, RIGHT), (f & ~t, INVENTED), (t & ~f, MISSED), (~k, NOT_KNOWN)):
                drawn[where] = (0.35 * pixels[where] + 0.65 * np.array(colour)).astype(np.uint8)
            pair = np.full((side, 2 * side, 3), 255, np.uint8)
            pair[: pixels.shape[0], : pixels.shape[1]] = pixels
            pair[: pixels.shape[0], side : side + pixels.shape[1]] = drawn
            places.append(pair)
    return places


def save_picture(path: Path, places: Sequence[np.ndarray], across: int = 2, height: int = 320) -> None:
    """Put the places into one picture, `across` beside each other, each `height` pixels high."""
    small = [np.asarray(Image.fromarray(place).resize((2 * height, height))) for place in places]
    small += [np.full_like(small[0], 255)] * (-len(small) % across)
    rows = [np.concatenate(small[i : i + across], axis=1) for i in range(0, len(small), across)]
    Image.fromarray(np.concatenate(rows)).save(path)


def measure(options: argparse.Namespace, model: Bundle, ratio: float) -> tuple[dict[str, object], list[np.ndarray]]:
    """Measure one model at one K; returns its row and, if asked for, its worst places."""
    hits, union, seconds, places = [], [], [], []
    for image in options.images:
        labels = read_labels(image)
        found, spent = find_class(image, model, options.name, ratio, labels.shape)
        truth, known = labels == 1, labels != UNKNOWN
        hits.append(squares(found & truth, options.square).ravel())
        union.append(squares((found | truth) & known, options.square).ravel())
        seconds.append(spent)
        if options.picture is not None:
            places += worst_places(image, labels, found, options.square, options.places)
    all_hits, all_union = np.concatenate(hits), np.concatenate(union)
    low, high = interval(all_hits, all_union)
    row = {
        "model": model.name,
        "graphs": model.graphs_sha256,
        "K": ratio,
        "iou": round(100 * float(all_hits.sum() / max(1, all_union.sum())), 1),
        "interval": [round(100 * low, 1), round(100 * high, 1)],
        "squares": len(all_hits),
        "seconds_per_mpx": round(float(np.mean(seconds)), 3),
    }
    return row, places


def main(arguments: Sequence[str] | None = None) -> list[dict[str, object]]:
    """Measure, and print a row for each model and K; returns the rows."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("images", type=Path, nargs="+", help="NAME.tif, with labels in NAME_labels.tif beside it")
    parser.add_argument("--model", nargs="+", default=[""], help="names or paths; the default model unless given")
    parser.add_argument("--class", dest="name", default="building", help="which class is compared")
    parser.add_argument("--ratios", type=float, nargs="+", default=[0.0, 0.25, 0.5, 1.0], metavar="K")
    parser.add_argument("--square", type=int, default=512, help="side of the squares in pixels of the labels")
    parser.add_argument("--picture", type=Path, help="PNG of the places with most wrong pixels")
    parser.add_argument("--places", type=int, default=4, help="how many of each raster")
    parser.add_argument("--out", type=Path, help="JSON file to write, for training/write_card.py")
    options = parser.parse_args(arguments)
    rows, places = [], []
    for name in options.model:
        model = find_model(name)
        if options.name not in [entry.name for entry in model.classes]:
            raise SystemExit(f"'{model.name}' has no class '{options.name}': {[e.name for e in model.classes]}.")
        for ratio in options.ratios:
            row, places = measure(options, model, ratio)
            rows.append(row)
            print(json.dumps(row), flush=True)
    if options.picture is not None:
        save_picture(options.picture, places)
    if options.out is not None:
        options.out.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    return rows


if __name__ == "__main__":
    main()
