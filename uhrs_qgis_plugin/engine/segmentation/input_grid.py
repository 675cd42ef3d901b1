"""Results of a run on a working grid, written in the pixels of the input."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.flow import Watch
from uhrs_qgis_plugin.engine.outputs import BlockMosaic, Publication, write_regridded
from uhrs_qgis_plugin.engine.raster import RasterProfile
from uhrs_qgis_plugin.engine.segmentation.planning import SegmentationJob


def write_on_raster(
    job: SegmentationJob,
    profiles: Mapping[str, RasterProfile],
    mosaics: Mapping[str, BlockMosaic],
    publication: Publication,
    watch: Watch,
) -> dict[str, str]:
    """Write results in the raster's own pixels, each with the value of the working pixel that holds its middle.

    Args:
        job: The job.
        profiles: Of the rasters to write.
        mosaics: "classes" and, if wanted, "uncertainty" -> the result on the working grid.
        publication: Names the files, and removes them in the end.

    Returns:
        The same, in the raster's own pixels: files.

    Raises:
        OutputError: Full disk and the like.
        CancelledError: The caller cancelled.
    """
    cells = {"classes": 1, "uncertainty": job.options.uncertainty_cell}
    own, found = job.on_raster, {}
    for index, (name, profile) in enumerate(profiles.items()):
        cell, found[name] = cells[name], publication.scratch(name)
        rows = _nearest(own.window.row, profile.height, cell, job.raster.height, job.info.height)
        cols = _nearest(own.window.col, profile.width, cell, job.raster.width, job.info.width)
        rows = np.clip(rows - job.window.row, 0, job.window.height - 1) // cell
        cols = np.clip(cols - job.window.col, 0, job.window.width - 1) // cell
        part = watch.part(index / len(mosaics), (index + 1) / len(mosaics))
        write_regridded(mosaics[name], found[name], profile, rows, cols, part)
    return found


def _nearest(start: int, count: int, cell: int, size: int, working_size: int) -> NDArray[np.int64]:
    """The pixel of the working grid under the middle of each cell of `cell` pixels from `start` on."""
    middles = 2 * start + cell * (2 * np.arange(count, dtype=np.int64) + 1)  # in half pixels
    return np.asarray(middles * working_size // (2 * size))
