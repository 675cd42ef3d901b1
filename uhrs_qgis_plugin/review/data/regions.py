"""Regions and judgements as data, and how they are read from a layer; missing fields have stand-ins."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from qgis.core import QgsFeature, QgsFeatureRequest, QgsFields, QgsVectorLayer

from uhrs_qgis_plugin.layers import JUDGED, NEW_CLASS, NEW_NAME, OPEN, REVIEWED, REVIEWER, STATUS, Ground, plain

RANK, MEAN_U, MAX_U, AREA, FIRST, SECOND = "rank", "mean_u", "max_u", "area_m2", "class", "class_2"
REGION_FIELDS = (RANK, MEAN_U, MAX_U, AREA, FIRST, SECOND)

FieldValue = Callable[[str], object]


@dataclass(frozen=True)
class RegionJudgement:
    """A reviewer's judgement of a region; exactly what its row in the file holds.

    Attributes:
        status: `open`, `right`, `wrong` or `unsure`; a region layer made by someone else may hold any text.
        value: Number of the right class, where wrong and known.
        name: Name of the right class.
        reviewer: Name of the reviewer.
        time: UTC, ISO 8601.
    """

    status: str | None = None
    value: int | None = None
    name: str | None = None
    reviewer: str | None = None
    time: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether nobody has judged; a status that is none of ours counts as open."""
        return self.status not in JUDGED

    @property
    def effective_status(self) -> str:
        """The status; `open` where nobody has judged."""
        return self.status if self.status in JUDGED else OPEN

    def by_field(self) -> dict[str, object]:
        """Return the values by field name."""
        values = (self.status, self.value, self.name, self.reviewer, self.time)
        return dict(zip((STATUS, NEW_CLASS, NEW_NAME, REVIEWER, REVIEWED), values))


@dataclass(frozen=True)
class ReviewRegion:
    """A region under review.

    Attributes:
        fid: Feature id.
        rank: From 1, the most important first.
        mean_u: Mean uncertainty, 0 to 1; None = unknown.
        max_u: Maximum uncertainty, 0 to 1; None = unknown.
        area: Square metres; square units for a layer without CRS.
        first: Most frequent class; None = unknown.
        second: Second most frequent class; None = unknown.
        judgement: The current judgement.
    """

    fid: int
    rank: int
    mean_u: float | None
    max_u: float | None
    area: float
    first: str | None
    second: str | None
    judgement: RegionJudgement


class RegionReader:
    """Turns features of one layer into regions."""

    def __init__(self, fields: QgsFields) -> None:
        """Look the fields up once: there may be ten thousand features.

        Args:
            fields: Of the layer; names match in upper and lower case.
        """
        names = (*REGION_FIELDS, *RegionJudgement().by_field())
        self._index: dict[str, int] = {name: fields.lookupField(name) for name in names}

    def attributes(self) -> list[int]:
        """Return the indices of the attributes that `region` needs."""
        return [index for index in self._index.values() if index >= 0]

    def region(self, feature: QgsFeature) -> ReviewRegion:
        """Read a region; without such fields its rank is 0 and its area NaN."""
        value_of = self._value_of(feature)
        rank, area = _number(value_of(RANK)), _number(value_of(AREA))
        return ReviewRegion(
            feature.id(),
            int(rank or 0),
            _number(value_of(MEAN_U)),
            _number(value_of(MAX_U)),
            math.nan if area is None else area,
            _text(value_of(FIRST)),
            _text(value_of(SECOND)),
            _judgement(value_of),
        )

    def judgement(self, feature: QgsFeature) -> RegionJudgement:
        """Read the judgement of a region."""
        return _judgement(self._value_of(feature))

    def _value_of(self, feature: QgsFeature) -> FieldValue:
        """Return a function from field name to value; None for a missing field."""
        attributes, index = feature.attributes(), self._index  # fetched once: this call is the slow one

        def value_of(name: str) -> object:
            column = index[name]
            return plain(attributes[column]) if column >= 0 else None

        return value_of


def read_regions(layer: QgsVectorLayer) -> list[ReviewRegion]:
    """Read all regions of a polygon layer with any fields, as its file has them now.

    Returns:
        Ordered by rank; without ranks by mean uncertainty, then by area, the largest first.
    """
    reader, request = RegionReader(layer.dataProvider().fields()), QgsFeatureRequest()
    request.setSubsetOfAttributes(reader.attributes())
    request.setFlags(QgsFeatureRequest.Flag.NoGeometry)
    regions = [reader.region(feature) for feature in layer.dataProvider().getFeatures(request)]
    if any(math.isnan(region.area) for region in regions):  # measure all: the field's unit may be another one
        areas = _measure(layer)
        regions = [replace(region, area=areas.get(region.fid, 0.0)) for region in regions]
    return _order(regions)


def _order(regions: Iterable[ReviewRegion]) -> list[ReviewRegion]:
    """Sort by rank; where a rank is missing, assign all ranks anew."""
    regions = list(regions)
    if all(region.rank > 0 for region in regions):
        return sorted(regions, key=lambda region: (region.rank, region.fid))
    ordered = sorted(regions, key=lambda region: (-(region.mean_u or 0), -region.area, region.fid))
    return [replace(region, rank=rank) for rank, region in enumerate(ordered, 1)]


def _measure(layer: QgsVectorLayer) -> dict[int, float]:
    """Measure all regions: square metres where the CRS allows, else square units of the layer."""
    request = QgsFeatureRequest()
    request.setSubsetOfAttributes([])
    ground, areas = Ground(layer.crs(), layer.transformContext()), {}
    for feature in layer.dataProvider().getFeatures(request):
        geometry = feature.geometry()
        areas[feature.id()] = 0.0 if geometry.isNull() else ground.area_m2(geometry) or geometry.area()
    return areas


def _judgement(value_of: FieldValue) -> RegionJudgement:
    number = _number(value_of(NEW_CLASS))
    return RegionJudgement(
        status=_text(value_of(STATUS)),
        value=None if number is None else int(number),
        name=_text(value_of(NEW_NAME)),
        reviewer=_text(value_of(REVIEWER)),
        time=_text(value_of(REVIEWED)),
    )


def _number(value: object) -> float | None:
    """Convert to a finite number; fields of a layer made by someone else may hold anything."""
    if value is None:
        return None
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None


def _text(value: object) -> str | None:
    """Convert to text; an empty one is None."""
    return str(value) if value not in (None, "") else None
