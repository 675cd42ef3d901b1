"""A person who knows the truth, and reviews regions as the tutorial says: right, wrong, or draw what is wrong."""

from __future__ import annotations

from typing import Any

import numpy as np
from osgeo import gdal, ogr
from qgis.core import QgsGeometry

from uhrs_qgis_plugin.engine.areas import read_wkb
from uhrs_qgis_plugin.engine.grid import Window

ONE_CLASS = 0.9  # a region with so much of one class is taken for that class altogether
LEAST_PX = 64  # smaller mistakes are not worth a drawing
SMOOTH_PX = 0.7  # a hand does not follow pixels

Pixels = Any  # numpy arrays


class Teacher:
    """Judges what a review dock shows."""

    def __init__(self, classes: str, truth: str) -> None:
        """Read both rasters.

        Args:
            classes: The class raster that is reviewed.
            truth: What is really there, on the same pixels.
        """
        self._dataset = gdal.Open(truth)
        self._truth = self._dataset.ReadAsArray()
        self._said = gdal.Open(classes).ReadAsArray()
        self._transform = self._dataset.GetGeoTransform()

    def draw(self, dock: Any) -> int:  # noqa: ANN401 (a class of the plugin)
        """Draw what is wrong in the region that is shown, where it is no matter of one class.

        Returns:
            How many polygons.
        """
        inside = self._inside(dock)
        counts = np.bincount(self._truth[inside], minlength=256)
        if counts.max() >= ONE_CLASS * counts.sum():
            return 0
        drawn = 0
        for value in np.flatnonzero(counts).tolist():
            for geometry in self._polygons(inside & (self._truth == value) & (self._said != value)):
                drawn += dock.draw(geometry, value) is not None
        return drawn

    def judge(self, dock: Any) -> str:  # noqa: ANN401 (a class of the plugin)
        """Judge the region that is shown, after `draw`; the dock goes on to the next one.

        Returns:
            What was said.
        """
        inside = self._inside(dock)
        counts, said = (np.bincount(found[inside], minlength=256) for found in (self._truth, self._said))
        one = counts.max() >= ONE_CLASS * counts.sum()
        if one and counts.argmax() != said.argmax():
            dock.judge("wrong", int(counts.argmax()))
            return "wrong"
        dock.judge("right")
        return "right"

    def _inside(self, dock: Any) -> Pixels:  # noqa: ANN401 (a class of the plugin)
        """Which pixels lie in the region that is shown."""
        geometry = dock.session.layer.getFeature(dock.fid).geometry()
        polygon = read_wkb(bytes(geometry.asWkb()), gdal.InvGeoTransform(self._transform))
        return polygon.mask(Window(0, 0, *self._truth.shape)) & (self._said != 255)

    def _polygons(self, mask: Pixels) -> list[QgsGeometry]:
        """Outline pixels as a hand would."""
        height, width = mask.shape
        raster = gdal.GetDriverByName("MEM").Create("", width, height, 1, gdal.GDT_Byte)
        raster.SetGeoTransform(self._transform)
        raster.GetRasterBand(1).WriteArray(mask.astype(np.uint8))
        holder = ogr.GetDriverByName("Memory").CreateDataSource("drawn")
        layer = holder.CreateLayer("drawn", None, ogr.wkbPolygon)
        gdal.Polygonize(raster.GetRasterBand(1), raster.GetRasterBand(1), layer, -1)
        pixel = abs(self._transform[1])
        outlines = [QgsGeometry.fromWkt(feature.GetGeometryRef().ExportToWkt()) for feature in layer]
        return [item.simplify(SMOOTH_PX * pixel) for item in outlines if item.area() >= LEAST_PX * pixel**2]
