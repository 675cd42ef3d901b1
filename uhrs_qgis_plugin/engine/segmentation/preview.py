"""The result of the coarse pass, published while the refine pass goes on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from uhrs_qgis_plugin.engine.flow import Watch
from uhrs_qgis_plugin.engine.grid import CELL8, Window, blocks, with_margin
from uhrs_qgis_plugin.engine.inference import Streams
from uhrs_qgis_plugin.engine.outputs import Publication, RefinedBlock
from uhrs_qgis_plugin.engine.raster import create_raster
from uhrs_qgis_plugin.engine.segmentation.passes import (
    CoarseMap,
    empty_block,
    finished_block,
    fusion_inputs,
    nothing_selected,
)
from uhrs_qgis_plugin.engine.segmentation.planning import SegmentationJob
from uhrs_qgis_plugin.engine.segmentation.profiles import preview_profiles


def publish_preview(coarse: CoarseMap, streams: Streams, job: SegmentationJob, watch: Watch) -> None:
    """Write classes and uncertainty of the low stream alone, one value for 8x8 pixels.

    Args:
        job: Patches without any data have none in the preview, others are whole.
        watch: Stops between blocks; its progress stays where it is.

    Raises:
        OutputError: A file cannot be written.
    """
    outputs, profiles = job.preview_outputs, preview_profiles(job)
    middle = slice(CELL8 // 2, None, CELL8)  # of each cell its middle pixel stands for the class
    with Publication(outputs, profiles) as publication:
        writers = {name: create_raster(publication.scratch(name), profile) for name, profile in profiles.items()}
        try:
            for index, block in enumerate(blocks(job.canvas, job.block_shape)):
                watch.check()
                coarse_block = _fuse_unrefined(index, block, coarse, streams, job.model.feature_channels)
                row, col = coarse_block.row // CELL8, coarse_block.col // CELL8
                writers["classes"].write(np.ascontiguousarray(coarse_block.labels[None, middle, middle]), row, col)
                writers["uncertainty"].write(np.ascontiguousarray(coarse_block.uncertainty), row, col)
        finally:
            for writer in writers.values():
                writer.close()
        silent = replace(watch, progress=lambda share: None)
        publication.finish({name: publication.scratch(name) for name in profiles}, silent)
        publication.publish("")


def _fuse_unrefined(index: int, block: Window, coarse: CoarseMap, streams: Streams, channels: int) -> RefinedBlock:
    """Fuse a block without any refined patch, up to the last cell of 8 x 8 pixels that holds pixels of the raster."""
    canvas = coarse.canvas
    height, width = (-(-length // CELL8) * CELL8 for length in (canvas.data_height, canvas.data_width))
    inside = block.clipped(height, width)
    patches = coarse.valid_patches[block.slices(canvas.patch_side)]
    if not patches.any():
        return empty_block(index, inside, CELL8)
    context = with_margin(block, canvas)
    fused = streams.run("fuse", fusion_inputs(coarse, context, *nothing_selected(context, channels)))
    valid = patches.repeat(canvas.patch_side, axis=0).repeat(canvas.patch_side, axis=1)
    valid = valid[inside.slices(within=block)]
    return finished_block(index, fused, context, inside, valid, CELL8)
