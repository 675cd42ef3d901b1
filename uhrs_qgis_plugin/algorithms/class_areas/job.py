"""What `uhrs:classareas` measures, and what it finds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qgis.core import QgsCoordinateReferenceSystem

if TYPE_CHECKING:  # these load numpy, and QGIS loads this module when it starts
    from uhrs_qgis_plugin.algorithms.class_areas.report import Facts
    from uhrs_qgis_plugin.engine.areas import ClassArea
    from uhrs_qgis_plugin.engine.raster import RasterInfo


@dataclass(frozen=True)
class AreaJob:
    """What the main thread hands to the worker: plain values.

    Attributes:
        classes: Name of the class raster that GDAL opens.
        uncertainty: Name of the uncertainty raster, None for none.
        band: Its band.
        threshold: Uncertainty from which a pixel is unsure.
        cell: Pixels of the classes along one of the uncertainty.
        info: Describes the class raster.
        crs: Of the layer, which the user may have set.
    """

    classes: str
    uncertainty: str | None
    band: int
    threshold: float
    cell: int
    info: RasterInfo
    crs: QgsCoordinateReferenceSystem


@dataclass(frozen=True)
class AreaResult:
    """What is written.

    Attributes:
        zones: Name and rows: the whole raster, then the zones.
        facts: Unit and the like.
        html: The report.
        lines: For the log.
    """

    zones: Sequence[tuple[str, Sequence[ClassArea]]]
    facts: Facts
    html: str
    lines: Sequence[str]

    def rows(self) -> Iterator[list[Any]]:
        """Yield the values of each row of the table, None for what is not known."""
        for zone, areas in self.zones:
            for item in areas:
                area = None if item.area_m2 is None else item.area_m2 * self.facts.factor
                unit = self.facts.unit or None
                yield [zone, item.value, item.name, item.pixels, area, unit, item.share, item.unsure_share]
