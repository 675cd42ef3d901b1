"""Regions and judgements as data, and their reading from a layer: fields that are missing have stand-ins."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from qgis.core import QgsFeature, QgsFeatureRequest, QgsFields, QgsVectorLayer

from uhrs_qgis_plugin.layers.ground import Ground
from uhrs_qgis_plugin.layers.region_fields import JUDGED, NEW_CLASS, NEW_NAME, REVIEWED, REVIEWER, STATUS, plain

RANK, MEAN_U, MAX_U, AREA, FIRST, SECOND = "rank", "mean_u", "max_u", "area_m2", "class", "class_2"
FACTS = (RANK, MEAN_U, MAX_U, AREA, FIRST, SECOND)

Values = Callable[[str], object]


@dataclass(frozen=True)
class Judgement:
    """What somebody says about a region; exactly what its row in the file holds.

    Attributes:
        status: `open`, `right`, `wrong` or `unsure`; a region layer made by someone else may hold any text.
        value: Number of the right class, where wrong and known.
        name: Its name.
        reviewer: Who says so.
        time: When, UTC, ISO 8601.
    """

    status: str | None = None
    value: int | None = None
    name: str | None = None
    reviewer: str | None = None
    time: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether nobody has judged; words that are none of ours count as open."""
        return self.status not in JUDGED

    def by_field(self) -> dict[str, object]:
        """Value by name of the field."""
        values = (self.status, self.value, self.name, self.reviewer, self.time)
        return dict(zip((STATUS, NEW_CLASS, NEW_NAME, REVIEWER, REVIEWED), values))


@dataclass(frozen=True)
class Region:
    """A place to look at.

    Attributes:
        fid: Id of its feature.
        rank: From 1, the most important first.
        mean_u: Mean uncertainty, 0 to 1; None where not known.
        max_u: The largest one.
        area: Square metres; of a layer without CRS, square units.
        first: Most frequent class; None where not known.
        second: The class after it.
        judgement: What has been said.
    """

    fid: int
    rank: int
    mean_u: float | None
    max_u: float | None
    area: float
    first: str | None
    second: str | None
    judgement: Judgement


class RegionReader:
    """Turns features of one layer into regions."""

    def __init__(self, fields: QgsFields) -> None:
        """Look the fields up once: there may be ten thousand features.

        Args:
            fields: Of the layer; upper and lower case do not matter.
        """
        names = (*FACTS, *Judgement().by_field())
        self._index = {name: fields.lookupField(name) for name in names}

    def attributes(self) -> list[int]:
        """Indices of the attributes that are needed."""
        return [index for index in self._index.values() if index >= 0]

    def region(self, feature: QgsFeature) -> Region:
        """Read a region; where the layer does not tell, its rank is 0 and its area NaN.

        Args:
            feature: A feature with at least those attributes.
        """
        take = self._values(feature)
        rank, area = _number(take(RANK)), _number(take(AREA))
        return Region(
            feature.id(),
            int(rank or 0),
            _number(take(MEAN_U)),
            _number(take(MAX_U)),
            math.nan if area is None else area,
            _text(take(FIRST)),
            _text(take(SECOND)),
            _judgement(take),
        )

    def judgement(self, feature: QgsFeature) -> Judgement:
        """Read what has been said about a region."""
        return _judgement(self._values(feature))

    def _values(self, feature: QgsFeature) -> Values:
        """Return a function from the name of a field to its value, None where there is none."""
        attributes, index = feature.attributes(), self._index  # asked for once: it is what takes the time

        def take(name: str) -> object:
            place = index[name]
            return plain(attributes[place]) if place >= 0 else None

        return take


def read_regions(layer: QgsVectorLayer) -> list[Region]:
    """Read all regions of a layer, as its file has them now.

    Args:
        layer: Polygons, with any fields.

    Returns:
        Ordered by rank; without ranks by mean uncertainty, without that by area, the largest first.
    """
    reader, request = RegionReader(layer.dataProvider().fields()), QgsFeatureRequest()
    request.setSubsetOfAttributes(reader.attributes())
    request.setFlags(QgsFeatureRequest.Flag.NoGeometry)
    regions = [reader.region(feature) for feature in layer.dataProvider().getFeatures(request)]
    if any(math.isnan(region.area) for region in regions):  # all anew: square metres do not add up with square degrees
        areas = _measure(layer)
        regions = [replace(region, area=areas.get(region.fid, 0.0)) for region in regions]
    return _order(regions)


def _order(regions: Iterable[Region]) -> list[Region]:
    """Sort by rank, or number anew what has none."""
    if all(region.rank > 0 for region in regions):
        return sorted(regions, key=lambda region: (region.rank, region.fid))
    ordered = sorted(regions, key=lambda region: (-(region.mean_u or 0), -region.area, region.fid))
    return [replace(region, rank=place) for place, region in enumerate(ordered, 1)]


def _measure(layer: QgsVectorLayer) -> dict[int, float]:
    """Measure all regions: square metres where the CRS allows, else square units of the layer."""
    request = QgsFeatureRequest()
    request.setSubsetOfAttributes([])
    ground, areas = Ground(layer.crs(), layer.transformContext()), {}
    for feature in layer.dataProvider().getFeatures(request):
        geometry = feature.geometry()
        areas[feature.id()] = 0.0 if geometry.isNull() else ground.area_m2(geometry) or geometry.area()
    return areas


def _judgement(take: Values) -> Judgement:
    """Read what a row says."""
    number = _number(take(NEW_CLASS))
    value = None if number is None else int(number)
    return Judgement(_text(take(STATUS)), value, _text(take(NEW_NAME)), _text(take(REVIEWER)), _text(take(REVIEWED)))


def _number(value: object) -> float | None:
    """Read a number; fields of a layer made by someone else may hold anything."""
    if value is None:
        return None
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None


def _text(value: object) -> str | None:
    """Read a text; empty is nothing."""
    return str(value) if value not in (None, "") else None
