"""The panel's texts about a region and about the progress."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from qgis.PyQt.QtCore import QDateTime, QLocale, Qt

from uhrs_qgis_plugin.layers import OPEN, RIGHT, STATUSES, UNSURE, WRONG
from uhrs_qgis_plugin.review.class_choices import ClassChoice
from uhrs_qgis_plugin.review.data import ReviewProgress, ReviewRegion, ReviewSession
from uhrs_qgis_plugin.review.panel.region_model import status_text
from uhrs_qgis_plugin.review.wording import area_text, number_text, tr


def facts_html(region: ReviewRegion | None, choices: Sequence[ClassChoice], in_metres: bool) -> str:
    """Describe a region in three lines.

    Args:
        region: None gives "".
        choices: The classes, for their colours.
        in_metres: Whether areas are square metres.
    """
    if region is None:
        return ""
    numbers = [f"<b>#{region.rank}</b>"]
    if region.mean_u is not None:
        highest = "" if region.max_u is None else " " + tr("(up to {})").format(number_text(region.max_u))
        numbers.append(f"U {number_text(region.mean_u)}{highest}")
    if region.area:  # points have none
        numbers.append(area_text(region.area, in_metres))
    lines = [" · ".join(numbers), _classes(region, choices), _judged(region)]
    return "<br>".join(line for line in lines if line)


def progress_text(progress: ReviewProgress) -> str:
    """Describe the progress: '37 of 120, 61 % of the doubtful area'."""
    if not progress.total:
        return tr("no regions")
    numbers = QLocale().toString(progress.judged), QLocale().toString(progress.total)
    if not progress.by_area:
        return tr("{} of {}").format(*numbers)
    return tr("{} of {}, {} % of the doubtful area").format(*numbers, _percent(progress))


def parts_text(session: ReviewSession, part: int, parts: int) -> str:
    """Count the regions per status, and describe the progress of the reviewer's part.

    Args:
        session: The review.
        part: Number of the part, from 1.
        parts: Number of parts.
    """
    counts = dict.fromkeys((RIGHT, WRONG, UNSURE, OPEN), 0)
    for region in session.regions:
        counts[region.judgement.effective_status] += 1
    text = ", ".join(f"{tr(STATUSES[status][1])}: {count}" for status, count in counts.items())
    if parts == 1:
        return text
    mine = session.progress(region.fid for region in session.regions[part - 1 :: parts])
    return text + "\n" + tr("Part {} of {}: {}").format(part, parts, progress_text(mine))


def _percent(progress: ReviewProgress) -> str:
    """Write whole per cent: 100 only when all is judged, and 0 only when nothing is."""
    percent = 100 * progress.share
    if 0 < percent < 1:
        return "<1"
    return ">99" if percent > 99 and progress.judged < progress.total else str(round(percent))


def _classes(region: ReviewRegion, choices: Sequence[ClassChoice]) -> str:
    """Name the classes of a region, each beside its colour."""
    colours = {choice.name: choice.colour.name() for choice in choices}
    parts = []
    for name in (region.first, region.second):
        if name:
            mark = f"<span style='color:{colours[name]}'>&#9632;</span> " if name in colours else ""
            parts.append(f"{mark}{escape(name)}")
    if not parts:
        return ""
    return tr("Classified as {}").format(tr("{}, then {}").format(*parts) if len(parts) > 1 else parts[0])


def _judged(region: ReviewRegion) -> str:
    """Describe judgement, reviewer and time; "" while open."""
    judgement = region.judgement
    if judgement.is_open:
        return ""
    parts = [f"<b>{escape(status_text(region))}</b>"]
    if judgement.reviewer:
        parts.append(tr("by {}").format(escape(judgement.reviewer)))
    time = QDateTime.fromString(judgement.time or "", Qt.DateFormat.ISODate)
    if time.isValid():
        parts.append(QLocale().toString(time.toLocalTime(), QLocale.FormatType.ShortFormat))
    return tr("Judged: {}").format(", ".join(parts))
