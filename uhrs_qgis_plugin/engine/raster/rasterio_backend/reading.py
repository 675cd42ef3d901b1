"""Raster back end on rasterio, for use outside QGIS; behaves as `gdal_backend` does."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from functools import partial
from typing import Any, Callable

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.enums import MaskFlags, Resampling
from rasterio.errors import NotGeoreferencedWarning
from rasterio.windows import Window as RasterioWindow

from uhrs_qgis_plugin.engine.errors import one_line
from uhrs_qgis_plugin.engine.grid import Geotransform, Window
from uhrs_qgis_plugin.engine.raster.metadata import has_mask, lists_blocks, usable_nodata, used_bits
from uhrs_qgis_plugin.engine.raster.rasterio_backend import virtual_files
from uhrs_qgis_plugin.engine.raster.rasterio_backend.calls import failing_as, gdal_limits, set_gdal_limits
from uhrs_qgis_plugin.engine.raster.rasterio_backend.crs import (
    geodesy,
    read_crs,
    same_crs,
    to_degrees,
    transform_points,
)
from uhrs_qgis_plugin.engine.raster.rasterio_backend.encoding import encode_geotiff
from uhrs_qgis_plugin.engine.raster.rasterio_backend.writing import create_raster, finish_cog
from uhrs_qgis_plugin.engine.raster.read_errors import ReadFailedError, cannot_open, check_info
from uhrs_qgis_plugin.engine.raster.resampling import average_plainly, is_plain
from uhrs_qgis_plugin.engine.raster.types import IDENTITY, RasterInfo

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

NAME = "rasterio"
SIGNED_BYTE = "Int8"  # what int8 is called in VRT files: rasterio 1.4 brings GDAL 3.9 or later
RESAMPLINGS = {"average": Resampling.average, "nearest": Resampling.nearest}


class RasterioSource:
    """`PixelSource` on rasterio."""

    def __init__(self, name: str, path: str) -> None:
        """Open a raster.

        Args:
            name: File, or another name that rasterio opens.
            path: What to call it in texts.

        Raises:
            RasterError: See `open_raster`.
        """
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)  # see RasterInfo.has_transform
            with failing_as(partial(cannot_open, path)):
                self._dataset = rasterio.open(name)
                self.info = _describe(path, self._dataset)
        check_info(self.info, self._dataset.subdatasets)
        self._lists_blocks = lists_blocks(self._dataset.driver, self.info.block_shape)

    def expect(self, bands: Sequence[int], windows: Sequence[Window]) -> None:
        """Do nothing: what is here needs no fetching; see `PixelSource.expect`."""

    def pixels(self, bands: Sequence[int], window: Window, shape: tuple[int, int], resampling: str) -> NDArray[Any]:
        """Read pixels; see `PixelSource.pixels`. GDAL picks overviews and leaves nodata out of averages."""
        if resampling == "average" and is_plain(self.info, bands, window, shape):
            return average_plainly(partial(self._full, bands), len(bands), window, self.info.block_shape[0])
        read, method = self._open().read, RESAMPLINGS[resampling]
        dtypes = {self.info.dtypes[band - 1] for band in bands}
        if len(dtypes) == 1:
            return _call(read, list(bands), window, (len(bands), *shape), method)
        # rasterio refuses to read bands of several types at once.
        images = [_call(read, band, window, shape, method) for band in bands]
        return np.stack([image.astype(np.result_type(*dtypes)) for image in images])

    def _full(self, bands: Sequence[int], window: Window) -> NDArray[Any]:
        """Read pixels at full scale."""
        return self.pixels(bands, window, (window.height, window.width), "nearest")

    def mask(self, band: int, window: Window, shape: tuple[int, int]) -> NDArray[np.uint8]:
        """Read a band's mask; see `PixelSource.mask`."""
        return _call(self._open().read_masks, band, window, shape, Resampling.nearest)

    def has_block(self, band: int, row: int, col: int) -> bool:
        """Whether the file holds a block; see `PixelSource.has_block`."""
        if not self._lists_blocks:
            return True
        return self._open().get_tag_item(f"BLOCK_OFFSET_{col}_{row}", "TIFF", bidx=band) is not None

    def close(self) -> None:
        """Close the file."""
        self._dataset.close()

    def _open(self) -> rasterio.DatasetReader:
        """The dataset, which must not have been closed."""
        if self._dataset.closed:
            raise ValueError(f"'{self.info.path}' has been closed.")
        return self._dataset


def open_source(name: str, path: str) -> RasterioSource:
    """Open a raster; see `RasterioSource`."""
    return RasterioSource(name, path)


def _call(
    read: Callable[..., NDArray[Any]],
    indexes: int | list[int],
    window: Window,
    shape: tuple[int, ...],
    method: Resampling,
) -> NDArray[Any]:
    """Call one of rasterio's reading functions."""
    part = RasterioWindow(window.col, window.row, window.width, window.height)
    with failing_as(lambda reason: ReadFailedError(one_line(reason))):
        return read(indexes, window=part, out_shape=shape, resampling=method)


def _describe(path: str, dataset: rasterio.DatasetReader) -> RasterInfo:
    """Collect what is known without reading pixels."""
    transform = Geotransform(*dataset.transform.to_gdal())
    dtypes = tuple(dataset.dtypes)
    nodata = tuple(usable_nodata(number, dtype) for number, dtype in zip(dataset.nodatavals, dtypes))
    colours = tuple(colour.name for colour in dataset.colorinterp)
    alpha = tuple(number for number, colour in enumerate(colours, 1) if colour == "alpha")
    band_masks = not all(dataset.mask_flag_enums)  # other masks have flags: of the dataset, alpha, nodata
    own_mask = band_masks or _has_own_mask(dataset)
    return RasterInfo(
        path=path,
        width=dataset.width,
        height=dataset.height,
        count=dataset.count,
        dtypes=dtypes,
        crs_wkt=dataset.crs.to_wkt() if dataset.crs else "",
        transform=transform,
        has_transform=transform != IDENTITY,
        alpha_bands=alpha,
        has_mask=has_mask(dtypes, nodata, alpha, own_mask),
        block_shape=tuple(dataset.block_shapes[0]) if dataset.count else (1, 1),
        overviews=tuple(dataset.overviews(1)) if dataset.count else (),
        nodata=nodata,
        has_own_mask=own_mask,
        has_band_masks=band_masks,
        placed_by="" if transform != IDENTITY else _placed_by(dataset),
        has_palette="palette" in colours[:1],
        unit_m=dataset.crs.linear_units_factor[1] if dataset.crs and dataset.crs.is_projected else None,
        colours=colours,
        descriptions=tuple(text or "" for text in dataset.descriptions),
        bits=used_bits(dtypes, [dataset.tags(band, ns="IMAGE_STRUCTURE").get("NBITS") for band in dataset.indexes]),
        is_virtual=dataset.driver == "VRT",
        bands_together=dataset.tags(ns="IMAGE_STRUCTURE").get("INTERLEAVE") == "PIXEL",
    )


def _has_own_mask(dataset: rasterio.DatasetReader) -> bool:
    """Whether the raster has a mask of its own (internal or .msk) that is not an alpha band."""
    flags = dataset.mask_flag_enums[0] if dataset.count else ()
    return MaskFlags.per_dataset in flags and MaskFlags.alpha not in flags


def _placed_by(dataset: rasterio.DatasetReader) -> str:
    """What places a raster on the map that has no geotransform, "" when nothing does."""
    if dataset.gcps[0]:
        return f"{len(dataset.gcps[0])} ground control points"
    return "rational polynomial coefficients (RPC)" if dataset.tags(ns="RPC") else ""


def read_marks(path: str) -> tuple[dict[int, tuple[int, ...]], list[str], dict[str, str], str]:
    """Read what band 1 carries besides pixels: colours, metadata of the file, and its description.

    rasterio has no call for category names.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        with failing_as(partial(cannot_open, path)), rasterio.open(path) as dataset:
            try:
                colours = {number: tuple(colour[:3]) for number, colour in dataset.colormap(1).items()}
            except ValueError:  # it has none
                colours = {}
            return colours, [], dict(dataset.tags()), dataset.descriptions[0] or ""
