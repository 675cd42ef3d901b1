"""What bounds the engine: its calls of the model on arrays in memory, and its files without any model."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.intercept import GRAPHS, intercepted
from uhrs_qgis_plugin.engine.bundle import Bundle, read_bundle
from uhrs_qgis_plugin.engine.flow import UNWATCHED
from uhrs_qgis_plugin.engine.grid import DOWN_RATIO, TILE, Canvas, Geotransform, Window, fit_side, runs
from uhrs_qgis_plugin.engine.inference import open_streams
from uhrs_qgis_plugin.engine.outputs import BlockFiles, Outputs, Publication, RefinedBlock, make_strip, strips_of
from uhrs_qgis_plugin.engine.raster import RasterProfile, open_raster
from uhrs_qgis_plugin.engine.segmentation import Options, segment

NODATA = 255


def compute_ceiling(raster: str, model_path: str, options: Options, folder: Path, repeats: int) -> dict[str, Any]:
    """Time the calls of the model that a run makes, on the same numbers, without anything else.

    A run of the engine records its calls of low, high and fuse with copies of their arrays; then fresh sessions get
    them again, graph by graph, as many at the same time as the engine runs.

    Args:
        raster: Path.
        model_path: The bundle.
        options: How the engine segments.
        folder: For the outputs of that run.
        repeats: How often the calls are timed.

    Returns:
        "seconds": sums, one per repetition; "by_graph" -> the same per graph; "calls" -> number per graph.
    """
    model = read_bundle(model_path)
    calls: list[tuple[str, tuple[NDArray[Any], ...]]] = []

    def recorder(name: str) -> Any:
        def record(original: Any, *arrays: NDArray[Any]) -> Any:
            calls.append((name, tuple(np.array(array) for array in arrays)))
            return original(*arrays)

        return record

    with intercepted(model, options.device, **{name: recorder(name) for name in GRAPHS}):
        segment(raster, model, Outputs(str(folder / "recorded.tif")), options)
    if not any(name == "low" for name, _ in calls):
        raise RuntimeError("The engine made no call of the low stream that could be recorded.")
    streams = open_streams(model, options.device, precision=options.precision)
    for name, arrays in {name: arrays for name, arrays in calls}.items():
        getattr(streams, name)(*arrays)  # the first call of a session plans its memory
    by_graph: dict[str, list[float]] = {name: [] for name in GRAPHS}
    for _ in range(repeats):
        for name in GRAPHS:
            with ThreadPoolExecutor(1 if name == "low" else streams.lanes) as pool:
                start = time.perf_counter()
                runs = [pool.submit(getattr(streams, name), *arrays) for called, arrays in calls if called == name]
                for run in runs:
                    run.result()
                by_graph[name].append(time.perf_counter() - start)
    return {
        "seconds": [sum(parts) for parts in zip(*by_graph.values())],
        "by_graph": by_graph,
        "calls": {name: sum(called == name for called, _ in calls) for name in GRAPHS},
        "device": streams.device,
    }


def disk_ceiling(raster: str, model_path: str, options: Options, prepared: Path, folder: Path) -> dict[str, float]:
    """Time reading what a run needs and writing what it makes, without any model, in one thread.

    Args:
        raster: Path.
        model_path: The bundle.
        options: How the engine segments; `ratio` tells how many patches are read.
        prepared: Folder with classes.tif and uncertainty.tif of such a run, whose content is written again.
        folder: For the files.

    Returns:
        Seconds: "read_coarse" (each pixel once, averaged to 1/4), "read_patches" (file tiles with selected patches,
        each once), "write" (blocks, with their overviews), "finish" (cloud-optimised GeoTIFFs of them), "total".
    """
    model = read_bundle(model_path)
    arrays = {name: _whole(prepared / f"{name}.tif") for name in ("classes", "uncertainty")}
    clock = {"start": time.perf_counter()}
    with open_raster(raster) as reader:
        canvas = Canvas(reader.info.height, reader.info.width, model.patch_side)
        bands = list(range(1, len(model.bands) + 1))
        side = fit_side(options.block_side, model.patch_side)
        height, width = canvas.data_height, canvas.data_width
        corners = [(row, col) for row in range(0, height, side) for col in range(0, width, side)]
        windows = [Window(row, col, side, side).clipped(height, width) for row, col in corners]
        for window in windows:
            reader.read(bands, window, (-(-window.height // DOWN_RATIO), -(-window.width // DOWN_RATIO)), "average")
        clock["read_coarse"] = time.perf_counter()
        for window in _tiles_to_read(arrays["uncertainty"][0], canvas, options):
            reader.read(bands, window)
        clock["read_patches"] = time.perf_counter()
        profiles = _profiles(reader.info.crs_wkt, reader.info.transform, model, canvas, options.uncertainty_cell)
    cell, shape = options.uncertainty_cell, (side, side)
    files = BlockFiles(folder, profiles, cell, len(model.classes), shape)
    for index, window in enumerate(windows):
        labels = arrays["classes"][(0, *window.slices())]
        rows, cols = (slice(part.start // cell, -(-part.stop // cell)) for part in window.slices())
        files.write(RefinedBlock(index, window.row, window.col, labels, arrays["uncertainty"][:, rows, cols]))
    clock["write"] = time.perf_counter()
    outputs = Outputs(str(folder / "classes.tif"), str(folder / "uncertainty.tif"))
    mosaics = {name: files.mosaic(name) for name in profiles}
    strips = ((strip, make_strip(strip, mosaics[strip.name], "run", UNWATCHED.check)) for strip in strips_of(profiles))
    with Publication(outputs, profiles) as publication:
        publication.assemble(strips, UNWATCHED)
        publication.publish("")
    clock["finish"] = time.perf_counter()
    times = list(clock.values())
    seconds = {name: after - before for name, before, after in zip(list(clock)[1:], times, times[1:])}
    return seconds | {"total": times[-1] - times[0]}


def _whole(path: Path) -> NDArray[Any]:
    """Read a whole raster: (B, H, W)."""
    with open_raster(str(path)) as reader:
        info = reader.info
        return reader.read(list(range(1, info.count + 1)), Window(0, 0, info.height, info.width))


def _tiles_to_read(uncertainty: NDArray[np.uint8], canvas: Canvas, options: Options) -> list[Window]:
    """File tiles that hold one of the K most uncertain patches, joined along rows.

    U in 254 steps stands for the engine's own: the number of patches is the same, their choice nearly.
    """
    side, (rows, cols) = canvas.patch_side, canvas.patch_shape
    size = side // options.uncertainty_cell
    padded = np.full((rows * size, cols * size), np.nan)
    padded[: uncertainty.shape[0], : uncertainty.shape[1]] = np.where(uncertainty == NODATA, np.nan, uncertainty)
    scores = np.nan_to_num(padded.reshape(rows, size, cols, size), nan=0).sum(axis=(1, 3))
    valid = np.isfinite(padded).reshape(rows, size, cols, size).any(axis=(1, 3))
    order = np.argsort(-np.where(valid, scores, -1).ravel(), kind="stable")
    chosen = np.zeros(rows * cols, np.bool_)
    chosen[order[: round((options.ratio or 0) * int(valid.sum()))]] = True
    wanted = np.zeros((-(-canvas.height // TILE), -(-canvas.width // TILE)), np.bool_)
    for row, col in np.argwhere(chosen.reshape(rows, cols)):
        down, across = (slice(at * side // TILE, -(-(at + 1) * side // TILE)) for at in (row, col))
        wanted[down, across] = True
    return [
        Window(row * TILE, first * TILE, TILE, (end - first) * TILE).clipped(canvas.data_height, canvas.data_width)
        for row in range(len(wanted))
        for first, end in runs(wanted[row])
    ]


def _profiles(
    crs_wkt: str, transform: Geotransform, model: Bundle, canvas: Canvas, cell: int
) -> dict[str, RasterProfile]:
    """What the engine's outputs are like."""
    height, width = canvas.data_height, canvas.data_width
    colours = {entry.value: entry.colour for entry in model.classes}
    names = tuple(entry.name for entry in model.classes)
    size = -(-width // cell), -(-height // cell)
    return {
        "classes": RasterProfile(
            width, height, 1, crs_wkt, transform, NODATA, ("classes",), colours=colours, categories=names
        ),
        "uncertainty": RasterProfile(
            *size,
            2,
            crs_wkt,
            transform.of_window(Window(0, 0, height, width), cell),
            NODATA,
            ("U", "final uncertainty"),
            1 / 254,
        ),
    }
