"""Reading and writing vector files with the library that this process has: osgeo.ogr, or pyogrio."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.errors import OptionsError
from uhrs_qgis_plugin.engine.files import GEOPACKAGE, check_unused, replacing
from uhrs_qgis_plugin.engine.vectors.features import Features


def read_features(path: str) -> Features:
    """Read the first layer of a vector file with all its fields.

    Raises:
        OptionsError: It cannot be read, or neither library is there.
    """
    name, _, layer = path.partition("|layername=")  # as QGIS writes it
    if not os.path.exists(name):
        raise OptionsError(f"'{name}' does not exist: give a file of points or polygons, or a raster.")
    return _library().read(name, layer)


def write_points(
    path: str,
    crs_wkt: str,
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    columns: Mapping[str, Sequence[object]],
    integers: Sequence[str] = (),
) -> None:
    """Write points into a new GeoPackage; it appears when it is complete.

    Args:
        path: Ends with .gpkg.
        crs_wkt: Coordinate reference system, "" for none.
        x: (N,).
        y: (N,).
        columns: Field -> N values: integers, floats or texts (all of one kind; None for NULL).
        integers: Fields that hold integers where no value tells so.

    Raises:
        OptionsError: Another ending, or neither library is there.
        OutputError: It cannot be written, or is open in another program.
    """
    if not path.lower().endswith(GEOPACKAGE):
        raise OptionsError(f"'{path}' is written as GeoPackage: give a name that ends with {GEOPACKAGE}.")
    check_unused(path)
    table = os.path.splitext(os.path.basename(path))[0]
    with replacing(path) as part:
        _library().write(str(part), table, crs_wkt, x, y, columns, integers)


def _library() -> ModuleType:
    """Import osgeo.ogr, else pyogrio, behind one face: two copies of GDAL in a process do not mix."""
    reasons = []
    try:
        from uhrs_qgis_plugin.engine.vectors import ogr_files

        return ogr_files
    except ImportError as error:
        reasons.append(str(error))
    try:
        from uhrs_qgis_plugin.engine.vectors import pyogrio_files

        return pyogrio_files
    except ImportError as error:
        reasons.append(str(error))
    raise OptionsError(
        f"No library to read vector files ({'; '.join(reasons)}): run inside QGIS, or install pyogrio "
        "(pip install pyogrio)."
    )
