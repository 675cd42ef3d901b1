"""Classes to polygons: `engine polygons` and `uhrs:classpolygons` without QGIS.

The class raster is read twice from top to bottom: once to find its patches and what is known of them, and once to
follow their borders. Each polygon is written as soon as its last row has been passed.
"""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.areas import measure, uncertainty_cell
from uhrs_qgis_plugin.engine.errors import OptionsError, RasterError
from uhrs_qgis_plugin.engine.files import replacing
from uhrs_qgis_plugin.engine.flow import UNWATCHED, Message, Watch, WriteBehind
from uhrs_qgis_plugin.engine.polygons.arcs import Arc, ArcTracer
from uhrs_qgis_plugin.engine.polygons.assembly import Assembler, signed_area, to_wkb
from uhrs_qgis_plugin.engine.polygons.geopackage import Row
from uhrs_qgis_plugin.engine.polygons.obstacles import Obstacles
from uhrs_qgis_plugin.engine.polygons.options import PolygonOptions, choose_classes, least_pixels
from uhrs_qgis_plugin.engine.polygons.plan import ClassSource, Plan, find_patches, make_plan
from uhrs_qgis_plugin.engine.polygons.right_angles import RightAngles
from uhrs_qgis_plugin.engine.polygons.simplify import simplify
from uhrs_qgis_plugin.engine.polygons.sources import GroundAreas, Uncertainties
from uhrs_qgis_plugin.engine.polygons.strips import Ints, strip_rows
from uhrs_qgis_plugin.engine.polygons.vector_files import PolygonFile, check_vector_output
from uhrs_qgis_plugin.engine.raster import (
    Appearance,
    RasterInfo,
    bounded_memory,
    ground_pixel,
    open_raster,
    read_appearance,
)
from uhrs_qgis_plugin.engine.results import VALUES, check_classes, map_transform, nodata_of

FIELDS = {
    "class": "MEDIUMINT",
    "name": "TEXT",
    "area_m2": "DOUBLE",
    "pixels": "INTEGER",
    "mean_u": "DOUBLE",
    "mean_final": "DOUBLE",
    "unsure_share": "DOUBLE",
}
FOUND, PLANNED = 0.45, 0.5  # shares of a run
CORNERS_AT_ONCE = 100_000  # that are smoothed together: bounds memory, and how long a cancel waits


@dataclass(frozen=True)
class PolygonReport:
    """What was made.

    Attributes:
        raster: The class raster.
        width: Its columns.
        height: Its rows.
        polygons: How many were written.
        by_class: For each class that was asked for its name, polygons and area.
        absorbed: Patches that became part of a neighbour because they were too small.
        min_pixels: Pixels of the smallest polygon that is kept.
        min_hole_pixels: Of the smallest hole.
        corners: Points of all polygons.
        areas: How areas are measured.
        right_angles: Borders that got right angles.
        no_right_angles: Borders of the same classes that are smoothed instead.
        max_right_angle_shift_pixels: The largest distance between a border and its outline with right angles.
        max_shift_pixels: How far a corner of the raster's borders is from the borders of the polygons at most.
        seconds: How long it took.
    """

    raster: str
    width: int
    height: int
    polygons: int
    by_class: Sequence[Mapping[str, object]]
    absorbed: int
    min_pixels: int
    min_hole_pixels: int
    corners: int
    areas: str
    right_angles: int
    no_right_angles: int
    max_right_angle_shift_pixels: float
    max_shift_pixels: float
    seconds: float

    def to_json(self) -> str:
        """Write it as JSON."""
        return json.dumps(asdict(self), indent=2, ensure_ascii=False) + "\n"


@dataclass(frozen=True)
class PolygonJob:
    """What was checked before the first pixel.

    Attributes:
        info: The class raster.
        appearance: Its colours and names.
        classes: Numbers of the classes to outline.
        angular: Those of them whose outlines get right angles.
        uncertainty: The uncertainty raster; None for none.
        cell: Pixels along a side of one of its cells.
        crs_wkt: Coordinate reference system of the polygons.
        options: What they shall be like.
    """

    info: RasterInfo
    appearance: Appearance
    classes: tuple[int, ...]
    angular: tuple[int, ...]
    uncertainty: RasterInfo | None
    cell: int
    crs_wkt: str
    options: PolygonOptions


def check_polygons(
    classes: str,
    uncertainty: str | None,
    options: PolygonOptions,
    crs_wkt: str | None = None,
    backend: str = "auto",
) -> PolygonJob:
    """Check what polygons are made of, without reading pixels.

    Args:
        classes: The class raster.
        uncertainty: The uncertainty raster of the same run; None for none.
        crs_wkt: Coordinate reference system, where a user knows better than the file.

    Raises:
        RasterError: A raster cannot be read, or they do not fit each other.
        OptionsError: A class does not exist.
    """
    with open_raster(classes, backend) as reader:
        info = reader.info
    check_classes(info)
    appearance = read_appearance(classes, backend)
    known = known_classes(info, appearance)
    chosen = choose_classes(options.classes, known)
    angular = choose_classes(options.right_angles, known) if options.right_angles else ()
    if not set(angular) <= set(chosen):
        missing = ", ".join(f"'{known[value]}'" for value in angular if value not in chosen)
        raise OptionsError(f"Right angles are asked for {missing}, which is not outlined: add it to the classes.")
    found, cell = None, 1
    if uncertainty is not None:
        with open_raster(uncertainty, backend) as reader:
            found = reader.info
        cell = uncertainty_cell(info, found, min(2, found.count))
        if set(found.dtypes[:2]) != {"uint8"}:
            raise RasterError(
                f"'{uncertainty}' holds {'/'.join(found.dtypes)}: choose the uncertainty that 'Segment raster' wrote."
            )
    return PolygonJob(
        info, appearance, chosen, angular, found, cell, info.crs_wkt if crs_wkt is None else crs_wkt, options
    )


def known_classes(info: RasterInfo, appearance: Appearance) -> dict[int, str]:
    """List the classes that a raster may hold: those with a name, else all numbers but nodata."""
    named = {value: name for value, name in enumerate(appearance.names) if name}
    every = named or {value: appearance.name(value) for value in range(VALUES)}
    return {value: name for value, name in every.items() if value != nodata_of(info)}


def make_polygons(
    job: PolygonJob, destination: str, report: str | None = None, watch: Watch = UNWATCHED, backend: str = "auto"
) -> PolygonReport:
    """Write the polygons of a class raster; they appear at the very end, complete.

    Args:
        job: From `check_polygons`.
        destination: GeoPackage or FlatGeobuf; replaced when it is there.
        report: JSON file to write; None for none.

    Returns:
        What was made.

    Raises:
        RasterError: A raster cannot be read.
        OptionsError: The class raster is too scattered.
        OutputError: A file cannot be written, or is open in another program.
        CancelledError: The caller cancelled.
    """
    began = time.monotonic()
    check_vector_output(destination, (*job.info.files, *(() if job.uncertainty is None else job.uncertainty.files)))
    areas, how = measure(job.crs_wkt if job.info.has_transform else "", job.info.transform, False)
    ground = GroundAreas(job.info, areas)
    options, pixel = job.options, ground.pixel
    min_pixels = least_pixels(options.min_area, pixel)
    min_hole = least_pixels(options.min_area if options.min_hole is None else options.min_hole, pixel)
    if areas is None and (options.min_area or options.min_hole):
        watch.notify(Message("The raster has no ground: the smallest area and hole are taken for pixels.", True))
    source = ClassSource(job.info, strip_rows(job.info), backend)
    with contextlib.ExitStack() as stack:
        stack.enter_context(bounded_memory())
        uncertainties = None
        if job.uncertainty is not None:
            reader = stack.enter_context(open_raster(job.uncertainty.source, backend))
            uncertainties = Uncertainties(reader, job.cell, options.threshold)
        patches = find_patches(source, ground, uncertainties, max(min_pixels, min_hole), watch.part(0, FOUND))
        plan = make_plan(patches, job.classes, min_pixels, min_hole)
        watch.report(PLANNED)
        with PolygonFile(destination, FIELDS, job.crs_wkt) as file:
            outlines = _Outlines(job, plan, measured=areas is not None)
            # Borders are smoothed and written in a thread of its own, while those of the next strip are followed.
            with WriteBehind[_Step](lambda step: file.write(outlines.describe(step)), 1, watch.check) as behind:
                for step in outlines.steps(source.values(patches.of_strip, plan.of_patch, watch.part(PLANNED, 1))):
                    behind.put(step)
            file.finish(watch)
            made = PolygonReport(
                raster=job.info.path,
                width=job.info.width,
                height=job.info.height,
                polygons=len(plan.values) - 1,
                by_class=outlines.by_class(),
                absorbed=plan.absorbed,
                min_pixels=min_pixels,
                min_hole_pixels=min_hole,
                corners=outlines.corners,
                areas=how,
                right_angles=outlines.angles.done,
                no_right_angles=outlines.angles.tried - outlines.angles.done,
                max_right_angle_shift_pixels=round(outlines.angles.largest, 3),
                max_shift_pixels=round(outlines.shift, 3),
                seconds=time.monotonic() - began,
            )
            if report is not None:
                with replacing(report) as part:
                    Path(part).write_text(made.to_json(), encoding="utf-8")
    if made.polygons == 0:
        watch.notify(Message("No pixel has one of the classes: the layer is empty.", True))
    return made


def _aspect(info: RasterInfo) -> float:
    """Length of a pixel down a column, per length along a row, on the ground."""
    sizes = ground_pixel(info)
    return 1.0 if sizes is None else sizes[0] / sizes[1]


@dataclass(eq=False)
class _Step:
    """What some strips completed.

    Attributes:
        arcs: Their arcs.
        polygons: Polygons of which no arc is missing.
        points: What smoothed borders must not pass, by strip.
        all_points: What outlines with right angles must not come near to, by strip.
        open_row: The first row of arcs that are not complete.
    """

    arcs: list[Arc] = field(default_factory=list)
    polygons: list[int] = field(default_factory=list)
    points: list[Ints] = field(default_factory=list)
    all_points: list[Ints] = field(default_factory=list)
    open_row: int = 0


class _Outlines:
    """Follows the borders of planned polygons, and describes each that is complete."""

    def __init__(self, job: PolygonJob, plan: Plan, measured: bool) -> None:
        self._job, self._plan, self._measured = job, plan, measured
        self._transform = map_transform(job.info)
        self._assembler = Assembler()
        self._obstacles = Obstacles(job.info.width)
        self._dense = Obstacles(job.info.width)
        self.shift = 0.0
        self.angles = RightAngles(job.options.shift, job.options.smoothing, _aspect(job.info))
        self._is_angular = np.isin(plan.values, job.angular)
        self._is_angular[0] = False
        self.corners = 0
        self._areas: dict[int, list[float]] = {value: [] for value in job.classes}

    def steps(self, strips: Iterator[tuple[int, NDArray[np.int32], NDArray[np.int16]]]) -> Iterator[_Step]:
        """Follow the borders of strips, and yield what is complete.

        Args:
            strips: First row, polygons and classes of the pixels, from top to bottom.
        """
        tracer = ArcTracer(self._job.info.width)
        endings = self._plan.finished()
        row, ending = next(endings, (None, []))
        step = _Step()
        for first, ids, _ in strips:
            step.arcs += tracer.add(ids)
            self._note_obstacles(step, tracer, first, first + len(ids))
            # The lower border of a row lies at the first row of points after it.
            while row is not None and row + 1 < first + len(ids):
                step.polygons += ending
                row, ending = next(endings, (None, []))
            if sum(len(arc.points) for arc in step.arcs) >= CORNERS_AT_ONCE:
                step.open_row = tracer.first_open_row
                yield step
                step = _Step()
        step.arcs += tracer.finish()
        self._note_obstacles(step, tracer, self._job.info.height, self._job.info.height)
        step.polygons += ending
        for _, rest in endings:
            step.polygons += rest
        yield step

    def _note_obstacles(self, step: _Step, tracer: ArcTracer, row: int, row_end: int) -> None:
        """Note what smoothed borders of some rows must not pass."""
        if self._job.options.smoothing > 0 or self._job.angular:
            width, witnesses = self._job.info.width, self._plan.witnesses[1:]
            here = witnesses[(witnesses >= row * width) & (witnesses < row_end * width)]
            inside = np.stack((2 * (here % width) + 1, 2 * (here // width) + 1), axis=1)
            step.points.append(np.concatenate((tracer.points(), inside)))
            if self._job.angular:
                step.all_points.append(np.concatenate((tracer.all_points(), inside)))

    def describe(self, step: _Step) -> list[Row]:
        """Smooth the arcs of a step, and make the rows of the polygons that are complete with them."""
        for points in step.points:
            self._obstacles.add(points)
        for points in step.all_points:
            self._dense.add(points)
        rows = self._describe_all(step.arcs, step.polygons)
        for obstacles in (self._obstacles, self._dense):
            obstacles.forget_above(step.open_row)
        return rows

    def _describe_all(self, arcs: list[Arc], polygons: list[int]) -> list[Row]:
        """Smooth arcs, and make the rows of the polygons that are complete with them."""
        others = arcs
        if self._job.angular:
            # Closed arcs between data on both sides, with a polygon that is to have right angles on one of them.
            inner = [arc for arc in arcs if arc.left >= 0 and arc.right >= 0]
            angular = [arc for arc in inner if self._is_angular[arc.left] or self._is_angular[arc.right]]
            taken = {id(arc) for arc in angular}
            others = [arc for arc in arcs if id(arc) not in taken] + self.angles.apply(
                angular, self._dense, self._obstacles
            )
        if self._job.options.smoothing > 0:
            self.shift = max(self.shift, simplify(others, self._job.options.smoothing, self._obstacles))
        for arc in arcs:
            self._assembler.add(arc)
        return [self._describe(polygon) for polygon in polygons]

    def _describe(self, polygon: int) -> Row:
        """Make the row of a polygon."""
        plan = self._plan
        rings = self._assembler.take(polygon)
        self.corners += sum(len(ring) - 1 for ring in rings)
        wkb, box = to_wkb(rings, self._transform)
        pixels = int(plan.pixels[polygon])
        # What outlines gain or lose against pixels, at the mean size of the polygon's pixels on the ground.
        drawn = -sum(signed_area(ring) for ring in rings)
        area = float(plan.sums[0, polygon]) * drawn / pixels
        self._areas.setdefault(int(plan.values[polygon]), []).append(area)
        value = int(plan.values[polygon])
        numbers: list[float | None] = [None, None, None]
        if len(plan.sums) > 1:
            u, u_known, final, final_known, unsure = plan.sums[1:, polygon].tolist()
            numbers = [
                u / u_known if u_known else None,
                final / final_known if final_known else None,
                unsure / final_known if final_known else None,
            ]
        name = self._job.appearance.name(value)
        return wkb, box, (value, name, area if self._measured else None, pixels, *numbers)

    def by_class(self) -> list[dict[str, object]]:
        """List polygons and area per class."""
        key = "area_m2" if self._measured else "area_pixels"
        return [
            {"class": value, "name": self._job.appearance.name(value), "polygons": len(areas), key: sum(areas)}
            for value, areas in sorted(self._areas.items())
            if areas or len(self._job.classes) < VALUES - 1
        ]
