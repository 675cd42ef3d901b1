"""The HTML report of `uhrs:classareas`: one file, no scripts, nothing loaded from elsewhere, fit for printing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from uhrs_qgis_plugin.engine.areas import ClassArea

MOST_ZONES = 500  # a browser still opens a report of so many; the table holds them all
BAR_WIDTH, BAR_HEIGHT = 240, 14
OTHER_COLOUR = "#9e9e9e"  # of classes without a colour of their own

STYLE = """
body { font: 14px/1.45 sans-serif; color: #222; background: #fff; max-width: 60em; margin: 2em auto; padding: 0 1em; }
h1 { font-size: 1.5em; } h2 { font-size: 1.15em; margin: 1.6em 0 .3em; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .25em .6em; border-bottom: 1px solid #ddd; }
th.number, td.number { text-align: right; white-space: nowrap; }
tr.total td { border-top: 2px solid #888; font-weight: bold; }
.facts td:first-child { width: 12em; color: #555; }
.note { color: #555; }
section { page-break-inside: avoid; break-inside: avoid; }
@media print { body { margin: 0; max-width: none; font-size: 11px; } }
"""

MEANING = (
    "Area and share belong to the pixels that have a class; a zone counts the pixels whose centre lies inside it, and "
    "zones that overlap count each for itself."
)
MEANING_UNSURE = (
    "Unsure is the part of a class where the uncertainty ({band}) is {threshold:g} or more, on a scale from 0 (sure) "
    "to 1 (knows nothing): the hatched end of a bar. It tells where the map deserves a look, not how much of it is "
    "wrong."
)


@dataclass(frozen=True)
class Facts:
    """What the report says about the run.

    Attributes:
        title: Its heading.
        lines: (name, text) of the raster, the date and the like.
        unit: Unit of the areas, "" when they are not measured.
        factor: Square metres -> unit.
        unsure: What "unsure" means, "" without uncertainty.
        colours: Class number -> colour in HTML.
    """

    title: str
    lines: Sequence[tuple[str, str]]
    unit: str
    factor: float
    unsure: str
    colours: dict[int, str]


def make_report(facts: Facts, zones: Sequence[tuple[str, Sequence[ClassArea]]]) -> str:
    """Compose the report.

    Args:
        facts: What it says about the run.
        zones: Name and rows: the whole raster, then the zones.

    Returns:
        HTML; every text in it is escaped.
    """
    lines = "".join(f"<tr><td>{escape(name)}</td><td>{escape(text)}</td></tr>\n" for name, text in facts.lines)
    left_out = len(zones) - 1 - MOST_ZONES
    parts = [
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n',
        f"<title>{escape(facts.title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n",
        # The hatching of all bars.
        '<svg width="0" height="0" style="position:absolute"><defs><pattern id="unsure" width="6" height="6" '
        'patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="2.5" height="6" fill="#fff"/>'
        '<rect x="2.5" width="1" height="6" fill="#000"/></pattern></defs></svg>\n',
        f'<h1>{escape(facts.title)}</h1>\n<table class="facts">\n{lines}</table>\n',
        f'<p class="note">{escape(MEANING)}</p>\n',
        f'<p class="note">{escape(facts.unsure)}</p>\n' if facts.unsure else "",
        *(_section(facts, name, rows) for name, rows in zones[: MOST_ZONES + 1]),
        f'<p class="note">{left_out} more zones are in the table only.</p>\n' if left_out > 0 else "",
        "</body>\n</html>\n",
    ]
    return "".join(parts)


def format_area(area_m2: float | None, facts: Facts) -> str:
    """Word an area: four significant digits at least, thousands apart.

    Args:
        area_m2: Square metres, None when unknown.
        facts: Have the unit.

    Returns:
        Number and unit; "-" for None.
    """
    if area_m2 is None:
        return "-"
    area = area_m2 * facts.factor
    decimals = 0 if area >= 10000 else 2 if area >= 1 or area == 0 else 6
    return f"{area:,.{decimals}f} {facts.unit}"


def _section(facts: Facts, name: str, rows: Sequence[ClassArea]) -> str:
    """One zone: a table with a bar per class and a sum."""
    widest = max([row.share for row in rows], default=0.0) or 1.0
    body = "".join(_row(facts, row, widest) for row in rows)
    pixels = sum(row.pixels for row in rows)
    area = None if any(row.area_m2 is None for row in rows) else sum(row.area_m2 or 0.0 for row in rows)
    numbers = [f"{pixels:,}", format_area(area, facts), f"{sum(row.share for row in rows):.1%}"]
    heads = ["Pixels", "Area", "Share"]
    if facts.unsure:
        heads.append("Unsure")
        numbers.append(_percent(_unsure(rows)))
    return (
        f"<section>\n<h2>{escape(name)}</h2>\n<table>\n<tr><th>Class</th><th></th>{_cells('th', heads)}</tr>\n{body}"
        f'<tr class="total"><td>All classes</td><td></td>{_cells("td", numbers)}</tr>\n</table>\n</section>\n'
    )


def _row(facts: Facts, row: ClassArea, widest: float) -> str:
    """One class; the longest bar of a table fills its column."""
    colour = facts.colours.get(row.value, OTHER_COLOUR)
    length = BAR_WIDTH * row.share / widest
    hatched = length * (row.unsure_share or 0.0)
    box = f'height="{BAR_HEIGHT}" stroke="#444" stroke-width="0.5"'
    # A picture, for browsers leave out backgrounds when they print.
    picture = f'<svg width="{BAR_WIDTH}" height="{BAR_HEIGHT}" role="img">'
    if row.pixels:
        picture += f'<rect width="{length:.1f}" {box} fill="{escape(colour)}"/>'
    if hatched > 0:
        picture += f'<rect x="{length - hatched:.1f}" width="{hatched:.1f}" {box} fill="url(#unsure)"/>'
    numbers = [f"{row.pixels:,}", format_area(row.area_m2, facts), f"{row.share:.1%}"]
    if facts.unsure:
        numbers.append(_percent(row.unsure_share))
    swatch = f'<svg width="11" height="11"><rect width="11" {box} fill="{escape(colour)}"/></svg>'
    return f"<tr><td>{swatch} {escape(row.name)}</td><td>{picture}</svg></td>{_cells('td', numbers)}</tr>\n"


def _cells(tag: str, texts: Sequence[str]) -> str:
    """Cells of numbers."""
    return "".join(f'<{tag} class="number">{escape(text)}</{tag}>' for text in texts)


def _unsure(rows: Sequence[ClassArea]) -> float | None:
    """The unsure share of all classes together, weighted by their area."""
    known = [(row.share, row.unsure_share) for row in rows if row.unsure_share is not None]
    total = sum(share for share, _ in known)
    return sum(share * unsure for share, unsure in known) / total if total > 0 else None


def _percent(share: float | None) -> str:
    """Word a share."""
    return "-" if share is None else f"{share:.1%}"
