"""The inputs of the algorithms that take judgements: reviewed class raster, judged regions, drawn corrections."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from osgeo import gdal
from qgis.core import QgsCoordinateReferenceSystem, QgsProcessingFeedback

from uhrs_qgis_plugin.algorithms.corrections.parameters import CLASSES, CORRECTIONS, REGIONS
from uhrs_qgis_plugin.algorithms.parameters import ParameterValues, raster_source
from uhrs_qgis_plugin.layers import CORRECTIONS as TABLE
from uhrs_qgis_plugin.layers import RIGHT, WRONG, AddedClass, corrections_path, read_added_classes

if TYPE_CHECKING:  # these load numpy, and QGIS loads this module when it starts
    from uhrs_qgis_plugin.algorithms.corrections.judgement_layers import ReadJudgements
    from uhrs_qgis_plugin.engine.raster import RasterInfo


@dataclass(frozen=True)
class ClassRaster:
    """The class raster, as plain values that a worker thread may hold.

    Attributes:
        path: Name that GDAL opens.
        info: Describes it.
        crs: Of the layer, which the user may have set.
        has_unused_corrections: Whether the file of REGIONS has drawn corrections and none were chosen.
        added: Classes that the review has added to those of the raster.
        name: Of the layer.
    """

    path: str
    info: RasterInfo
    crs: QgsCoordinateReferenceSystem
    has_unused_corrections: bool
    added: tuple[AddedClass, ...] = ()
    name: str = ""


def read_class_raster(values: ParameterValues) -> ClassRaster:
    """Read CLASSES, and check it and the layers against each other, in the thread of the layers.

    Raises:
        UhrsError: They cannot be used.
    """
    from uhrs_qgis_plugin.algorithms.corrections.class_metadata import class_names
    from uhrs_qgis_plugin.algorithms.corrections.judgement_layers import check_layers
    from uhrs_qgis_plugin.engine.raster import open_raster
    from uhrs_qgis_plugin.engine.results import check_classes

    layer = values.raster_layer(CLASSES)
    path = raster_source(layer)
    with open_raster(path, "gdal") as reader:
        info = reader.info
    check_classes(info)
    regions, corrections = values.polygons(REGIONS), values.polygons(CORRECTIONS)
    check_layers(regions, corrections, layer.crs())
    unused = corrections is None and _has_corrections(values)
    added = _added_classes(values)
    class_names(path, added)  # which fit each other
    return ClassRaster(path, info, QgsCoordinateReferenceSystem(layer.crs()), unused, added, layer.name())


def read_judgements(classes: ClassRaster, values: ParameterValues, feedback: QgsProcessingFeedback) -> ReadJudgements:
    """Read the judgements, and log them.

    Raises:
        UhrsError: They cannot be used, or the user cancelled.
    """
    from uhrs_qgis_plugin.algorithms.corrections.class_metadata import class_names, known_classes
    from uhrs_qgis_plugin.algorithms.corrections.judgement_layers import Target, read_layers
    from uhrs_qgis_plugin.engine.results import nodata_of

    known = known_classes(class_names(classes.path), nodata_of(classes.info), classes.added)
    target = Target(classes.info, classes.crs, known, values.context.transformContext())
    read = read_layers(values.polygons(REGIONS), values.polygons(CORRECTIONS), target, feedback)
    _log(read, feedback)
    if classes.has_unused_corrections:
        feedback.pushWarning(
            f"The GeoPackage of REGIONS holds drawn corrections, which are not used: choose its table '{TABLE}' as "
            "CORRECTIONS to have them."
        )
    return read


def _added_classes(values: ParameterValues) -> tuple[AddedClass, ...]:
    """Read the classes that were added in the files of the judgements."""
    layers = [values.vector_layer(name) for name in (REGIONS, CORRECTIONS)]
    paths = dict.fromkeys(corrections_path(layer) for layer in layers if layer is not None)
    return tuple(dict.fromkeys(item for path in paths for item in read_added_classes(path)))


def _has_corrections(values: ParameterValues) -> bool:
    """Whether the file of REGIONS has a table of corrections with something in it."""
    from uhrs_qgis_plugin.engine.raster.gdal_backend import attempt

    layer = values.vector_layer(REGIONS)
    path = None if layer is None else corrections_path(layer)
    if path is None:
        return False
    dataset, _ = attempt(gdal.OpenEx, path, gdal.OF_VECTOR)
    table = None if dataset is None else dataset.GetLayerByName(TABLE)
    return table is not None and table.GetFeatureCount() > 0


def _log(read: ReadJudgements, feedback: QgsProcessingFeedback) -> None:
    counts = read.counts
    feedback.pushInfo(
        f"{counts[RIGHT]:,} regions are right, {counts[WRONG]:,} wrong with a new class; {counts['corrections']:,} "
        "corrections were drawn"
    )
    if counts["nameless"]:
        feedback.pushWarning(f"{counts['nameless']:,} are wrong, but not said to be a class of CLASSES: left out.")
    if counts["elsewhere"]:
        feedback.pushWarning(f"{counts['elsewhere']:,} judged polygons lie outside of CLASSES or have no geometry.")
    for line in read.warnings.values():
        feedback.pushWarning(line)
