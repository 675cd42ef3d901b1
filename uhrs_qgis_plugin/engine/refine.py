"""The refine pass: block by block, high stream on the selected patches, both streams fused into labels."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.coarse_map import CoarseMap
from uhrs_qgis_plugin.engine.grid import CELL8, Window, with_margin
from uhrs_qgis_plugin.engine.patches import PatchBatch, PatchStore, ReadBlock, RefinePlan
from uhrs_qgis_plugin.engine.selector import Costs, Selection
from uhrs_qgis_plugin.engine.streams import Streams

NODATA = 255  # in labels and in both uncertainties, which use 0..254


@dataclass(frozen=True)
class RefinedBlock:
    """A finished piece of the outputs, cut to where the raster has pixels.

    Attributes:
        index: Number of the block.
        row: First pixel row on the canvas.
        col: First pixel column on the canvas.
        labels: (h, w) uint8, 255 = no data.
        uncertainty: (2, ceil(h / cell), ceil(w / cell)) uint8: 254 * U and 254 * final uncertainty, 255 = no data.
        empty: Whether there is no data in it at all.
    """

    index: int
    row: int
    col: int
    labels: NDArray[np.uint8]
    uncertainty: NDArray[np.uint8]
    empty: bool = False


def refine(
    items: Iterable[PatchBatch | ReadBlock],
    streams: Streams,
    coarse: CoarseMap,
    plan: RefinePlan,
    selection: Selection,
    proceed: Callable[[float], None],
) -> Iterator[RefinedBlock]:
    """Refine the blocks of a plan.

    Every selected patch runs through the high stream once. A block is fused with a margin of 32 pixels of its
    neighbours, so that the result does not depend on how the canvas is cut into blocks.

    Args:
        items: From `read_patches`, for the same plan.
        streams: The model.
        coarse: The coarse map of the canvas.
        plan: What to refine, and how.
        selection: Told what each block took.
        proceed: Called with 0..1 before every block and batch; raises to stop.

    Yields:
        The blocks, in the order of the plan; they cover the pixels of the raster once.
    """
    store = PatchStore(coarse.canvas, plan)
    done, patches, high_seconds = 0, 0, 0.0
    begun = time.perf_counter()
    for item in items:
        now = time.perf_counter()
        if isinstance(item, PatchBatch):
            # A block's batches are not known beforehand: the share nears the next block's.
            proceed((done + 0.9 * (1 - 0.9 ** (patches / plan.batch_size))) / len(plan.blocks))
            store.add(item.places, streams.high(item.pixels))
            patches += len(item.places)
            high_seconds += time.perf_counter() - now
            continue
        proceed((done + 0.9) / len(plan.blocks))
        yield _fuse(item, streams, coarse, store, plan.cell)
        done += 1
        selection.spent(patches, high_seconds, time.perf_counter() - begun)
        patches, high_seconds, begun = 0, 0.0, time.perf_counter()


def measure_costs(streams: Streams, coarse: CoarseMap, plan: RefinePlan, patches: NDArray[Any]) -> Costs:
    """Time a batch and a block on empty arrays, the second run of each: the first warms up.

    Args:
        streams: The model.
        coarse: The coarse map.
        plan: Tells the blocks.
        patches: (N, B, p, p) any numbers.

    Returns:
        A first guess of what the refine pass takes.
    """
    if not plan.blocks:
        return Costs(0.0, 0.0)
    canvas, block = coarse.canvas, max((block for _, block in plan.blocks), key=lambda b: b.height * b.width)
    context = with_margin(block, canvas)
    cells = context.height // CELL8, context.width // CELL8
    high_features, selected = np.zeros((1, plan.channels, *cells), np.float32), np.zeros((1, 1, *cells), np.bool_)
    low_features, uncertainty = (
        coarse.features(context)[np.newaxis],
        coarse.uncertainty(context)[np.newaxis, np.newaxis],
    )
    for _ in range(2):
        times = [time.perf_counter()]
        streams.high(patches)
        times.append(time.perf_counter())
        streams.fuse(low_features, uncertainty, high_features, selected)
        times.append(time.perf_counter())
    return Costs((times[1] - times[0]) / len(patches), times[2] - times[1])


def _fuse(read: ReadBlock, streams: Streams, coarse: CoarseMap, store: PatchStore, cell: int) -> RefinedBlock:
    """Fuse one block with its margin, and cut the margin off."""
    canvas = coarse.canvas
    inside = read.block.clipped(canvas.data_height, canvas.data_width)
    if read.empty:
        return _empty_block(read.index, inside, cell)
    context = with_margin(read.block, canvas)
    high_features, selected = store.lay(read)
    labels, uncertainty8 = streams.fuse(
        coarse.features(context)[np.newaxis],
        coarse.uncertainty(context)[np.newaxis, np.newaxis],
        high_features[np.newaxis],
        selected[np.newaxis, np.newaxis],
    )
    return _cropped(read.index, (labels[0], uncertainty8[0]), (context, inside), read.valid, cell)


def _cropped(
    index: int,
    fused: tuple[NDArray[np.uint8], NDArray[np.uint8]],
    windows: tuple[Window, Window],
    valid: NDArray[np.bool_] | None,
    cell: int,
) -> RefinedBlock:
    """Cut margin and padding off a fused context, and mark what holds no data.

    Args:
        index: Number of the block.
        fused: labels (h, w) and 254 * uncertainties (2, h/8, w/8) of the context.
        windows: The context, and the block cut to where the raster has pixels.
        valid: (h, w) of the block, None when every pixel holds data.
        cell: Pixels per cell of the uncertainty to return.

    Returns:
        The finished block.
    """
    (labels, uncertainty8), (context, inside) = fused, windows
    top, left = inside.row - context.row, inside.col - context.col
    labels = labels[top : top + inside.height, left : left + inside.width]
    factor = CELL8 // cell
    rows, cols = -(-inside.height // cell), -(-inside.width // cell)
    cells = uncertainty8[:, top // CELL8 :, left // CELL8 :][:, : -(-rows // factor), : -(-cols // factor)]
    if factor > 1:
        cells = cells.repeat(factor, axis=1).repeat(factor, axis=2)[:, :rows, :cols]
    if valid is None:
        return RefinedBlock(index, inside.row, inside.col, labels, cells)
    labels = np.where(valid, labels, np.uint8(NODATA))
    padded = np.pad(valid, ((0, rows * cell - inside.height), (0, cols * cell - inside.width)))
    by_row = padded.reshape(rows, cell, cols * cell).any(axis=1)
    cells = np.where(by_row.reshape(rows, cols, cell).any(axis=2), cells, np.uint8(NODATA))
    return RefinedBlock(index, inside.row, inside.col, labels, cells)


def _empty_block(index: int, inside: Window, cell: int) -> RefinedBlock:
    """A block that holds no data."""
    cells = 2, -(-inside.height // cell), -(-inside.width // cell)
    labels = np.full((inside.height, inside.width), NODATA, np.uint8)
    return RefinedBlock(index, inside.row, inside.col, labels, np.full(cells, NODATA, np.uint8), empty=True)
