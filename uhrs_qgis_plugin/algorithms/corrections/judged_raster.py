"""What the algorithms that take judgements share: their inputs, checked and read, and what is said about them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsProcessingContext,
    QgsProcessingFeatureSource,
    QgsProcessingFeedback,
    QgsRasterLayer,
)

from uhrs_qgis_plugin.algorithms.base import UhrsAlgorithm
from uhrs_qgis_plugin.algorithms.files import raster_source
from uhrs_qgis_plugin.engine.errors import OptionsError, RasterError
from uhrs_qgis_plugin.layers.region_fields import CORRECTIONS as TABLE
from uhrs_qgis_plugin.layers.region_fields import RIGHT, WRONG

if TYPE_CHECKING:
    from uhrs_qgis_plugin.algorithms.corrections.judgement_layers import Read

CLASSES, REGIONS, CORRECTIONS = "CLASSES", "REGIONS", "CORRECTIONS"


@dataclass(frozen=True)
class ClassRaster:
    """The class raster, as plain values that a worker thread may have.

    Attributes:
        path: Name that GDAL opens.
        crs: Of the layer, which the user may have set.
        forgotten: Whether the file of REGIONS has drawn corrections and none were chosen.
    """

    path: str
    crs: QgsCoordinateReferenceSystem
    forgotten: bool


class JudgedRasterAlgorithm(UhrsAlgorithm):
    """An algorithm on a class raster, judged regions and drawn corrections."""

    def group(self) -> str:
        """Return the group that the Toolbox shows."""
        return self.tr("Review")

    def groupId(self) -> str:
        """Return the id of the group, frozen."""
        return "review"

    def raster_layer(self, parameters: dict[str, Any], name: str, context: QgsProcessingContext) -> QgsRasterLayer:
        """Read a raster parameter.

        Raises:
            RasterError: It is none.
        """
        layer = self.parameterAsRasterLayer(parameters, name, context)
        if layer is None:
            raise RasterError(f"{name}={parameters.get(name)!r} is no raster: choose a raster file.")
        return layer

    def class_raster(self, parameters: dict[str, Any], context: QgsProcessingContext) -> ClassRaster:
        """Read CLASSES, and check it and the layers against each other, in the thread of the layers.

        Raises:
            UhrsError: They cannot be used.
        """
        from uhrs_qgis_plugin.algorithms.corrections.judgement_layers import check_layers
        from uhrs_qgis_plugin.engine.raster import open_raster
        from uhrs_qgis_plugin.engine.results import check_classes

        layer = self.raster_layer(parameters, CLASSES, context)
        path = raster_source(layer)
        with open_raster(path, "gdal") as reader:
            check_classes(reader.info)
        sources = [self.source(parameters, name, context) for name in (REGIONS, CORRECTIONS)]
        check_layers(*sources, layer.crs())
        forgotten = sources[1] is None and self._has_corrections(parameters, context)
        return ClassRaster(path, QgsCoordinateReferenceSystem(layer.crs()), forgotten)

    def source(
        self, parameters: dict[str, Any], name: str, context: QgsProcessingContext
    ) -> QgsProcessingFeatureSource | None:
        """Read a parameter of polygons; None when it was left empty.

        Raises:
            OptionsError: It is no layer.
        """
        if parameters.get(name) in (None, ""):
            return None
        source = self.parameterAsSource(parameters, name, context)
        if source is None:
            raise OptionsError(f"{name}={parameters[name]!r} is no polygon layer: choose one, or leave it empty.")
        return source

    def read_judgements(
        self,
        classes: ClassRaster,
        parameters: dict[str, Any],
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
    ) -> Read:
        """Read the judgements, and tell the log about them.

        Raises:
            UhrsError: They cannot be used, or the user cancelled.
        """
        from uhrs_qgis_plugin.algorithms.corrections.class_look import class_names, known_classes
        from uhrs_qgis_plugin.algorithms.corrections.judgement_layers import Target, read_layers
        from uhrs_qgis_plugin.engine.raster import open_raster
        from uhrs_qgis_plugin.engine.results import nodata_of

        with open_raster(classes.path, "gdal") as reader:
            info = reader.info
        known = known_classes(class_names(classes.path), nodata_of(info))
        regions, corrections = (self.source(parameters, name, context) for name in (REGIONS, CORRECTIONS))
        read = read_layers(regions, corrections, Target(info, classes.crs, known, context.transformContext()), feedback)
        _tell(read, feedback)
        if classes.forgotten:
            feedback.pushWarning(
                f"The GeoPackage of REGIONS holds drawn corrections, which are not used: choose its table '{TABLE}' as "
                "CORRECTIONS to have them."
            )
        return read

    def _has_corrections(self, parameters: dict[str, Any], context: QgsProcessingContext) -> bool:
        """Whether the file of REGIONS has a table of corrections with something in it."""
        from osgeo import gdal

        from uhrs_qgis_plugin.engine.raster.gdal_backend import attempt
        from uhrs_qgis_plugin.layers.region_fields import corrections_path

        layer = self.parameterAsVectorLayer(parameters, REGIONS, context)
        path = None if layer is None else corrections_path(layer)
        if path is None:
            return False
        dataset, _ = attempt(gdal.OpenEx, path, gdal.OF_VECTOR)
        table = None if dataset is None else dataset.GetLayerByName(TABLE)
        return table is not None and table.GetFeatureCount() > 0


def date() -> str:
    """Return the time as outputs keep it: UTC, ISO 8601, to the second."""
    return datetime.now(timezone.utc).isoformat(timespec="seconds")


def _tell(read: Read, feedback: QgsProcessingFeedback) -> None:
    """Put what was read into the log."""
    counts = read.counts
    feedback.pushInfo(
        f"{counts[RIGHT]:,} regions are right, {counts[WRONG]:,} wrong with a new class; {counts['corrections']:,} "
        "corrections were drawn"
    )
    if counts["nameless"]:
        feedback.pushWarning(f"{counts['nameless']:,} are wrong, but not said to be a class of CLASSES: left out.")
    if counts["elsewhere"]:
        feedback.pushWarning(f"{counts['elsewhere']:,} judged polygons lie outside of CLASSES or have no geometry.")
    for line in read.odd.values():
        feedback.pushWarning(line)
