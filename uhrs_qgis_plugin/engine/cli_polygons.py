"""The commands `polygons` and `clean` of the command line."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING

from uhrs_qgis_plugin.engine.flow import Watch

if TYPE_CHECKING:  # other commands start sooner
    from uhrs_qgis_plugin.engine.polygons import PolygonReport

Command = Callable[[argparse.Namespace, Watch], None]

MIN_AREA_HELP = (
    "smallest polygon in square metres (in pixels where the raster has no ground): smaller ones become part of the "
    "neighbour with the longest border (default: 100 pixels; 0 keeps all)"
)


def add_polygons(parser: argparse.ArgumentParser) -> Command:
    """Describe the command `polygons`, and return what runs it."""
    add = parser.add_argument
    add("classes", metavar="CLASSES", help="class raster, as 'segment' writes it")
    add("output", metavar="OUTPUT", help="polygons to write: .gpkg (GeoPackage) or .fgb (FlatGeobuf)")
    add("--uncertainty", metavar="U.tif", help="uncertainties of the same run, for the fields that tell them")
    add("--class", dest="only", action="append", default=[], metavar="NAME", help="class to outline, by name or number")
    add("--min-area", type=float, metavar="M2", help=MIN_AREA_HELP)
    add("--min-hole", type=float, metavar="M2", help="smallest hole alike (default: as --min-area)")
    add("--smooth", type=float, default=1.0, metavar="PX", help="pixels that borders may move (default: 1; 0 = none)")
    add("--right-angles", action="append", default=[], metavar="NAME", help="class whose outlines get right angles")
    add("--shift", type=float, default=3.0, metavar="PX", help="pixels that outlines with right angles may move (3)")
    add("--unsure", type=float, default=0.5, metavar="T", help="final uncertainty from which a pixel is unsure (0.5)")
    add("--report", metavar="R.json", help="report to write")
    add("--quiet", action="store_true", help="no progress and no summary")
    return _polygons


def _polygons(parsed: argparse.Namespace, watch: Watch) -> None:
    """Run the command `polygons`."""
    from uhrs_qgis_plugin.engine.polygons import PolygonOptions, check_polygons, make_polygons

    options = PolygonOptions(
        classes=tuple(parsed.only),
        min_area=parsed.min_area,
        min_hole=parsed.min_hole,
        smoothing=parsed.smooth,
        right_angles=tuple(parsed.right_angles),
        shift=parsed.shift,
        threshold=parsed.unsure,
    )
    job = check_polygons(parsed.classes, parsed.uncertainty, options)
    report = make_polygons(job, parsed.output, parsed.report, watch)
    if not parsed.quiet:
        print(_summary(report))


def add_clean(parser: argparse.ArgumentParser) -> Command:
    """Describe the command `clean`, and return what runs it."""
    add = parser.add_argument
    add("classes", metavar="CLASSES", help="class raster, as 'segment' writes it")
    add("output", metavar="OUTPUT.tif", help="cleaned class raster to write")
    add("--min-area", type=float, metavar="M2", help=MIN_AREA_HELP.replace("polygon", "patch"))
    add("--majority", type=int, default=0, metavar="PX", help="side of the square whose most frequent class counts (0)")
    add("--quiet", action="store_true", help="no progress and no summary")
    return _clean


def _clean(parsed: argparse.Namespace, watch: Watch) -> None:
    """Run the command `clean`."""
    from uhrs_qgis_plugin.engine.polygons import CleanOptions, check_clean, clean_classes

    options = CleanOptions(parsed.min_area, parsed.majority)
    report = clean_classes(check_clean(parsed.classes), parsed.output, options, watch)
    if not parsed.quiet:
        left = f"{report.after:,} of {report.before:,} patches are left"
        print(f"{report.changed:,} of {report.pixels:,} pixels changed; {left}")


def _summary(report: PolygonReport) -> str:
    """Say in a line what was done."""
    speed = report.width * report.height / 1e6 / max(report.seconds, 1e-9)
    return (
        f"{report.polygons:,} polygons of {report.width} x {report.height} pixels in {report.seconds:.1f} s "
        f"({speed:.1f} Mpx/s); {report.absorbed:,} patches below {report.min_pixels:,} pixels went to a neighbour"
    )
