"""Rasters and layers for the tests beside."""

from __future__ import annotations

import numpy as np
import pytest

from uhrs_qgis_plugin.engine.areas.counting import count_areas
from uhrs_qgis_plugin.engine.areas.pixel_areas import Ellipsoid
from uhrs_qgis_plugin.engine.flow import Watch
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.raster.types import RasterInfo

WGS84 = Ellipsoid(6378137.0, 1 / 298.257223563)


METRES = (500000.0, 0.5, 0.0, 5000000.0, 0.0, -0.5)


def info_of(height, width, transform=METRES, **changes):
    values = {
        "path": "classes.tif",
        "width": width,
        "height": height,
        "count": 1,
        "dtypes": ("uint8",),
        "crs_wkt": "",
        "transform": transform,
        "has_transform": True,
        "alpha_bands": (),
        "has_mask": True,
        "block_shape": (512, 512),
        "nodata": (255.0,),
    }
    values.update(changes)
    return RasterInfo(**values)


class Memory:
    """A raster in memory; counts what is read at once."""

    def __init__(self, bands, valid=None, **changes):
        self.bands, self.valid = bands, valid
        count = len(bands)
        changes = {"count": count, "dtypes": ("uint8",) * count, "nodata": (255.0,) * count, **changes}
        self.info = info_of(*bands.shape[1:], **changes)
        self.largest = 0

    def read(self, numbers, window):
        self.largest = max(self.largest, window.height * window.width)
        return np.stack([self.bands[number - 1][window.slices()] for number in numbers])

    def read_valid(self, numbers, window):
        return self.valid[window.slices()]

    def may_hold_data(self, window):
        return True


class Boxes:
    """Zones that are rectangles of pixels; they may overlap."""

    def __init__(self, *windows):
        self.windows = windows

    def __len__(self):
        return len(self.windows)

    def masks(self, window):
        for index, zone in enumerate(self.windows):
            row, col = max(zone.row, window.row), max(zone.col, window.col)
            height = min(zone.row_end, window.row_end) - row
            width = min(zone.col_end, window.col_end) - col
            if height > 0 and width > 0:
                yield index, Window(row, col, height, width), np.ones((height, width), np.bool_)


def count(sources, pixel_areas=None, zones=None, cancelled=lambda: False):
    shares = []
    counts = count_areas(sources, pixel_areas, zones, Watch(shares.append, cancelled))
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1)
    return counts


def fine(levels, shape):
    return np.kron(levels, np.ones((8, 8), np.uint8))[: shape[0], : shape[1]]


def mercator(x, y):
    """Spherical Mercator backwards, radius 1000."""
    return x / 1000, 2 * np.arctan(np.exp(y / 1000)) - np.pi / 2


def coarse_of(transform, cell, height, width, **changes):
    x, a, b, y, c, d = transform
    placed = (x, a * cell, b * cell, y, c * cell, d * cell)
    return info_of(height, width, placed, path="u.tif", count=2, dtypes=("uint8",) * 2, **changes)
