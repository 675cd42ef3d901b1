"""The job: a class map against a reference, from the checks to the figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.accuracy.clusters import LEAST_CLUSTERS, ClusterEstimator, Clusters
from uhrs_qgis_plugin.engine.accuracy.figures import AccuracyReport, ClassFigures, Estimate
from uhrs_qgis_plugin.engine.accuracy.labels import ClassList, parse_mapping
from uhrs_qgis_plugin.engine.accuracy.overlaps import count_polygons, count_raster
from uhrs_qgis_plugin.engine.accuracy.reference import Reference
from uhrs_qgis_plugin.engine.accuracy.strata import Strata, choose_strata
from uhrs_qgis_plugin.engine.accuracy.stratified import PointSample, StratifiedEstimator
from uhrs_qgis_plugin.engine.areas import AreaSources, ZoneCount, count_areas, measure
from uhrs_qgis_plugin.engine.errors import OptionsError, RasterError
from uhrs_qgis_plugin.engine.flow import UNWATCHED, Watch
from uhrs_qgis_plugin.engine.overlay import GridLink, read_at, to_pixels
from uhrs_qgis_plugin.engine.raster import ClassTable, RasterReader, open_raster, read_class_table
from uhrs_qgis_plugin.engine.results import check_classes

COUNTED = 0.4  # share of the work that is done when the areas of the map are counted
FEW_CLUSTERS = 30  # intervals from fewer polygons or blocks are too narrow
WHOLE = 0.999  # share of the map from which a reference counts as covering all of it
BLOCKS = 144  # into how many a raster is cut, unless a side is given


@dataclass(frozen=True)
class AccuracyOptions:
    """What a run may be told.

    Attributes:
        mapping: Classes of the reference -> of the map: 'roof=building; pool=*; shadow='.
        block: Side of the blocks of the block bootstrap in pixels; None = chosen by the raster's size.
        planimetric: Measure in the plane of the map instead of on the ellipsoid.
        crs_wkt: Of the map, in place of what its file says; None = the file's.
        reference_crs_wkt: The same of a reference raster.
        backend: As in `open_raster`.
    """

    mapping: str = ""
    block: int | None = None
    planimetric: bool = False
    crs_wkt: str | None = None
    reference_crs_wkt: str | None = None
    backend: str = "auto"

    def __post_init__(self) -> None:
        """Check the numbers.

        Raises:
            OptionsError: The side of the blocks is too small, or the mapping is not understood.
        """
        if self.block is not None and self.block < 1:
            raise OptionsError(f"Blocks of {self.block} pixels are not allowed: give 1 or more.")
        parse_mapping(self.mapping)


def assess(
    classes: str, reference: Reference | str, options: AccuracyOptions | None = None, watch: Watch = UNWATCHED
) -> AccuracyReport:
    """Compare a class map with a reference.

    Args:
        classes: Class raster of any size; it is streamed.
        reference: Labelled points or polygons, or the name of a class raster on any grid.

    Returns:
        What was found.

    Raises:
        UhrsError: Something cannot be read or used, or nothing is left to compare.
        CancelledError: The caller cancelled.
    """
    options = options or AccuracyOptions()
    with open_raster(classes, options.backend) as reader:
        check_classes(reader.info)
        return _Assessment(reader, options, watch).run(reference)


class _Assessment:
    """One run."""

    def __init__(self, reader: RasterReader, options: AccuracyOptions, watch: Watch) -> None:
        info = reader.info
        self.reader, self.options, self.watch = reader, options, watch
        self.crs_wkt = info.crs_wkt if options.crs_wkt is None else options.crs_wkt
        crs = self.crs_wkt if info.has_transform else ""
        self.areas, self.how = measure(crs, info.transform, options.planimetric)
        self.table: ClassTable = read_class_table(info.path, info.nodata[0], options.backend)
        self.warnings: list[str] = []
        self.facts: list[tuple[str, str]] = [("Map", f"{info.path} ({info.width:,} x {info.height:,} pixels)")]

    def run(self, reference: Reference | str) -> AccuracyReport:
        """Count the map, then compare."""
        if isinstance(reference, str):
            return self._against_raster(reference)
        self.facts.append(("Reference", reference.name))
        count = self._count_map()
        classes = self._class_list(count)
        labels = classes.understand(reference.labels)
        unused = classes.unused(reference.labels)
        if unused:
            self.warnings.append(f"The mapping names classes that the reference does not have: {', '.join(unused)}.")
        self._tell_of_unjudged(reference)
        if reference.x is None:
            return self._against_polygons(reference, labels, classes, count)
        return self._against_points(reference, labels, classes, count)

    def _count_map(self) -> ZoneCount:
        """Areas and pixels of the map's classes."""
        count = count_areas(AreaSources(self.reader), self.areas, None, self.watch.part(0, COUNTED))[0]
        if not count.pixels.any():
            raise RasterError(f"'{self.reader.info.path}' holds no pixel with a class: choose another class raster.")
        return count

    def _class_list(self, count: ZoneCount) -> ClassList:
        present = frozenset(np.flatnonzero(count.pixels).tolist())
        return ClassList(self.table.names, present, parse_mapping(self.options.mapping))

    def _tell_of_unjudged(self, reference: Reference) -> None:
        counts = reference.counts
        if counts.get("open"):
            self.warnings.append(
                f"{counts['open']:,} of {len(reference.labels):,} are not judged yet: the figures rest on the others."
            )
        if counts.get("unsure"):
            self.warnings.append(
                f"{counts['unsure']:,} were judged 'unsure' and are left out: if those are the hard places, the "
                "figures are too good."
            )
        if counts.get("nameless"):
            self.warnings.append(
                f"{counts['nameless']:,} judgements name no class ('wrong' without a class, or 'right' of a point that "
                "shows none) and are left out: the figures may be too good. Judge them again with a class."
            )

    # Points.

    def _against_points(
        self, reference: Reference, labels: Sequence[int | None], classes: ClassList, count: ZoneCount
    ) -> AccuracyReport:
        if reference.x is None or reference.y is None:
            raise ValueError("These are no points.")
        info = self.reader.info
        places = to_pixels(info, reference.x, reference.y)
        mapped, valid = read_at(self.reader, places, watch=self.watch.part(COUNTED, 1))
        known = np.array([label is not None for label in labels])
        outside, empty = int((known & ~places.inside).sum()), int((known & places.inside & ~valid).sum())
        lost = f"{outside:,} lie outside of the map and {empty:,} where it has no data"
        if outside or empty:
            self.warnings.append(f"Of {int(known.sum()):,} labelled points {lost}: these are left out.")
        used = known & valid
        strata = None
        if used.any():
            strata = choose_strata(reference.design, mapped[used], used, count, self.areas is not None)
            used[np.flatnonzero(used)[strata.of < 0]] = False
            self.warnings += strata.warnings
        if strata is None or not used.any():
            raise OptionsError(
                f"No labelled point lies on a class of the map: of {len(labels):,} points {int((~known).sum()):,} have "
                f"no class, {lost}. Check the coordinate reference systems, and that points are judged."
            )
        true = np.array([label for label, use in zip(labels, used) if use], np.int64)
        values = self._values(count, true)
        index = {value: number for number, value in enumerate(values)}
        rows = np.array([index[value] for value in mapped[used].tolist()], np.int64)
        cols = np.array([index[value] for value in true.tolist()], np.int64)
        sample = PointSample(strata.of[strata.of >= 0], rows, cols, strata.sizes, strata.pixels)
        self.facts += [("Sample", f"{int(used.sum()):,} points: {strata.text}"), ("Areas", self.how)]
        return self._report_points(sample, values, classes, count, strata)

    def _report_points(
        self, sample: PointSample, values: list[int], classes: ClassList, count: ZoneCount, strata: Strata
    ) -> AccuracyReport:
        estimator, total = StratifiedEstimator(sample), float(count.area.sum())
        counted = np.bincount(sample.mapped * len(values) + sample.reference, minlength=len(values) ** 2)
        # Strata without a judged point say nothing: the figures are about the rest.
        total *= strata.covered
        overall = estimator.overall()
        if np.isnan(overall.variance):
            self.warnings.append(
                "A stratum has only one judged point, so that there are no intervals: judge at least two in each."
            )
        figures = []
        for number, value in enumerate(values):
            users, producers, f1, iou = estimator.of_class(number)
            area = estimator.area_share(number).as_area(total)
            mapped = float(count.area[value]) if value < len(count.area) else 0.0
            name = classes.name(value)
            figures.append(ClassFigures(value, name, users, producers, f1, iou, mapped, area))
        return self._report(
            figures,
            overall.as_share(),
            counted.reshape(len(values), -1),
            estimator.shares(len(values)),
            total,
            "points",
        )

    # Polygons and rasters.

    def _against_polygons(
        self, reference: Reference, labels: Sequence[int | None], classes: ClassList, count: ZoneCount
    ) -> AccuracyReport:
        values = self._values(count, np.array([label for label in labels if label is not None], np.int64))
        clusters, empty = count_polygons(
            self.reader, (reference, labels), values, (self.areas, self.crs_wkt), self.watch.part(COUNTED, 1)
        )
        known = sum(label is not None for label in labels)
        if empty:
            self.warnings.append(
                f"{empty:,} of {known:,} labelled polygons hold no pixel of the map: they lie outside, where it has no "
                "data, or are smaller than a pixel. They are left out."
            )
        self.warnings.append(
            "Polygons are seldom drawn at random: people draw where the class is plain, which makes figures too good. "
            "Areas are right only if the polygons are like the rest of the map."
        )
        sample = "{:,} polygons as clusters of pixels; intervals by drawing whole polygons (bootstrap)"
        return self._report_clusters(clusters, values, classes, count, (sample, known - empty))

    def _against_raster(self, path: str) -> AccuracyReport:
        options, info = self.options, self.reader.info
        with open_raster(path, options.backend) as other:
            if other.info.count != 1 or other.info.dtypes[0] != "uint8":
                raise RasterError(
                    f"The reference '{path}' has {other.info.count} band(s) of {other.info.dtypes[0]}: it must be a "
                    "class raster, one band of uint8. Convert it ('PCT' or 'Translate' to Byte)."
                )
            theirs = other.info.crs_wkt if options.reference_crs_wkt is None else options.reference_crs_wkt
            link = GridLink(info, other.info, (self.crs_wkt, theirs))
            side = options.block or max(1, round((info.height * info.width / BLOCKS) ** 0.5))
            found = count_raster(self.reader, other, link, self.areas, side, self.watch)
            names = read_class_table(path, other.info.nodata[0], options.backend)
        self.facts.append(("Reference", f"{path} ({other.info.width:,} x {other.info.height:,} pixels)"))
        if not found.pixels:
            raise OptionsError(
                f"'{path}' and the map have no pixel with a class in common: check that they lie at the same place, "
                "and their coordinate reference systems."
            )
        count = found.whole
        classes = self._class_list(count)
        by_name = bool(names.names) and bool(self.table.names)
        labels: list[object] = [names.name(value) if by_name else value for value in found.reference]
        understood = dict(zip(found.reference, classes.understand(labels)))
        values = self._values(count, np.array([v for v in understood.values() if v is not None], np.int64))
        clusters = found.clusters(values, understood)
        covered = clusters.pixels.sum() / count.pixels.sum()
        self.facts.append(("Covered", f"{covered:.1%} of the map's pixels with a class have a reference class"))
        if not link.is_same_grid:
            self.facts.append(("Grid", "the reference is read at the centre of each pixel of the map"))
        text = "every pixel that both have; intervals from {:,} blocks of " + f"{side:,} pixels (block bootstrap)"
        if covered >= WHOLE:
            self.warnings.append(
                "The reference covers the whole map: the figures themselves have no sampling error. The intervals say "
                "how much they would differ for another place like this one."
            )
        else:
            self.warnings.append(
                f"The reference covers {covered:.1%} of the map: figures and areas of the whole are right only if that "
                "part is like the rest."
            )
        return self._report_clusters(clusters, values, classes, count, (text, -1), covered >= WHOLE)

    def _report_clusters(
        self,
        clusters: Clusters,
        values: list[int],
        classes: ClassList,
        count: ZoneCount,
        text: tuple[str, int],
        whole: bool = False,
    ) -> AccuracyReport:
        mapped = [float(count.area[value]) if value < len(count.area) else 0.0 for value in values]
        if not clusters.pixels.any():
            raise OptionsError("No pixel of the map lies in the labelled reference: check its place and its classes.")
        estimator = ClusterEstimator(clusters, mapped)
        self._tell_of_clusters(estimator, mapped, values, classes)
        number = estimator.clusters if text[1] < 0 else text[1]
        self.facts += [("Sample", text[0].format(number)), ("Areas", self.how)]
        figures = []
        for index, value in enumerate(values):
            users, producers, f1, iou = estimator.of_class(index)
            area = estimator.area(index)
            if whole:  # nothing was drawn: this is the area in the reference
                area = replace(area, error=0.0, low=area.value, high=area.value)
            figures.append(ClassFigures(value, classes.name(value), users, producers, f1, iou, mapped[index], area))
        counted = clusters.pixels.reshape(len(values), -1)
        return self._report(figures, estimator.overall(), counted, estimator.shares(), estimator.total, "pixels")

    def _tell_of_clusters(
        self, estimator: ClusterEstimator, mapped: list[float], values: list[int], classes: ClassList
    ) -> None:
        if estimator.clusters < LEAST_CLUSTERS:
            self.warnings.append(
                f"There are only {estimator.clusters} polygons or blocks with a reference: too few for intervals "
                f"(at least {LEAST_CLUSTERS})."
            )
        elif estimator.clusters < FEW_CLUSTERS:
            self.warnings.append(
                f"Intervals from only {estimator.clusters} polygons or blocks are too narrow: from {FEW_CLUSTERS} on "
                "they can be relied on."
            )
        lost = 1 - estimator.total / sum(mapped)
        if lost > 0:
            names = [classes.name(v) for v, m, row in zip(values, mapped, estimator.shares()) if m and not row.any()]
            self.warnings.append(
                f"No reference lies on the mapped class(es) {', '.join(names)} ({lost:.1%} of the map): the figures "
                "are about the rest."
            )

    def _values(self, count: ZoneCount, reference: NDArray[np.int64]) -> list[int]:
        """Numbers of the classes that map or reference have, ascending."""
        return sorted({*np.flatnonzero(count.pixels).tolist(), *reference.tolist()})

    def _report(
        self,
        figures: list[ClassFigures],
        overall: Estimate,
        matrix: NDArray[np.int64],
        shares: NDArray[np.float64],
        total: float,
        counted: str,
    ) -> AccuracyReport:
        colours = {item.value: self.table.colours[item.value] for item in figures if item.value in self.table.colours}
        unit = "pixels" if self.areas is None else "m2"
        return AccuracyReport(
            figures, overall, _kappa(shares), matrix, shares, total, unit, counted, colours, self.facts, self.warnings
        )


def _kappa(shares: NDArray[np.float64]) -> float | None:
    """Cohen's kappa of estimated shares (1960, Educational and Psychological Measurement 20, 37)."""
    chance = float(shares.sum(axis=1) @ shares.sum(axis=0))
    return None if chance >= 1 else (float(np.trace(shares)) - chance) / (1 - chance)
