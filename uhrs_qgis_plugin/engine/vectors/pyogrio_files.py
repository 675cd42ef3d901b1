"""Vector files by pyogrio."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyogrio import raw
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError, FieldError, GeometryError

from uhrs_qgis_plugin.engine.errors import OptionsError, one_line
from uhrs_qgis_plugin.engine.files import cannot_write
from uhrs_qgis_plugin.engine.raster import crs_wkt_of
from uhrs_qgis_plugin.engine.vectors.features import Features

ERRORS = (DataLayerError, DataSourceError, FeatureError, FieldError, GeometryError, RuntimeError)
POINT = np.dtype([("order", "u1"), ("kind", "<u4"), ("x", "<f8"), ("y", "<f8")])


def read(path: str, layer_name: str) -> Features:
    """Read a layer; "" = the first one. See `read_features`."""
    try:
        meta, _, shapes, data = raw.read(path, layer=layer_name or 0, force_2d=True)
    except ERRORS as error:
        raise OptionsError(f"'{path}' cannot be read as a vector file: {one_line(error)}.") from error
    columns = {str(name): [_plain(value) for value in values] for name, values in zip(meta["fields"], data)}
    found = [] if shapes is None else [b"" if shape is None else bytes(shape) for shape in shapes]
    return Features(crs_wkt_of(meta["crs"]) if meta["crs"] else "", found, columns, path)


def write(
    path: str,
    table: str,
    crs_wkt: str,
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    columns: Mapping[str, Sequence[object]],
    integers: Sequence[str],
) -> None:
    """Write points; see `write_points`."""
    points = np.zeros(len(x), POINT)
    points["order"], points["kind"], points["x"], points["y"] = 1, 1, x, y
    shapes: NDArray[Any] = np.array([point.tobytes() for point in points], np.object_)
    arrays = {name: _array(values, name in integers) for name, values in columns.items()}
    masks = [np.array([value is None for value in values]) for values in columns.values()]
    try:
        raw.write(
            path,
            shapes,
            list(arrays.values()),
            list(arrays),
            field_mask=masks,
            layer=table,
            driver="GPKG",
            geometry_type="Point",
            crs=crs_wkt or None,
        )
    except ERRORS as error:
        raise cannot_write(path, one_line(error)) from error


def _array(values: Sequence[object], whole: bool) -> NDArray[Any]:
    """The column as an array of one type."""
    known = [value for value in values if value is not None]
    if whole or (known and all(isinstance(value, int) for value in known)):
        return np.array([0 if value is None else value for value in values], np.int64)
    if known and all(isinstance(value, (int, float)) for value in known):
        return np.array([np.nan if value is None else value for value in values], np.float64)
    return np.array([value if value is None else str(value) for value in values], np.object_)


def _plain(value: Any) -> object:  # noqa: ANN401 (whatever a file holds)
    """A value as Python's own; None for NULL, which pyogrio gives as NaN in numbers."""
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and np.isnan(value) else value
