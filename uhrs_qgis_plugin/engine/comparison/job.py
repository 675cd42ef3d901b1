"""The job: two class maps compared, from the checks to the raster and the polygons of changes."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.accuracy import ClassList, parse_mapping
from uhrs_qgis_plugin.engine.areas import measure
from uhrs_qgis_plugin.engine.comparison.figures import Comparison, Transition
from uhrs_qgis_plugin.engine.comparison.pairs import Doubt, PairCounts, PairReader, count_pairs
from uhrs_qgis_plugin.engine.errors import OptionsError, RasterError
from uhrs_qgis_plugin.engine.files import hidden, unique_mark
from uhrs_qgis_plugin.engine.flow import UNWATCHED, Message, Watch
from uhrs_qgis_plugin.engine.outputs import Outputs, Publication, check_disk, check_outputs
from uhrs_qgis_plugin.engine.overlay import GridLink
from uhrs_qgis_plugin.engine.polygons import PolygonOptions, check_polygons, make_polygons
from uhrs_qgis_plugin.engine.raster import (
    ClassTable,
    RasterProfile,
    RasterReader,
    create_raster,
    open_raster,
    read_class_table,
    remove_leftovers,
)
from uhrs_qgis_plugin.engine.results import NODATA, VALUES, check_classes

KINDS = ("transitions", "differs")
SAME, DIFFERS, UNSURE = (
    0,
    1,
    254,
)  # numbers in the raster of changes; 1 to 253 are transitions where they are told apart
MOST_TRANSITIONS = 253
SAME_COLOUR, DIFFERS_COLOUR, UNSURE_COLOUR = (235, 235, 235), (214, 39, 40), (255, 200, 120)
OTHER_COLOUR = (120, 120, 120)
FINAL = 2  # the band of the final uncertainty
COUNTED, WRITTEN, FINISHED = 0.4, 0.7, 0.8  # shares of the work


@dataclass(frozen=True)
class ComparisonOptions:
    """What a run may be told.

    Attributes:
        mapping: Classes of the second map -> of the first: 'roof=building; pool=*; shadow='.
        kind: What the raster of changes tells: "transitions", from which class to which; or "differs".
        threshold: Final uncertainty, 0..1, from which a pixel is unsure.
        min_area: Smallest change polygon, see `PolygonOptions`.
        smoothing: Of the change polygons, see `PolygonOptions`.
        planimetric: Measure in the plane of the map instead of on the ellipsoid.
        crs_wkts: CRS of both maps, in place of what their files say; None = the files'.
        backend: As in `open_raster`.
    """

    mapping: str = ""
    kind: str = "transitions"
    threshold: float = 0.5
    min_area: float | None = None
    smoothing: float = 1.0
    planimetric: bool = False
    crs_wkts: tuple[str, str] | None = None
    backend: str = "auto"

    def __post_init__(self) -> None:
        """Check the values.

        Raises:
            OptionsError: One is not allowed.
        """
        if self.kind not in KINDS:
            raise OptionsError(f"kind='{self.kind}' is unknown: use one of {KINDS}.")
        PolygonOptions(min_area=self.min_area, smoothing=self.smoothing, threshold=self.threshold)
        parse_mapping(self.mapping)


@dataclass(frozen=True)
class ComparisonOutputs:
    """Files to write; None = not written.

    Attributes:
        raster: GeoTIFF of changes, on the grid of the first map.
        polygons: GeoPackage or FlatGeobuf of what changed.
    """

    raster: str | None = None
    polygons: str | None = None


def compare(
    maps: tuple[str, str],
    uncertainties: tuple[str | None, str | None] = (None, None),
    outputs: ComparisonOutputs | None = None,
    options: ComparisonOptions | None = None,
    watch: Watch = UNWATCHED,
) -> Comparison:
    """Compare two class maps of any size, on any grids; the second is read at the centres of the first one's pixels.

    Args:
        maps: Class rasters, before and after.
        uncertainties: Uncertainty rasters of both runs.

    Raises:
        UhrsError: Something cannot be read or written, or nothing is left to compare.
        CancelledError: The caller cancelled.
    """
    options, outputs = options or ComparisonOptions(), outputs or ComparisonOutputs()
    with contextlib.ExitStack() as stack:
        readers = [stack.enter_context(open_raster(path, options.backend)) for path in maps]
        for reader in readers:
            check_classes(reader.info)
        run = _Run(readers, options, watch)
        for path in uncertainties:
            if path is not None:
                run.add_doubt(stack.enter_context(open_raster(path, options.backend)))
        run.check(outputs)
        return run.compare(outputs)


class _Run:
    """One run."""

    def __init__(self, readers: Sequence[RasterReader], options: ComparisonOptions, watch: Watch) -> None:
        self.before, self.after = readers
        self.options, self.watch = options, watch
        infos = self.before.info, self.after.info
        self.crs = (infos[0].crs_wkt, infos[1].crs_wkt) if options.crs_wkts is None else options.crs_wkts
        self.link = GridLink(*infos, self.crs)
        self.doubts: list[Doubt] = []
        crs = self.crs[0] if infos[0].has_transform else ""
        self.areas, self.how = measure(crs, infos[0].transform, options.planimetric)
        self.tables = [read_class_table(info.path, info.nodata[0], options.backend) for info in infos]
        self.warnings: list[str] = []

    def add_doubt(self, reader: RasterReader) -> None:
        """Use an uncertainty raster."""
        info = reader.info
        band = min(FINAL, info.count)
        if info.dtypes[band - 1] != "uint8":
            raise RasterError(
                f"'{info.path}' holds {info.dtypes[0]}: choose the uncertainty that 'Segment raster' wrote (uint8)."
            )
        # It lies in the CRS of the map that it belongs to.
        wkt = info.crs_wkt
        self.doubts.append(Doubt(reader, GridLink(self.before.info, info, (self.crs[0], wkt)), band))

    def check(self, outputs: ComparisonOutputs) -> None:
        """Check the outputs before the first pixel."""
        if outputs.raster is None:
            return
        readers = (self.before, self.after, *(doubt.reader for doubt in self.doubts))
        inputs = {file: "a raster that is read" for reader in readers for file in reader.info.files}
        check_outputs({"changes": outputs.raster}, inputs)
        check_disk(Outputs(outputs.raster), self.before.info.height * self.before.info.width)

    def compare(self, outputs: ComparisonOutputs) -> Comparison:
        """Count, then write."""
        options, watch = self.options, self.watch
        pairs = PairReader(self.before, self.after, self.link, self.doubts, options.threshold)
        writes = outputs.raster is not None or outputs.polygons is not None
        counts = count_pairs(pairs, self.areas, watch.part(0, COUNTED if writes else 1))
        if not counts.pixels.any():
            raise OptionsError(
                f"'{self.before.info.path}' and '{self.after.info.path}' have no pixel with a class in common: check "
                "that they lie at the same place, and their coordinate reference systems."
            )
        classes, after_of = self._classes(counts)
        transitions = self._transitions(counts, classes, after_of)
        changed = [item for item in transitions if item.differs]
        if writes and options.kind == "transitions" and len(changed) > MOST_TRANSITIONS:
            raise OptionsError(
                f"{len(changed):,} different transitions are more than a raster of bytes holds ({MOST_TRANSITIONS}): "
                "choose kind 'differs', or map classes together."
            )
        found = self._report(transitions)
        if writes:
            codes = self._codes(transitions, after_of)
            self._write(pairs, codes, self._profile(changed), outputs, [item.code for item in changed])
        return found

    def _classes(self, counts: PairCounts) -> tuple[ClassList, dict[int, int | None]]:
        """The classes of both maps, and what each number of the second one is among them."""
        before, after = self.tables
        present = frozenset(np.flatnonzero(counts.pixels.sum(axis=1)).tolist())
        numbers = np.flatnonzero(counts.pixels.sum(axis=0)).tolist()
        by_name = bool(before.names) and bool(after.names)
        if not by_name and (before.names or after.names):
            self.warnings.append("Only one of the maps names its classes: both are compared by number.")
        classes = ClassList(before.names, present, parse_mapping(self.options.mapping))
        labels: list[object] = [after.name(value) if by_name else value for value in numbers]
        understood = dict(zip(numbers, classes.understand(labels, keep_unknown=True)))
        unused = classes.unused(labels)
        if unused:
            self.warnings.append(f"The mapping names classes that the second map does not have: {', '.join(unused)}.")
        if classes.own:
            self.warnings.append(
                f"Only the second map has {', '.join(classes.own)}: all of it counts as changed. Give a mapping where "
                "it is a class of the first map by another name."
            )
        return classes, understood

    def _transitions(
        self, counts: PairCounts, classes: ClassList, after_of: Mapping[int, int | None]
    ) -> list[Transition]:
        """All pairs that occur, the largest first; those that change get codes."""
        sums: dict[tuple[int, int], list[float]] = {}
        for before, number in np.argwhere(counts.pixels).tolist():
            after = after_of[number]
            if after is None:
                continue  # left out by the mapping
            total = sums.setdefault((before, after), [0, 0.0, 0.0])
            for index, array in enumerate((counts.pixels, counts.areas, counts.unsure)):
                total[index] += array[before, number]
        if not sums:
            raise OptionsError("The mapping leaves out every class of the second map: nothing is left to compare.")
        found, code = [], 0
        for (before, after), (pixels, area, unsure) in sorted(sums.items(), key=lambda item: (-item[1][1], item[0])):
            differs = before != after
            code += differs
            found.append(
                Transition(
                    before,
                    classes.name(before),
                    after,
                    classes.name(after),
                    int(pixels),
                    float(area),
                    float(unsure) if self.doubts else None,
                    (code if self.options.kind == "transitions" else DIFFERS) if differs else SAME,
                )
            )
        return found

    def _report(self, transitions: list[Transition]) -> Comparison:
        before, after = self.before.info, self.after.info
        doubts = ", ".join(doubt.reader.info.path for doubt in self.doubts)
        facts = [
            ("Before", f"{before.path} ({before.width:,} x {before.height:,} pixels)"),
            ("After", f"{after.path} ({after.width:,} x {after.height:,} pixels)"),
            ("Grid", "the same" if self.link.is_same_grid else "of the first map, the second is read at its pixels"),
            ("Uncertainty", f"{doubts}; unsure from {self.options.threshold:g}" if doubts else "not given"),
            ("Areas", self.how),
        ]
        if len(self.doubts) == 1:
            self.warnings.append(
                "Only one map's uncertainty is known: what the other one was unsure of counts as sure."
            )
        total = float(sum(item.area for item in transitions))
        return Comparison(transitions, total, "pixels" if self.areas is None else "m2", facts, self.warnings)

    def _codes(self, transitions: Sequence[Transition], after_of: Mapping[int, int | None]) -> NDArray[np.uint8]:
        """(256, 256) number in the raster of changes, by class before and number after."""
        codes = np.full((VALUES, VALUES), NODATA, np.uint8)
        by_pair = {(item.before, item.after): item.code for item in transitions}
        for number, after in after_of.items():
            for before in range(VALUES):
                if after is not None and (before, after) in by_pair:
                    codes[before, number] = by_pair[before, after]
        return codes

    def _profile(self, changed: Sequence[Transition]) -> RasterProfile:
        """Describe the raster of changes."""
        names, colours = {SAME: "same class"}, {SAME: SAME_COLOUR}
        after = ClassTable(self.tables[1].names, self.tables[1].colours)
        by_name = {name: after.colours.get(value) for value, name in after.names.items()}
        if self.options.kind == "differs":
            names[DIFFERS], colours[DIFFERS] = "differs", DIFFERS_COLOUR
        for item in changed if self.options.kind == "transitions" else ():
            names[item.code] = f"{item.before_name} \u2192 {item.after_name}"
            colours[item.code] = by_name.get(item.after_name) or after.colours.get(item.after) or OTHER_COLOUR
        if self.doubts:
            names[UNSURE], colours[UNSURE] = "differs, but unsure", UNSURE_COLOUR
        info = self.before.info
        return RasterProfile(
            width=info.width,
            height=info.height,
            count=1,
            crs_wkt=self.crs[0],
            transform=info.transform,
            nodata=NODATA,
            band_names=("changes",),
            colours=colours,
            categories=tuple(names.get(value, "") for value in range(max(names) + 1)),
            metadata={"UHRS_BEFORE": info.path, "UHRS_AFTER": self.after.info.path},
        )

    def _write(
        self,
        pairs: PairReader,
        codes: NDArray[np.uint8],
        profile: RasterProfile,
        outputs: ComparisonOutputs,
        changes: Sequence[int],
    ) -> None:
        """Write the raster, and polygons from it; the raster gets its name last, when all is there."""
        options, watch = self.options, self.watch
        mark = unique_mark()
        wanted = outputs.raster or f"{hidden(outputs.polygons or '', mark, 'changes')}.tif"
        try:
            with Publication(Outputs(wanted), {"classes": profile}, mark) as publication:
                plain = publication.scratch("classes")
                with create_raster(plain, profile, options.backend) as writer:
                    for window in pairs.windows(watch.part(COUNTED, WRITTEN)):
                        pair = pairs.read(window)
                        block = np.where(pair.valid, codes[pair.before, pair.after], NODATA)
                        block[pair.unsure & (block != SAME) & (block != NODATA)] = UNSURE
                        writer.write(block.astype(np.uint8)[None], window.row, window.col)
                publication.finish({"classes": plain}, watch.part(WRITTEN, FINISHED))
                if outputs.raster is None:
                    publication.publish("")
                    self._polygons(wanted, changes, outputs)
                else:
                    if outputs.polygons is not None:
                        self._polygons(plain, changes, outputs)
                    publication.publish("")
        finally:
            if outputs.raster is None:
                remove_leftovers(wanted)

    def _polygons(self, raster: str, changes: Sequence[int], outputs: ComparisonOutputs) -> None:
        """Outline what changed."""
        options = self.options
        numbers = tuple(str(code) for code in sorted(set(changes)))
        if not numbers or outputs.polygons is None:
            if outputs.polygons is not None:
                self.watch.notify(Message("Nothing differs: no polygons were written.", True))
            return
        wanted = PolygonOptions(numbers, options.min_area, smoothing=options.smoothing, threshold=options.threshold)
        job = check_polygons(raster, None, wanted, self.crs[0], options.backend)
        make_polygons(job, os.fspath(outputs.polygons), None, self.watch.part(FINISHED, 1), options.backend)
