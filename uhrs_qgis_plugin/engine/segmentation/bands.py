"""Which bands of a raster a model reads."""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence

from uhrs_qgis_plugin.engine.bundle import Bundle
from uhrs_qgis_plugin.engine.errors import OptionsError, RasterError
from uhrs_qgis_plugin.engine.raster import GDAL_TYPES, RasterInfo


def choose_bands(info: RasterInfo, bundle: Bundle, bands: Sequence[int] | None) -> tuple[int, ...]:
    """Choose the raster's bands for a model, and check their number and type.

    Args:
        bands: Band numbers (from 1), None = the first ones that are not alpha.

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
