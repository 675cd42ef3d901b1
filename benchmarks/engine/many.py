"""Measure very many small rasters: as one mosaic, opened and segmented at K = 0, and each for itself.

    .venv-train/bin/python benchmarks/engine/many.py --open 30000 --mosaic 100000 --each 200
    .venv-qgis/bin/python benchmarks/engine/many.py        # the same with the GDAL of QGIS

The rasters, of 64 x 64 pixels, are generated; a measurement is a process of its own. Printed is a row for each:
seconds, those of the processor, those until the mosaic was open and checked, and the largest memory of the process.
What the operating system has cached of the files helps.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

if __name__ == "__main__":  # run from anywhere: the repository root, not this folder, is searched for modules
    sys.path[0] = str(Path(__file__).resolve().parents[2])

import numpy as np

from benchmarks.machine import peak_memory_mib
from uhrs_qgis_plugin.engine.bundle import DEFAULT_MODEL

SIDE = 64
ORIGIN = 500001.25, 5000002.5  # in the file that the others are made of: numbers that occur in it once


def make_tiles(folder: Path, count: int) -> None:
    """Write GeoTIFFs side by side: a few are encoded, the others are copies with another origin."""
    from uhrs_qgis_plugin.engine.grid import Geotransform
    from uhrs_qgis_plugin.engine.raster import RasterProfile, create_raster, crs_wkt_of

    folder.mkdir(parents=True)
    columns, rng, kinds = math.ceil(math.sqrt(count)), np.random.default_rng(0), []
    transform = Geotransform(ORIGIN[0], 1.0, 0.0, ORIGIN[1], 0.0, -1.0)
    for _ in range(4):
        profile = RasterProfile(SIDE, SIDE, 3, crs_wkt_of("EPSG:32633"), transform, None, ("red", "green", "blue"))
        path = folder / "kind.tif"
        with create_raster(str(path), profile) as writer:
            writer.write(rng.integers(0, 256, (3, 8, 8), dtype=np.uint8).repeat(8, axis=1).repeat(8, axis=2), 0, 0)
        kinds.append(path.read_bytes())
        path.unlink()
    x, y = (struct.pack("<d", number) for number in ORIGIN)
    for number in range(count):
        row, col = divmod(number, columns)
        content = kinds[(7 * row + col) % len(kinds)]
        place = (ORIGIN[0] + SIDE * col, ORIGIN[1] - SIDE * row)
        for old, new in zip((x, y), place):
            assert content.count(old) == 1
            content = content.replace(old, struct.pack("<d", new))
        (folder / f"tile_{number:06}.tif").write_bytes(content)


def run_open(folder: str, model: str) -> dict[str, Any]:
    """Open the mosaic."""
    from uhrs_qgis_plugin.engine.raster import open_raster

    begun = time.perf_counter()
    with open_raster(folder) as reader:
        return {"pixels": reader.info.width * reader.info.height, "opening": round(time.perf_counter() - begun, 1)}


def run_mosaic(folder: str, model: str) -> dict[str, Any]:
    """Segment the mosaic at K = 0."""
    from uhrs_qgis_plugin.engine.outputs import Outputs
    from uhrs_qgis_plugin.engine.segmentation import Options, segment

    with tempfile.TemporaryDirectory() as out:
        report = segment(folder, model, Outputs(os.path.join(out, "classes.tif")), Options(ratio=0.0))
    return {"pixels": report.pixels, "opening": round(report.seconds["check"], 1)}


def run_each(folder: str, model: str) -> dict[str, Any]:
    """Segment each raster at K = 0."""
    from uhrs_qgis_plugin.engine.many import Folders, find_inputs, segment_each
    from uhrs_qgis_plugin.engine.segmentation import Options

    with tempfile.TemporaryDirectory() as out:
        tally = segment_each(find_inputs(folder), model, Folders(out), Options(ratio=0.0))
    assert tally.done == tally.count
    return {"pixels": tally.done * SIDE * SIDE}


KINDS = {"open": run_open, "mosaic": run_mosaic, "each": run_each}


def measure(kind: str, folder: Path, model: str) -> dict[str, Any]:
    """Run one measurement in a process of its own."""
    command = [sys.executable, __file__, "--run", kind, str(folder), "--model", model]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def main(arguments: Sequence[str] | None = None) -> list[dict[str, Any]]:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for kind, count, what in (
        ("open", 30_000, "rasters of a mosaic that is opened"),
        ("mosaic", 100_000, "rasters of a mosaic that is segmented at K = 0"),
        ("each", 200, "rasters that are segmented each for itself at K = 0"),
    ):
        parser.add_argument(f"--{kind}", type=int, default=count, help=f"{what}; 0 = none (default: {count:,})")
    parser.add_argument("--folder", help="where to put them for the while (default: that of temporary files)")
    parser.add_argument("--model", default=DEFAULT_MODEL)
    parser.add_argument("--run", nargs=2, metavar=("KIND", "FOLDER"), help=argparse.SUPPRESS)
    parsed = parser.parse_args(arguments)
    if parsed.run:
        kind, folder = parsed.run
        begun = time.perf_counter()
        facts = KINDS[kind](folder, parsed.model)
        seconds, cpu = round(time.perf_counter() - begun, 1), round(time.process_time(), 1)
        found = {**facts, "seconds": seconds, "cpu": cpu, "memory_mib": round(peak_memory_mib())}
        print(json.dumps(found))
        return [found]
    from uhrs_qgis_plugin.engine.raster.backends import backend_of

    rows = []
    print("| rasters | what | back end | s | s of the processor | s to open | MiB |")
    print("|---:|---|---|---:|---:|---:|---:|")
    with tempfile.TemporaryDirectory(dir=parsed.folder) as scratch:
        for kind in KINDS:
            count = getattr(parsed, kind)
            if not count:
                continue
            tiles = Path(scratch) / kind
            make_tiles(tiles, count)
            row = {"count": count, "kind": kind, "backend": backend_of("auto").NAME}
            row.update(measure(kind, tiles, parsed.model))
            numbers = f"{row['seconds']} | {row['cpu']} | {row.get('opening', '')} | {row['memory_mib']:,}"
            print(f"| {count:,} | {kind} | {row['backend']} | {numbers} |", flush=True)
            rows.append(row)
            shutil.rmtree(tiles)
    return rows


if __name__ == "__main__":
    main()
