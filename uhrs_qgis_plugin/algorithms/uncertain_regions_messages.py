"""What a run of `uhrs:uncertainregions` tells the person in front of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qgis.core import QgsProcessingFeedback

if TYPE_CHECKING:
    from uhrs_qgis_plugin.engine.regions import Found, RegionOptions

# Where the progress bar stands when the regions are found, and when their classes are counted.
FOUND_PERCENT, COUNTED_PERCENT = 70, 85


def tell(found: Found, options: RegionOptions, feedback: QgsProcessingFeedback) -> None:
    """Put what was found into the log.

    Args:
        found: The regions.
        options: What a region is.
        feedback: The log.
    """
    if not found.cells:
        feedback.pushWarning("No cell reaches the threshold, or none has data: the layer is empty.")
        return
    share = found.cells / found.valid_cells
    held = sum(region.cells for region in found.regions) / found.cells
    beyond = found.found - found.small - len(found.regions)
    squares = f" in the surest of the squares of {options.spread} cells" if options.in_turns else ""
    feedback.pushInfo(
        f"Band {found.band}, uncertainty from {found.threshold:.2f}{squares}: {found.cells:,} cells, {share:.1%} of "
        "the area"
    )
    feedback.pushInfo(
        f"{len(found.regions):,} of {found.found:,} regions, with {held:.0%} of these cells; {found.small:,} are "
        f"smaller than MIN_AREA, {beyond:,} are beyond LIMIT"
    )
    if not found.regions:
        feedback.pushWarning("All regions are smaller than MIN_AREA: the layer is empty. Choose a smaller MIN_AREA.")
