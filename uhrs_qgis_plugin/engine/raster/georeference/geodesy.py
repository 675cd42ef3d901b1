"""What a coordinate reference system says about lengths and areas on the ground."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.raster.backends import backend_of

Floats = NDArray[np.float64]

GEOGRAPHIC, PROJECTED, LOCAL, OTHER = "geographic", "projected", "local", "other"


@dataclass(frozen=True)
class Geodesy:
    """A coordinate reference system, as far as areas depend on it.

    Attributes:
        kind: "geographic" (degrees), "projected", "local" (a plane without a place), or "other".
        unit: Radians or metres in a unit of its coordinates.
        semi_major_m: Radius of its ellipsoid at the equator.
        inverse_flattening: Of its ellipsoid; 0 = a sphere.
        to_radians: Of a projected one: x and y (n,) -> longitude and latitude on its own ellipsoid, infinite where
            there is no ground.
    """

    kind: str
    unit: float
    semi_major_m: float
    inverse_flattening: float
    to_radians: Callable[[Floats, Floats], tuple[Floats, Floats]]


def geodesy_of(crs_wkt: str) -> Geodesy | None:
    """Read a coordinate reference system; None where the text is none.

    Args:
        crs_wkt: Well-known text, "" for none.
    """
    found = backend_of("auto").geodesy(crs_wkt) if crs_wkt else None
    return None if found is None else Geodesy(*found)
