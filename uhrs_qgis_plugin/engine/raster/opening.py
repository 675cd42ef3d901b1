"""The only door to rasters: windowed and decimated reads with a valid mask, streamed writes, cloud-optimised output.

Two thin back ends under one contract: `raster_gdal` where osgeo.gdal can be imported (always inside QGIS, so that one
process holds one GDAL), `raster_rasterio` elsewhere. Readers and writers belong to the thread that uses them; open one
reader per thread.
"""

from __future__ import annotations

import importlib
import math
import os
from collections.abc import Sequence
from dataclasses import replace
from types import ModuleType

from uhrs_qgis_plugin.engine.errors import OptionsError, RasterError
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.raster.mosaic import build_mosaic, describe
from uhrs_qgis_plugin.engine.raster.reader import Reader
from uhrs_qgis_plugin.engine.raster.source import RasterSource
from uhrs_qgis_plugin.engine.raster.types import (
    UNREADABLE,
    Progress,
    RasterInfo,
    RasterProfile,
    RasterReader,
    RasterWriter,
)

BACKENDS = ("gdal", "rasterio")  # in the order in which "auto" tries them
OVERVIEW_RESAMPLINGS = ("average", "mode", "nearest")
EDGE_TOLERANCE = 0.01  # pixels: bounds this close to a pixel edge mean the edge (texts carry few decimals)


def open_raster(
    raster: str | os.PathLike[str] | RasterSource, backend: str = "auto", unreadable: str = "stop"
) -> RasterReader:
    """Open a raster for reading.

    Args:
        raster: File, a folder of rasters (see `mosaic`), or another name that GDAL opens; or `info.source` of a
            reader, which opens the same raster again, with the same back end, without looking for its files.
        backend: "gdal", "rasterio", or "auto": the first that can be imported.
        unreadable: What blocks that do not read lead to: "stop", an error that names the first; or "nodata", they
            hold no data and `reader.unreadable` lists them. `read_valid` then has to decode pixels.

    Returns:
        The reader.

    Raises:
        RasterError: Missing, not a raster, without bands, of a data type that is not supported, with overviews or a
            mask of another raster, a folder without rasters or of rasters that do not fit together.
        OptionsError: The back end is unknown or cannot be imported, or `unreadable` is unknown.

    Examples:
        >>> from uhrs_qgis_plugin.engine import open_raster
        >>> from uhrs_qgis_plugin.engine.grid import Window
        >>> with open_raster("site.tif") as reader:
        ...     pixels = reader.read([1, 2, 3], Window(row=0, col=0, height=100, width=150))
        >>> pixels.shape, reader.info.width, reader.info.height
        ((3, 100, 150), 300, 200)
    """
    if unreadable not in UNREADABLE:
        raise OptionsError(f"unreadable='{unreadable}' is unknown: use one of {UNREADABLE}.")
    module = backend_of(backend)
    # Files are looked at first: GDAL recurses into a .vrt file that contains itself until the stack is full.
    source = raster if isinstance(raster, RasterSource) else describe(raster)
    if source.rasters:
        return _open_folder(source, module, unreadable)
    pixels = module.open_source(source.path, source.path)
    if source.vrt is None:
        _check_companions(pixels.info, module)
    elif source.vrt.block_shape is not None:
        pixels.info = replace(pixels.info, block_shape=source.vrt.block_shape)
    pixels.info = replace(pixels.info, source=source)
    return Reader(pixels, unreadable)


def create_raster(path: str, profile: RasterProfile, backend: str = "auto") -> RasterWriter:
    """Create a plain GeoTIFF, replacing what is there.

    Args:
        path: File to create.
        profile: What to create.
        backend: As in `open_raster`.

    Returns:
        The writer.

    Raises:
        OutputError: The file cannot be created.
        OptionsError: The back end is unknown or cannot be imported.
    """
    return backend_of(backend).create_raster(path, profile)


def finish_cog(
    source: str,
    destination: str,
    overview_resampling: str,
    backend: str = "auto",
    progress: Progress | None = None,
) -> None:
    """Copy a GeoTIFF of ours to a cloud-optimised one: colours, names, nodata, scale and metadata come along.

    What is at the destination is replaced; nothing is left there after an error. Class names travel in a sidecar
    beside each file: whoever renames the file renames `sidecar_path(file)` with it.

    Args:
        source: GeoTIFF that `create_raster` wrote, or a mosaic of such files.
        destination: File to create.
        overview_resampling: "mode" (classes), "average" (quantities) or "nearest"; overviews that the source has are
            taken as they are.
        backend: As in `open_raster`.
        progress: Called with 0..1; an error that it raises stops the copy and comes out of here. The rasterio back end
            calls it as often, but knows no share before the end.

    Raises:
        OutputError: The copy failed, or is not complete.
        OptionsError: The back end or the resampling is unknown.
    """
    if overview_resampling not in OVERVIEW_RESAMPLINGS:
        raise OptionsError(
            f"Overview resampling '{overview_resampling}' is unknown: use one of {OVERVIEW_RESAMPLINGS}."
        )
    backend_of(backend).finish_cog(source, destination, overview_resampling, progress)


def window_from_bounds(info: RasterInfo, bounds: Sequence[float]) -> Window:
    """Find the pixels that bounds touch.

    Args:
        info: The raster; south-up is fine.
        bounds: (left, bottom, right, top) in the raster's CRS; without a geotransform in pixels, y downwards.

    Returns:
        Window, clipped to the raster. Bounds within a hundredth of a pixel of an edge mean the edge.

    Raises:
        OptionsError: The raster is rotated, the bounds are empty or not numbers, or lie outside.
    """
    left, bottom, right, top = bounds
    if info.transform.is_rotated:
        raise OptionsError(
            f"Bounds were given but '{info.path}' is rotated: process it whole, or warp it north-up first."
        )
    if not (all(map(math.isfinite, bounds)) and left < right and bottom < top):
        raise OptionsError(
            f"Bounds {tuple(bounds)} are empty: give left, bottom, right, top with left < right and bottom < top."
        )
    x, x_col, _, y, _, y_row = info.transform
    cols = _pixel_range((left - x) / x_col, (right - x) / x_col, info.width)
    rows = _pixel_range((bottom - y) / y_row, (top - y) / y_row, info.height)
    if cols is None or rows is None:
        xs, ys = map(sorted, zip((x, y), info.transform.place(info.width, info.height)))
        raise OptionsError(
            f"Bounds {tuple(bounds)} lie outside '{info.path}', which covers {(xs[0], ys[0], xs[1], ys[1])}: "
            "choose bounds that overlap it, in its CRS."
        )
    return Window(rows[0], cols[0], rows[1] - rows[0], cols[1] - cols[0])


def _open_folder(source: RasterSource, module: ModuleType, unreadable: str) -> RasterReader:
    """Open the rasters of a folder as one."""
    mosaic = source.mosaic
    if mosaic is None:
        infos = []
        for raster in source.rasters:
            with open_raster(raster, module.NAME) as reader:
                infos.append(reader.info)
        mosaic = build_mosaic(source.path, infos, module.SIGNED_BYTE, module.same_crs)
    pixels = module.open_source(mosaic.pixels, source.path)
    masks = None if mosaic.masks is None else module.open_source(mosaic.masks, source.path)
    pixels.info = replace(
        pixels.info,
        block_shape=mosaic.block_shape,
        overviews=mosaic.overviews,
        has_palette=mosaic.has_palette,
        source=replace(source, mosaic=mosaic),
    )
    return Reader(pixels, unreadable, masks)


def _check_companions(info: RasterInfo, module: ModuleType) -> None:
    """Check that overviews and mask beside a file belong to it; GDAL would use them anyhow.

    Raises:
        RasterError: They are of another raster.
    """
    for ending, name in ((".ovr", "overviews"), (".msk", "mask")):
        file = info.path + ending
        if not os.path.isfile(file):
            continue
        try:
            found = module.open_source(file, file)
        except RasterError:
            continue  # GDAL does not use what it cannot open
        height, width, count = found.info.height, found.info.width, found.info.count
        found.close()
        if ending == ".msk":
            fits = (height, width) == (info.height, info.width)
        else:
            factor = info.width / width
            # Rounded up or down, and a band of one pixel can become no smaller.
            fits = count == info.count and abs(info.height / factor - height) <= max(1, 1 / factor)
        if not fits:
            raise RasterError(
                f"'{file}' ({width} x {height}, {count} bands) does not hold the {name} of '{info.path}' "
                f"({info.width} x {info.height}, {info.count} bands): delete it, or put the right one there."
            )


def _pixel_range(one: float, other: float, limit: int) -> tuple[int, int] | None:
    """First pixel and pixel after the last between two positions along an axis; None outside 0..limit."""
    start, end = sorted((one, other))
    if end <= EDGE_TOLERANCE or start >= limit - EDGE_TOLERANCE:
        return None
    first = max(0, math.floor(start + EDGE_TOLERANCE))
    return first, max(first + 1, min(limit, math.ceil(end - EDGE_TOLERANCE)))


def backend_of(name: str) -> ModuleType:
    """Import a back end, and only the one that is used: two copies of GDAL in a process do not mix.

    Args:
        name: "auto" (the first that is there) or one of `BACKENDS`.

    Raises:
        OptionsError: It is unknown or not installed.
    """
    if name != "auto" and name not in BACKENDS:
        raise OptionsError(f"Raster back end '{name}' is unknown: use 'auto' or one of {BACKENDS}.")
    reasons = []
    for candidate in BACKENDS if name == "auto" else (name,):
        try:
            return importlib.import_module(f"uhrs_qgis_plugin.engine.raster.{candidate}_backend.reading")
        except ImportError as error:
            reasons.append(f"{candidate}: {' '.join(str(error).split())}")
    raise OptionsError(f"No library to read rasters ({'; '.join(reasons)}): run inside QGIS, or install rasterio.")
