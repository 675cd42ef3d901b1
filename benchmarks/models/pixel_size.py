"""Measure what another pixel size costs: a labelled scene, resampled, read at the model's pixel size.

    .venv-train/bin/python benchmarks/models/pixel_size.py --data dubai --root DIR [--overviews average nearest none]

The scene is given the model's pixel size, and is resampled to 25, 50, 200 and 400 % of it (cubic to finer pixels,
averaged to coarser ones). Each copy is segmented with --resolution auto, and finer ones also as they are (native); mIoU
against the labels of the scene, and seconds of the run against those of the scene itself.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

if __name__ == "__main__":  # run from anywhere: the repository root, not this folder, is searched for modules
    sys.path[0] = str(Path(__file__).resolve().parents[2])

import numpy as np
import rasterio
from rasterio.enums import Resampling
from rasterio.transform import from_origin

from training.data.arrays import IGNORE
from training.data.datasets import find_dataset
from uhrs_qgis_plugin.engine.bundle import Bundle, read_bundle
from uhrs_qgis_plugin.engine.outputs import Outputs
from uhrs_qgis_plugin.engine.segmentation import Options, segment

MODEL = Path(__file__).resolve().parents[2] / "uhrs_qgis_plugin/models/default.uhrs"
FACTORS = (1.0, 0.25, 0.5, 2.0, 4.0)
LEVELS = (2, 4, 8, 16, 32)


def write(path: Path, pixels: np.ndarray, metres: float, overviews: str) -> None:
    """Write a tiled GeoTIFF at the equator of a plane, with overviews unless "none"."""
    size = {"count": pixels.shape[0], "height": pixels.shape[1], "width": pixels.shape[2]}
    how = {"tiled": True, "blockxsize": 512, "blockysize": 512, "compress": "DEFLATE", "interleave": "pixel"}
    transform = from_origin(330_000, 2_790_000, metres, metres)
    with rasterio.open(
        path, "w", driver="GTiff", dtype="uint8", crs="EPSG:32640", transform=transform, **size, **how
    ) as file:
        file.write(pixels)
    if overviews != "none":
        with rasterio.open(path, "r+") as file:
            file.build_overviews(LEVELS, Resampling[overviews])


def resampled(path: Path, factor: float) -> np.ndarray:
    """Read a raster at `factor` times its pixel size."""
    with rasterio.open(path) as file:
        shape = (file.count, round(file.height / factor), round(file.width / factor))
        return np.asarray(file.read(out_shape=shape, resampling=Resampling.cubic if factor < 1 else Resampling.average))


def measure(path: Path, labels: np.ndarray, model: Bundle, options: Options) -> dict[str, float]:
    """Segment, and compare with labels at the nearest pixels."""
    out = path.with_name("classes.tif")
    report = segment(str(path), model, Outputs(str(out)), options)
    with rasterio.open(out) as file:
        found = file.read(1)
    rows, cols = ((2 * np.arange(n) + 1) * m // (2 * n) for n, m in zip(labels.shape, found.shape, strict=True))
    found = found[np.ix_(rows, cols)]
    counted = labels != IGNORE
    pairs = labels[counted].astype(np.int64) * 256 + found[counted]
    matrix = np.bincount(pairs, minlength=256 * 256).reshape(256, 256)[: len(model.classes), : len(model.classes)]
    hits = np.diag(matrix)
    ious = hits / (matrix.sum(axis=0) + matrix.sum(axis=1) - hits)
    return {"miou": round(100 * float(np.nanmean(ious)), 2), "seconds": round(report.seconds["total"], 1)}


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", default="dubai", help="dataset; its test scene is taken")
    parser.add_argument("--root", type=Path, required=True)
    parser.add_argument("--model", type=Path, default=MODEL)
    parser.add_argument("--ratio", type=float, default=0.5)
    parser.add_argument("--factors", type=float, nargs="+", default=FACTORS, help="of the model's pixel size")
    parser.add_argument("--overviews", nargs="+", default=("average", "none"), choices=("average", "nearest", "none"))
    parser.add_argument("--native", action="store_true", help="segment the finer copies at their own pixels too")
    parser.add_argument("--out", type=Path, help="JSON file to write, for training/write_card.py")
    options = parser.parse_args(arguments)
    model = read_bundle(options.model)
    if model.resolution_m is None:
        raise SystemExit("The model states no pixel size.")
    [scene] = find_dataset(options.data).load(options.root, "test")
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        base, copy = Path(folder) / "scene.tif", Path(folder) / "copy.tif"
        write(base, np.asarray(scene.image), model.resolution_m, "none")
        for overviews in options.overviews:
            for factor in options.factors:
                write(copy, resampled(base, factor), model.resolution_m * factor, overviews)
                modes = ["auto", "native"] if options.native and factor < 1 and overviews == "average" else ["auto"]
                for mode in modes:
                    result = measure(
                        copy, np.asarray(scene.labels), model, Options(ratio=options.ratio, resolution=mode)
                    )
                    about = {"graphs": model.graphs_sha256, "pixel": factor, "overviews": overviews, "resolution": mode}
                    rows.append({**about, **result})
                    print(json.dumps(rows[-1]), flush=True)
    if options.out is not None:
        options.out.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
