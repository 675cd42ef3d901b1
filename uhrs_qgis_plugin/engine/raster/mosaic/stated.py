"""What a catalogue states of a raster beside what its file says."""

from __future__ import annotations

from dataclasses import replace

from uhrs_qgis_plugin.engine.errors import RasterError
from uhrs_qgis_plugin.engine.raster.metadata import usable_nodata
from uhrs_qgis_plugin.engine.raster.source import Stated
from uhrs_qgis_plugin.engine.raster.types import RasterInfo


def with_names(info: RasterInfo, stated: Stated | None) -> RasterInfo:
    """Give bands that say nothing of themselves the common names of the catalogue.

    Raises:
        RasterError: The catalogue states another number of bands.
    """
    if stated is None or not stated.bands:
        return info
    if len(stated.bands) not in (info.count, info.count - len(info.alpha_bands)):  # alpha is often left out
        raise RasterError(
            f"'{info.path}' has {info.count} bands and its catalogue states {len(stated.bands)} "
            f"({', '.join(stated.bands)}): correct the item."
        )
    names = (*stated.bands, *("",) * info.count)[: info.count]
    own = info.descriptions or ("",) * info.count
    return replace(info, descriptions=tuple(mine or name for mine, name in zip(own, names)))


def with_nodata(info: RasterInfo, stated: Stated | None) -> RasterInfo:
    """Take the nodata of the catalogue where the file has none.

    Raises:
        RasterError: The file has other nodata.
    """
    if stated is None or not stated.nodata:
        return info
    numbers = stated.nodata * info.count if len(stated.nodata) == 1 else stated.nodata
    numbers = (*numbers, *(None,) * info.count)[: info.count]
    wanted = tuple(
        None if band in info.alpha_bands else usable_nodata(number, dtype)
        for band, (number, dtype) in enumerate(zip(numbers, info.dtypes), 1)
    )
    # As texts: NaN does not equal itself.
    if repr(wanted) == repr(info.nodata) or not any(number is not None for number in wanted):
        return info
    if any(number is not None for number in info.nodata) or info.has_own_mask:
        own = "a mask" if info.has_own_mask else f"nodata {_listed(info.nodata)}"
        raise RasterError(
            f"'{info.path}' has {own} and its catalogue states nodata {_listed(wanted)}: correct the item, or segment "
            "the file itself."
        )
    return replace(info, nodata=wanted, has_mask=True, nodata_is_stated=True)


def _listed(numbers: tuple[float | None, ...]) -> str:
    """Name numbers, each once."""
    return ", ".join(dict.fromkeys("none" if number is None else f"{number:g}" for number in numbers))
