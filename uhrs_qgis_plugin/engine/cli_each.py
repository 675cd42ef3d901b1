"""`segment --each` of the command line: each raster of a folder or list for itself."""

from __future__ import annotations

import argparse
import os

from uhrs_qgis_plugin.engine.errors import OptionsError, UhrsError
from uhrs_qgis_plugin.engine.flow import Watch
from uhrs_qgis_plugin.engine.many import Folders, Tally, find_inputs, segment_each
from uhrs_qgis_plugin.engine.segmentation import Options

EACH_HELP = (
    "segment each raster of the folder (with those in it) or list for itself: --classes, --uncertainty and --report "
    "are folders then; rasters that are done are kept, one that fails does not stop the others (exit status 2)"
)
TABLE_HELP = "table of all results with --each (default: results.csv in the folder of the classes)"


def segment_all(parsed: argparse.Namespace, options: Options, watch: Watch) -> None:
    """Run `segment --each`.

    Raises:
        UhrsError: Nothing could begin, or a raster failed.
    """
    if parsed.preview is not None:
        raise OptionsError("--preview shows one raster: leave it away with --each.")
    folders = Folders(parsed.classes, parsed.uncertainty, parsed.report, parsed.table)
    inputs = find_inputs(parsed.raster, folders.named().values())
    tally = segment_each(inputs, parsed.model, folders, options, watch, parsed.area)
    if not parsed.quiet:
        print(_summary(tally))
    if tally.failed:
        raise UhrsError(
            f"{tally.failed} of {tally.count} rasters failed: '{tally.table}' says why. The same command tries them "
            "again, and keeps what is done."
        )


def check_alone(parsed: argparse.Namespace) -> None:
    """Check that options for many rasters are not given for one.

    Raises:
        OptionsError: They are.
    """
    if parsed.table is not None:
        raise OptionsError("--table lists the results of many rasters: give --each as well, or leave it away.")
    if os.path.isdir(parsed.classes):
        raise OptionsError(
            f"'{parsed.classes}' is a folder: give the name of a file for the classes, or --each to segment each "
            "raster for itself."
        )


def _summary(tally: Tally) -> str:
    """Say in a line what became of the rasters."""
    parts = {
        "done": tally.done,
        "kept as they were": tally.kept,
        "outside of what was asked for": tally.outside,
        "failed": tally.failed,
    }
    counts = ", ".join(f"{count} {what}" for what, count in parts.items() if count)
    return f"{tally.count} rasters in {tally.seconds:.1f} s: {counts}; {tally.table}"
