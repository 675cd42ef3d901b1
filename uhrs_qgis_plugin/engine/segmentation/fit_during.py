"""How well a raster fits its model, found out from sample windows when a run begins."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Optional

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.bundle import Imagery
from uhrs_qgis_plugin.engine.familiarity import (
    ImageryFit,
    Read,
    UnfamiliarMap,
    measure_fit,
    unfamiliar_map,
    windows_of_fit,
    windows_of_map,
)
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.segmentation.passes import CanvasSource
from uhrs_qgis_plugin.engine.segmentation.planning import SegmentationJob, scene_windows

AT_ONCE = 4096 * 4096  # pixels of a small raster: at most 256 windows, 12 MB of three bands

Judged = tuple[Optional[ImageryFit], Optional[UnfamiliarMap]]


def samples_of(source: CanvasSource, check: Callable[[], None]) -> Read:
    """Make what reads sample windows of a canvas.

    Args:
        check: Called before every window; an error that it raises comes out of there.
    """
    source.expect(windows_of_fit(source.canvas.data_height, source.canvas.data_width))

    def read(window: Window) -> tuple[NDArray[Any], NDArray[np.bool_] | None]:
        check()
        valid = source.read_valid(window) if source.has_mask else None
        return source.read_full(window, valid), valid

    return read


def read_at_once(job: SegmentationJob, read: Read) -> Read | None:
    """Read all sample windows of a small raster, so that they can be judged while the passes have the raster.

    Args:
        read: From `samples_of`.

    Returns:
        What gives the windows that were read; None where the raster is large.

    Raises:
        CancelledError: The caller cancelled.
    """
    height, width = job.window.height, job.window.width
    if height * width > AT_ONCE:
        return None
    windows = [*windows_of_fit(height, width), *(windows_of_map(height, width) if job.options.unfamiliar else ())]
    return {window: read(window) for window in dict.fromkeys(windows)}.__getitem__


def judge_imagery(job: SegmentationJob, imagery: Imagery, read: Read) -> Judged:
    """Judge sample windows of a raster.

    Args:
        imagery: Statistics of the model's training imagery.
        read: From `samples_of` or `read_at_once`.

    Returns:
        The fit, None where no window holds enough data; and the map of what is unfamiliar, where one is wanted.

    Raises:
        BundleError: The statistics are of descriptors of another length.
        CancelledError: The caller cancelled.
    """
    size, bands = (job.window.height, job.window.width), len(job.bands)
    fit = measure_fit(*size, read, imagery, bands, scene_windows(job.canvas, job.scene_plan))
    return fit, unfamiliar_map(*size, read, imagery, bands) if job.options.unfamiliar else None
