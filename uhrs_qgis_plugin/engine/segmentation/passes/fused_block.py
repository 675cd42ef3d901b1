"""A block in the fusion: what goes in, with its margin, and what of the result is the block's own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.familiarity import UnfamiliarMap
from uhrs_qgis_plugin.engine.grid import CELL8, Window, touched_cells
from uhrs_qgis_plugin.engine.inference import Arrays, Layout
from uhrs_qgis_plugin.engine.outputs import RefinedBlock
from uhrs_qgis_plugin.engine.results import NODATA
from uhrs_qgis_plugin.engine.segmentation.passes.coarse_map import CoarseMap, any_in_squares


def fusion_inputs(
    coarse: CoarseMap, context: Window, high_features: NDArray[np.float32] | Layout, selected: NDArray[np.bool_]
) -> Arrays:
    """Put the inputs of the fuse graph together.

    Args:
        context: A block with its margin.
        high_features: (F, h/8, w/8) of the context, zeros where not selected; or their layout.
        selected: (h/8, w/8).

    Returns:
        In the order of the graph's inputs, a batch of one.
    """
    high: Any = high_features if isinstance(high_features, Layout) else high_features[np.newaxis]
    return (
        coarse.features(context)[np.newaxis],
        coarse.uncertainty(context)[np.newaxis, np.newaxis],
        high,
        selected[np.newaxis, np.newaxis],
    )


def nothing_selected(context: Window, channels: int) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Make high features (F, h/8, w/8) and selected cells (h/8, w/8) of a context in which no patch is selected."""
    cells = context.height // CELL8, context.width // CELL8
    return np.zeros((channels, *cells), np.float32), np.zeros(cells, np.bool_)


def finished_block(
    index: int, fused: Arrays, context: Window, inside: Window, valid: NDArray[np.bool_] | None, cell: int
) -> RefinedBlock:
    """Cut margin and padding off a fused context, and mark what holds no data.

    Worked example: a block at (2048, 2048) of 2048 x 2048 pixels, of which the raster ends after 100 rows, has the
    context (2016, 2016); its own part begins at (32, 32) there, and at (4, 4) on the grid of 8 pixels, of which it
    touches 13 rows. With cells of 4 pixels 25 rows are returned.

    Args:
        index: Number of the block.
        fused: labels (1, h, w) and 254 * uncertainties (1, 2, h/8, w/8) of the context.
        context: The block with its margin.
        inside: The block's part of the raster.
        valid: (h, w) of `inside`, None when every pixel holds data.
        cell: Pixels per cell of the uncertainty to return: 1, 2, 4 or 8.

    Returns:
        The finished block.
    """
    own = inside.relative_to(context)
    labels, native = fused[0][0][own.slices()], fused[1][0][(slice(None), *touched_cells(own, CELL8).slices())]
    cells = _finer(native, CELL8 // cell)[:, : -(-inside.height // cell), : -(-inside.width // cell)]
    if valid is not None:
        labels = np.where(valid, labels, np.uint8(NODATA))
        cells = np.where(_valid_cells(valid, cell), cells, np.uint8(NODATA))
    return RefinedBlock(index, inside.row, inside.col, labels, cells)


def with_unfamiliar(block: RefinedBlock, inside: Window, cell: int, unfamiliar: UnfamiliarMap | None) -> RefinedBlock:
    """Add what is unfamiliar to the uncertainties of a block, where that is wanted.

    Args:
        block: From `finished_block` or `empty_block`.
        inside: As for it.
        cell: As for it.
        unfamiliar: The map; None = leave the block as it is.

    Returns:
        The block with three bands; the third has no data where the first has none.
    """
    if unfamiliar is None:
        return block
    cells = unfamiliar.cells(inside, cell)
    cells[block.uncertainty[0] == NODATA] = NODATA
    return replace(block, uncertainty=np.concatenate([block.uncertainty, cells[np.newaxis]]))


def empty_block(index: int, inside: Window, cell: int) -> RefinedBlock:
    """Make a block that holds no data; see `finished_block`."""
    cells = 2, -(-inside.height // cell), -(-inside.width // cell)
    labels = np.full((inside.height, inside.width), NODATA, np.uint8)
    return RefinedBlock(index, inside.row, inside.col, labels, np.full(cells, NODATA, np.uint8), empty=True)


def _finer(cells: NDArray[np.uint8], factor: int) -> NDArray[np.uint8]:
    """Repeat each cell `factor` x `factor` times."""
    return cells if factor == 1 else cells.repeat(factor, axis=1).repeat(factor, axis=2)


def _valid_cells(valid: NDArray[np.bool_], cell: int) -> NDArray[np.bool_]:
    """Tell which cells hold a pixel with data, those at the end that are not whole included."""
    height, width = valid.shape
    return any_in_squares(np.pad(valid, ((0, -height % cell), (0, -width % cell))), cell)
