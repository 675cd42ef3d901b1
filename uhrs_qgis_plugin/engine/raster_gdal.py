"""Raster back end on osgeo.gdal, 3.6 and later: the one that QGIS ships. This file reads."""

from __future__ import annotations

import os
from collections.abc import Sequence
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray
from osgeo import gdal, gdal_array

from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.raster_checks import (
    cannot_open,
    cannot_read,
    check_info,
    check_request,
    resampling_method,
    usable_nodata,
    valid_values,
)
from uhrs_qgis_plugin.engine.raster_contract import IDENTITY, RasterInfo
from uhrs_qgis_plugin.engine.raster_gdal_calls import attempt, bands_of
from uhrs_qgis_plugin.engine.raster_gdal_output import create_raster, finish_cog

__all__ = ["create_raster", "finish_cog", "open_raster"]

RESAMPLINGS = {"average": gdal.GRIORA_Average, "nearest": gdal.GRIORA_NearestNeighbour}
DTYPE_NAMES = {"Byte": "uint8"}  # the others are numpy's names in capitals


class GdalReader:
    """`RasterReader` on osgeo.gdal."""

    def __init__(self, path: str) -> None:
        """Open a raster.

        Args:
            path: File, or another name that GDAL opens.

        Raises:
            RasterError: See `raster.open_raster`.
        """
        flags = gdal.OF_RASTER | gdal.OF_READONLY | gdal.OF_VERBOSE_ERROR
        dataset, reason = attempt(gdal.OpenEx, path, flags)
        if dataset is None:
            raise cannot_open(path, reason)
        self._dataset = dataset
        self.info = _describe(path, dataset)
        check_info(self.info, [name for name, _ in dataset.GetSubDatasets()])
        bands = bands_of(dataset)
        self._nodata = [usable_nodata(b.GetNoDataValue(), d) for b, d in zip(bands, self.info.dtypes)]
        self._shared_mask = _has_shared_mask(bands[0])
        self._signed_as_unsigned = any(map(_is_signed_byte, bands))

    def read(
        self,
        bands: Sequence[int],
        window: Window,
        shape: tuple[int, int] | None = None,
        resampling: str = "average",
    ) -> NDArray[Any]:
        """Read pixels; see `RasterReader.read`."""
        shape = check_request(self.info, bands, window, shape)
        method = resampling_method(RESAMPLINGS, resampling)
        reduced = shape != (window.height, window.width)
        if reduced and method == gdal.GRIORA_Average and self._signed_as_unsigned:
            return self._average_signed(bands, window, shape)
        image = self._read(bands, window, shape, method)
        if reduced and image.dtype.kind == "f" and not np.isfinite(image).all():
            nearest = self._read(bands, window, shape, gdal.GRIORA_NearestNeighbour)
            image = np.where(np.isfinite(image), image, nearest)
        return image

    def read_valid(
        self, bands: Sequence[int], window: Window, shape: tuple[int, int] | None = None
    ) -> NDArray[np.bool_]:
        """Tell which pixels hold data; see `RasterReader.read_valid`."""
        shape = check_request(self.info, bands, window, shape)
        valid = np.ones(shape, np.bool_)
        if not self.info.has_mask:
            return valid
        nearest = gdal.GRIORA_NearestNeighbour
        nodata = [self._nodata[band - 1] for band in bands]
        if None not in nodata or any(self.info.dtypes[band - 1].startswith("float") for band in bands):
            valid &= valid_values(self._read(bands, window, shape, nearest), nodata)
        for band in set(self.info.alpha_bands).difference(bands):
            valid &= self._read([band], window, shape, nearest)[0] > 0
        if self._shared_mask:
            mask = self._open().GetRasterBand(1).GetMaskBand()
            valid &= self._into(mask, np.empty(shape, np.uint8), window, nearest) > 0
        return valid

    def close(self) -> None:
        """Close the file."""
        self._dataset = None

    def __enter__(self) -> GdalReader:
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close."""
        self.close()

    def _open(self) -> gdal.Dataset:
        """The dataset, which must not have been closed."""
        if self._dataset is None:
            raise ValueError(f"'{self.info.path}' has been closed.")
        return self._dataset

    def _read(self, bands: Sequence[int], window: Window, shape: tuple[int, int], method: int) -> NDArray[Any]:
        """Read bands (B, h, w) in their type. GDAL picks overviews and leaves nodata out of averages."""
        dtype = np.result_type(*(self.info.dtypes[band - 1] for band in bands))
        out = np.empty((len(bands), *shape), dtype)
        self._into(self._open(), out, window, method, band_list=list(bands))
        return out

    def _into(
        self, source: gdal.Dataset | gdal.Band, out: NDArray[Any], window: Window, method: int, **more: list[int]
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
            raise cannot_read(self.info.path, window, reason)
        return out

    def _average_signed(self, bands: Sequence[int], window: Window, shape: tuple[int, int]) -> NDArray[Any]:
        """Average signed bytes, which GDAL before 3.7 takes for unsigned when it computes with them.

        Costs a full read, and heeds nodata but no other mask; such files are rare.
        """
        full = self._read(bands, window, (window.height, window.width), gdal.GRIORA_NearestNeighbour)
        averages = np.empty((len(bands), *shape), full.dtype)
        for index, band in enumerate(bands):
            wide = gdal_array.OpenArray(full[index].astype(np.float64))
            number = self._nodata[band - 1]
            if number is not None:
                wide.GetRasterBand(1).SetNoDataValue(number)
            mean = np.empty(shape, np.float64)
            whole = Window(0, 0, window.height, window.width)
            self._into(wide, mean, whole, gdal.GRIORA_Average)
            averages[index] = np.trunc(mean + np.copysign(0.5, mean))  # GDAL's rounding of other signed types
        return averages


def open_raster(path: str) -> GdalReader:
    """Open a raster; see `raster.open_raster`."""
    return GdalReader(os.fspath(path))


def _describe(path: str, dataset: gdal.Dataset) -> RasterInfo:
    """Collect what is known without reading pixels."""
    bands = bands_of(dataset)
    transform = tuple(dataset.GetGeoTransform(can_return_null=True) or IDENTITY)
    dtypes = tuple(map(_dtype, bands))
    alpha = [n for n, b in enumerate(bands, 1) if b.GetColorInterpretation() == gdal.GCI_AlphaBand]
    return RasterInfo(
        path=path,
        width=dataset.RasterXSize,
        height=dataset.RasterYSize,
        count=len(bands),
        dtypes=dtypes,
        crs_wkt=dataset.GetProjection() or "",
        transform=transform,
        has_transform=transform != IDENTITY,
        alpha_bands=tuple(alpha),
        has_mask=bool(alpha)
        or any(dtype.startswith("float") for dtype in dtypes)
        or any(usable_nodata(b.GetNoDataValue(), d) is not None for b, d in zip(bands, dtypes))
        or bool(bands and _has_shared_mask(bands[0])),
    )


def _dtype(band: gdal.Band) -> str:
    """The numpy name of a band's data type, or GDAL's own for types that numpy does not have."""
    if _is_signed_byte(band):
        return "int8"
    name = gdal.GetDataTypeName(band.DataType)
    return DTYPE_NAMES.get(name, name.lower())


def _is_signed_byte(band: gdal.Band) -> bool:
    """Whether this is GDAL before 3.7 showing signed bytes as unsigned ones with a remark."""
    remark = band.GetMetadataItem("PIXELTYPE", "IMAGE_STRUCTURE")
    return band.DataType == gdal.GDT_Byte and remark == "SIGNEDBYTE"


def _has_shared_mask(band: gdal.Band) -> bool:
    """Whether the raster has a mask of its own (internal or .msk) that is not an alpha band."""
    flags = band.GetMaskFlags()
    return bool(flags & gdal.GMF_PER_DATASET) and not flags & gdal.GMF_ALPHA
