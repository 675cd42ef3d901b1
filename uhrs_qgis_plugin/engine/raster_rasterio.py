"""Raster back end on rasterio, for use outside QGIS; behaves as `raster_gdal` does."""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Callable

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.enums import ColorInterp, MaskFlags, Resampling
from rasterio.errors import NotGeoreferencedWarning
from rasterio.windows import Window as RasterioWindow

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
from uhrs_qgis_plugin.engine.raster_rasterio_output import FAILURES, create_raster, finish_cog, last_reason

__all__ = ["create_raster", "finish_cog", "open_raster"]

RESAMPLINGS = {"average": Resampling.average, "nearest": Resampling.nearest}


class RasterioReader:
    """`RasterReader` on rasterio."""

    def __init__(self, path: str) -> None:
        """Open a raster.

        Args:
            path: File, or another name that rasterio opens.

        Raises:
            RasterError: See `raster.open_raster`.
        """
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)  # RasterInfo.has_transform tells it
            try:
                self._dataset = rasterio.open(path)
            except FAILURES as error:
                raise cannot_open(path, last_reason(error)) from error
            self.info = _describe(path, self._dataset)
        check_info(self.info, self._dataset.subdatasets)
        self._nodata = [usable_nodata(n, d) for n, d in zip(self._dataset.nodatavals, self.info.dtypes)]
        self._shared_mask = _has_shared_mask(self._dataset)

    def read(
        self,
        bands: Sequence[int],
        window: Window,
        shape: tuple[int, int] | None = None,
        resampling: str = "average",
    ) -> NDArray[Any]:
        """Read pixels; see `RasterReader.read`."""
        shape = check_request(self.info, bands, window, shape)
        method = Resampling(resampling_method(RESAMPLINGS, resampling))
        image = self._read(bands, window, shape, method)
        reduced = shape != (window.height, window.width)
        if reduced and image.dtype.kind == "f" and not np.isfinite(image).all():
            image = np.where(np.isfinite(image), image, self._read(bands, window, shape, Resampling.nearest))
        return image

    def read_valid(
        self, bands: Sequence[int], window: Window, shape: tuple[int, int] | None = None
    ) -> NDArray[np.bool_]:
        """Tell which pixels hold data; see `RasterReader.read_valid`."""
        shape = check_request(self.info, bands, window, shape)
        valid = np.ones(shape, np.bool_)
        if not self.info.has_mask:
            return valid
        nodata = [self._nodata[band - 1] for band in bands]
        if None not in nodata or any(self.info.dtypes[band - 1].startswith("float") for band in bands):
            valid &= valid_values(self._read(bands, window, shape, Resampling.nearest), nodata)
        for band in set(self.info.alpha_bands).difference(bands):
            valid &= self._read([band], window, shape, Resampling.nearest)[0] > 0
        if self._shared_mask:
            valid &= self._call(self._dataset.read_masks, 1, window, shape, Resampling.nearest) > 0
        return valid

    def close(self) -> None:
        """Close the file."""
        self._dataset.close()

    def __enter__(self) -> RasterioReader:
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

    def _read(self, bands: Sequence[int], window: Window, shape: tuple[int, int], method: Resampling) -> NDArray[Any]:
        """Read bands (B, h, w) in their type. GDAL picks overviews and leaves nodata out of averages."""
        dtypes = {self.info.dtypes[band - 1] for band in bands}
        if len(dtypes) == 1:
            return self._call(self._dataset.read, list(bands), window, (len(bands), *shape), method)
        # rasterio refuses to read bands of several types at once.
        images = [self._call(self._dataset.read, band, window, shape, method) for band in bands]
        return np.stack([image.astype(np.result_type(*dtypes)) for image in images])

    def _call(
        self,
        read: Callable[..., NDArray[Any]],
        indexes: int | list[int],
        window: Window,
        shape: tuple[int, ...],
        method: Resampling,
    ) -> NDArray[Any]:
        """Call one of rasterio's reading functions."""
        if self._dataset.closed:
            raise ValueError(f"'{self.info.path}' has been closed.")
        part = RasterioWindow(window.col, window.row, window.width, window.height)
        try:
            return read(indexes, window=part, out_shape=shape, resampling=method)
        except FAILURES as error:
            raise cannot_read(self.info.path, window, last_reason(error)) from error


def open_raster(path: str) -> RasterioReader:
    """Open a raster; see `raster.open_raster`."""
    return RasterioReader(os.fspath(path))


def _describe(path: str, dataset: rasterio.DatasetReader) -> RasterInfo:
    """Collect what is known without reading pixels."""
    transform = tuple(dataset.transform.to_gdal())
    dtypes = tuple(dataset.dtypes)
    alpha = [n for n, interp in enumerate(dataset.colorinterp, 1) if interp == ColorInterp.alpha]
    return RasterInfo(
        path=path,
        width=dataset.width,
        height=dataset.height,
        count=dataset.count,
        dtypes=dtypes,
        crs_wkt=dataset.crs.to_wkt() if dataset.crs else "",
        transform=transform,
        has_transform=transform != IDENTITY,
        alpha_bands=tuple(alpha),
        has_mask=bool(alpha)
        or any(dtype.startswith("float") for dtype in dtypes)
        or any(usable_nodata(n, d) is not None for n, d in zip(dataset.nodatavals, dtypes))
        or _has_shared_mask(dataset),
    )


def _has_shared_mask(dataset: rasterio.DatasetReader) -> bool:
    """Whether the raster has a mask of its own (internal or .msk) that is not an alpha band."""
    flags = dataset.mask_flag_enums[0] if dataset.count else ()
    return MaskFlags.per_dataset in flags and MaskFlags.alpha not in flags
