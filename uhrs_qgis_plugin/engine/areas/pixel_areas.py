"""Area of pixels on the ground: in a plane, or on the ellipsoid.

Positions are projected into an equal-area plane, and cells of the pixel grid are measured there as quadrilaterals. On
the ellipsoid that plane is the cylindrical equal-area projection: x = longitude in radians, y = the
area between the equator and the latitude, per radian. Worked example: on WGS 84 a pixel of one second is 953.9 m2 at
the equator (30.922 m x 30.715 m, slightly less because of the curvature) and about half of that at 60 degrees.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.grid import Geotransform, Window

Floats = NDArray[np.float64]
ToPlane = Callable[[Floats, Floats], "tuple[Floats, Floats]"]

# Relative change of the pixel area across a window up to which its mean stands for all of its pixels: the error of
# a class is at most half of it, when it keeps to one edge of every window.
EVEN = 5e-5
SAMPLES = 4  # cells along each side of a window, sampled to estimate how even it is
STEP = 8  # pixels: in uneven windows the mean of 8 x 8 pixels stands for each of them
TURN = 2 * np.pi


@dataclass(frozen=True)
class Ellipsoid:
    """An oblate ellipsoid of revolution, or a sphere.

    Attributes:
        semi_major_m: Radius at the equator in metres.
        flattening: (a - b) / a; 0 is a sphere.
    """

    semi_major_m: float
    flattening: float

    def area_from_equator(self, latitude: Floats) -> Floats:
        """Area between the equator and a latitude, per radian of longitude.

        Args:
            latitude: Geodetic latitudes in radians.

        Returns:
            Square metres, negative in the south.

        Reference: Snyder, Map Projections: A Working Manual (1987), equation 3-12 (q), times a^2 / 2.
        """
        squared = self.flattening * (2 - self.flattening)
        sine = np.sin(latitude)
        if squared == 0:
            return np.asarray(self.semi_major_m**2 * sine)
        e = np.sqrt(squared)
        q = (1 - squared) * (sine / (1 - squared * sine**2) + np.arctanh(e * sine) / e)
        return np.asarray(self.semi_major_m**2 * q / 2)


class PixelAreas:
    """Measures the pixels of a raster."""

    def __init__(self, transform: tuple[float, ...], to_plane: ToPlane, turn: float | None = None) -> None:
        """Describe the raster.

        Args:
            transform: Geotransform in GDAL's order; rotated and south-up ones are fine.
            to_plane: x and y (N,) in the raster's CRS -> x and y (N,) in a plane of true areas in square metres;
                NaN or infinite where the CRS has no ground: such cells get no area.
            turn: Length after which the x of that plane repeats, None when it does not.
        """
        self._transform = Geotransform(*transform)
        self._to_plane = to_plane
        self._turn = turn

    def cells(self, rows: Floats, cols: Floats) -> Floats:
        """Measure the cells between lines of the pixel grid.

        Args:
            rows: (R,) rows of the lines, 0 = upper edge of the raster; parts of pixels are fine.
            cols: (C,) columns of the lines.

        Returns:
            (R - 1, C - 1) square metres.
        """
        row, col = (grid.ravel() for grid in np.meshgrid(rows, cols, indexing="ij"))
        x, y = self._to_plane(*self._transform.place(col, row))
        x, y = x.reshape(len(rows), len(cols)), y.reshape(len(rows), len(cols))
        with np.errstate(invalid="ignore"):  # infinite - infinite, where there is no ground
            # Half the cross product of the diagonals.
            falling = self._shortest(x[1:, 1:] - x[:-1, :-1]), y[1:, 1:] - y[:-1, :-1]
            rising = self._shortest(x[:-1, 1:] - x[1:, :-1]), y[:-1, 1:] - y[1:, :-1]
            areas = np.abs(falling[0] * rising[1] - falling[1] * rising[0]) / 2
        return np.asarray(np.nan_to_num(areas, nan=0.0, posinf=0.0))

    def of_window(self, window: Window) -> Floats:
        """Measure the pixels of a window.

        Returns:
            Square metres per pixel, to be broadcast over the window: (1, 1) where they are all but equal, (h, 1)
            where they change from row to row only (degrees, Mercator), else (h, w).
        """
        rows = np.linspace(window.row, window.row_end, min(SAMPLES, window.height) + 1)
        cols = np.linspace(window.col, window.col_end, min(SAMPLES, window.width) + 1)
        samples = self.cells(rows, cols)
        mean = samples.mean()
        if np.ptp(samples) <= EVEN * mean:
            return np.array([[samples.sum() / (window.height * window.width)]])
        if np.ptp(samples, axis=1).max() <= EVEN * mean:
            ends = np.array([window.col, window.col_end], np.float64)
            return self.cells(_lines(window.row, window.row_end, 1), ends) / window.width
        rows, cols = _lines(window.row, window.row_end, STEP), _lines(window.col, window.col_end, STEP)
        heights, widths = np.diff(rows).astype(int), np.diff(cols).astype(int)
        areas = self.cells(rows, cols) / np.outer(heights, widths)
        return np.repeat(np.repeat(areas, heights, axis=0), widths, axis=1)

    def _shortest(self, difference: Floats) -> Floats:
        """The shorter way round, for cells across the meridian where longitudes jump."""
        if self._turn is None:
            return difference
        return np.asarray(difference - self._turn * np.round(difference / self._turn))


def planar(transform: tuple[float, ...], unit_m: float = 1.0) -> PixelAreas:
    """Measure in the plane of the map.

    Returns:
        The pixels' areas.
    """
    return PixelAreas(transform, lambda x, y: (x * unit_m, y * unit_m))


def geographic(transform: tuple[float, ...], ellipsoid: Ellipsoid, unit_rad: float = np.pi / 180) -> PixelAreas:
    """Measure a raster whose coordinates are longitude and latitude.

    Returns:
        The pixels' areas. What lies beyond the poles has none.
    """

    def to_plane(x: Floats, y: Floats) -> tuple[Floats, Floats]:
        latitude = np.clip(y * unit_rad, -np.pi / 2, np.pi / 2)
        return x * unit_rad, ellipsoid.area_from_equator(latitude)

    return PixelAreas(transform, to_plane)


def projected(transform: tuple[float, ...], ellipsoid: Ellipsoid, to_radians: ToPlane) -> PixelAreas:
    """Measure a raster in a map projection on the ellipsoid: the map's own areas may be far off (Web Mercator).

    Args:
        to_radians: x and y (N,) -> longitude and latitude (N,) in radians.

    Returns:
        The pixels' areas.
    """

    def to_plane(x: Floats, y: Floats) -> tuple[Floats, Floats]:
        longitude, latitude = to_radians(x, y)
        return longitude, ellipsoid.area_from_equator(latitude)

    return PixelAreas(transform, to_plane, TURN)


def _lines(start: int, end: int, step: int) -> Floats:
    """Lines from start to end, `step` pixels apart but for the last one."""
    return np.append(np.arange(start, end, step), end).astype(np.float64)
