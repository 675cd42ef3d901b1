"""What two class maps have in common and where they differ, as data, CSV and JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from uhrs_qgis_plugin.engine.results import __version__

# Of the table; names are frozen.
COLUMNS = ("before", "before_name", "after", "after_name", "pixels", "area", "unit", "share", "unsure_share", "code")

Row = tuple[int, str, int, str, int, float, str, float, "float | None", int]


@dataclass(frozen=True)
class Transition:
    """Pixels of one class before and one class after.

    Attributes:
        before: Number of the class before.
        before_name: Its name.
        after: The same after, as a class of the first map; 256 and above for classes that only the second map has.
        after_name: Its name.
        pixels: How many.
        area: Their area, in the unit of the comparison.
        unsure: The part of the area where one of the maps was unsure; None where no uncertainty was given.
        code: Number in the raster of changes; 0 = the same class, also where the raster tells no classes apart.
    """

    before: int
    before_name: str
    after: int
    after_name: str
    pixels: int
    area: float
    unsure: float | None
    code: int

    @property
    def differs(self) -> bool:
        """Whether the class changed."""
        return self.before != self.after


@dataclass(frozen=True, eq=False)
class Comparison:
    """Everything that was found.

    Attributes:
        transitions: The largest first; those that are the same included.
        total: Area where both have a class.
        unit: "m2", or "pixels" where areas are not known.
        facts: (name, text): files, grids, uncertainty.
        warnings: One line each.
    """

    transitions: Sequence[Transition]
    total: float
    unit: str
    facts: Sequence[tuple[str, str]] = ()
    warnings: Sequence[str] = ()

    @property
    def changed(self) -> float:
        """Share of the area that differs, 0..1."""
        return sum(item.area for item in self.transitions if item.differs) / self.total if self.total else 0.0

    @property
    def surely_changed(self) -> float | None:
        """Share of the area that differs and was sure in both; None without uncertainties."""
        parts = [item.area - item.unsure for item in self.transitions if item.differs and item.unsure is not None]
        if any(item.unsure is None for item in self.transitions):
            return None
        return sum(parts) / self.total if self.total else 0.0

    def by_class(self) -> Iterator[tuple[int, str, float, float, float]]:
        """Sum by class, in order of the number.

        Yields:
            Number, name, area before, area after, and area in both.
        """
        names = {item.before: item.before_name for item in self.transitions}
        names.update({item.after: item.after_name for item in self.transitions})
        for value in sorted(names):
            before = sum(item.area for item in self.transitions if item.before == value)
            after = sum(item.area for item in self.transitions if item.after == value)
            both = sum(item.area for item in self.transitions if item.before == item.after == value)
            yield value, names[value], before, after, both


def rows_of(found: Comparison, factor: float = 1.0, unit: str | None = None) -> Iterator[Row]:
    """List the transitions, one a row.

    Args:
        factor: From the comparison's unit of area to the one wanted.
        unit: That unit; None = the comparison's.
    """
    for item in found.transitions:
        share = item.area / found.total if found.total else 0.0
        unsure = None if item.unsure is None else item.unsure / item.area if item.area else 0.0
        yield (
            item.before,
            item.before_name,
            item.after,
            item.after_name,
            item.pixels,
            item.area * factor,
            found.unit if unit is None else unit,
            share,
            unsure,
            item.code,
        )


def to_csv(found: Comparison) -> str:
    """The rows as CSV; what is not known is empty."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(["" if part is None else part for part in row] for row in rows_of(found))
    return text.getvalue()


def to_json(found: Comparison) -> str:
    """Everything as JSON; areas in the comparison's own unit."""
    content = {
        "software_version": __version__,
        "facts": dict(found.facts),
        "warnings": list(found.warnings),
        "unit": found.unit,
        "total": found.total,
        "changed": found.changed,
        "surely_changed": found.surely_changed,
        "classes": [
            {"value": value, "name": name, "before": before, "after": after, "both": both}
            for value, name, before, after, both in found.by_class()
        ],
        "transitions": [dict(zip(COLUMNS, row)) for row in rows_of(found)],
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"
