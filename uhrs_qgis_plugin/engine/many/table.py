"""One table of the results of many rasters, written as they come."""

from __future__ import annotations

import contextlib
import csv
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TextIO

from uhrs_qgis_plugin.engine.bundle import ClassInfo
from uhrs_qgis_plugin.engine.files import cannot_write, replacing

# Columns before those of the classes, "NAME pixels" and "NAME m2" of each; names are frozen.
COLUMNS = ("raster", "classes", "state", "seconds", "pixels", "refined", "fit", "message")
DONE, KEPT, OUTSIDE, FAILED, NOT_RUN = "done", "kept", "outside", "failed", "not run"


class ResultTable:
    """CSV file with a row for each raster; what is not known is empty."""

    def __init__(self, file: TextIO, classes: Sequence[ClassInfo]) -> None:
        """Write the first row.

        Args:
            file: Where to; opened with newline="".
            classes: Of the model.
        """
        self._writer = csv.writer(file, lineterminator="\n")
        self._classes = classes
        names = [column for entry in classes for column in (f"{entry.name} pixels", f"{entry.name} m2")]
        self._writer.writerow([*COLUMNS, *names])

    def write(
        self, raster: str, classes: str, state: str, result: Mapping[str, Any] | None = None, message: str = ""
    ) -> None:
        """Write the row of a raster.

        Args:
            classes: The class raster; "" where there is none.
            state: One of the words above.
            result: From `Report.result`, and "seconds" where it was run now; None where there is none.
            message: Why there is none.
        """
        if result is None:
            self._writer.writerow([raster, classes, state, "", "", "", "", message, *[""] * (2 * len(self._classes))])
            return
        amounts = {entry["value"]: entry for entry in result["classes"]}
        cells = [amounts.get(entry.value, {}).get(key) for entry in self._classes for key in ("pixels", "area_m2")]
        facts = [result.get(name) for name in ("seconds", "pixels", "ratio", "fit")]
        texts = " | ".join(result.get("warnings", ()))
        self._writer.writerow([raster, classes, state, *map(_cell, facts), texts, *map(_cell, cells)])


@contextlib.contextmanager
def table_at(path: str, classes: Sequence[ClassInfo]) -> Iterator[ResultTable]:
    """Write a table that is there when the block ends without an error; an existing one stays until then.

    The rows are kept in a file without a name, which the system removes however the process ends: hours may lie between
    the first and the last of them, and a kill leaves nothing behind.

    Args:
        path: CSV file; its folder must exist.
        classes: Of the model.

    Yields:
        The table.

    Raises:
        OutputError: It cannot be written.
    """
    folder = os.path.dirname(os.path.abspath(path))
    try:
        with tempfile.TemporaryFile("w+", -1, "utf-8", "", dir=folder, errors="backslashreplace") as rows:
            yield ResultTable(rows, classes)
            rows.seek(0)
            with replacing(path) as part, open(part, "w", encoding="utf-8", newline="") as file:
                shutil.copyfileobj(rows, file)
    except OSError as error:
        raise cannot_write(path, error) from error


def _cell(value: float | None) -> str:
    """A number for people and programs: six digits behind the point at most; "" where it is not known."""
    if value is None:
        return ""
    return str(value) if isinstance(value, int) else f"{value:.6f}".rstrip("0").rstrip(".")
