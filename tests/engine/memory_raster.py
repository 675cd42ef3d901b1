"""A raster in memory: the reader's contract in a few lines of numpy, an oracle that knows no file format."""

from __future__ import annotations

import numpy as np

from uhrs_qgis_plugin.engine.grid import Canvas, Window
from uhrs_qgis_plugin.engine.raster.types import IDENTITY, RasterInfo
from uhrs_qgis_plugin.engine.segmentation.passes.canvas_source import CanvasSource


class MemoryRaster:
    """Holds (B, H, W) numbers and an optional mask, and notes what is read."""

    def __init__(self, data, valid=None):
        self.data = data
        self.valid = valid
        self.reads = []
        count, height, width = data.shape
        self.info = RasterInfo(
            path="memory.tif",
            width=width,
            height=height,
            count=count,
            dtypes=(data.dtype.name,) * count,
            crs_wkt="",
            transform=IDENTITY,
            has_transform=False,
            alpha_bands=(),
            has_mask=valid is not None,
            block_shape=(32, width),
            overviews=(),
        )
        self.unreadable = []

    def expect(self, bands, windows):
        for window in windows:
            self._check(window)

    def read(self, bands, window, shape=None, resampling="average"):
        self._check(window)
        self.reads.append((window, shape))
        part = self.data[[band - 1 for band in bands]][(slice(None), *window.slices())]
        if shape is None:
            return part.copy()
        rows, cols = window.height // shape[0], window.width // shape[1]
        part = part[:, : shape[0] * rows, : shape[1] * cols]
        squares = part.reshape(len(bands), shape[0], rows, shape[1], cols).astype(np.float64)
        if resampling == "nearest":
            return squares[:, :, rows // 2, :, cols // 2].astype(self.data.dtype)
        return np.floor(squares.mean(axis=(2, 4)) + 0.5).astype(self.data.dtype)

    def read_valid(self, bands, window, shape=None):
        self._check(window)
        if self.valid is None:
            return np.ones(shape or (window.height, window.width), bool)
        part = self.valid[window.slices()]
        if shape is None:
            return part.copy()
        rows, cols = window.height // shape[0], window.width // shape[1]
        return part[rows // 2 :: rows, cols // 2 :: cols][: shape[0], : shape[1]]

    def may_hold_data(self, window, bands=None):
        self._check(window)
        return self.valid is None or bool(self.valid[window.slices()].any())

    def _check(self, window):
        if not (window.height > 0 and window.width > 0 and window.row >= 0 and window.col >= 0):
            raise ValueError(f"{window} is empty")
        if window.row_end > self.info.height or window.col_end > self.info.width:
            raise ValueError(f"{window} leaves the raster")


def gradient(height, width, bands=3, dtype="uint8", seed=0):
    """Smooth numbers with noise, in 0..255."""
    rng = np.random.default_rng(seed)
    rows, cols = np.mgrid[:height, :width]
    planes = [(rows * (band + 1) / 7 + cols / 5 + rng.integers(0, 60, (height, width))) % 256 for band in range(bands)]
    return np.stack(planes).astype(dtype)


def source_of(raster, patch_side=32, window=None, bands=(1, 2, 3), fill=(9, 8, 7), downsampling="average"):
    """The canvas over a raster, or over a window of it."""
    window = window or Window(0, 0, raster.info.height, raster.info.width)
    canvas = Canvas(window.height, window.width, patch_side)
    return CanvasSource(raster, canvas, window, bands, fill, downsampling)
