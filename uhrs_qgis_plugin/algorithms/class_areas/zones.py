"""The polygons of `uhrs:classareas`: read and checked once, then turned into masks strip by strip."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from osgeo import gdal, ogr
from qgis.core import (
    Qgis,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCoordinateTransformContext,
    QgsCsException,
    QgsFeature,
    QgsFeatureRequest,
    QgsFeatureSource,
    QgsGeometry,
    QgsProcessingFeatureSource,
    QgsProcessingFeedback,
)
from qgis.PyQt.QtGui import QTransform

from uhrs_qgis_plugin.engine.errors import CancelledError, OptionsError
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.raster import RasterInfo
from uhrs_qgis_plugin.engine.raster.gdal_backend import attempt

# Geometries are checked here, to say in one line what is wrong. The enum moved into Qgis in 3.36.
if hasattr(Qgis, "ProcessingFeatureSourceFlag"):
    NO_CHECK = Qgis.ProcessingFeatureSourceFlag.SkipGeometryValidityChecks
else:
    NO_CHECK = QgsProcessingFeatureSource.FlagSkipGeometryValidityChecks

# GDAL 3.11 moved vector layers in memory from one driver into another.
MEMORY = "Memory" if int(gdal.VersionInfo()) < 3110000 else "MEM"

# Pixels: all zones are moved up by this. GDAL fills a horizontal edge that runs through pixel centres on both of its
# sides; now no edge does, and zones that share one share no pixel. Rounding of coordinates is about 1e-8.
NUDGE = 1e-6


class PolygonZones:
    """`areas.Zones` of polygons: a pixel is inside when its centre is.

    Attributes:
        names: One per zone.
    """

    def __init__(self, names: list[str], geometries: list[QgsGeometry], info: RasterInfo) -> None:
        """Take the polygons over to the pixel grid.

        Args:
            names: One per polygon.
            geometries: Polygons in the raster's CRS; empty ones are fine.
            info: The raster.
        """
        self.names = names
        self._shapes = []
        self._boxes = np.zeros((len(names), 4))  # first and last row, first and last column
        to_pixels = _to_pixels(info)
        for index, geometry in enumerate(geometries):
            geometry = QgsGeometry(geometry)
            geometry.transform(to_pixels)
            geometry.convertToStraightSegment()
            box = geometry.boundingBox()
            # y points up as GDAL's polygon filler expects it, so that rows are counted downwards from 0.
            box = (-box.yMaximum(), -box.yMinimum(), box.xMinimum(), box.xMaximum())
            self._boxes[index] = (1, 0, 1, 0) if geometry.isEmpty() else box
            self._shapes.append(b"" if geometry.isEmpty() else bytes(geometry.asWkb()))
        self._dataset = ogr.GetDriverByName(MEMORY).CreateDataSource("zones")

    def __len__(self) -> int:
        """How many there are."""
        return len(self.names)

    def masks(self, window: Window) -> Iterator[tuple[int, Window, NDArray[np.bool_]]]:
        """Find the zones in a window; see `areas.Zones`."""
        top, bottom, left, right = self._boxes.T
        touching = (top < window.row_end) & (bottom > window.row) & (left < window.col_end) & (right > window.col)
        for index in np.flatnonzero(touching).tolist():
            row, col = max(window.row, math.floor(top[index])), max(window.col, math.floor(left[index]))
            height = min(window.row_end, math.ceil(bottom[index])) - row
            width = min(window.col_end, math.ceil(right[index])) - col
            mask = self._mask(self._shapes[index], Window(row, col, height, width))
            if mask.any():
                yield index, Window(row, col, height, width), mask

    def _mask(self, shape: bytes, part: Window) -> NDArray[np.bool_]:
        """Burn one polygon: (h, w)."""
        raster = gdal.GetDriverByName("MEM").Create("", part.width, part.height, 1, gdal.GDT_Byte)
        raster.SetGeoTransform((part.col, 1, 0, -part.row, 0, -1))
        layer = self._dataset.CreateLayer("zone", None, ogr.wkbUnknown)
        feature = ogr.Feature(layer.GetLayerDefn())
        feature.SetGeometry(ogr.CreateGeometryFromWkb(shape))
        layer.CreateFeature(feature)
        attempt(gdal.RasterizeLayer, raster, [1], layer, burn_values=[1])  # quietly: it misses a CRS
        self._dataset.DeleteLayer(0)
        return np.asarray(raster.ReadAsArray()).view(np.bool_)


def check_zones(source: QgsFeatureSource, field: str, crs: QgsCoordinateReferenceSystem) -> None:
    """Check what costs nothing.

    Args:
        source: The polygon layer.
        field: Name of the field that names the zones, "" for none.
        crs: Of the raster.

    Raises:
        OptionsError: No polygons, no such field, or no coordinate system to bring both together.
    """
    name = source.sourceName()
    if source.featureCount() == 0:
        raise OptionsError(f"ZONES '{name}' holds no polygons: choose another layer, or leave ZONES empty.")
    if field and source.fields().lookupField(field) < 0:
        have = ", ".join(source.fields().names()) or "none"
        raise OptionsError(f"ZONES '{name}' has no field '{field}': choose one of its fields ({have}).")
    if crs.isValid() != source.sourceCrs().isValid():
        what, other = (f"ZONES '{name}'", "CLASSES") if crs.isValid() else ("CLASSES", f"ZONES '{name}'")
        raise OptionsError(
            f"{what} has no coordinate reference system but {other} has one: set it (right click on the layer > Layer "
            "CRS), so that both can be brought together."
        )


def read_zones(
    source: QgsFeatureSource,
    field: str,
    target: tuple[RasterInfo, QgsCoordinateReferenceSystem, QgsCoordinateTransformContext],
    feedback: QgsProcessingFeedback,
) -> PolygonZones:
    """Read the polygons.

    Args:
        source: The polygon layer, checked by `check_zones`.
        field: Name of the field that names the zones, "" for the feature ids.
        target: The raster, its CRS, and how to transform to it.
        feedback: Its cancel button is heeded.

    Returns:
        The zones in the order of the layer.

    Raises:
        OptionsError: A geometry is invalid or cannot be transformed, or there are none.
        CancelledError: The user cancelled.
    """
    info, crs, transforms = target
    transform = QgsCoordinateTransform(source.sourceCrs(), crs, transforms)
    request = QgsFeatureRequest()
    request.setSubsetOfAttributes([field] if field else [], source.fields())
    names, geometries = [], []
    for feature in source.getFeatures(request, NO_CHECK):
        if feedback.isCanceled():
            raise CancelledError("Cancelled while reading ZONES.")
        name = _name(feature, field)
        which = f"Zone '{name}' (feature {feature.id()} of '{source.sourceName()}')"
        geometry = feature.geometry()
        if not geometry.isEmpty() and not geometry.isGeosValid():
            raise OptionsError(
                f"{which} has an invalid geometry, its outline may cross itself: run 'Fix geometries' on the layer and "
                "take its result."
            )
        try:
            geometry.transform(transform)
        except QgsCsException as error:
            raise OptionsError(
                f"{which} cannot be transformed to the raster's coordinate reference system {crs.authid()}: check that "
                "its coordinates fit the layer's CRS."
            ) from error
        names.append(name)
        geometries.append(geometry)
    if not names:
        raise OptionsError(f"ZONES '{source.sourceName()}' holds no polygons: choose another, or leave ZONES empty.")
    return PolygonZones(names, geometries, info)


def _name(feature: QgsFeature, field: str) -> str:
    """The zone's name: the field's value, else the feature's id."""
    value = feature[field] if field else feature.id()
    text = "" if value is None or (hasattr(value, "isNull") and value.isNull()) else str(value)
    return text or f"feature {feature.id()}"


def _to_pixels(info: RasterInfo) -> QTransform:
    """From the raster's CRS to columns and negative rows; without a geotransform QGIS has these already."""
    if not info.has_transform:
        return QTransform.fromTranslate(0, NUDGE)
    x, x_col, x_row, y, y_col, y_row = gdal.InvGeoTransform(info.transform)
    return QTransform(x_col, -y_col, x_row, -y_row, x, NUDGE - y)
