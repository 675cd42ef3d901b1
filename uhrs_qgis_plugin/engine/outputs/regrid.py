"""A result on another grid: every pixel takes the nearest one, block by block."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.flow import Watch
from uhrs_qgis_plugin.engine.grid import TILE, Window
from uhrs_qgis_plugin.engine.outputs.block_mosaic import BlockMosaic
from uhrs_qgis_plugin.engine.raster import RasterProfile, create_raster


def write_regridded(
    source: BlockMosaic,
    path: str,
    profile: RasterProfile,
    rows: NDArray[np.int64],
    cols: NDArray[np.int64],
    watch: Watch,
) -> None:
    """Write the pixels of a raster on another grid.

    Args:
        source: The blocks of the result.
        path: The raster to write.
        profile: What it is like.
        rows: (height,) the row of the source that each row takes; they never fall.
        cols: (width,) the same of the columns.
        watch: Reports, and stops before every block.

    Raises:
        OutputError: Full disk and the like.
        CancelledError: The caller cancelled.
    """
    # Where the source is finer, blocks are smaller, so that what is read stays bounded.
    finer = max(1, -(-int(rows[-1] + 1) // len(rows)), -(-int(cols[-1] + 1) // len(cols)))
    height, width = max(1, TILE // finer), max(1, 4 * TILE // finer)
    with source, create_raster(path, profile) as writer:
        for row in range(0, profile.height, height):
            part_rows = rows[row : row + height]
            for col in range(0, profile.width, width):
                watch.report(row / profile.height)
                part_cols = cols[col : col + width]
                top, left = int(part_rows[0]), int(part_cols[0])
                window = Window(top, left, int(part_rows[-1]) - top + 1, int(part_cols[-1]) - left + 1)
                block = source.read(window)[:, (part_rows - top)[:, None], part_cols - left]
                writer.write(np.ascontiguousarray(block), row, col)
    watch.report(1.0)
