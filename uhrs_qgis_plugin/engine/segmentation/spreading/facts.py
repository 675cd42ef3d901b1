"""What all workers of a run must have in common, so that it does not matter which of them does what."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from uhrs_qgis_plugin.engine.inference import import_onnxruntime
from uhrs_qgis_plugin.engine.raster import backend_version
from uhrs_qgis_plugin.engine.raster.cog import compression_mark
from uhrs_qgis_plugin.engine.results import __version__
from uhrs_qgis_plugin.engine.segmentation.planning import SegmentationJob

DEVICE, PRECISION, ONNXRUNTIME = "device", "precision", "onnxruntime"
OPEN_FACTS = (DEVICE, PRECISION)  # of the workers alone: the client computes nothing
MOST_FILES = 256  # of a mosaic that are looked at: else many workers would ask a file server for many files


def facts_of(job: SegmentationJob) -> dict[str, str]:
    """Collect what can be told without starting the model: word for people -> value.

    Raises:
        DeviceError: onnxruntime is missing.
    """
    return {
        "engine": f"{__version__} ({code_digest()})",
        ONNXRUNTIME: str(import_onnxruntime().__version__),
        "numpy": np.__version__,
        "GDAL": backend_version(),
        "compression": compression_mark(),
        "model": job.model.sha256[:12],
        "raster": _digest(_look_of(job.info.files or (job.info.path,))),
    }


def code_digest() -> str:
    """Digest of the engine's own code: two copies of one version may differ."""
    root = Path(__file__).resolve().parents[2]
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


def _look_of(files: Sequence[str]) -> list[Any]:
    """Size and time of files, None of those that are none, such as /vsicurl."""
    step = -(-len(files) // MOST_FILES)
    found: list[Any] = [len(files)]
    for path in files[::step]:
        try:
            status = os.stat(path)
            found.append([status.st_size, status.st_mtime_ns])
        except OSError:
            found.append(None)
    return found


def _digest(content: object) -> str:
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:12]
