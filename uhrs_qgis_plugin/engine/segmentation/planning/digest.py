"""What the results of a run depend on, as one number that they carry: by it a later run knows that they are done."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict
from typing import Any

from uhrs_qgis_plugin.engine.bundle import Bundle
from uhrs_qgis_plugin.engine.outputs import Outputs
from uhrs_qgis_plugin.engine.raster import RasterSource, is_remote
from uhrs_qgis_plugin.engine.results import __version__
from uhrs_qgis_plugin.engine.segmentation.planning.options import Options

# Options that change how results are computed, not what they are.
WITHOUT_EFFECT = ("cluster", "resume", "device", "batch_size")


def state_of_source(source: RasterSource) -> list[list[Any]]:
    """Tell what identifies a raster without reading its pixels.

    Args:
        source: The raster by its files; one on a server must have been opened.

    Returns:
        Per file: absolute path, bytes, time of the last change; on servers what these said.
    """
    states: list[list[Any]] = [list(file.marks) for file in source.remote]
    own = os.path.abspath(source.path)  # of a list on servers: it may hold signatures, which change
    paths = [path for path in source.files if path != own and not is_remote(path)]
    for path in paths if source.remote else source.files or (source.path,):
        try:
            status = os.stat(path)
            states.append([os.path.abspath(path), status.st_size, status.st_mtime_ns])
        except OSError:  # not a file: its name must do
            states.append([path, 0, 0])
    return states


def digest_of(source: RasterSource, model: Bundle, options: Options, outputs: Outputs) -> str:
    """Compute the digest of a run: equal where raster, model, options, kinds of outputs and version are.

    Args:
        source: As for `state_of_source`.

    Returns:
        64 hexadecimal digits.
    """
    asked = {name: value for name, value in asdict(options).items() if name not in WITHOUT_EFFECT}
    facts = [
        state_of_source(source),
        model.sha256,
        asked,
        sorted(outputs.named()),
        __version__,
    ]
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()
