"""From layers of judged regions and drawn corrections to judgements on the pixels of a class raster."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCoordinateTransformContext,
    QgsCsException,
    QgsFeature,
    QgsFeatureRequest,
    QgsFeatureSource,
    QgsGeometry,
    QgsProcessingFeedback,
)

from uhrs_qgis_plugin.algorithms.corrections.parameters import CORRECTIONS, REGIONS
from uhrs_qgis_plugin.engine.areas import PixelPolygon
from uhrs_qgis_plugin.engine.corrections import Judgement, Judgements
from uhrs_qgis_plugin.engine.errors import CancelledError, OptionsError
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.raster import RasterInfo
from uhrs_qgis_plugin.layers import (
    CLASS,
    NAME,
    NEW_CLASS,
    NEW_NAME,
    REVIEWER,
    RIGHT,
    SKIP_GEOMETRY_CHECKS,
    STATUS,
    UNDEFINED,
    WRONG,
    plain,
    to_pixels,
)

MOST_LISTED = 8  # classes that an error lists


@dataclass(frozen=True)
class Target:
    """The class raster that judgements are about.

    Attributes:
        info: Describes it.
        crs: Of its layer, which may differ from the file's.
        classes: Number -> name of the classes that pixels may get.
        transforms: The project's choices.
    """

    info: RasterInfo
    crs: QgsCoordinateReferenceSystem
    classes: Mapping[int, str]
    transforms: QgsCoordinateTransformContext


@dataclass
class ReadJudgements:
    """The judgements of the layers, and what is known about them.

    Attributes:
        items: The judgements in the order in which they count.
        counts: "right", "wrong", "corrections", "nameless" (wrong, but without a class), "elsewhere" (outside of the
            raster) -> features.
        reviewers: Their names.
        warnings: A line for each kind of likely mistake.
    """

    items: list[Judgement] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    reviewers: set[str] = field(default_factory=set)
    warnings: dict[str, str] = field(default_factory=dict)

    def judgements(self) -> Judgements:
        """Return the judgements."""
        return Judgements(self.items)

    def facts(self) -> dict[str, Any]:
        """Return the provenance that outputs store."""
        found = {key: self.counts[key] for key in (RIGHT, WRONG, "corrections")}
        return {**found, "reviewers": sorted(self.reviewers)}


def check_layers(
    regions: QgsFeatureSource | None, corrections: QgsFeatureSource | None, crs: QgsCoordinateReferenceSystem
) -> None:
    """Check the layers without reading their features.

    Args:
        regions: The judged regions, None for none.
        corrections: The drawn corrections, None for none.
        crs: Of the class raster.

    Raises:
        OptionsError: No layer, a missing field, or no CRS to bring both together.
    """
    if regions is None and corrections is None:
        raise OptionsError("Neither REGIONS nor CORRECTIONS was given: choose at least one of them.")
    for source, name, wanted in ((regions, REGIONS, STATUS), (corrections, CORRECTIONS, CLASS)):
        if source is None:
            continue
        title = f"{name} '{source.sourceName()}'"
        if source.fields().lookupField(wanted) < 0:
            have = ", ".join(source.fields().names()) or "none"
            raise OptionsError(
                f"{title} has no field '{wanted}' (its fields: {have}): choose the layer that was reviewed with the "
                "review panel."
            )
        if _has_crs(source.sourceCrs()) != crs.isValid():
            what, other = (title, "CLASSES") if crs.isValid() else ("CLASSES", title)
            raise OptionsError(
                f"{what} has no coordinate reference system but {other} has one: set it (right click on the layer > "
                "Layer CRS), so that both can be brought together."
            )


def read_layers(
    regions: QgsFeatureSource | None,
    corrections: QgsFeatureSource | None,
    target: Target,
    feedback: QgsProcessingFeedback,
) -> ReadJudgements:
    """Read all judgements: regions first, then the corrections that win over them; in each, later features win.

    Args:
        regions: The judged regions, None for none; checked by `check_layers`.
        corrections: The same of the drawn corrections.
        target: The class raster.
        feedback: The cancel button.

    Raises:
        OptionsError: A class that the raster does not have, a geometry that cannot be transformed, or nothing of all
            this lies on the raster.
        CancelledError: The user cancelled.
    """
    read = ReadJudgements()
    for source, name, take in ((regions, REGIONS, _take_region), (corrections, CORRECTIONS, _take_correction)):
        if source is not None:
            grid = _PixelGrid(source, target)
            for feature in _features(source, name, feedback):
                take(feature, grid, read)
    if not read.items and read.counts["elsewhere"]:
        raise OptionsError(
            f"None of the {read.counts['elsewhere']} judged polygons lies on '{target.info.path}': choose the class "
            "raster that was reviewed, and check the coordinate reference systems of the layers."
        )
    return read


class _PixelGrid:
    """Transforms the polygons of a layer to the pixels of the class raster.

    Attributes:
        target: The class raster.
        layer: Name of the layer.
    """

    def __init__(self, source: QgsFeatureSource, target: Target) -> None:
        self.target, self.layer = target, str(source.sourceName())
        crs = source.sourceCrs() if _has_crs(source.sourceCrs()) else QgsCoordinateReferenceSystem()
        self._transform = QgsCoordinateTransform(crs, target.crs, target.transforms)
        self._whole = Window(0, 0, target.info.height, target.info.width)

    def polygon(self, feature: QgsFeature, title: str) -> PixelPolygon | None:
        """Return the polygon of a feature in pixels, None when it lies outside of the raster.

        Raises:
            OptionsError: It cannot be transformed.
        """
        geometry = QgsGeometry(feature.geometry())
        try:
            geometry.transform(self._transform)
        except QgsCsException as error:
            raise OptionsError(
                f"{title} cannot be transformed to the raster's coordinate reference system "
                f"{self.target.crs.authid()}: check that its coordinates fit the layer's CRS."
            ) from error
        polygon = to_pixels(geometry, self.target.info)
        return polygon if polygon.window(self._whole) is not None else None


def _features(source: QgsFeatureSource, name: str, feedback: QgsProcessingFeedback) -> Iterator[QgsFeature]:
    """Read the features in the order of their ids.

    Raises:
        OptionsError: The layer cannot be read.
        CancelledError: The user cancelled.
    """
    features = []
    for feature in source.getFeatures(QgsFeatureRequest(), SKIP_GEOMETRY_CHECKS):
        if feedback.isCanceled():
            raise CancelledError
        features.append(feature)
    if not features and source.featureCount() > 0:
        raise OptionsError(
            f"{name} '{source.sourceName()}' cannot be read: its file has gone or is locked. Load it again."
        )
    yield from sorted(features, key=lambda feature: feature.id())


def _take_region(feature: QgsFeature, grid: _PixelGrid, read: ReadJudgements) -> None:
    """Add a region that was judged."""
    status = _attribute(feature, STATUS)
    if status not in (RIGHT, WRONG):
        return
    title, value = f"Region {feature.id()} of '{grid.layer}'", None
    if status == WRONG:
        value = _class_of(_attribute(feature, NEW_CLASS), _attribute(feature, NEW_NAME), title, grid.target, read)
        if value is None:
            read.counts["nameless"] += 1
            return
    _add(feature, title, value, status, grid, read)


def _take_correction(feature: QgsFeature, grid: _PixelGrid, read: ReadJudgements) -> None:
    """Add a drawn correction."""
    title = f"Correction {feature.id()} of '{grid.layer}'"
    value = _class_of(_attribute(feature, CLASS), _attribute(feature, NAME), title, grid.target, read)
    if value is None:
        read.counts["nameless"] += 1
        return
    _add(feature, title, value, "corrections", grid, read)


def _add(feature: QgsFeature, title: str, value: int | None, kind: str, grid: _PixelGrid, read: ReadJudgements) -> None:
    """Add a polygon where it lies on the raster."""
    polygon = grid.polygon(feature, title)
    if polygon is None:
        read.counts["elsewhere"] += 1
        return
    read.items.append(Judgement(polygon, value))
    read.counts[kind] += 1
    reviewer = _attribute(feature, REVIEWER)
    if reviewer:
        read.reviewers.add(str(reviewer))


def _class_of(value: Any, name: Any, title: str, target: Target, read: ReadJudgements) -> int | None:  # noqa: ANN401 (fields)
    """Find the class that a feature names; None when it names none.

    Raises:
        OptionsError: The raster does not have it.
    """
    if value is None:
        found = [number for number, known in target.classes.items() if name and known == name]
        if name and not found:
            read.warnings["name"] = (
                f"{title} is '{name}', which CLASSES does not have; such features count for nothing."
            )
        return found[0] if found else None
    try:
        number = int(value)
    except (TypeError, ValueError):
        number = -1
    if number not in target.classes:
        known = [f"{number} {known}" for number, known in sorted(target.classes.items())]
        some = ", ".join(known[:MOST_LISTED]) + (", ..." if len(known) > MOST_LISTED else "")
        raise OptionsError(
            f"{title} has the class {value}, which '{target.info.path}' does not have: give it one of {some}, or "
            "choose the class raster that was reviewed."
        )
    if name and name != target.classes[number]:
        read.warnings["other"] = (
            f"{title} calls class {number} '{name}', but CLASSES calls it '{target.classes[number]}': check that these "
            "are the classes that were reviewed."
        )
    return number


def _attribute(feature: QgsFeature, name: str) -> Any:  # noqa: ANN401 (whatever a field holds)
    """Read an attribute; None for NULL, and where the layer has no such field."""
    index = feature.fields().lookupField(name)
    return None if index < 0 else plain(feature.attribute(index))


def _has_crs(crs: QgsCoordinateReferenceSystem) -> bool:
    """Whether a layer has a CRS; a GeoPackage gives an undefined one to those without."""
    return bool(crs.isValid()) and not crs.description().startswith(UNDEFINED)
