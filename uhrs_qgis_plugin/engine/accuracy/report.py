"""The HTML report: one file, no scripts, nothing loaded from elsewhere, fit for printing and for a client."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from uhrs_qgis_plugin.engine.accuracy.figures import AccuracyReport, ClassFigures, Estimate

MOST_IN_MATRIX = 40  # classes; a larger matrix is in its CSV file only
BAR_WIDTH, BAR_HEIGHT = 190, 14
OTHER_COLOUR = "#9e9e9e"
RIGHT, ERROR = "86,150,86", "200,80,60"  # red, green, blue of the cells of the matrix

STYLE = """
body { font: 14px/1.45 sans-serif; color: #222; background: #fff; max-width: 62em; margin: 2em auto; padding: 0 1em; }
h1 { font-size: 1.5em; } h2 { font-size: 1.15em; margin: 1.8em 0 .3em; }
table { border-collapse: collapse; }
th, td { text-align: left; padding: .25em .6em; border-bottom: 1px solid #ddd; }
th.number, td.number { text-align: right; white-space: nowrap; }
tr.total td { border-top: 2px solid #888; font-weight: bold; }
.facts td:first-child { width: 9em; color: #555; }
.facts td { overflow-wrap: anywhere; }
.headline { font-size: 1.25em; margin: 1em 0 .2em; }
.note { color: #555; }
.warnings { background: #fff4d6; border-left: 4px solid #e0a800; padding: .4em 1em .4em 2em; margin: 1em 0; }
.matrix td, .matrix th { border: 1px solid #ddd; font-size: 12px; padding: .2em .45em; }
.wide { overflow-x: auto; }
section { page-break-inside: avoid; break-inside: avoid; }
@media print { body { margin: 0; max-width: none; font-size: 11px; } }
"""

MEANINGS = (
    ("Overall accuracy", "The share of the area whose class is right."),
    ("User's accuracy", "Of what the map calls this class, the share that is (precision). The rest is commission."),
    ("Producer's accuracy", "Of what is this class, the share that the map shows (recall). The rest is omission."),
    ("F1, IoU", "Both in one number: the harmonic mean, and intersection over union."),
    (
        "Corrected area",
        "The mapped area counts what the map got wrong as if it were right. The corrected area is what the reference "
        "says there is, estimated from where the map was found wrong (Olofsson et al. 2014, equations 9 to 11). Report "
        "this one.",
    ),
    (
        "95 % interval",
        "In brackets: made in this way from many samples, 95 of 100 intervals would hold the true number. '-' means "
        "that it cannot be known from this reference.",
    ),
    ("Kappa", "Given because it is asked for; it depends on how common the classes are, and is no measure of quality."),
)


def make_report(report: AccuracyReport, title: str, factor: float = 1.0, unit: str | None = None) -> str:
    """Compose the report.

    Args:
        report: What was found.
        title: Its heading.
        factor: From the report's unit of area to the one shown.
        unit: That unit; None = the report's.

    Returns:
        HTML; every text in it is escaped.
    """
    unit = report.unit.replace("m2", "m\u00b2") if unit is None else unit
    lines = "".join(f"<tr><td>{escape(name)}</td><td>{escape(text)}</td></tr>\n" for name, text in report.facts)
    warnings = "".join(f"<li>{escape(text)}</li>\n" for text in report.warnings)
    kappa = "-" if report.kappa is None else f"{report.kappa:.2f}"
    parts = [
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n',
        f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n",
        f'<h1>{escape(title)}</h1>\n<p class="headline">Overall accuracy <b>{_share(report.overall)}</b> '
        f'{_interval(report.overall)} <span class="note">kappa {kappa}</span></p>\n',
        f'<table class="facts">\n{lines}</table>\n',
        f'<ul class="warnings">\n{warnings}</ul>\n' if warnings else "",
        _accuracies(report),
        _areas(report, factor, unit),
        _matrices(report),
        '<section><h2>What the numbers mean</h2>\n<table class="facts">\n',
        *(f"<tr><td>{escape(name)}</td><td>{escape(text)}</td></tr>\n" for name, text in MEANINGS),
        "</table></section>\n</body>\n</html>\n",
    ]
    return "".join(parts)


def _accuracies(report: AccuracyReport) -> str:
    """Accuracies of the classes, with bars."""
    heads = ("Class", "User's accuracy", "", "Producer's accuracy", "", "F1", "IoU")
    body = "".join(
        f"<tr><td>{_swatch(report, item)} {escape(item.name)}</td>"
        f'<td>{_bar(item.users, 1.0, _colour(report, item))}</td><td class="number">{_both(item.users)}</td>'
        f'<td>{_bar(item.producers, 1.0, _colour(report, item))}</td><td class="number">{_both(item.producers)}</td>'
        f'<td class="number">{_both(item.f1)}</td><td class="number">{_both(item.iou)}</td></tr>\n'
        for item in report.classes
    )
    head = "".join(f"<th>{name}</th>" for name in heads)
    return (
        f'<section><h2>Accuracy of the classes</h2>\n<div class="wide"><table>\n<tr>{head}</tr>\n{body}</table></div>'
        "</section>\n"
    )


def _areas(report: AccuracyReport, factor: float, unit: str) -> str:
    """Mapped and corrected areas, with bars."""
    widest = max([part for item in report.classes for part in (item.mapped, item.area.high or item.area.value or 0.0)])
    widest = widest or 1.0
    body = "".join(
        f"<tr><td>{_swatch(report, item)} {escape(item.name)}</td>"
        f'<td class="number">{_amount(item.mapped * factor)}</td>'
        f"<td>{_bar(item.area, widest, _colour(report, item), item.mapped)}</td>"
        f'<td class="number"><b>{_amount_of(item.area.value, factor)}</b></td>'
        f'<td class="number">{_range(item.area, factor)}</td>'
        f'<td class="number">{_change(item)}</td></tr>\n'
        for item in report.classes
    )
    sums = sum(item.mapped for item in report.classes), sum(item.area.value or 0.0 for item in report.classes)
    total = (
        f'<tr class="total"><td>All classes</td><td class="number">{_amount(sums[0] * factor)}</td><td></td>'
        f'<td class="number">{_amount(sums[1] * factor)}</td><td></td><td></td></tr>\n'
    )
    return (
        f'<section><h2>Areas, {escape(unit)}</h2>\n<div class="wide"><table>\n<tr><th>Class</th>'
        '<th class="number">Mapped</th><th>Bar: corrected; line: mapped</th><th class="number">Corrected</th>'
        f'<th class="number">95 % interval</th><th class="number">Change</th></tr>\n{body}{total}</table></div>'
        "</section>\n"
    )


def _matrices(report: AccuracyReport) -> str:
    """The confusion matrix, as counted and as shares of the area."""
    if len(report.classes) > MOST_IN_MATRIX:
        return f'<p class="note">The confusion matrix of {len(report.classes)} classes is in its CSV file.</p>\n'
    counts = [[f"{number:,}" for number in row] for row in report.matrix.tolist()]
    shares = [[f"{100 * number:.2f}" if number else "" for number in row] for row in report.shares.tolist()]
    return _matrix(report, f"Confusion matrix ({report.counted})", counts, report.matrix.tolist(), True) + _matrix(
        report, "The same as shares of the area, per cent", shares, report.shares.tolist(), False
    )


def _matrix(
    report: AccuracyReport, title: str, texts: Sequence[Sequence[str]], numbers: Sequence[Sequence[float]], sums: bool
) -> str:
    """One matrix: rows are classes of the map, cells are shaded by their part of the row."""
    names = [escape(item.name) for item in report.classes]
    head = "".join(f"<th>{name}</th>" for name in names)
    columns = [sum(column) for column in zip(*numbers)]

    def word(number: float) -> str:
        return f"{number:,}" if sums else f"{100 * number:.2f}"

    rows = []
    for index, (name, row) in enumerate(zip(names, numbers)):
        whole = sum(row) or 1
        cells = "".join(
            f'<td class="number" style="background: rgba({RIGHT if at == index else ERROR},'
            f'{0.65 * number / whole:.2f})">{texts[index][at]}</td>'
            for at, number in enumerate(row)
        )
        rows.append(f'<tr><th>{name}</th>{cells}<td class="number">{word(sum(row))}</td></tr>\n')
    foot = "".join(f'<td class="number">{word(number)}</td>' for number in columns)
    return (
        f'<section><h2>{escape(title)}</h2>\n<p class="note">Rows: the map. Columns: the reference.</p>\n'
        f'<div class="wide"><table class="matrix">\n<tr><th></th>{head}<th>sum</th></tr>\n{"".join(rows)}'
        f'<tr><th>sum</th>{foot}<td class="number">{word(sum(columns))}</td></tr>\n</table></div></section>\n'
    )


def _bar(estimate: Estimate, widest: float, colour: str, mark: float | None = None) -> str:
    """A bar with its interval as a whisker, and a line at `mark`. A picture: browsers print no backgrounds."""
    scale = (BAR_WIDTH - 2) / widest
    middle = BAR_HEIGHT / 2
    parts = [f'<svg width="{BAR_WIDTH}" height="{BAR_HEIGHT}" role="img">']
    if estimate.value is not None:
        length = f'width="{scale * estimate.value:.1f}" height="{BAR_HEIGHT}"'
        parts.append(f'<rect {length} fill="{escape(colour)}" fill-opacity="0.75" stroke="#444" stroke-width="0.5"/>')
    if estimate.low is not None and estimate.high is not None:
        low, high = (1 + scale * end for end in (estimate.low, estimate.high))
        parts.append(
            f'<path d="M{low:.1f} {middle}H{high:.1f}M{low:.1f} 3V{BAR_HEIGHT - 3}M{high:.1f} 3V{BAR_HEIGHT - 3}" '
            'stroke="#000" stroke-width="1.2" fill="none"/>'
        )
    if mark is not None:
        at = 1 + scale * mark
        parts.append(f'<path d="M{at:.1f} 0V{BAR_HEIGHT}" stroke="#000" stroke-width="1" stroke-dasharray="3 2"/>')
    return "".join(parts) + "</svg>"


def _swatch(report: AccuracyReport, item: ClassFigures) -> str:
    """A small square in the colour of a class."""
    colour = escape(_colour(report, item))
    return f'<svg width="11" height="11"><rect width="11" height="11" fill="{colour}" stroke="#444"/></svg>'


def _colour(report: AccuracyReport, item: ClassFigures) -> str:
    """The colour of a class in HTML."""
    colour = report.colours.get(item.value)
    return OTHER_COLOUR if colour is None else "#{:02x}{:02x}{:02x}".format(*colour)


def _share(estimate: Estimate) -> str:
    """Word a share in per cent."""
    return "-" if estimate.value is None else f"{100 * estimate.value:.1f} %"


def _interval(estimate: Estimate) -> str:
    """Word the interval of a share."""
    if estimate.low is None or estimate.high is None:
        return "(interval not known)" if estimate.value is not None else ""
    return f"({100 * estimate.low:.1f} to {100 * estimate.high:.1f} %)"


def _both(estimate: Estimate) -> str:
    """Word a share with its interval, in a cell."""
    if estimate.value is None:
        return "-"
    if estimate.low is None or estimate.high is None:
        return f"{100 * estimate.value:.1f} %"
    ends = f"{100 * estimate.low:.0f} - {100 * estimate.high:.0f}"
    return f'{100 * estimate.value:.1f} %<br><span class="note">{ends}</span>'


def _amount(area: float) -> str:
    """Word an area: thousands apart, four significant digits at least."""
    decimals = 0 if area >= 10000 else 2 if area >= 1 or area == 0 else 6
    return f"{area:,.{decimals}f}"


def _amount_of(area: float | None, factor: float) -> str:
    """Word an area that may not be known."""
    return "-" if area is None else _amount(area * factor)


def _range(estimate: Estimate, factor: float) -> str:
    """Word the interval of an area."""
    if estimate.low is None or estimate.high is None:
        return "-"
    return f"{_amount(estimate.low * factor)} - {_amount(estimate.high * factor)}"


def _change(item: ClassFigures) -> str:
    """Word how far the corrected area is from the mapped one."""
    if item.area.value is None or not item.mapped:
        return "-"
    return f"{100 * (item.area.value / item.mapped - 1):+.1f} %"
