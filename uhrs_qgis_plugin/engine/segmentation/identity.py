"""What makes two runs the same, so that one may go on from what the other has finished."""

from __future__ import annotations

import os
from dataclasses import asdict
from typing import Any

from uhrs_qgis_plugin.engine.inference import OrtStreams
from uhrs_qgis_plugin.engine.segmentation.job import SegmentationJob
from uhrs_qgis_plugin.engine.version import __version__


def run_identity(job: SegmentationJob, streams: OrtStreams) -> dict[str, Any]:
    """Everything that the result of a run depends on, for `Journal`.

    Returns:
        Word for people -> what must be equal.
    """
    files = []
    for path in job.info.files or (job.info.path,):
        try:
            status = os.stat(path)
            files.append([os.path.abspath(path), status.st_size, status.st_mtime_ns])
        except OSError:  # not a file, such as /vsicurl: its name must do
            files.append([path, 0, 0])
    options = {**asdict(job.options), "resume": None}
    return {
        "raster": files,
        "model": job.model.sha256,
        "set of options": options,
        "choice of bands": [list(job.bands), sorted(job.stretch.limits.items()) if job.stretch else None],
        "set of outputs": {name: os.path.abspath(path) for name, path in job.outputs.named().items()},
        "version": [__version__, streams.version],
        "device": streams.device,
    }
