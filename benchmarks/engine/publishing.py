"""What publishing costs: strips, which workers make, and putting them together, which the client does alone.

    .venv-train/bin/python -m benchmarks.engine.publishing --results FOLDER --out FOLDER [--side 65536]

Takes the upper left corner of the classes.tif and uncertainty.tif of a run (cells of 8 pixels), writes it as blocks of
2048 pixels, and repeats these as links: so a raster of any size costs neither a run nor a disk. Makes every strip in
this thread, then puts them together. Prints JSON: pixels, seconds of the processor and of the clock a pixel for both
halves, bytes a pixel of the published files, and the memory of the process before and after.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil

from uhrs_qgis_plugin.engine.flow import UNWATCHED
from uhrs_qgis_plugin.engine.grid import CELL8, Geotransform, Window
from uhrs_qgis_plugin.engine.outputs import (
    BlockFiles,
    Outputs,
    Publication,
    RefinedBlock,
    Strip,
    make_strip,
    strip_file,
    strips_of,
)
from uhrs_qgis_plugin.engine.raster import RasterProfile, open_raster

BLOCK = 2048
DISTINCT = 2  # blocks along a side that are repeated
NAMES = ("classes", "uncertainty")
SOMEWHERE = Geotransform(330000.0, 1.0, 0.0, 2790000.0, 0.0, -1.0)


def profiles_of(side: int) -> dict[str, RasterProfile]:
    """Outputs of a raster of `side` x `side` pixels."""
    classes = RasterProfile(side, side, 1, "", SOMEWHERE, 255, ("classes",))
    cells, names = side // CELL8, ("U", "final uncertainty")
    return {
        "classes": classes,
        "uncertainty": replace(classes, width=cells, height=cells, count=2, band_names=names, scale=1 / 254),
    }


def write_blocks(results: Path, folder: Path, profiles: dict[str, RasterProfile], shape: tuple[int, int]) -> BlockFiles:
    """Write the blocks of the corner of a run, and links to them wherever else a block lies."""
    side = profiles["classes"].width
    files = BlockFiles(folder, profiles, CELL8, 256, shape)
    columns = side // BLOCK
    with open_raster(str(results / "classes.tif")) as classes, open_raster(str(results / "uncertainty.tif")) as cells:
        bands = list(range(1, 3))
        for row in range(min(columns, DISTINCT)):
            for col in range(min(columns, DISTINCT)):
                window = Window(row * BLOCK, col * BLOCK, BLOCK, BLOCK)
                part = Window(*(number // CELL8 for number in (window.row, window.col, BLOCK, BLOCK)))
                labels = classes.read([1], window)[0]
                files.write(RefinedBlock(row * columns + col, window.row, window.col, labels, cells.read(bands, part)))
    for row in range(columns):
        for col in range(columns):
            index, like = row * columns + col, row % DISTINCT * columns + col % DISTINCT
            if index == like:
                continue
            for name in NAMES:
                os.link(folder / f"block-{like:06}-{name}.tiles", folder / f"block-{index:06}-{name}.tiles")
            cell = BLOCK // CELL8
            place = {
                "classes": [row * BLOCK, col * BLOCK, BLOCK, BLOCK],
                "uncertainty": [row * cell, col * cell, cell, cell],
            }
            files.note(index, {"pixels": [0] * 256, **place})
    return files


def measure(results: Path, side: int, out: Path) -> dict[str, Any]:
    """Make strips and put them together.

    Args:
        results: Folder with classes.tif and uncertainty.tif.
        side: Pixels along a side, a multiple of `BLOCK`.
        out: Where to write.
    """
    process, profiles = psutil.Process(), profiles_of(side)
    with tempfile.TemporaryDirectory(dir=out) as name:
        folder = Path(name) / "blocks"
        folder.mkdir()
        files = write_blocks(results, folder, profiles, (BLOCK, BLOCK))
        memory, strips = [process.memory_info().rss], strips_of(profiles)
        mosaics = {name: files.mosaic(name) for name in NAMES}
        made = timed(lambda: [make_strip(strip, mosaics[strip.name], "run", UNWATCHED.check) for strip in strips])
        memory.append(process.memory_info().rss)
        outputs = Outputs(str(Path(name) / "classes.tif"), str(Path(name) / "uncertainty.tif"))

        def those_there() -> Iterator[tuple[Strip, Path]]:
            for strip in strips:
                yield strip, strip_file(folder, strip)

        with Publication(outputs, profiles) as publication:
            joined = timed(lambda: publication.assemble(those_there(), UNWATCHED))
            publication.publish("")
        memory.append(process.memory_info().rss)
        size = sum(os.path.getsize(path) for path in (outputs.classes, outputs.uncertainty or ""))
        shutil.rmtree(folder)
    pixels = side**2
    return {
        "pixels": pixels,
        "strips": len(strips),
        "strips_s_px": made[1] / pixels,  # of the processor
        "joining_s_px": joined[0] / pixels,  # of the clock: this is what nobody shares
        "joining_cpu_s_px": joined[1] / pixels,
        "bytes_px": size / pixels,
        "memory_mb": [round(number / 1e6) for number in memory],  # before, after the strips, in the end
        "load": round(os.getloadavg()[0], 1),
    }


def timed(work: Any) -> tuple[float, float]:
    """Seconds of the clock and of the processor that something takes."""
    begun, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - begun, time.process_time() - cpu


def main() -> None:
    """Do as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--results", type=Path, required=True, help="folder of a run")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--side", type=int, default=65536)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    print(json.dumps(measure(options.results, options.side, options.out)))


if __name__ == "__main__":
    main()
