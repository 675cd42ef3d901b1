"""Judged regions, drawn corrections and rasters for the tests beside, written with GDAL alone."""

from __future__ import annotations

from functools import cache

import numpy as np
from osgeo import gdal, ogr, osr
from qgis.core import QgsCoordinateReferenceSystem, QgsCoordinateTransform, QgsGeometry, QgsPoint, QgsProject

from tests.qgis.class_areas.cases import NAMES, Recorder, labels_of, write_classes
from tests.qgis.conftest import TRANSFORM, write_raster

__all__ = ["NAMES", "Recorder", "labels_of", "write_classes"]

LEFT, TOP = TRANSFORM[0], TRANSFORM[3]
REGION_FIELDS = dict.fromkeys(("status", "new_name", "reviewer"), ogr.OFTString) | {"new_class": ogr.OFTInteger}
CORRECTION_FIELDS = dict.fromkeys(("name", "reviewer", "drawn"), ogr.OFTString) | {"class": ogr.OFTInteger}

# In metres from the upper left corner of the raster of 150 x 100 m, y downwards.
HEXAGON = ((20, 15), (50, 12), (62, 33), (47, 55), (18, 51), (9, 30))
SQUARE = ((40, 40), (80, 40), (80, 70), (40, 70))
TRIANGLE = ((100, 5), (149, 20), (110, 60))
SLIVER = ((60, 75), (140, 71), (141, 96), (70, 90))
FAR = ((900, 900), (950, 900), (950, 950))


def wkt(*points, origin=(LEFT, TOP)):
    """A polygon on the map."""
    # A little aside: QGIS takes a centre that lies on an edge for outside, the engine for inside of one of two sides.
    ring = ", ".join(f"{origin[0] + x + 0.0137} {origin[1] - y - 0.0071}" for x, y in (*points, points[0]))
    return f"MULTIPOLYGON((({ring})))"


def write_table(path, name, rows, fields, crs=32633):
    """Add a table to a GeoPackage; rows are (WKT or None, {field: value}). Names the table for QGIS."""
    path = str(path)
    dataset = gdal.OpenEx(path, gdal.OF_VECTOR | gdal.OF_UPDATE) if gdal.VSIStatL(path) else None
    if dataset is None:
        dataset = gdal.GetDriverByName("GPKG").Create(path, 0, 0, 0, gdal.GDT_Unknown)
    reference = None
    if crs is not None:
        reference = osr.SpatialReference()
        reference.ImportFromEPSG(crs)
        reference.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
    layer = dataset.CreateLayer(name, reference, ogr.wkbUnknown)
    for field, kind in fields.items():
        layer.CreateField(ogr.FieldDefn(field, kind))
    for geometry, values in rows:
        feature = ogr.Feature(layer.GetLayerDefn())
        if geometry is not None:
            feature.SetGeometry(ogr.CreateGeometryFromWkt(geometry))
        for field, value in values.items():
            feature.SetField(field, value)
        layer.CreateFeature(feature)
    layer = dataset = None
    return f"{path}|layername={name}"


def write_regions(path, rows, crs=32633, fields=REGION_FIELDS):
    return write_table(path, "regions", rows, fields, crs)


def write_corrections(path, rows, crs=32633, fields=CORRECTION_FIELDS):
    return write_table(path, "corrections", rows, fields, crs)


JUDGED = [
    (wkt(*HEXAGON), {"status": "wrong", "new_class": 2, "new_name": NAMES[2], "reviewer": "ada"}),
    (wkt(*SQUARE), {"status": "right", "reviewer": "bo"}),
    (wkt(*TRIANGLE), {"status": "unsure"}),
    (wkt(*FAR), {"status": "open"}),
]
DRAWN = [
    (wkt(*SLIVER), {"class": 0, "name": NAMES[0], "reviewer": "ada"}),
    (wkt((45, 45), (60, 45), (60, 60)), {"class": 1, "name": NAMES[1]}),
]


@cache
def inside(geometry, shape, transform=TRANSFORM, crs=None):
    """Which centres of pixels lie in a polygon: QGIS is asked one by one."""
    geometry = QgsGeometry.fromWkt(geometry)
    if crs is not None:
        one, other = QgsCoordinateReferenceSystem(crs), QgsCoordinateReferenceSystem("EPSG:32633")
        geometry.transform(QgsCoordinateTransform(one, other, QgsProject.instance().transformContext()))
    engine = QgsGeometry.createGeometryEngine(geometry.constGet())
    engine.prepareGeometry()
    x, a, b, y, c, d = transform
    mask = np.zeros(shape, bool)
    for row, col in np.ndindex(shape):
        point = QgsPoint(x + (col + 0.5) * a + (row + 0.5) * b, y + (col + 0.5) * c + (row + 0.5) * d)
        mask[row, col] = engine.contains(point)
    return mask


def corrected(labels, judged=JUDGED, drawn=DRAWN):
    """What the class raster becomes, and what of it was judged."""
    wanted, known = labels.copy(), np.zeros(labels.shape, bool)
    steps = [(geometry, values["status"], values.get("new_class")) for geometry, values in judged]
    steps += [(geometry, "wrong", values["class"]) for geometry, values in drawn]
    for geometry, status, value in steps:
        if status in ("right", "wrong"):
            mask = inside(geometry, labels.shape)
            wanted[mask] = labels[mask] if status == "right" else value
            known |= mask
    wanted[labels == 255] = 255
    return wanted, known & (labels != 255)


def read(path):
    return gdal.Open(str(path)).ReadAsArray()


def image_of(bands=3, dtype=np.uint8, height=240, width=340):
    """Pixels that tell where they come from."""
    rows, cols = np.mgrid[0:height, 0:width]
    return np.stack([(rows * 7 + cols * 3 + 50 * band) % 251 for band in range(bands)]).astype(dtype)


def write_image(path, data=None, crs=32633):
    """The class raster covers it from row 10, column 20."""
    x, a, b, y, c, d = TRANSFORM
    return write_raster(path, image_of() if data is None else data, crs, (x - 20 * a, a, b, y - 10 * d, c, d))
