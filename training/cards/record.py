"""The measurements of a model, kept in a JSON file beside it; only of the very graphs that the bundle holds."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from training.errors import SettingsError
from uhrs_qgis_plugin.engine.bundle import Bundle
from uhrs_qgis_plugin.engine.files import replacing

TABLES = ("places", "looks", "pixel_sizes")  # rows that scripts of benchmarks/ write, by title


def graphs_name(digest: str) -> str:
    """A digest of graphs as people read it: the first 16 digits in fours."""
    return "-".join(digest[start : start + 4] for start in range(0, 16, 4))


@dataclass
class Record:
    """What was measured of a model.

    Attributes:
        graphs: Name of the graphs that it is of, see `graphs_name`.
        splits: "dataset, split" -> see `measure_split`.
        tables: Kind of table -> title -> rows.
    """

    graphs: str
    splits: dict[str, Any] = field(default_factory=dict)
    tables: dict[str, dict[str, list[dict[str, Any]]]] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path, bundle: Bundle, anew: bool) -> Record:
        """Read the file of a model.

        Args:
            path: The file.
            bundle: The model.
            anew: Begin a new record where there is none, or one of other graphs.

        Raises:
            SettingsError: There is none, it is damaged, or it is of other graphs.
        """
        digest = graphs_name(bundle.graphs_sha256)
        if not path.exists():
            if anew:
                return cls(digest)
            raise SettingsError(f"'{path}' is missing: measure the model first (--measure val --data ... --root ...)")
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            found = cls(content["graphs"], content["splits"], content["tables"])
        except (ValueError, KeyError, TypeError) as error:
            raise SettingsError(f"Cannot read '{path}' ({error!r}): remove it and measure the model again") from error
        if found.graphs == digest:
            return found
        if anew:
            return cls(digest)
        raise SettingsError(
            f"'{path}' is about other graphs ({found.graphs}) than '{bundle.path}' holds ({digest}): measure "
            "this model (--measure)"
        )

    def write(self, path: Path) -> None:
        """Write the file."""
        content = {"graphs": self.graphs, "splits": self.splits, "tables": self.tables}
        with replacing(path) as part:
            part.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")

    def add_rows(self, kind: str, title: str, rows: list[dict[str, Any]]) -> None:
        """Keep the rows of a table.

        Raises:
            SettingsError: They are of another model.
        """
        strange = sorted({graphs_name(str(row.get("graphs", "nothing"))) for row in rows} - {self.graphs})
        if strange:
            raise SettingsError(
                f"The rows for '{title}' are of the graphs {', '.join(strange)}, the model's are {self.graphs}: "
                "measure this model alone"
            )
        kept = [{key: value for key, value in row.items() if key not in ("graphs", "model")} for row in rows]
        self.tables.setdefault(kind, {})[title] = kept


def read_rows(path: Path) -> list[dict[str, Any]]:
    """The rows that a script of benchmarks/ wrote.

    Raises:
        SettingsError: It holds something else.
    """
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise SettingsError(f"Cannot read '{path}' ({error}): give the file that --out of the script wrote") from error
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise SettingsError(f"'{path}' holds no rows: give the file that --out of the script wrote")
    return rows
