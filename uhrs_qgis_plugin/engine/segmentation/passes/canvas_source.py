"""The canvas as the two passes see it: pixels of the window, filled where there is no data, padded at its ends."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.flow import ArrayStore
from uhrs_qgis_plugin.engine.grid import DOWN_RATIO, Canvas, Window
from uhrs_qgis_plugin.engine.raster import (
    RasterReader,
    RasterView,
    StretchedReader,
    WorkingReader,
    keeping,
    open_raster,
)
from uhrs_qgis_plugin.engine.segmentation.planning import AreaReader, SegmentationJob, area_polygons


class CanvasSource:
    """Reads windows of the canvas from a raster.

    Attributes:
        canvas: The canvas.
        has_mask: False when every pixel of the raster holds data.
        block_shape: Rows and columns of the file's own blocks: reads that are multiples of it decode nothing twice.
        pixel_bytes: Bytes that are decoded for a pixel, all bands: in many files they are decoded together.
        coarse_pixels: Decimated pixels read so far, for the report.
        fine_pixels: Full-scale pixels read so far, for the report.
    """

    def __init__(
        self,
        reader: RasterReader,
        canvas: Canvas,
        origin: Window,
        bands: Sequence[int],
        fill: Sequence[float],
        downsampling: str,
    ) -> None:
        """Take the raster and what to do with its pixels.

        Args:
            canvas: The canvas over the processed window.
            origin: The processed window in the raster.
            bands: Raster bands (from 1), in the model's order.
            fill: Number per band for pixels without data.
            downsampling: "average" or "nearest".
        """
        self.canvas = canvas
        self.has_mask = reader.info.has_mask
        self.block_shape = reader.info.block_shape
        self.pixel_bytes = round(sum(np.dtype(name).itemsize for name in reader.info.dtypes) * reader.info.decoded)
        self.coarse_pixels = 0
        self.fine_pixels = 0
        self._reader = reader
        self._origin = origin
        self._bands = list(bands)
        self._fill = fill
        self._downsampling = downsampling

    def read_scene(self, scene: Window) -> tuple[NDArray[Any] | None, NDArray[np.bool_]]:
        """Read a window of the canvas at 1/4 scale.

        Args:
            scene: Window on the canvas, multiples of 32.

        Returns:
            image (B, height/4, width/4) in the raster's type, filled and padded by edge replication, None where there
            is no data; and whether a number holds data (height/4, width/4), False in the padding.
        """
        if not self.may_hold_data(scene):
            return None, np.zeros((scene.height // DOWN_RATIO, scene.width // DOWN_RATIO), np.bool_)
        window, shape = self._decimation(scene)
        image = self._decimated(window, shape)
        valid = self._reader.read_valid(self._bands, window, shape) if self.has_mask else np.ones(shape, np.bool_)
        image = _filled(image, valid, self._fill)
        return _padded(image, scene.height // DOWN_RATIO, scene.width // DOWN_RATIO), self._valid_of(scene, valid)

    def read_scene_valid(self, scene: Window) -> NDArray[np.bool_]:
        """Tell where a window of the canvas holds data at 1/4 scale; see `read_scene`, whose pixels are not read."""
        window, shape = self._decimation(scene)
        valid = np.ones(shape, np.bool_)
        if self.has_mask and self.may_hold_data(scene):
            valid = self._reader.read_valid(self._bands, window, shape)
        return self._valid_of(scene, valid & self.may_hold_data(scene))

    def _decimation(self, scene: Window) -> tuple[Window, tuple[int, int]]:
        """Part of the raster that a scene shows, and its rows and columns at 1/4 scale.

        A rest of 1 to 3 pixels at the end cannot be averaged like the others: the last whole number stands for it.
        """
        inside = scene.clipped(self.canvas.data_height, self.canvas.data_width)
        part = Window(inside.row, inside.col, _whole(inside.height), _whole(inside.width))
        return self._in_raster(part), (max(1, part.height // DOWN_RATIO), max(1, part.width // DOWN_RATIO))

    def _valid_of(self, scene: Window, valid: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Widen the validity of the raster's part of a scene: repeated in its rest, False in the padding."""
        inside = scene.clipped(self.canvas.data_height, self.canvas.data_width)
        rows, cols = -(-inside.height // DOWN_RATIO), -(-inside.width // DOWN_RATIO)
        valid = np.pad(valid, ((0, rows - valid.shape[0]), (0, cols - valid.shape[1])), mode="edge")
        height, width = scene.height // DOWN_RATIO, scene.width // DOWN_RATIO
        return np.pad(valid, ((0, height - rows), (0, width - cols)))

    def _decimated(self, window: Window, shape: tuple[int, int]) -> NDArray[Any]:
        """Read a window of the raster at 1/4 scale as the model's training did."""
        if self._downsampling == "average":
            self.coarse_pixels += shape[0] * shape[1]
            return self._reader.read(self._bands, window, shape, "average")
        # The published network takes the first of every four pixels; GDAL's nearest would take the third.
        self.coarse_pixels += window.height * window.width
        pixels = self._reader.read(self._bands, window)
        return np.ascontiguousarray(pixels[:, ::DOWN_RATIO, ::DOWN_RATIO])

    def may_hold_data(self, window: Window) -> bool:
        """Tell whether a window of the canvas may hold data, without decoding a pixel.

        Args:
            window: Window on the canvas, starting inside the data.

        Returns:
            False when it certainly holds none, such as a gap in a mosaic.
        """
        inside = window.clipped(self.canvas.data_height, self.canvas.data_width)
        return not self.has_mask or self._reader.may_hold_data(self._in_raster(inside), self._bands)

    def read_valid(self, window: Window) -> NDArray[np.bool_]:
        """Tell which pixels of a window hold data.

        Args:
            window: Window on the canvas, starting inside the data.

        Returns:
            (h, w) bool, cut to where the raster has pixels.
        """
        inside = window.clipped(self.canvas.data_height, self.canvas.data_width)
        if not self.may_hold_data(window):
            return np.zeros((inside.height, inside.width), np.bool_)
        if not self.has_mask:
            return np.ones((inside.height, inside.width), np.bool_)
        return self._reader.read_valid(self._bands, self._in_raster(inside))

    def expect(self, windows: Sequence[Window]) -> None:
        """Tell which windows of the canvas `read_full` will be asked for soon."""
        height, width = self.canvas.data_height, self.canvas.data_width
        self._reader.expect(self._bands, [self._in_raster(window.clipped(height, width)) for window in windows])

    def read_full(self, window: Window, valid: NDArray[np.bool_] | None) -> NDArray[Any]:
        """Read a window of the canvas at full scale.

        Args:
            window: Window on the canvas, starting inside the data.
            valid: (h, w) from `read_valid` for the same window, None when every pixel holds data.

        Returns:
            (B, height, width) in the raster's type, filled and padded by edge replication.
        """
        inside = window.clipped(self.canvas.data_height, self.canvas.data_width)
        image = self._reader.read(self._bands, self._in_raster(inside))
        self.fine_pixels += inside.height * inside.width
        if valid is not None:
            image = _filled(image, valid, self._fill)
        return _padded(image, window.height, window.width)

    def _in_raster(self, window: Window) -> Window:
        """Shift a window of the canvas to the raster."""
        return Window(self._origin.row + window.row, self._origin.col + window.col, window.height, window.width)


def _whole(size: int) -> int:
    """Largest multiple of the down ratio within a size, or the size itself when there is none."""
    return size // DOWN_RATIO * DOWN_RATIO or size


def _filled(image: NDArray[Any], valid: NDArray[np.bool_], fill: Sequence[float]) -> NDArray[Any]:
    """Put the fill numbers where there is no data."""
    if valid.all():
        return image
    # Writing in place is only safe in memory of our own.
    image = image if image.flags.writeable else image.copy()
    values = np.asarray(fill).astype(image.dtype)
    np.copyto(image, values[:, None, None], where=~valid)
    return image


def _padded(image: NDArray[Any], height: int, width: int) -> NDArray[Any]:
    """Repeat the last row and column until the image has a size."""
    below, right = height - image.shape[1], width - image.shape[2]
    if not below and not right:
        return image
    return np.pad(image, ((0, 0), (0, below), (0, right)), mode="edge")


@dataclass
class ReadStatistics:
    """What was read.

    Attributes:
        coarse_pixels: Decimated pixels per band in the coarse pass.
        fine_pixels: Full-scale pixels per band in the refine pass.
        unreadable: Windows of the raster that could not be read and count as no data.
    """

    coarse_pixels: int = 0
    fine_pixels: int = 0
    unreadable: set[Window] = field(default_factory=set)


class SharedRaster:
    """The raster of a job, opened once for all passes: they read it in turn, each in a thread of its own.

    Of a raster that fits into GDAL's cache each tile is decoded once, and what is known of a file is found out once. A
    context manager.
    """

    def __init__(self, job: SegmentationJob, check: Callable[[], None] = lambda: None) -> None:
        """Take the job; the raster is opened when it is read first.

        Args:
            check: Called while a server is waited for; raises to stop.
        """
        self._job, self._check = job, check
        self._reader: RasterReader | None = None
        self._in_use = threading.Lock()

    @contextlib.contextmanager
    def source(self, statistics: ReadStatistics, store: ArrayStore) -> Iterator[CanvasSource]:
        """Have the raster for a while, in one thread.

        Args:
            statistics: What was read is added to it.
            store: Where pixels of the working grid are kept for the next pass, where that pays.

        Yields:
            The canvas.
        """
        with self._in_use:
            job = self._job
            if self._reader is None:
                self._reader = open_raster(job.raster.source, unreadable=job.options.unreadable, check=self._check)
            with _on_working_grid(_Lent(self._reader, self._reader.info), job, store) as reader:
                source = CanvasSource(reader, job.canvas, job.window, job.bands, job.model.fill, job.model.downsampling)
                try:
                    yield source
                finally:
                    statistics.coarse_pixels += source.coarse_pixels
                    statistics.fine_pixels += source.fine_pixels
                    statistics.unreadable.update(reader.unreadable)

    def close(self) -> None:
        """Close the raster, unless a thread that hangs in it was left behind."""
        if self._reader is not None and self._in_use.acquire(blocking=False):
            self._reader.close()
            self._reader = None
            self._in_use.release()

    def __enter__(self) -> SharedRaster:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class _Lent(RasterView):
    """A raster that stays open when this is closed."""

    def read(
        self, bands: Sequence[int], window: Window, shape: tuple[int, int] | None = None, resampling: str = "average"
    ) -> NDArray[Any]:
        """Read pixels; see `RasterReader.read`."""
        return self._reader.read(bands, window, shape, resampling)

    def close(self) -> None:
        """Leave the raster open."""


def _on_working_grid(reader: RasterReader, job: SegmentationJob, store: ArrayStore) -> RasterReader:
    """Show a raster on the working grid of a job, in the numbers of its model."""
    if job.is_resampled:
        working = WorkingReader(reader, job.info.height, job.info.width)
        reader = keeping(working, store) if job.keeps_pixels else working
    if job.stretch is not None:
        reader = StretchedReader(reader, job.stretch)
    area = job.options.area
    return reader if area is None else AreaReader(reader, area_polygons(job.info, area))
