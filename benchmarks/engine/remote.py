"""Segment a COG over HTTP with latency, and compare with the same file on disk.

    .venv-train/bin/python benchmarks/engine/remote.py [--side 10240] [--latency 50] [--rounds 3] [--markdown FILE]

Local and remote runs alternate. What is needed are the blocks of the file, at full scale and in overviews, that the
local run reads, each once.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path

if __name__ == "__main__":  # run from anywhere: the repository root, not this folder, is searched for modules
    sys.path[0] = str(Path(__file__).resolve().parents[2])

import rasterio
from rasterio.shutil import copy

from benchmarks.engine.rasters import make_tiled
from tests.range_server import RangeServer
from uhrs_qgis_plugin.engine import Options, Outputs, segment
from uhrs_qgis_plugin.engine.bundle import DEFAULT_MODEL
from uhrs_qgis_plugin.engine.raster.rasterio_backend.reading import RasterioSource

RATIO = 0.25
FORMATS = {"DEFLATE": {"compress": "DEFLATE", "level": 1}, "JPEG": {"compress": "JPEG", "quality": 90}}


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--side", type=int, default=10240, help="pixels along a side of the raster")
    parser.add_argument("--latency", type=float, default=50, help="milliseconds before each answer")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--markdown", type=Path, help="write the table there too")
    parsed = parser.parse_args()
    rows = ["| COG | local | remote | share of the local speed | requests | MB that came | of those needed |"]
    rows.append("|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_tiled(folder / "plain.tif", parsed.side, 2048, 1)
        for kind, options in FORMATS.items():
            copy(folder / "plain.tif", folder / f"{kind}.tif", driver="COG", overview_resampling="average", **options)
            rows.append(measure(folder, kind, parsed.latency / 1000, parsed.rounds))
            print(rows[-1], file=sys.stderr, flush=True)
    text = "\n".join(rows)
    print(text)
    if parsed.markdown:
        parsed.markdown.write_text(text + "\n", encoding="utf-8")


def measure(folder: Path, kind: str, latency: float, rounds: int) -> str:
    """A row of the table."""
    raster, times = str(folder / f"{kind}.tif"), {"local": [], "remote": []}
    needed = needed_bytes(folder, raster)
    with RangeServer(folder, latency=latency) as server:
        for _ in range(rounds):
            server.set(latency=latency)
            for where, address in (("local", raster), ("remote", f"{server.url}/{kind}.tif")):
                times[where].append(run(folder, address))
        sent, requests = server.bytes_sent, len(server.answered)
    local, remote = (statistics.median(times[where]) for where in ("local", "remote"))
    return (
        f"| {kind} | {local:.1f} s | {remote:.1f} s | {local / remote:.0%} | {requests} | {sent / 1e6:.1f} | "
        f"{sent / needed:.2f} |"
    )


def run(folder: Path, raster: str) -> float:
    """Segment; return seconds."""
    begun = time.perf_counter()
    segment(raster, DEFAULT_MODEL, Outputs(str(folder / "c.tif"), str(folder / "u.tif")), Options(ratio=RATIO))
    return time.perf_counter() - begun


def needed_bytes(folder: Path, raster: str) -> int:
    """Bytes of the blocks that a local run reads, each once; warms up too."""
    seen: set[tuple[int, int, int]] = set()  # overview (-1 = full scale), row and column of the block
    read = RasterioSource.pixels

    def noting(source, bands, window, shape, resampling):
        reduction = window.height // shape[0]
        level = max((n for n, factor in enumerate(source.info.overviews) if factor <= reduction), default=-1)
        rows, cols = (side * (1 if level < 0 else source.info.overviews[level]) for side in source.info.block_shape)
        for row in range(window.row // rows, -(-window.row_end // rows)):
            seen.update((level, row, col) for col in range(window.col // cols, -(-window.col_end // cols)))
        return read(source, bands, window, shape, resampling)

    RasterioSource.pixels = noting
    try:
        run(folder, raster)
    finally:
        RasterioSource.pixels = read
    with rasterio.open(raster) as dataset:
        sizes = [
            dataset.get_tag_item(f"BLOCK_SIZE_{col}_{row}", "TIFF", bidx=1, ovr=None if level < 0 else level)
            for level, row, col in seen
        ]
    return sum(map(int, sizes))


if __name__ == "__main__":
    main()
