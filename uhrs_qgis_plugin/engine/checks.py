"""Everything that can be known to be wrong before the first pixel is computed."""

from __future__ import annotations

import os
import shlex
import shutil
import tempfile
from collections.abc import Mapping, Sequence

from uhrs_qgis_plugin.engine.bundle import Bundle
from uhrs_qgis_plugin.engine.errors import OptionsError, OutputError, RasterError
from uhrs_qgis_plugin.engine.grid import Canvas
from uhrs_qgis_plugin.engine.options import Options, Outputs
from uhrs_qgis_plugin.engine.raster_contract import RasterInfo

GDAL_TYPES = {
    "uint8": "Byte",
    "int8": "Int8",
    "uint16": "UInt16",
    "int16": "Int16",
    "uint32": "UInt32",
    "int32": "Int32",
    "float32": "Float32",
    "float64": "Float64",
}
# DEFLATE halves even noisy label maps of few classes; blocks, their copy and overviews are there at once.
CLASSES_BYTES_PER_PIXEL = 1.2
UNCERTAINTY_BYTES_PER_CELL = 4.7
RASTER_ENDINGS = (".tif", ".tiff")


def choose_bands(info: RasterInfo, bundle: Bundle, bands: Sequence[int] | None) -> tuple[int, ...]:
    """Choose the raster's bands for a model, and check their number and type.

    Args:
        info: The raster.
        bundle: The model.
        bands: Bands asked for (from 1), None = the first ones that are not alpha.

    Returns:
        One band number per model band.

    Raises:
        OptionsError: `bands` does not fit the model or the raster.
        RasterError: The raster has too few bands, or numbers of another type.
    """
    names, file = ",".join(bundle.bands), os.path.basename(info.path)
    if bands is None:
        colour = [band for band in range(1, info.count + 1) if band not in info.alpha_bands]
        if len(colour) < len(bundle.bands):
            alpha = f" (and {len(info.alpha_bands)} alpha)" if info.alpha_bands else ""
            advice = "Choose another model or pass bands=..."
            if info.has_palette and len(bundle.bands) == 3:
                target = shlex.quote(f"{os.path.splitext(file)[0]}_rgb.tif")
                advice = f"Its palette must become bands: gdal_translate -expand rgb {shlex.quote(info.path)} {target}"
            raise RasterError(
                f"Model '{bundle.name}' expects {len(bundle.bands)} bands ({names}) but '{file}' has "
                f"{len(colour)}{alpha}. {advice}"
            )
        chosen = tuple(colour[: len(bundle.bands)])
    else:
        chosen = tuple(bands)
        if len(chosen) != len(bundle.bands):
            raise OptionsError(
                f"Model '{bundle.name}' expects {len(bundle.bands)} bands ({names}) but bands={list(chosen)} names "
                f"{len(chosen)}: name one raster band per model band."
            )
        if not all(1 <= band <= info.count for band in chosen):
            raise OptionsError(
                f"bands={list(chosen)} but '{file}' has {info.count}: choose numbers in 1..{info.count}."
            )
    _check_data_type(info, bundle, chosen)
    return chosen


def _check_data_type(info: RasterInfo, bundle: Bundle, bands: Sequence[int]) -> None:
    """Check that the raster holds the numbers the model was trained on.

    Raises:
        RasterError: Another type; the text holds the command that converts it.
    """
    found = sorted({info.dtypes[band - 1] for band in bands} - {bundle.data_type})
    if not found:
        return
    stem = os.path.splitext(os.path.basename(info.path))[0]
    # Narrowing needs new limits; widening keeps the numbers, only the user knows whether their range is the model's.
    scale = " -scale" if bundle.data_type in ("uint8", "int8") else ""
    command = (
        f"gdal_translate -ot {GDAL_TYPES[bundle.data_type]}{scale} "
        f"{shlex.quote(info.path)} {shlex.quote(f'{stem}_{bundle.data_type}.tif')}"
    )
    raise RasterError(
        f"Model '{bundle.name}' was trained on {bundle.data_type} numbers but '{os.path.basename(info.path)}' holds "
        f"{', '.join(found)}. Choose another model or convert the raster to the range it was trained on: {command}"
    )


def check_outputs(outputs: Mapping[str, str], raster: Sequence[str], bundle: Bundle) -> None:
    """Check that the outputs can be written and overwrite nothing they should not.

    Args:
        outputs: What is written -> path.
        raster: The files of the input.
        bundle: The model.

    Raises:
        OutputError: A folder is missing or not writable, or a path is taken by a folder.
        OptionsError: Two outputs, or an output and an input, are one file.
    """
    taken = {_identity(path): "the input raster" for path in raster}
    taken[_identity(bundle.path)] = "the model"
    for name, path in outputs.items():
        if _identity(path) in taken:
            raise OptionsError(f"The output {name} '{path}' is also {taken[_identity(path)]}: choose another name.")
        taken[_identity(path)] = f"the output {name}"
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


def _identity(path: str) -> str:
    """One spelling for every spelling of a path."""
    return os.path.normcase(os.path.realpath(path))


def check_disk(outputs: Outputs, canvas: Canvas, options: Options, scratch: float = 0) -> None:
    """Check that the outputs fit on the disk, for hardly compressible results.

    Args:
        outputs: Where the results go.
        canvas: What is processed.
        options: Tells the resolution of the uncertainty.
        scratch: Bytes of the coarse map, where it is kept in files beside the classes.

    Raises:
        OutputError: Too little space.
    """
    pixels = canvas.data_height * canvas.data_width
    needed: dict[int, float] = {}
    sizes = {
        "classes": CLASSES_BYTES_PER_PIXEL * pixels + scratch,
        "uncertainty": UNCERTAINTY_BYTES_PER_CELL * pixels / options.uncertainty_cell**2,
    }
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
