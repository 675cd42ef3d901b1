"""Finds the layers that belong to a region layer (image, classes, uncertainty) by layer tree and content."""

from __future__ import annotations

from dataclasses import dataclass

from osgeo import gdal
from qgis.core import (
    QgsCoordinateTransform,
    QgsCsException,
    QgsLayerTreeGroup,
    QgsMapLayer,
    QgsPalettedRasterRenderer,
    QgsProject,
    QgsRasterLayer,
    QgsRectangle,
    QgsSingleBandPseudoColorRenderer,
    QgsVectorLayer,
    QgsWkbTypes,
)

from uhrs_qgis_plugin.engine.results import is_uncertainty_scale
from uhrs_qgis_plugin.layers import CORRECTION_FIELDS, GROUP_OF, MADE_FROM, STATUS, is_point_layer

IMAGE, CLASSES, UNCERTAINTY = "image", "classes", "uncertainty"
KINDS = (IMAGE, CLASSES, UNCERTAINTY)
CHOSEN = "uhrs/review/{}"  # custom property of a region layer: id of the layer that the reviewer has chosen
NONE = "none"  # the choice of no layer
POLYGON = QgsWkbTypes.GeometryType.PolygonGeometry
SAME, TOGETHER, COVERS = 8, 4, 2  # points: of the same result, in the same group, covers the regions


@dataclass(frozen=True)
class RelatedLayers:
    """Layers that belong to a region layer; None = none.

    Attributes:
        image: The segmented raster.
        classes: The class raster.
        uncertainty: The uncertainty raster.
    """

    image: QgsRasterLayer | None = None
    classes: QgsRasterLayer | None = None
    uncertainty: QgsRasterLayer | None = None


def guess_layers(regions: QgsVectorLayer, project: QgsProject) -> RelatedLayers:
    """Find the best layer of each kind that covers the regions; an earlier choice of the reviewer wins."""
    rasters: dict[str, list[QgsRasterLayer]] = {kind: [] for kind in KINDS}
    for node in project.layerTreeRoot().findLayers():
        layer = node.layer()
        if isinstance(layer, QgsRasterLayer) and layer.isValid():
            rasters[kind_of(layer)].append(layer)
    found: dict[str, QgsRasterLayer | None] = {}
    home = _home(regions, project)
    for kind, layers in rasters.items():
        chosen = regions.customProperty(CHOSEN.format(kind))
        if chosen == NONE:
            found[kind] = None
            continue
        points = [_closeness(layer, regions, home) for layer in layers]
        best = layers[points.index(max(points))] if any(points) else None  # of equals the uppermost
        known = project.mapLayer(chosen) if chosen else None
        found[kind] = known if isinstance(known, QgsRasterLayer) else best
    return RelatedLayers(**found)


def remember(regions: QgsVectorLayer, kind: str, layer: QgsMapLayer | None) -> None:
    """Keep the reviewer's choice with the project.

    Args:
        regions: The region layer.
        kind: One of `KINDS`.
        layer: The choice; None = no layer.
    """
    regions.setCustomProperty(CHOSEN.format(kind), NONE if layer is None else layer.id())


def kind_of(layer: QgsRasterLayer) -> str:
    """Classify a valid raster layer by its file's scale and its renderer."""
    if _is_uncertainty(layer):
        return UNCERTAINTY
    if isinstance(layer.renderer(), QgsPalettedRasterRenderer):
        return CLASSES
    return IMAGE


def is_region_layer(layer: QgsMapLayer | None) -> bool:
    """Whether a layer may be reviewed: polygons, and not the corrections that are drawn; or points that are judged."""
    if not isinstance(layer, QgsVectorLayer) or not layer.isValid():
        return False
    if is_point_layer(layer):
        return layer.fields().lookupField(STATUS) >= 0
    return layer.geometryType() == POLYGON and not is_corrections_layer(layer)


def is_corrections_layer(layer: QgsMapLayer) -> bool:
    """Whether a layer holds drawn corrections."""
    if not isinstance(layer, QgsVectorLayer):
        return False
    names = set(layer.fields().names())
    return all(name in names for name, _ in CORRECTION_FIELDS)


def first_region_layer(project: QgsProject, active: QgsMapLayer | None) -> QgsVectorLayer | None:
    """Choose the layer to open first: the active one, else the uppermost with ranks, else the uppermost polygons."""
    layers = [active, *(node.layer() for node in project.layerTreeRoot().findLayers())]
    polygons = [layer for layer in layers if is_region_layer(layer)]
    if polygons and polygons[0] is active:
        return active
    ranked = [layer for layer in polygons if layer.fields().lookupField("rank") >= 0]
    return next(iter([*ranked, *polygons]), None)


def _is_uncertainty(layer: QgsRasterLayer) -> bool:
    """Whether a raster's values are an uncertainty."""
    if layer.dataProvider().name() == "gdal":
        dataset = gdal.Open(layer.source())
        scale = None if dataset is None else dataset.GetRasterBand(1).GetScale()
        if is_uncertainty_scale(scale):
            return True
    single = isinstance(layer.renderer(), QgsSingleBandPseudoColorRenderer)
    return single and UNCERTAINTY in layer.name().lower()


def _closeness(layer: QgsRasterLayer, regions: QgsVectorLayer, home: QgsLayerTreeGroup | None) -> int:
    """Score a raster: covers the regions, of the same result, in the same group."""
    project = regions.project() or QgsProject.instance()
    if not _covers(layer, regions, project):
        return 0
    points = COVERS
    ours, theirs = (project.layerTreeRoot().findLayer(item.id()) for item in (regions, layer))
    if _same_file(layer, regions.customProperty(MADE_FROM)):
        points += SAME
    if theirs is None:
        return points
    if home is not None and (theirs.parent() is home or home.name().startswith(f"{layer.name()},")):
        points += SAME
    if ours is not None and theirs.parent() is ours.parent():
        points += TOGETHER
    return points


def _home(regions: QgsVectorLayer, project: QgsProject) -> QgsLayerTreeGroup | None:
    """Find the group of the result that regions belong to: theirs, or that of the raster they were made from."""
    root, source = project.layerTreeRoot(), regions.customProperty(MADE_FROM)
    nodes = [root.findLayer(regions.id())]
    nodes += [root.findLayer(layer.id()) for layer in project.mapLayers().values() if _same_file(layer, source)]
    groups = [node.parent() for node in nodes if node is not None]
    return next((group for group in groups if _is_result(group)), None)


def _same_file(layer: QgsMapLayer, source: object) -> bool:
    """Whether a layer is read from a file."""
    return bool(source) and isinstance(layer, QgsRasterLayer) and layer.source() == source


def _is_result(group: QgsLayerTreeGroup) -> bool:
    """Whether a group of the layer tree holds one run's layers."""
    return bool(group.customProperty(GROUP_OF))


def _covers(layer: QgsRasterLayer, regions: QgsVectorLayer, project: QgsProject) -> bool:
    """Whether a raster covers the regions; also true without regions, or where CRSs cannot be compared."""
    extent = regions.extent()
    if extent.isNull() or not layer.crs().isValid() or not regions.crs().isValid():
        return True
    try:
        transform = QgsCoordinateTransform(regions.crs(), layer.crs(), project)
        extent = transform.transformBoundingBox(QgsRectangle(extent))
    except QgsCsException:
        return True
    return layer.extent().intersects(extent)
