"""Raster back end on osgeo.gdal, 3.6 and later: the one that QGIS ships. This file reads."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from osgeo import gdal, gdal_array

from uhrs_qgis_plugin.engine.errors import one_line
from uhrs_qgis_plugin.engine.grid import Geotransform, Window
from uhrs_qgis_plugin.engine.raster.gdal_backend import virtual_files
from uhrs_qgis_plugin.engine.raster.gdal_backend.calls import attempt, bands_of
from uhrs_qgis_plugin.engine.raster.gdal_backend.crs import (
    geodesy,
    read_crs,
    same_crs,
    to_degrees,
    transform_points,
)
from uhrs_qgis_plugin.engine.raster.gdal_backend.encoding import encode_geotiff
from uhrs_qgis_plugin.engine.raster.gdal_backend.writing import create_raster, finish_cog
from uhrs_qgis_plugin.engine.raster.metadata import has_mask, lists_blocks, usable_nodata, used_bits
from uhrs_qgis_plugin.engine.raster.read_errors import ReadFailedError, cannot_open, check_info
from uhrs_qgis_plugin.engine.raster.resampling import average_plainly, is_plain
from uhrs_qgis_plugin.engine.raster.types import GDAL_TYPES, IDENTITY, POOL, THREADS, GdalLimits, RasterInfo

__all__ = [
    "NAME",
    "SIGNED_BYTE",
    "create_raster",
    "encode_geotiff",
    "finish_cog",
    "gdal_limits",
    "geodesy",
    "open_source",
    "read_crs",
    "read_marks",
    "same_crs",
    "set_gdal_limits",
    "to_degrees",
    "transform_points",
    "virtual_files",
]

RESAMPLINGS = {"average": gdal.GRIORA_Average, "nearest": gdal.GRIORA_NearestNeighbour}
NAME = "gdal"
HAS_INT8 = int(gdal.VersionInfo()) >= 3070000
SIGNED_BYTE = "Int8" if HAS_INT8 else "Byte"  # what int8 is called in VRT files
DTYPE_OF = {gdal_type: dtype for dtype, gdal_type in GDAL_TYPES.items()}


class GdalSource:
    """`PixelSource` on osgeo.gdal."""

    def __init__(self, name: str, path: str) -> None:
        """Open a raster.

        Args:
            name: File, or another name that GDAL opens.
            path: What to call it in texts.

        Raises:
            RasterError: See `open_raster`.
        """
        flags = gdal.OF_RASTER | gdal.OF_READONLY | gdal.OF_VERBOSE_ERROR
        dataset, reason = attempt(gdal.OpenEx, name, flags)
        if dataset is None:
            raise cannot_open(path, reason)
        self._dataset = dataset
        # Quietly: overviews and masks are opened here, and a damaged one would print.
        info, reason = attempt(_describe, path, dataset)
        if info is None:
            raise cannot_open(path, reason)
        self.info: RasterInfo = info
        check_info(self.info, [name for name, _ in dataset.GetSubDatasets()])
        self._signed_as_unsigned = any(map(_is_signed_byte, bands_of(dataset)))
        self._lists_blocks = lists_blocks(dataset.GetDriver().ShortName, self.info.block_shape)

    def expect(self, bands: Sequence[int], windows: Sequence[Window]) -> None:
        """Do nothing: what is here needs no fetching; see `PixelSource.expect`."""

    def pixels(self, bands: Sequence[int], window: Window, shape: tuple[int, int], resampling: str) -> NDArray[Any]:
        """Read pixels; see `PixelSource.pixels`. GDAL picks overviews and leaves nodata out of averages."""
        if resampling == "average" and is_plain(self.info, bands, window, shape):
            return average_plainly(partial(self._full, bands), len(bands), window, self.info.block_shape[0])
        reduced = shape != (window.height, window.width)
        if reduced and resampling == "average" and self._signed_as_unsigned:
            return self._average_signed(bands, window, shape)
        dtype = np.result_type(*(self.info.dtypes[band - 1] for band in bands))
        out = np.empty((len(bands), *shape), dtype)
        return _into(self._open(), out, window, RESAMPLINGS[resampling], band_list=list(bands))

    def _full(self, bands: Sequence[int], window: Window) -> NDArray[Any]:
        """Read pixels at full scale."""
        return self.pixels(bands, window, (window.height, window.width), "nearest")

    def mask(self, band: int, window: Window, shape: tuple[int, int]) -> NDArray[np.uint8]:
        """Read a band's mask; see `PixelSource.mask`."""
        mask = self._open().GetRasterBand(band).GetMaskBand()
        return _into(mask, np.empty(shape, np.uint8), window, RESAMPLINGS["nearest"])

    def has_block(self, band: int, row: int, col: int) -> bool:
        """Whether the file holds a block; see `PixelSource.has_block`."""
        if not self._lists_blocks:
            return True
        return self._open().GetRasterBand(band).GetMetadataItem(f"BLOCK_OFFSET_{col}_{row}", "TIFF") is not None

    def close(self) -> None:
        """Close the file."""
        self._dataset = None

    def _open(self) -> gdal.Dataset:
        """The dataset, which must not have been closed."""
        if self._dataset is None:
            raise ValueError(f"'{self.info.path}' has been closed.")
        return self._dataset

    def _average_signed(self, bands: Sequence[int], window: Window, shape: tuple[int, int]) -> NDArray[Any]:
        """Average signed bytes, which GDAL before 3.7 takes for unsigned when it computes with them.

        Costs a full read, and heeds nodata but no other mask; such files are rare.
        """
        full = self.pixels(bands, window, (window.height, window.width), "nearest")
        averages = np.empty((len(bands), *shape), full.dtype)
        for index, band in enumerate(bands):
            wide = gdal_array.OpenArray(full[index].astype(np.float64))
            number = self.info.nodata[band - 1]
            if number is not None:
                wide.GetRasterBand(1).SetNoDataValue(number)
            mean = np.empty(shape, np.float64)
            whole = Window(0, 0, window.height, window.width)
            _into(wide, mean, whole, gdal.GRIORA_Average)
            averages[index] = np.trunc(mean + np.copysign(0.5, mean))  # GDAL's rounding of other signed types
        return averages


def open_source(name: str, path: str) -> GdalSource:
    """Open a raster; see `GdalSource`."""
    return GdalSource(name, path)


def gdal_limits() -> GdalLimits:
    """Read what GDAL may take, in the whole process."""
    files, threads = (str(gdal.GetConfigOption(name)) for name in (POOL, THREADS))
    return GdalLimits(
        int(gdal.GetCacheMax()), int(files) if files.isdigit() else None, int(threads) if threads.isdigit() else None
    )


def set_gdal_limits(limits: GdalLimits) -> None:
    """Set what GDAL may take, in the whole process."""
    gdal.SetCacheMax(limits.cache_bytes)
    for name, value in ((POOL, limits.open_files), (THREADS, limits.threads)):
        gdal.SetConfigOption(name, None if value is None else str(value))


def _into(
    source: gdal.Dataset | gdal.Band, out: NDArray[Any], window: Window, method: int, **more: list[int]
) -> NDArray[Any]:
    """Fill an array from a dataset or band."""
    result, reason = attempt(
        source.ReadAsArray,
        window.col,
        window.row,
        window.width,
        window.height,
        buf_obj=out,
        resample_alg=method,
        **more,
    )
    if result is None:
        raise ReadFailedError(one_line(reason))
    return out


def _describe(path: str, dataset: gdal.Dataset) -> RasterInfo:
    """Collect what is known without reading pixels."""
    bands = bands_of(dataset)
    transform = Geotransform(*(dataset.GetGeoTransform(can_return_null=True) or IDENTITY))
    dtypes = tuple(map(_dtype, bands))
    nodata = tuple(usable_nodata(band.GetNoDataValue(), dtype) for band, dtype in zip(bands, dtypes))
    colours = tuple(gdal.GetColorInterpretationName(band.GetColorInterpretation()).lower() for band in bands)
    alpha = tuple(number for number, colour in enumerate(colours, 1) if colour == "alpha")
    band_masks = any(map(_has_band_mask, bands))
    own_mask = band_masks or (bool(bands) and _has_own_mask(bands[0]))
    crs = dataset.GetSpatialRef()
    return RasterInfo(
        path=path,
        width=dataset.RasterXSize,
        height=dataset.RasterYSize,
        count=len(bands),
        dtypes=dtypes,
        crs_wkt=dataset.GetProjection() or "",
        transform=transform,
        has_transform=transform != IDENTITY,
        alpha_bands=alpha,
        has_mask=has_mask(dtypes, nodata, alpha, own_mask),
        block_shape=tuple(reversed(bands[0].GetBlockSize())) if bands else (1, 1),
        overviews=_decimations(bands[0]) if bands else (),
        nodata=nodata,
        has_own_mask=own_mask,
        has_band_masks=band_masks,
        placed_by="" if transform != IDENTITY else _placed_by(dataset),
        has_palette="palette" in colours[:1],
        unit_m=crs.GetLinearUnits() if crs is not None and crs.IsProjected() else None,
        colours=colours,
        descriptions=tuple(band.GetDescription() or "" for band in bands),
        bits=used_bits(dtypes, [band.GetMetadataItem("NBITS", "IMAGE_STRUCTURE") for band in bands]),
        is_virtual=dataset.GetDriver().ShortName == "VRT",
        bands_together=dataset.GetMetadataItem("INTERLEAVE", "IMAGE_STRUCTURE") == "PIXEL",
    )


def _decimations(band: gdal.Band) -> tuple[int, ...]:
    """How many pixels a pixel of each overview stands for, along a row."""
    overviews = [band.GetOverview(number) for number in range(band.GetOverviewCount())]
    return tuple(round(band.XSize / overview.XSize) for overview in overviews if overview is not None)


def _dtype(band: gdal.Band) -> str:
    """The numpy name of a band's data type, or GDAL's own for types that numpy does not have."""
    if _is_signed_byte(band):
        return "int8"
    name = gdal.GetDataTypeName(band.DataType)
    return DTYPE_OF.get(name, name.lower())


def _is_signed_byte(band: gdal.Band) -> bool:
    """Whether this is GDAL before 3.7 showing signed bytes as unsigned ones with a remark."""
    if HAS_INT8 or band.DataType != gdal.GDT_Byte:  # to a GDAL with Int8 the mere question is worth a warning
        return False
    return band.GetMetadataItem("PIXELTYPE", "IMAGE_STRUCTURE") == "SIGNEDBYTE"


def _has_own_mask(band: gdal.Band) -> bool:
    """Whether the raster has a mask of its own (internal or .msk) that is not an alpha band."""
    flags = band.GetMaskFlags()
    return bool(flags & gdal.GMF_PER_DATASET) and not flags & gdal.GMF_ALPHA


def _has_band_mask(band: gdal.Band) -> bool:
    """Whether a band has a mask that is neither the dataset's, nor alpha, nor made of nodata."""
    return not band.GetMaskFlags() & (gdal.GMF_ALL_VALID | gdal.GMF_PER_DATASET | gdal.GMF_ALPHA | gdal.GMF_NODATA)


def _placed_by(dataset: gdal.Dataset) -> str:
    """What places a raster on the map that has no geotransform, "" when nothing does."""
    if dataset.GetGCPCount():
        return f"{dataset.GetGCPCount()} ground control points"
    return "rational polynomial coefficients (RPC)" if dataset.GetMetadata("RPC") else ""


def read_marks(path: str) -> tuple[dict[int, tuple[int, ...]], list[str], dict[str, str], str]:
    """Read what band 1 carries besides pixels: colours, category names, metadata of the file, and its description."""
    dataset, _ = attempt(gdal.OpenEx, path, gdal.OF_RASTER)
    if dataset is None:
        return {}, [], {}, ""
    band = dataset.GetRasterBand(1)
    table = band.GetColorTable()
    colours = {} if table is None else {n: tuple(table.GetColorEntry(n)[:3]) for n in range(table.GetCount())}
    return colours, list(band.GetCategoryNames() or ()), dict(dataset.GetMetadata()), band.GetDescription() or ""
