"""How much work a training was, as its record in run.json tells, and how people say a time."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from uhrs_qgis_plugin.engine.files import replacing

RECORD = "run.json"


def whole_work(folder: Path) -> tuple[int, float] | None:
    """Steps of the training in a run's folder, and the seconds that the processor worked for them.

    None where it has not ended, was resumed (the work up to a kill is not known), or nothing tells.
    """
    record = read_record(folder / RECORD)
    try:
        (begun,), (end,) = record["beginnings"], record["ends"]
        return (int(end["step"]), float(end["processor_s"])) if begun["step"] == 0 else None
    except (KeyError, TypeError, ValueError):
        return None


def read_record(path: Path) -> dict[str, Any]:
    """A record; empty where there is none."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def write_record(path: Path, content: dict[str, Any]) -> None:
    """Write a record, at once under its name."""
    with replacing(path, "training") as part:
        part.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def duration(seconds: float) -> str:
    """Hours and minutes, minutes, or seconds."""
    minutes = round(seconds / 60)
    if minutes >= 60:
        return f"{minutes // 60} h {minutes % 60:02} min"
    return f"{minutes} min" if minutes >= 2 else f"{seconds:.0f} s"
