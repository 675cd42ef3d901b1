"""Raster back end on rasterio: the part that writes."""

from __future__ import annotations

import functools
import logging
import multiprocessing
import os
import signal
import warnings
from dataclasses import replace
from types import TracebackType
from typing import Any

import rasterio
import rasterio.io
import rasterio.shutil
from numpy.typing import NDArray
from rasterio.enums import Compression
from rasterio.errors import NotGeoreferencedWarning
from rasterio.transform import Affine
from rasterio.windows import Window as RasterioWindow

from uhrs_qgis_plugin.engine.errors import CancelledError, UhrsError
from uhrs_qgis_plugin.engine.files import cannot_write
from uhrs_qgis_plugin.engine.grid import TILE
from uhrs_qgis_plugin.engine.raster.rasterio_backend.calls import (
    FAILURES,
    last_reason,
    logged_errors,
    memory_limits,
    set_memory_limits,
)
from uhrs_qgis_plugin.engine.raster.requests import check_block, prepare_output
from uhrs_qgis_plugin.engine.raster.sidecar import (
    output_metadata,
    read_categories,
    remove_leftovers,
    write_categories,
)
from uhrs_qgis_plugin.engine.raster.types import COG_FILES, COG_LEVEL, IDENTITY, MemoryLimits, Progress, RasterProfile

CHILD_PIXELS = 128 << 20  # larger rasters take seconds to copy: long enough to want to cancel
ASK_S = 0.1

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
ZSTD = {"compress": "zstd", "zstd_level": 1}  # a third of the time of DEFLATE, and smaller


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
        if tuple(profile.transform) != IDENTITY:
            georeference["transform"] = Affine.from_gdal(*profile.transform)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)  # wanted, where the input has none
            try:
                self._dataset = rasterio.open(
                    path,
                    "w",
                    width=profile.width,
                    height=profile.height,
                    count=profile.count,
                    dtype=profile.dtype,
                    nodata=profile.nodata,
                    **PLAIN_OPTIONS,
                    **(ZSTD if profile.is_scratch and _has_zstd() else DEFLATE),
                    **georeference,
                )
            except FAILURES as error:
                remove_leftovers(path)
                raise cannot_write(path, last_reason(error)) from error
        _apply_profile(self._dataset, profile)

    def write(self, array: NDArray[Any], row: int, col: int) -> None:
        """Write a block; see `RasterWriter.write`."""
        check_block(array, row, col, self._profile)
        if self._dataset.closed:
            raise ValueError(f"'{self._path}' has been closed.")
        try:
            self._dataset.write(array, window=RasterioWindow(col, row, array.shape[2], array.shape[1]))
        except FAILURES as error:
            raise cannot_write(self._path, last_reason(error)) from error

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
        """Return itself."""
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
        except FAILURES as error:
            logging.getLogger("rasterio").error(last_reason(error))


@functools.cache
def _has_zstd() -> bool:
    """Whether this GDAL was built with ZSTD: it only warns when it writes without."""
    try:
        with rasterio.io.MemoryFile() as file, warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            file.open(driver="GTiff", width=1, height=1, count=1, dtype="uint8", **ZSTD).close()
            with file.open() as dataset:
                return bool(dataset.compression == Compression.zstd)
    except FAILURES:
        return False


def create_raster(path: str, profile: RasterProfile) -> RasterioWriter:
    """Create a raster; see `raster.create_raster`."""
    return RasterioWriter(os.fspath(path), profile)


def finish_cog(source: str, destination: str, overview_resampling: str, progress: Progress | None = None) -> None:
    """Copy to a cloud-optimised GeoTIFF; see `raster.finish_cog`."""
    prepare_output(destination)
    _ask(progress, 0.0, destination)
    try:
        copy = _copy_in_child if _pixels(source) > CHILD_PIXELS else _copy_to_cog
        width, height = copy(source, destination, overview_resampling, progress)
        _check_complete(destination, width, height)
        write_categories(destination, read_categories(source))
        _ask(progress, 1.0, destination)
    except UhrsError:
        remove_leftovers(destination)
        raise


def _ask(progress: Progress | None, fraction: float, destination: str) -> None:
    """Report progress, and stop where the answer is no."""
    if progress is not None and not progress(fraction):
        raise CancelledError(f"Writing '{destination}' was stopped; the file has been removed. Run it again.")


def _pixels(source: str) -> int:
    """Pixels of a raster; 0 when it does not open, which the copy will word."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            with rasterio.open(source) as dataset:
                return int(dataset.width * dataset.height)
    except FAILURES:
        return 0


def _copy_in_child(
    source: str, destination: str, overview_resampling: str, progress: Progress | None
) -> tuple[int, int]:
    """Copy in another process: rasterio's copy knows no progress, and only a process can be stopped in the middle."""
    context = multiprocessing.get_context("spawn")
    answers, answer = context.Pipe(duplex=False)
    arguments = (answer, memory_limits(), source, destination, overview_resampling)
    child = context.Process(target=_copy_and_answer, args=arguments, daemon=True)
    child.start()
    answer.close()  # so that the end of the child ends the pipe
    try:
        while not answers.poll(ASK_S):
            _ask(progress, 0.0, destination)
        result = answers.recv()
    except EOFError as error:
        raise cannot_write(destination, "the process that wrote it was killed") from error
    finally:
        child.kill()
        child.join()
        answers.close()
    if isinstance(result, BaseException):
        raise result
    return int(result[0]), int(result[1])


def _copy_and_answer(
    answer: Any,  # noqa: ANN401 (a pipe's end has no public type)
    limits: MemoryLimits,
    source: str,
    destination: str,
    overview_resampling: str,
) -> None:
    """What the child does, within its parent's limits of memory; Ctrl-C is the parent's affair."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    set_memory_limits(replace(limits, open_files=COG_FILES))
    try:
        answer.send(_copy_to_cog(source, destination, overview_resampling, None))
    except UhrsError as error:
        answer.send(error)


def _copy_to_cog(source: str, destination: str, overview_resampling: str, progress: Progress | None) -> tuple[int, int]:
    """Run the COG driver; return columns and rows of the source. `progress` is not asked."""
    try:
        with warnings.catch_warnings(), logged_errors() as reasons:
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            with rasterio.open(source) as plain:
                size = plain.width, plain.height
                rasterio.shutil.copy(
                    plain,
                    destination,
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
    except FAILURES as error:
        raise cannot_write(destination, last_reason(error)) from error
    if reasons:
        raise cannot_write(destination, reasons[0])
    return size


def _apply_profile(dataset: rasterio.io.DatasetWriter, profile: RasterProfile) -> None:
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
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            with rasterio.open(path) as dataset:
                if (dataset.width, dataset.height) != (width, height):
                    raise cannot_write(path, "")
                dataset.read(window=RasterioWindow(width - 1, height - 1, 1, 1))
    except FAILURES as error:
        raise cannot_write(path, last_reason(error)) from error
