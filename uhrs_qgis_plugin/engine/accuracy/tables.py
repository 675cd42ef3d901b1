"""The figures as rows, CSV and JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator

from uhrs_qgis_plugin.engine.accuracy.figures import AccuracyReport, Estimate
from uhrs_qgis_plugin.engine.results import __version__

# Of the table; names are frozen.
COLUMNS = ("figure", "class", "name", "value", "error", "low", "high", "unit")

Row = tuple[str, "int | None", str, "float | None", "float | None", "float | None", "float | None", str]


def rows_of(report: AccuracyReport, factor: float = 1.0, unit: str | None = None) -> Iterator[Row]:
    """List the figures, one a row: figure, class, name, value, standard error, ends of the 95 % interval, unit.

    Args:
        factor: From the report's unit of area to the one wanted.
        unit: That unit; None = the report's.
    """
    unit = report.unit if unit is None else unit

    def row(figure: str, estimate: Estimate, value: int | None = None, name: str = "", of: str = "share") -> Row:
        return figure, value, name, estimate.value, estimate.error, estimate.low, estimate.high, of

    yield row("overall accuracy", report.overall)
    yield row("kappa", Estimate(report.kappa), of="")
    for item in report.classes:
        yield row("user's accuracy", item.users, item.value, item.name)
        yield row("producer's accuracy", item.producers, item.value, item.name)
        yield row("F1", item.f1, item.value, item.name)
        yield row("IoU", item.iou, item.value, item.name)
        yield row("mapped area", Estimate(item.mapped).times(factor), item.value, item.name, unit)
        yield row("corrected area", item.area.times(factor), item.value, item.name, unit)


def figures_csv(report: AccuracyReport, factor: float = 1.0, unit: str | None = None) -> str:
    """The rows as CSV; what is not known is empty."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(["" if part is None else part for part in row] for row in rows_of(report, factor, unit))
    return text.getvalue()


def matrix_csv(report: AccuracyReport) -> str:
    """The confusion matrix as CSV: a row for each class of the map, a column for each of the reference."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    names = [item.name for item in report.classes]
    writer.writerow([f"map \\ reference ({report.counted})", *names, "sum"])
    for name, row in zip(names, report.matrix.tolist()):
        writer.writerow([name, *row, sum(row)])
    writer.writerow(["sum", *report.matrix.sum(axis=0).tolist(), int(report.matrix.sum())])
    return text.getvalue()


def to_json(report: AccuracyReport) -> str:
    """Everything as JSON; areas in the report's own unit, shares from 0 to 1, null for what is not known."""

    def plain(estimate: Estimate) -> dict[str, float | None]:
        return {"value": estimate.value, "error": estimate.error, "low": estimate.low, "high": estimate.high}

    content = {
        "software_version": __version__,
        "facts": dict(report.facts),
        "warnings": list(report.warnings),
        "unit": report.unit,
        "total": report.total,
        "overall": plain(report.overall),
        "kappa": report.kappa,
        "classes": [
            {
                "value": item.value,
                "name": item.name,
                "users": plain(item.users),
                "producers": plain(item.producers),
                "f1": plain(item.f1),
                "iou": plain(item.iou),
                "mapped_area": item.mapped,
                "area": plain(item.area),
            }
            for item in report.classes
        ],
        "counted": report.counted,
        "matrix": report.matrix.tolist(),
        "shares": report.shares.tolist(),
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"
