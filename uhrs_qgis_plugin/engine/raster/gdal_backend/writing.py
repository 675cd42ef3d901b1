"""Raster back end on osgeo.gdal: the part that writes."""

from __future__ import annotations

import os
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray
from osgeo import gdal

from uhrs_qgis_plugin.engine.files import cannot_write
from uhrs_qgis_plugin.engine.grid import TILE
from uhrs_qgis_plugin.engine.raster.gdal_backend.calls import attempt, bands_of, open_files
from uhrs_qgis_plugin.engine.raster.metadata import read_categories, write_categories
from uhrs_qgis_plugin.engine.raster.output_files import (
    check_block,
    output_metadata,
    prepare_output,
    remove_leftovers,
)
from uhrs_qgis_plugin.engine.raster.types import COG_FILES, COG_LEVEL, GDAL_TYPES, IDENTITY, Progress, RasterProfile

DEFLATE = ("COMPRESS=DEFLATE", "ZLEVEL=1")


class GdalWriter:
    """`RasterWriter` on osgeo.gdal."""

    def __init__(self, path: str, profile: RasterProfile) -> None:
        """Create a file.

        Args:
            path: The file.
            profile: What to create.

        Raises:
            OutputError: It cannot be created.
        """
        prepare_output(path)
        self._path, self._profile = path, profile
        sides = [f"BLOCKXSIZE={TILE}", f"BLOCKYSIZE={TILE}"]
        driver = gdal.GetDriverByName("GTiff")
        options = ["TILED=YES", *sides, *DEFLATE, "INTERLEAVE=BAND", "BIGTIFF=IF_SAFER"]
        options.append("ALPHA=NO")  # else GDAL takes the last of four bands for one
        size = (profile.width, profile.height, profile.count)
        self._dataset, reason = attempt(
            driver.Create, path, *size, gdal.GetDataTypeByName(GDAL_TYPES[profile.dtype]), options
        )
        if self._dataset is None:
            raise cannot_write(path, reason)
        code, reason = attempt(apply_profile, self._dataset, profile)
        if code != gdal.CE_None or reason:
            self._dataset = None
            remove_leftovers(path)
            raise cannot_write(path, reason)

    def write(self, array: NDArray[Any], row: int, col: int) -> None:
        """Write a block; see `RasterWriter.write`."""
        check_block(array, row, col, self._profile)
        if self._dataset is None:
            raise ValueError(f"'{self._path}' has been closed.")
        for index, band in enumerate(bands_of(self._dataset)):
            code, reason = attempt(band.WriteArray, np.ascontiguousarray(array[index]), col, row)
            if code != gdal.CE_None or reason:
                raise cannot_write(self._path, reason)

    def close(self) -> None:
        """Write what is still in memory, and check the file; see `RasterWriter.close`."""
        if self._dataset is None:
            return
        # The last blocks and the directory are written only now, and a full disk shows only now. FlushCache answers
        # nothing before GDAL 3.7 and closing never does: what counts is the error that GDAL has noted.
        _, flushing = attempt(self._dataset.FlushCache)
        _, closing = attempt(self._release)
        if flushing or closing:
            raise cannot_write(self._path, flushing or closing)
        check_complete(self._path, self._profile.width, self._profile.height)
        write_categories(self._path, self._profile.categories)

    def __enter__(self) -> GdalWriter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close; an error on its way stays the one that is seen."""
        if kind is None:
            self.close()
        else:
            attempt(self._release)

    def _release(self) -> None:
        """Drop the only reference: GDAL closes the file."""
        self._dataset = None


def create_raster(path: str, profile: RasterProfile) -> GdalWriter:
    """Create a raster; see `create_raster`."""
    return GdalWriter(os.fspath(path), profile)


def finish_cog(source: str, destination: str, overview_resampling: str, progress: Progress | None = None) -> None:
    """Copy to a cloud-optimised GeoTIFF; see `finish_cog`."""
    prepare_output(destination)
    listener = _Listener(progress)
    try:
        with open_files(COG_FILES):
            width, height = _copy_to_cog(source, destination, overview_resampling, listener)
        check_complete(destination, width, height)
        write_categories(destination, read_categories(source))
    except BaseException:
        remove_leftovers(destination)
        raise


def _copy_to_cog(source: str, destination: str, overview_resampling: str, listener: _Listener) -> tuple[int, int]:
    """Run the COG driver; return columns and rows of the source."""
    plain, reason = attempt(gdal.OpenEx, source, gdal.OF_RASTER | gdal.OF_VERBOSE_ERROR)
    if plain is None:
        raise cannot_write(destination, f"its source '{source}' does not open: {reason}")
    options = ["COMPRESS=DEFLATE", f"LEVEL={COG_LEVEL}", f"BLOCKSIZE={TILE}", "BIGTIFF=IF_SAFER"]
    options += ["NUM_THREADS=ALL_CPUS", f"OVERVIEW_RESAMPLING={overview_resampling.upper()}", "OVERVIEWS=AUTO"]
    create = gdal.GetDriverByName("COG").CreateCopy

    def copy() -> bool:
        # The new dataset is dropped inside, so that errors of closing it are seen as errors of the copy.
        return create(destination, plain, 0, options, callback=listener) is not None

    done, reason = attempt(copy)
    if listener.error is not None:
        raise listener.error
    if not done or reason:
        raise cannot_write(destination, reason)
    return plain.RasterXSize, plain.RasterYSize


class _Listener:
    """GDAL's progress callback: it can stop GDAL, but exceptions do not travel through C."""

    def __init__(self, progress: Progress | None) -> None:
        self._progress = progress
        self.error: BaseException | None = None

    def __call__(self, fraction: float, message: str, data: object) -> int:
        """Answer 1 to go on, 0 to stop."""
        if self._progress is not None and self.error is None:
            try:
                self._progress(fraction)
            except BaseException as error:
                self.error = error
        return int(self.error is None)


def apply_profile(dataset: gdal.Dataset, profile: RasterProfile) -> int:
    """Set everything but pixels, before them: the directory then stays at the head of the file.

    Args:
        dataset: Just created.
        profile: What to set.

    Returns:
        CE_None, or GDAL's code when it does not understand the CRS (of which it may say nothing else).
    """
    code = int(dataset.SetProjection(profile.crs_wkt) or gdal.CE_None) if profile.crs_wkt else int(gdal.CE_None)
    if profile.transform != IDENTITY:
        dataset.SetGeoTransform(list(profile.transform))
    dataset.SetMetadata(output_metadata(profile))
    for band, name in zip(bands_of(dataset), profile.band_names):
        band.SetDescription(name)
        if profile.nodata is not None:
            band.SetNoDataValue(profile.nodata)
        if profile.scale is not None:
            band.SetScale(profile.scale)
            band.SetOffset(0)
    if profile.colours:
        table = gdal.ColorTable()
        for number, colour in profile.colours.items():
            table.SetColorEntry(number, (*colour, 255))
        dataset.GetRasterBand(1).SetColorTable(table)
    return code


def check_complete(path: str, width: int, height: int) -> None:
    """Open a file that was just written and read its last pixel.

    Args:
        path: The file.
        width: Columns that it should have.
        height: Rows that it should have.

    Raises:
        OutputError: It is not whole.
    """
    dataset, reason = attempt(gdal.OpenEx, path, gdal.OF_RASTER | gdal.OF_VERBOSE_ERROR)
    if dataset is None or (dataset.RasterXSize, dataset.RasterYSize) != (width, height):
        raise cannot_write(path, reason)
    pixel, reason = attempt(dataset.ReadAsArray, width - 1, height - 1, 1, 1)
    if pixel is None or reason:
        raise cannot_write(path, reason)
