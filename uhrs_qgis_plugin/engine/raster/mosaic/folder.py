"""Folders of rasters as one raster: a virtual mosaic, written in memory as the XML of a .vrt file.

Later rasters (by name) lie on top of earlier ones, nodata and masked pixels let those below through, and where no
raster lies there is no data. Worked example: two rasters of 100 x 100 pixels of 0.5 m that lie 60 m apart make a
mosaic of 220 x 100 pixels with a gap of 20 columns.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterable
from typing import Callable

from uhrs_qgis_plugin.engine.errors import RasterError
from uhrs_qgis_plugin.engine.raster.metadata import band_roles, roles_text
from uhrs_qgis_plugin.engine.raster.mosaic.layout import Layout, offsets
from uhrs_qgis_plugin.engine.raster.source import Mosaic
from uhrs_qgis_plugin.engine.raster.types import RasterInfo

LARGEST_SIDE = 2**31 - 1  # pixels, GDAL's own limit
GRID_TOLERANCE = 0.01  # pixels


def build_mosaic(
    folder: str, infos: Iterable[RasterInfo], signed_byte: str, same_crs: Callable[[str, str], bool]
) -> Mosaic:
    """Join rasters, after checking that they fit together.

    Args:
        folder: Where they are, for texts.
        infos: The rasters, later ones on top; at least one. None of them is kept.
        signed_byte: What the back end calls int8.
        same_crs: Whether two WKT texts mean the same.

    Returns:
        The mosaic.

    Raises:
        RasterError: Two rasters do not fit together; the text names the one that differs from the first.
    """
    infos = iter(infos)
    first = next(infos)
    layout = Layout(first)
    for info in itertools.chain([first], infos):
        _check_georeference(info)
        _check_bands(info, first)
        _check_grid(info, first, same_crs)
        layout.add(info)
    height, width = layout.size()
    if max(height, width) > LARGEST_SIDE:
        raise RasterError(
            f"The rasters in '{folder}' span {width} x {height} pixels, {LARGEST_SIDE} at most are "
            "possible: some lie far away from the others, take them out."
        )
    return layout.mosaic(signed_byte)


def _check_georeference(info: RasterInfo) -> None:
    """Check that a raster has a georeference, north-up or south-up."""
    if info.placed_by:
        raise RasterError(
            f"'{info.path}' is placed by {info.placed_by} alone: warp it first (gdalwarp), or move it out of the "
            "folder."
        )
    if info.has_band_masks:
        raise RasterError(
            f"'{info.path}' has a mask of its own for each band, which a mosaic cannot keep: give it one mask for all "
            "bands or nodata, or move it out of the folder."
        )
    if not info.has_transform:
        raise RasterError(
            f"'{info.path}' has no georeference, so its place in the mosaic is unknown: give it one (gdal_edit.py "
            "-a_ullr or a world file), or move it out of the folder."
        )
    if info.transform.is_rotated:
        raise RasterError(f"'{info.path}' is rotated: warp it north-up first (gdalwarp), then build the mosaic.")
    try:
        info.path.encode("utf-8")
    except UnicodeEncodeError as error:
        raise RasterError(f"The name of {info.path!r} is not valid UTF-8: rename the file.") from error


def _check_bands(info: RasterInfo, first: RasterInfo) -> None:
    """Check that a raster has the bands of the first."""
    advice = f"all rasters of a folder must be alike, '{os.path.basename(first.path)}' is the first: "
    if info.count != first.count:
        raise RasterError(
            f"'{info.path}' has {info.count} bands, not {first.count}: {advice}choose bands with gdal_translate -b, "
            "or move it out."
        )
    if info.dtypes != first.dtypes:
        raise RasterError(
            f"'{info.path}' holds {', '.join(sorted(set(info.dtypes)))}, not {', '.join(sorted(set(first.dtypes)))}: "
            f"{advice}convert it with gdal_translate -ot, or move it out."
        )
    if info.alpha_bands != first.alpha_bands:
        raise RasterError(
            f"'{info.path}' has alpha bands {info.alpha_bands}, not {first.alpha_bands}: {advice}set them alike with "
            "gdal_edit.py -colorinterp_N alpha, or move it out."
        )
    if (info.colours, info.descriptions) == (first.colours, first.descriptions):
        return
    roles, expected = ([role.names[:1] for role in band_roles(one)] for one in (info, first))
    if any(roles) and any(expected) and roles != expected:
        raise RasterError(
            f"The bands of '{info.path}' are {roles_text(info)}, not {roles_text(first)}: {advice}bring its bands into "
            "that order with gdal_translate -b, or move it out."
        )


def _check_grid(info: RasterInfo, first: RasterInfo, same_crs: Callable[[str, str], bool]) -> None:
    """Check that a raster lies on the pixel grid of the first."""
    one, other = info.crs_wkt, first.crs_wkt
    if one != other and not (one and other and same_crs(one, other)):
        raise RasterError(
            f"'{info.path}' has the CRS {_crs_name(one)}, not {_crs_name(other)} like '{os.path.basename(first.path)}'"
            ": bring all into one CRS with gdalwarp -t_srs, or move it out."
        )
    for place, side in ((1, info.width), (5, info.height)):
        size, expected = info.transform[place], first.transform[place]
        # Errors in the pixel size add up along the raster.
        if abs(size / expected - 1) * side > GRID_TOLERANCE:
            raise RasterError(
                f"'{info.path}' has pixels of {size:.10g}, not {expected:.10g} like "
                f"'{os.path.basename(first.path)}': bring all to one pixel size with gdalwarp -tr, or move it out."
            )
    for axis, offset in zip(("rows", "columns"), offsets(info, first)):
        if abs(offset - round(offset)) > GRID_TOLERANCE:
            raise RasterError(
                f"'{info.path}' lies {abs(offset - round(offset)):.2f} pixels off the grid of "
                f"'{os.path.basename(first.path)}' along its {axis}: align it with gdalwarp -tap -tr, build a .vrt "
                "with gdalbuildvrt and open that, or move it out."
            )


def _crs_name(wkt: str) -> str:
    """Name of a CRS: the first quoted text of its WKT."""
    return f"'{wkt.split(chr(34))[1]}'" if wkt.count('"') > 1 else "none"
