"""Vector files by osgeo.ogr."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from osgeo import gdal, ogr, osr

from uhrs_qgis_plugin.engine.errors import OptionsError
from uhrs_qgis_plugin.engine.files import cannot_write
from uhrs_qgis_plugin.engine.raster.gdal_backend import attempt
from uhrs_qgis_plugin.engine.vectors.features import Features

AT_ONCE = 10_000  # rows in a transaction


def read(path: str, layer_name: str) -> Features:
    """Read a layer; "" = the first one. See `read_features`."""
    dataset, reason = attempt(gdal.OpenEx, path, gdal.OF_VECTOR | gdal.OF_READONLY)
    if dataset is None:
        raise OptionsError(f"'{path}' cannot be read as a vector file: {reason}.")
    layer = dataset.GetLayerByName(layer_name) if layer_name else dataset.GetLayer(0)
    if layer is None:
        raise OptionsError(f"'{path}' has no layer '{layer_name}': choose one of its layers.")
    reference, definition = layer.GetSpatialRef(), layer.GetLayerDefn()
    names = [definition.GetFieldDefn(index).GetName() for index in range(definition.GetFieldCount())]
    columns: dict[str, list[object]] = {name: [] for name in names}
    shapes = []
    for feature in layer:
        shape = feature.GetGeometryRef()
        if shape is not None:
            shape.FlattenTo2D()
        shapes.append(b"" if shape is None else bytes(shape.ExportToWkb(ogr.wkbNDR)))
        for index, name in enumerate(names):
            columns[name].append(feature.GetField(index))
    return Features("" if reference is None else reference.ExportToWkt(), shapes, columns, path)


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
    dataset, reason = attempt(gdal.GetDriverByName("GPKG").Create, path, 0, 0, 0, gdal.GDT_Unknown)
    if dataset is None:
        raise cannot_write(path, reason)
    reference = osr.SpatialReference(crs_wkt) if crs_wkt else None
    layer, reason = attempt(dataset.CreateLayer, table, reference, ogr.wkbPoint)
    if layer is None:
        raise cannot_write(path, reason)
    for name, values in columns.items():
        layer.CreateField(ogr.FieldDefn(name, ogr.OFTInteger64 if name in integers else _kind(values)))
    for start in range(0, len(x), AT_ONCE):
        code, reason = attempt(_fill, layer, range(start, min(len(x), start + AT_ONCE)), (x, y), columns)
        if code != ogr.OGRERR_NONE:
            raise cannot_write(path, reason)
    del layer
    _, reason = attempt(dataset.FlushCache)
    if reason:
        raise cannot_write(path, reason)


def _fill(
    layer: ogr.Layer,
    rows: range,
    places: tuple[NDArray[np.float64], NDArray[np.float64]],
    columns: Mapping[str, Sequence[object]],
) -> int:
    """Write some rows in a transaction; returns the first code of an error."""
    layer.StartTransaction()
    for index in rows:
        feature = ogr.Feature(layer.GetLayerDefn())
        shape = ogr.Geometry(ogr.wkbPoint)
        shape.AddPoint_2D(float(places[0][index]), float(places[1][index]))
        feature.SetGeometry(shape)
        for name, values in columns.items():
            if values[index] is not None:
                feature.SetField(name, values[index])
        code = int(layer.CreateFeature(feature))
        if code != ogr.OGRERR_NONE:
            return code
    return int(layer.CommitTransaction())


def _kind(values: Sequence[object]) -> int:
    """The type of a field."""
    known = [value for value in values if value is not None]
    if known and all(isinstance(value, int) for value in known):
        return int(ogr.OFTInteger64)
    return int(ogr.OFTReal if known and all(isinstance(value, (int, float)) for value in known) else ogr.OFTString)
