"""Results that are there: what their class raster says of the run that made them."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from uhrs_qgis_plugin.engine.outputs import Outputs
from uhrs_qgis_plugin.engine.raster import read_metadata
from uhrs_qgis_plugin.engine.segmentation.profiles import DIGEST_ITEM, RESULT_ITEM


def finished_result(outputs: Outputs, digest: str) -> dict[str, Any] | None:
    """Read what is known of a finished run.

    Args:
        outputs: Where its results would be.
        digest: From `digest_of`.

    Returns:
        As `Report.result`; None where a result is missing or comes from another run.
    """
    if not all(os.path.isfile(path) for path in outputs.named().values()):
        return None
    items = read_metadata(outputs.classes)
    found = [items.get(DIGEST_ITEM)]
    # Outputs get their names one after the other: a kill in between may have left those of an earlier run.
    if outputs.uncertainty is not None:
        found.append(read_metadata(outputs.uncertainty).get(DIGEST_ITEM))
    if outputs.report is not None:
        found.append(_digest_of_report(outputs.report))
    if any(number != digest for number in found):
        return None
    try:
        result = json.loads(items.get(RESULT_ITEM, ""))
    except ValueError:
        return None
    return result if isinstance(result, dict) and isinstance(result.get("classes"), list) else None


def _digest_of_report(path: str) -> str | None:
    """The digest in a report; None where there is none."""
    try:
        report = json.loads(Path(path).read_text(encoding="utf-8"))
        return str(report["run"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
