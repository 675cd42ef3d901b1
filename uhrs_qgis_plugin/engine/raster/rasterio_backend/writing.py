"""Raster back end on rasterio: the part that writes."""

from __future__ import annotations

import logging
import os
import warnings
from functools import partial
from types import TracebackType
from typing import Any

import rasterio
import rasterio.io
import rasterio.shutil
from numpy.typing import NDArray
from rasterio.errors import NotGeoreferencedWarning
from rasterio.transform import Affine
from rasterio.windows import Window as RasterioWindow

from uhrs_qgis_plugin.engine.errors import OutputError
from uhrs_qgis_plugin.engine.files import cannot_write
from uhrs_qgis_plugin.engine.grid import TILE
from uhrs_qgis_plugin.engine.raster.metadata import read_categories, write_categories
from uhrs_qgis_plugin.engine.raster.output_files import (
    check_block,
    output_metadata,
    prepare_output,
    remove_leftovers,
)
from uhrs_qgis_plugin.engine.raster.rasterio_backend.calls import (
    failing_as,
    innermost_reason,
    is_failure,
    logged_errors,
)
from uhrs_qgis_plugin.engine.raster.rasterio_backend.polled_files import PolledFiles
from uhrs_qgis_plugin.engine.raster.types import COG_FILES, COG_LEVEL, IDENTITY, POOL, Progress, RasterProfile

PLAIN_OPTIONS = {
    "driver": "GTiff",
    "tiled": True,
    "blockxsize": TILE,
    "blockysize": TILE,
    "interleave": "band",
    "bigtiff": "if_safer",
    "alpha": "no",  # else GDAL takes the last of four bands for one
}
DEFLATE = {"compress": "deflate", "zlevel": 1}


class RasterioWriter:
    """`RasterWriter` on rasterio."""

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
        georeference: dict[str, Any] = {"crs": profile.crs_wkt or None}
        if profile.transform != IDENTITY:
            georeference["transform"] = Affine.from_gdal(*profile.transform)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)  # wanted, where the input has none
            try:
                with failing_as(partial(cannot_write, path)):
                    self._dataset = rasterio.open(
                        path,
                        "w",
                        width=profile.width,
                        height=profile.height,
                        count=profile.count,
                        dtype=profile.dtype,
                        nodata=profile.nodata,
                        **PLAIN_OPTIONS,
                        **DEFLATE,
                        **georeference,
                    )
            except OutputError:
                remove_leftovers(path)
                raise
        apply_profile(self._dataset, profile)

    def write(self, array: NDArray[Any], row: int, col: int) -> None:
        """Write a block; see `RasterWriter.write`."""
        check_block(array, row, col, self._profile)
        if self._dataset.closed:
            raise ValueError(f"'{self._path}' has been closed.")
        with failing_as(partial(cannot_write, self._path)):
            self._dataset.write(array, window=RasterioWindow(col, row, array.shape[2], array.shape[1]))

    def close(self) -> None:
        """Write what is still in memory, and check the file; see `RasterWriter.close`."""
        if self._dataset.closed:
            return
        with logged_errors() as reasons:
            self._release()
        if reasons:
            raise cannot_write(self._path, reasons[0])
        _check_complete(self._path, self._profile.width, self._profile.height)
        write_categories(self._path, self._profile.categories)

    def __enter__(self) -> RasterioWriter:
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
            with logged_errors():
                self._release()

    def _release(self) -> None:
        """Close the file; rasterio's own error, if any, joins those that it logs."""
        try:
            with rasterio.Env():  # without one, GDAL prints its errors when a thread closes a file
                self._dataset.close()
        except Exception as error:
            if not is_failure(error):
                raise
            logging.getLogger("rasterio").error(innermost_reason(error))


def create_raster(path: str, profile: RasterProfile) -> RasterioWriter:
    """Create a raster; see `create_raster`."""
    return RasterioWriter(os.fspath(path), profile)


def finish_cog(source: str, destination: str, overview_resampling: str, progress: Progress | None = None) -> None:
    """Copy to a cloud-optimised GeoTIFF; see `finish_cog`."""

    def report(share: float) -> None:
        if progress is not None:
            progress(share)

    prepare_output(destination)
    try:
        report(0.0)
        width, height = _copy_to_cog(source, destination, overview_resampling, PolledFiles(lambda: report(0.0)))
        _check_complete(destination, width, height)
        write_categories(destination, read_categories(source))
        report(1.0)
    except BaseException:
        remove_leftovers(destination)
        raise


def _copy_to_cog(source: str, destination: str, overview_resampling: str, files: PolledFiles) -> tuple[int, int]:
    """Run the COG driver on polled files; return columns and rows of the source."""
    source, destination = os.path.abspath(source), os.path.abspath(destination)
    try:
        with (
            failing_as(partial(cannot_write, destination)),
            logged_errors() as reasons,
            warnings.catch_warnings(),
            rasterio.Env(**{POOL: COG_FILES, "VRT_NUM_THREADS": 1}),  # other threads do not know the polled files
        ):
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            with rasterio.open(source, opener=files) as plain:
                size = plain.width, plain.height
                # Where GDAL sees the polled files: reading overviews back while they are made is most of some copies.
                folder = plain.name[: -len(source)] if plain.name.endswith(source) else ""
                rasterio.shutil.copy(
                    plain,
                    f"{folder}{destination}",
                    driver="COG",
                    strict=False,
                    compress="deflate",
                    level=COG_LEVEL,
                    blocksize=TILE,
                    bigtiff="if_safer",
                    num_threads="all_cpus",
                    overviews="auto",
                    overview_resampling=overview_resampling,
                )
    except OutputError:
        if files.error is None:
            raise
    if isinstance(files.error, OSError):
        raise cannot_write(destination, files.error) from files.error
    if files.error is not None:
        raise files.error
    if reasons:
        raise cannot_write(destination, reasons[0])
    return size


def apply_profile(dataset: rasterio.io.DatasetWriter, profile: RasterProfile) -> None:
    """Set everything but pixels, before them: the directory then stays at the head of the file."""
    dataset.update_tags(**output_metadata(profile))
    dataset.descriptions = profile.band_names
    if profile.scale is not None:
        dataset.scales = (profile.scale,) * profile.count
        dataset.offsets = (0.0,) * profile.count
    if profile.colours:
        dataset.write_colormap(1, {number: (*colour, 255) for number, colour in profile.colours.items()})


def _check_complete(path: str, width: int, height: int) -> None:
    """Open a file that was just written and read its last pixel; OutputError where it is not whole."""
    with failing_as(partial(cannot_write, path)), warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        with rasterio.open(path) as dataset:
            if (dataset.width, dataset.height) != (width, height):
                raise cannot_write(path, "")
            dataset.read(window=RasterioWindow(width - 1, height - 1, 1, 1))
