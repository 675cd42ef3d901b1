"""Checks of the outputs before the first pixel is computed."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping

from uhrs_qgis_plugin.engine.errors import OptionsError, OutputError
from uhrs_qgis_plugin.engine.files import RASTER_ENDINGS, identity
from uhrs_qgis_plugin.engine.outputs.targets import Outputs
from uhrs_qgis_plugin.engine.raster import check_local

# DEFLATE halves even noisy label maps of few classes; blocks, their copy and overviews are there at once.
CLASSES_BYTES_PER_PIXEL = 1.2

UNCERTAINTY_BYTES_PER_CELL = 4.7
STRIPS = 0.4  # of that: strips of a cluster may all be there before the first of them is copied


def check_outputs(outputs: Mapping[str, str], inputs: Mapping[str, str]) -> None:
    """Check that the outputs can be written and overwrite nothing they should not.

    Args:
        outputs: What is written -> path.
        inputs: Path of a file that is read -> what it is, as "the model".

    Raises:
        OutputError: A folder is missing or not writable, or a path is taken by a folder.
        OptionsError: Two outputs, or an output and an input, are one file.
    """
    taken = {identity(path): what for path, what in inputs.items()}
    for name, path in outputs.items():
        check_local(path, f"output {name}")
        if identity(path) in taken:
            raise OptionsError(f"The output {name} '{path}' is also {taken[identity(path)]}: choose another name.")
        taken[identity(path)] = f"the output {name}"
        if name != "report" and not path.lower().endswith(RASTER_ENDINGS):
            raise OptionsError(f"The output {name} '{path}' is written as GeoTIFF: give a name that ends with .tif.")
        folder = os.path.dirname(path) or "."
        if not os.path.isdir(folder):
            raise OutputError(f"The folder of '{path}' does not exist: create it or choose another one.")
        if os.path.isdir(path):
            raise OutputError(f"'{path}' is a folder: give the name of a file for {name}.")
        try:
            # Trying is the only test that holds for every file system and user.
            with tempfile.TemporaryFile(dir=folder):
                pass
        except OSError as error:
            raise OutputError(
                f"The folder of '{path}' is not writable ({error.strerror or error}): choose another one."
            ) from error


def check_disk(
    outputs: Outputs, pixels: int, uncertainty_cell: int = 1, scratch: float = 0, has_strips: bool = False
) -> None:
    """Check that the outputs fit on the disk, for hardly compressible results.

    Args:
        uncertainty_cell: Pixels along a side of a cell of the uncertainty.
        scratch: Bytes of the coarse map, where it is kept in files beside the classes.
        has_strips: Whether workers of a cluster make strips, which are kept there, too.

    Raises:
        OutputError: Too little space.
    """
    needed: dict[int, float] = {}
    sizes = {
        "classes": CLASSES_BYTES_PER_PIXEL * pixels,
        "uncertainty": UNCERTAINTY_BYTES_PER_CELL * pixels / uncertainty_cell**2,
    }
    sizes["classes"] += scratch + (STRIPS * sum(sizes.values()) if has_strips else 0)
    for name, path in outputs.named().items():
        folder = os.path.dirname(path) or "."
        # Outputs on one disk share its space.
        disk = os.stat(folder).st_dev
        needed[disk] = needed.get(disk, 0) + sizes.get(name, 0)
        free = shutil.disk_usage(folder).free
        if needed[disk] > free:
            raise OutputError(
                f"'{path}' may need {needed[disk] / 1e6:.0f} MB but {free / 1e6:.0f} MB are free: "
                "free some space or choose another disk."
            )
