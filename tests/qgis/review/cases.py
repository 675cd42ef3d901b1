"""Region layers and rasters for the tests beside, written and read with GDAL alone, past the code under test."""

from __future__ import annotations

import sqlite3

import numpy as np
from osgeo import gdal, ogr, osr

from tests.qgis.conftest import write_raster

LEFT, BOTTOM, SIDE = 500000.0, 5000000.0, 50.0
AREAS = (400.0, 100.0, 200.0, 50.0, 150.0, 100.0)
CLASSES = ("water", "trees", "roof")
# name -> (type, values of six regions); rank 1 lies furthest west, and its feature id is the last.
OURS = {
    "rank": (ogr.OFTInteger, (6, 5, 4, 3, 2, 1)),
    "mean_u": (ogr.OFTReal, (0.4, 0.5, 0.6, 0.7, 0.8, 0.9)),
    "max_u": (ogr.OFTReal, (0.95,) * 6),
    "area_m2": (ogr.OFTReal, tuple(reversed(AREAS))),
    "cells": (ogr.OFTInteger, (4,) * 6),
    "class": (ogr.OFTString, ("trees",) * 6),
    "class_2": (ogr.OFTString, ("roof", None, "roof", "water", "roof", "water")),
    "status": (ogr.OFTString, ("open",) * 6),
}
REVIEW = ("status", "new_class", "new_name", "reviewer", "reviewed")


def square(left, bottom, width, height=None):
    """A closed ring as WKT."""
    right, top = left + width, bottom + (width if height is None else height)
    ring = ((left, bottom), (right, bottom), (right, top), (left, top), (left, bottom))
    return f"MULTIPOLYGON((({', '.join(f'{x} {y}' for x, y in ring)})))"


def make_regions(path, fields=None, crs=32633, step=SIDE, origin=(LEFT, BOTTOM), count=6, shapes=None):
    """Squares in a row, the last one furthest west; in any format of GDAL; fields as in `OURS`."""
    fields = OURS if fields is None else fields
    driver = {"gpkg": "GPKG", "shp": "ESRI Shapefile", "geojson": "GeoJSON"}[str(path).rsplit(".", 1)[1]]
    dataset = gdal.GetDriverByName(driver).Create(str(path), 0, 0, 0, gdal.GDT_Unknown)
    reference = None
    if crs is not None:
        reference = osr.SpatialReference()
        reference.ImportFromEPSG(crs)
        reference.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
    layer = dataset.CreateLayer("regions", reference, ogr.wkbMultiPolygon)
    for name, (kind, _) in fields.items():
        layer.CreateField(ogr.FieldDefn(name, kind))
    if driver == "GPKG":
        dataset.StartTransaction()
    for index in range(count):
        feature = ogr.Feature(layer.GetLayerDefn())
        shape = square(origin[0] + (count - 1 - index) * step, origin[1], step / 2)
        shape = shape if shapes is None else shapes[index]
        if shape is not None:
            feature.SetGeometry(ogr.CreateGeometryFromWkt(shape))
        for name, (_, values) in fields.items():
            if values[index % len(values)] is not None:
                feature.SetField(name, values[index % len(values)])
        layer.CreateFeature(feature)
    if driver == "GPKG":
        dataset.CommitTransaction()
    layer = dataset = None
    return str(path)


def table(path, names=REVIEW, name="regions"):
    """What the file holds: {fid: (values)}."""
    connection = sqlite3.connect(path)
    columns = ", ".join(f'"{column}"' for column in names)
    rows = connection.execute(f"SELECT fid, {columns} FROM {name} ORDER BY fid").fetchall()
    connection.close()
    return {row[0]: row[1:] for row in rows}


def write_elsewhere(path, fid, name="regions", **values):
    """Change a row as another program does."""
    dataset = gdal.OpenEx(path, gdal.OF_UPDATE | gdal.OF_VECTOR)
    layer = dataset.GetLayerByName(name)
    feature = layer.GetFeature(fid)
    for field, value in values.items():
        if value is None:
            feature.SetFieldNull(field)
        else:
            feature.SetField(field, value)
    assert layer.SetFeature(feature) == 0
    feature = layer = dataset = None


def drop_elsewhere(path, fid, name="regions"):
    """Delete a row as another program does."""
    dataset = gdal.OpenEx(path, gdal.OF_UPDATE | gdal.OF_VECTOR)
    assert dataset.GetLayerByName(name).DeleteFeature(fid) == 0
    dataset = None


def make_classes(path, names=CLASSES, crs=32633, left=LEFT, bottom=BOTTOM):
    """A class raster of 2 m pixels over all regions, with names and colours."""
    data = np.ones((1, 100, 200), np.uint8)
    write_raster(path, data, crs, (left - 20, 2.0, 0.0, bottom + 120, 0.0, -2.0), 255)
    dataset = gdal.Open(str(path), gdal.GA_Update)
    colours = gdal.ColorTable()
    for value in range(len(names)):
        colours.SetColorEntry(value, (40 * value, 100, 200 - 40 * value, 255))
    if names:
        dataset.GetRasterBand(1).SetColorTable(colours)
        dataset.GetRasterBand(1).SetCategoryNames(list(names))
    dataset = None
    return str(path)


def make_uncertainty(path, crs=32633, left=LEFT, bottom=BOTTOM):
    """An uncertainty raster over all regions."""
    write_raster(path, np.zeros((2, 25, 50), np.uint8), crs, (left - 20, 8.0, 0.0, bottom + 120, 0.0, -8.0), 255)
    dataset = gdal.Open(str(path), gdal.GA_Update)
    for band in (1, 2):
        dataset.GetRasterBand(band).SetScale(1 / 254)
    dataset = None
    return str(path)


def make_image(path, crs=32633, left=LEFT, bottom=BOTTOM):
    """An image over all regions."""
    data = np.full((3, 100, 200), 90, np.uint8)
    return write_raster(path, data, crs, (left - 20, 2.0, 0.0, bottom + 120, 0.0, -2.0))
