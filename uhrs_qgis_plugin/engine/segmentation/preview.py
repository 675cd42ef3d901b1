"""What the coarse pass says, published while the refine pass goes on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from uhrs_qgis_plugin.engine.flow import Watch
from uhrs_qgis_plugin.engine.grid import CELL8, blocks, with_margin
from uhrs_qgis_plugin.engine.inference import Streams
from uhrs_qgis_plugin.engine.outputs import Publication
from uhrs_qgis_plugin.engine.raster import create_raster
from uhrs_qgis_plugin.engine.results import NODATA
from uhrs_qgis_plugin.engine.segmentation.coarse_map import CoarseMap
from uhrs_qgis_plugin.engine.segmentation.job import Job
from uhrs_qgis_plugin.engine.segmentation.profiles import preview_profiles


def publish_preview(coarse: CoarseMap, streams: Streams, job: Job, watch: Watch) -> None:
    """Write classes and uncertainty of the low stream alone, one value for 8x8 pixels.

    Args:
        coarse: The coarse map.
        streams: The model.
        job: Tells where; patches without any data have none in the preview, others are whole.
        watch: Stops between blocks; its progress stays where it is.

    Raises:
        OutputError: A file cannot be written.
    """
    outputs, profiles = job.preview_outputs, preview_profiles(job)
    canvas, channels = job.canvas, job.model.feature_channels
    rows, cols = -(-canvas.data_height // CELL8), -(-canvas.data_width // CELL8)
    with Publication(outputs, profiles) as publication:
        writers = {name: create_raster(publication.scratch(name), profile) for name, profile in profiles.items()}
        try:
            for block in blocks(canvas, job.block_shape):
                watch.check()
                context = with_margin(block, canvas)
                cells = context.height // CELL8, context.width // CELL8
                labels, uncertainty8 = streams.fuse(
                    coarse.features(context)[np.newaxis],
                    coarse.uncertainty(context)[np.newaxis, np.newaxis],
                    np.zeros((1, channels, *cells), np.float32),
                    np.zeros((1, 1, *cells), np.bool_),
                )
                middle = CELL8 // 2
                images = {"classes": labels[:, middle::CELL8, middle::CELL8], "uncertainty": uncertainty8[0]}
                side = canvas.patch_side // CELL8
                patches = coarse.valid_patches[block.slices(canvas.patch_side)]
                valid = patches.repeat(side, axis=0).repeat(side, axis=1)
                row, col = block.row // CELL8, block.col // CELL8
                top, left = (block.row - context.row) // CELL8, (block.col - context.col) // CELL8
                height, width = min(len(valid), rows - row), min(valid.shape[1], cols - col)
                for name, image in images.items():
                    part = image[:, top : top + height, left : left + width]
                    part = np.where(valid[:height, :width], part, np.uint8(NODATA))
                    writers[name].write(part, row, col)
        finally:
            for writer in writers.values():
                writer.close()
        silent = replace(watch, progress=lambda share: None)
        publication.finish({name: publication.scratch(name) for name in profiles}, silent)
        publication.publish("")
