"""The commands of the command line that judge results: `accuracy`, `samplepoints`, `compare`."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from uhrs_qgis_plugin.engine.errors import OptionsError
from uhrs_qgis_plugin.engine.flow import Watch

if TYPE_CHECKING:  # other commands start sooner
    from uhrs_qgis_plugin.engine.accuracy import AccuracyReport, Reference
    from uhrs_qgis_plugin.engine.comparison import Comparison

VECTOR_ENDINGS = (".gpkg", ".geojson", ".json", ".shp", ".fgb", ".gml", ".kml", ".sqlite", ".parquet")
MOST_CHANGES = 5  # in the summary
SQUARE_KILOMETRE, HECTARE = 1e6, 1e4
# From these areas of the map on, in square metres.
IN_KILOMETRES, IN_HECTARES = 1e8, 1e5

Command = Callable[[argparse.Namespace, Watch], None]


def add_accuracy(parser: argparse.ArgumentParser) -> Command:
    """Describe the command `accuracy`, and return what runs it."""
    add = parser.add_argument
    add("classes", metavar="CLASSES", help="class raster to judge")
    add("reference", metavar="REFERENCE", help="points or polygons with a class (vector file), or a class raster")
    add("--field", default="", metavar="F", help="field of the class (default: judgements of the review panel)")
    add("--mapping", default="", metavar="M", help="reference=map; ... such as 'roof=building; pool=*; shadow='")
    add("--block", type=int, metavar="PX", help="side of the blocks that intervals come from (reference raster)")
    add("--html", metavar="R.html", help="report to write")
    add("--csv", metavar="F.csv", help="figures to write, one a row")
    add("--matrix", metavar="M.csv", help="confusion matrix to write")
    add("--json", metavar="J.json", help="everything, for programs")
    add("--quiet", action="store_true", help="no progress and no summary")
    return _accuracy


def add_samplepoints(parser: argparse.ArgumentParser) -> Command:
    """Describe the command `samplepoints`, and return what runs it."""
    add = parser.add_argument
    add("classes", metavar="CLASSES", help="class raster to judge")
    add("output", metavar="OUTPUT.gpkg", help="points to write")
    add("--uncertainty", metavar="U.tif", help="uncertainties of the same run")
    add("--band", type=int, default=1, help="its band: 1 = U (default), 2 = the final uncertainty")
    add("--points", type=int, default=200, metavar="N", help="how many (default: 200)")
    add(
        "--strata",
        default="class",
        choices=("class", "uncertainty", "none"),
        help="what is drawn from (default: class)",
    )
    add(
        "--allocation",
        default="proportional",
        choices=("proportional", "equal", "optimal"),
        help="how points are shared among strata (default: by area)",
    )
    add("--least", type=int, default=20, metavar="N", help="points in each stratum at least (default: 20)")
    add("--expected", default="", metavar="E", help="expected accuracies: 'road=0.7; building=0.9' (optimal)")
    add("--seed", type=int, default=1, help="the same seed gives the same points (default: 1)")
    add("--blind", action="store_true", help="leave out the map's class, so that it does not sway who judges")
    add("--quiet", action="store_true", help="no progress and no summary")
    return _samplepoints


def _samplepoints(parsed: argparse.Namespace, watch: Watch) -> None:
    """Run the command `samplepoints`."""
    from uhrs_qgis_plugin.engine.raster import open_raster
    from uhrs_qgis_plugin.engine.sampling import SampleOptions, columns_of, draw_sample
    from uhrs_qgis_plugin.engine.vectors import write_points

    _check_files([parsed.output], (parsed.classes,))
    if not parsed.output.lower().endswith(".gpkg"):
        raise OptionsError(f"'{parsed.output}' is written as GeoPackage: give a name that ends with .gpkg.")
    options = SampleOptions(
        points=parsed.points,
        strata=parsed.strata,
        allocation=parsed.allocation,
        least=parsed.least,
        expected=parsed.expected,
        seed=parsed.seed,
        band=parsed.band,
    )
    sample = draw_sample(parsed.classes, parsed.uncertainty, options, watch)
    with open_raster(parsed.classes) as reader:
        crs_wkt = reader.info.crs_wkt
    write_points(parsed.output, crs_wkt, sample.x, sample.y, columns_of(sample, parsed.blind), ("new_class",))
    if not parsed.quiet:
        for stratum in sample.strata:
            print(f"{stratum.name}: {stratum.points:,} points of {stratum.pixels:,} pixels")


def _accuracy(parsed: argparse.Namespace, watch: Watch) -> None:
    """Run the command `accuracy`."""
    from uhrs_qgis_plugin.engine.accuracy import (
        AccuracyOptions,
        assess,
        figures_csv,
        make_report,
        matrix_csv,
        reference_of_features,
        to_json,
    )
    from uhrs_qgis_plugin.engine.files import write_together
    from uhrs_qgis_plugin.engine.raster import open_raster
    from uhrs_qgis_plugin.engine.vectors import read_features

    wanted = [path for path in (parsed.html, parsed.csv, parsed.matrix, parsed.json) if path]
    _check_files(wanted, (parsed.classes, parsed.reference))
    reference: Reference | str = parsed.reference
    name = parsed.reference.partition("|layername=")[0]
    if name.lower().endswith(VECTOR_ENDINGS):
        with open_raster(parsed.classes) as reader:
            crs_wkt = reader.info.crs_wkt
        reference = reference_of_features(read_features(parsed.reference), parsed.field, crs_wkt)
    report = assess(parsed.classes, reference, AccuracyOptions(parsed.mapping, parsed.block), watch)
    factor, unit = _unit(report)
    title = f"Accuracy of {os.path.basename(parsed.classes)}"
    texts = {}
    if parsed.html:
        texts[parsed.html] = make_report(report, title, factor, unit)
    if parsed.csv:
        texts[parsed.csv] = figures_csv(report)
    if parsed.matrix:
        texts[parsed.matrix] = matrix_csv(report)
    if parsed.json:
        texts[parsed.json] = to_json(report)
    write_together(texts)
    if not parsed.quiet:
        print(_summary(report, factor, unit))


def _check_files(outputs: list[str], inputs: tuple[str, ...]) -> None:
    """Check the paths of what is written, before the work.

    Raises:
        OptionsError: A path is that of a server, a folder is missing, or a file is read, or named twice.
        OutputError: A GeoPackage that is there is open in another program.
    """
    from uhrs_qgis_plugin.engine.files import check_unused
    from uhrs_qgis_plugin.engine.raster import check_local

    taken = {os.path.realpath(path) for path in inputs}
    for path in outputs:
        check_local(path)
        folder = os.path.dirname(path) or "."
        if not os.path.isdir(folder):
            raise OptionsError(f"The folder of '{path}' does not exist: create it or choose another one.")
        if os.path.isdir(path) or os.path.realpath(path) in taken:
            raise OptionsError(f"'{path}' is a folder, is read, or is named twice: choose another name.")
        check_unused(path)
        taken.add(os.path.realpath(path))


def _unit(report: AccuracyReport) -> tuple[float, str | None]:
    """Choose the unit of the areas by their size: factor and name; None = the report's own."""
    if report.unit != "m2" or report.total < IN_HECTARES:
        return 1.0, None
    return (1 / SQUARE_KILOMETRE, "km\u00b2") if report.total >= IN_KILOMETRES else (1 / HECTARE, "ha")


def _summary(report: AccuracyReport, factor: float, unit: str | None) -> str:
    """Say what was found: a line for the whole, one for each class, and the warnings."""
    overall = report.overall
    ends = "" if overall.low is None or overall.high is None else f" ({overall.low:.3f} to {overall.high:.3f})"
    lines = ["overall accuracy: " + ("-" if overall.value is None else f"{overall.value:.3f}") + ends]
    for item in report.classes:
        parts = (("user's", item.users), ("producer's", item.producers), ("IoU", item.iou))
        shares = ", ".join(f"{name} {'-' if e.value is None else f'{e.value:.3f}'}" for name, e in parts)
        area = item.area.times(factor)
        words = "-" if area.value is None else f"{area.value:,.2f}"
        if area.low is not None and area.high is not None:
            words += f" ({area.low:,.2f} to {area.high:,.2f})"
        mapped = f"mapped {item.mapped * factor:,.2f}, corrected {words} {unit or report.unit}"
        lines.append(f"{item.name}: {shares}; {mapped}")
    lines += [f"note: {text}" for text in report.warnings]
    return "\n".join(lines)


def add_compare(parser: argparse.ArgumentParser) -> Command:
    """Describe the command `compare`, and return what runs it."""
    add = parser.add_argument
    add("before", metavar="BEFORE", help="class raster; its grid counts")
    add("after", metavar="AFTER", help="class raster on any grid")
    add("--uncertainty-before", metavar="U.tif", help="uncertainties of the first run")
    add("--uncertainty-after", metavar="U.tif", help="uncertainties of the second run")
    add("--unsure", type=float, default=0.5, metavar="T", help="final uncertainty from which a pixel is unsure (0.5)")
    add("--mapping", default="", metavar="M", help="after=before; ... such as 'roof=building; pool=*; shadow='")
    add("--kind", default="transitions", choices=("transitions", "differs"), help="what the raster tells")
    add("--raster", metavar="C.tif", help="changes to write, on the grid of BEFORE")
    add("--polygons", metavar="P.gpkg", help="what changed, as polygons (.gpkg or .fgb)")
    add("--min-area", type=float, metavar="M2", help="smallest polygon (default: 100 pixels)")
    add("--csv", metavar="T.csv", help="table to write, a row for each pair of classes")
    add("--json", metavar="J.json", help="everything, for programs")
    add("--quiet", action="store_true", help="no progress and no summary")
    return _compare


def _compare(parsed: argparse.Namespace, watch: Watch) -> None:
    """Run the command `compare`."""
    from uhrs_qgis_plugin.engine.comparison import ComparisonOptions, ComparisonOutputs, compare, to_csv, to_json
    from uhrs_qgis_plugin.engine.files import write_together

    uncertainties = parsed.uncertainty_before, parsed.uncertainty_after
    inputs = tuple(path for path in (parsed.before, parsed.after, *uncertainties) if path)
    _check_files([path for path in (parsed.raster, parsed.polygons, parsed.csv, parsed.json) if path], inputs)
    options = ComparisonOptions(
        mapping=parsed.mapping, kind=parsed.kind, threshold=parsed.unsure, min_area=parsed.min_area
    )
    outputs = ComparisonOutputs(parsed.raster, parsed.polygons)
    found = compare((parsed.before, parsed.after), uncertainties, outputs, options, watch)
    texts = {}
    if parsed.csv:
        texts[parsed.csv] = to_csv(found)
    if parsed.json:
        texts[parsed.json] = to_json(found)
    write_together(texts)
    if not parsed.quiet:
        print(_changes(found))


def _changes(found: Comparison) -> str:
    """Say what differs, in a few lines."""
    sure = found.surely_changed
    lines = [f"{found.changed:.1%} differs" + ("" if sure is None else f", {sure:.1%} where both are sure")]
    for _, name, before, after, both in found.by_class():
        lines.append(f"{name}: {before:,.0f} before, {after:,.0f} after, {both:,.0f} in both ({found.unit})")
    most = [item for item in found.transitions if item.differs][:MOST_CHANGES]
    lines += [f"{item.before_name} -> {item.after_name}: {item.area:,.0f} {found.unit}" for item in most]
    return "\n".join([*lines, *(f"note: {text}" for text in found.warnings)])
