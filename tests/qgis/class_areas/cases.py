"""Rasters and layers for the tests beside."""

from __future__ import annotations

import numpy as np
from osgeo import gdal
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsDistanceArea,
    QgsFeature,
    QgsField,
    QgsGeometry,
    QgsPointXY,
    QgsProject,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QVariant

from tests.qgis.conftest import TRANSFORM, write_raster
from tests.qgis.conftest import Recorder as PlainRecorder

NAMES = ["road", "<b>tree</b>", "water"]


COLOURS = [(200, 0, 0), (0, 200, 0), (0, 0, 200)]


DEGREES = (10.0, 0.001, 0.0, 60.0, 0.0, -0.002)


ROTATED = (500000.0, 0.4, 0.3, 5000000.0, 0.3, -0.4)  # pixels of 0.25 m2


class Recorder(PlainRecorder):
    """Keeps warnings too."""

    def __init__(self):
        super().__init__()
        self.warnings = []

    def pushWarning(self, warning):  # noqa: N802 (QGIS)
        self.warnings.append(warning)


def labels_of(height=200, width=300, seed=1):
    """Classes 0..2 in patches, with a hole of no data."""
    rng = np.random.default_rng(seed)
    labels = np.kron(rng.integers(0, 3, (-(-height // 10), -(-width // 10))), np.ones((10, 10)))
    labels = labels[:height, :width].astype(np.uint8)
    labels[:15, :20] = 255
    return labels


def write_classes(path, labels, crs=32633, transform=TRANSFORM):
    write_raster(path, labels[None], crs, transform, nodata=255)
    dataset = gdal.Open(str(path), gdal.GA_Update)
    table = gdal.ColorTable()
    for value, colour in enumerate(COLOURS):
        table.SetColorEntry(value, (*colour, 255))
    dataset.GetRasterBand(1).SetColorTable(table)
    dataset.GetRasterBand(1).SetCategoryNames(NAMES)
    dataset.FlushCache()
    return str(path)


def write_uncertainty(path, bands, crs=32633, transform=TRANSFORM, cell=8):
    x, a, b, y, c, d = transform
    return write_raster(path, bands, crs, (x, a * cell, b * cell, y, c * cell, d * cell), nodata=255)


def table(output):
    layer = output if isinstance(output, QgsVectorLayer) else QgsVectorLayer(output, "t")
    assert layer.isValid()
    names = [name for name in layer.fields().names() if name != "fid"]
    assert names == ["zone", "class", "name", "pixels", "area", "unit", "share", "unsure_share"]

    def plain(value):
        return None if value is None or (hasattr(value, "isNull") and value.isNull()) else value

    return [{name: plain(feature[name]) for name in names} for feature in layer.getFeatures()]


def polygons(*wkts, crs="EPSG:32633", names=None):
    """A layer of polygons in memory."""
    layer = QgsVectorLayer("MultiPolygon" + (f"?crs={crs}" if crs else ""), "zones", "memory")
    if not crs:
        layer.setCrs(QgsCoordinateReferenceSystem())
    layer.dataProvider().addAttributes([QgsField("label", QVariant.String)])
    layer.updateFields()
    for index, wkt in enumerate(wkts):
        feature = QgsFeature(layer.fields())
        feature["label"] = (names or [f"z{index}" for index in range(len(wkts))])[index]
        if wkt:
            feature.setGeometry(QgsGeometry.fromWkt(wkt))
        layer.dataProvider().addFeature(feature)
    return layer


def box(left, bottom, right, top):
    return f"POLYGON(({left} {bottom},{right} {bottom},{right} {top},{left} {top},{left} {bottom}))"


def by_point(labels, geometry, transform=TRANSFORM):
    """Pixels per class whose centre is in a polygon, asked one by one."""
    x, a, b, y, c, d = transform
    counts = np.zeros(256, int)
    for row, col in np.ndindex(labels.shape):
        point = QgsPointXY(x + (col + 0.5) * a + (row + 0.5) * b, y + (col + 0.5) * c + (row + 0.5) * d)
        if geometry.contains(point):
            counts[labels[row, col]] += 1
    return counts[:3]


def ellipsoidal(crs, transform, shape):
    """Area of the outline as QGIS measures it, with points along the edges."""
    x, a, b, y, c, d = transform
    height, width = shape
    corners = [(0, 0), (height, 0), (height, width), (0, width), (0, 0)]
    ring = []
    for (row, col), (row_end, col_end) in zip(corners, corners[1:]):
        for share in np.linspace(0, 1, 200, endpoint=False):
            r, k = row + share * (row_end - row), col + share * (col_end - col)
            ring.append(QgsPointXY(x + k * a + r * b, y + k * c + r * d))
    area = QgsDistanceArea()
    area.setSourceCrs(QgsCoordinateReferenceSystem(f"EPSG:{crs}"), QgsProject.instance().transformContext())
    area.setEllipsoid("EPSG:7030")
    return area.measureArea(QgsGeometry.fromPolygonXY([ring]))
