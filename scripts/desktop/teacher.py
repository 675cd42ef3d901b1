"""A simulated reviewer who knows the ground truth, and reviews as the tutorial describes: right, wrong, or drawn."""

from __future__ import annotations

from typing import Any

import numpy as np
from osgeo import gdal, ogr
from qgis.core import QgsGeometry

from uhrs_qgis_plugin.engine.areas import read_wkb
from uhrs_qgis_plugin.engine.grid import Window

ONE_CLASS = 0.9  # share of one class above which a region counts as that class altogether
LEAST_PX = 64  # smaller mistakes are not drawn
SMOOTH_PX = 0.7  # tolerance of the outline: a hand does not follow pixels

Pixels = Any  # numpy arrays


class Teacher:
    """Judges the region that a review shows."""

    def __init__(self, classes: str, truth: str) -> None:
        """Read the class raster under review, and the ground truth on the same pixels."""
        self._dataset = gdal.Open(truth)
        self._truth = self._dataset.ReadAsArray()
        self._predicted = gdal.Open(classes).ReadAsArray()
        self._transform = self._dataset.GetGeoTransform()

    def draw(self, controller: Any) -> int:  # noqa: ANN401 (the review of the plugin)
        """Draw what is wrong in the region that is shown, unless it is nearly all of one class.

        Returns:
            Number of polygons.
        """
        inside = self._inside(controller)
        counts = np.bincount(self._truth[inside], minlength=256)
        if counts.max() >= ONE_CLASS * counts.sum():
            return 0
        drawn = 0
        for value in np.flatnonzero(counts).tolist():
            for geometry in self._polygons(inside & (self._truth == value) & (self._predicted != value)):
                drawn += controller.draw(geometry, value)
        return drawn

    def judge(self, controller: Any) -> str:  # noqa: ANN401 (the review of the plugin)
        """Judge the region that is shown, after `draw`; the review goes on to the next one.

        Returns:
            The judgement.
        """
        inside = self._inside(controller)
        counts, predicted = (np.bincount(found[inside], minlength=256) for found in (self._truth, self._predicted))
        one = counts.max() >= ONE_CLASS * counts.sum()
        if one and counts.argmax() != predicted.argmax():
            controller.judge("wrong", int(counts.argmax()))
            return "wrong"
        controller.judge("right")
        return "right"

    def _inside(self, controller: Any) -> Pixels:  # noqa: ANN401 (the review of the plugin)
        """Return the mask of the region that is shown."""
        geometry = controller.session.layer.getFeature(controller.fid).geometry()
        polygon = read_wkb(bytes(geometry.asWkb()), gdal.InvGeoTransform(self._transform))
        return polygon.mask(Window(0, 0, *self._truth.shape)) & (self._predicted != 255)

    def _polygons(self, mask: Pixels) -> list[QgsGeometry]:
        """Outline a mask as a hand would."""
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
