"""Results that are there: what their class raster says of the run that made them."""

from __future__ import annotations

import json
import os
from typing import Any

from uhrs_qgis_plugin.engine.outputs import Outputs
from uhrs_qgis_plugin.engine.raster import read_metadata
from uhrs_qgis_plugin.engine.segmentation.profiles import DIGEST_ITEM, RESULT_ITEM


def finished_result(outputs: Outputs, digest: str) -> dict[str, Any] | None:
    """Read what is known of a finished run.

    Args:
        outputs: Where its results would be. The class raster gets its name last, so that the others are there too.
        digest: From `digest_of`.

    Returns:
        As `Report.result`; None where a result is missing or comes from another run.
    """
    if not all(os.path.isfile(path) for path in outputs.named().values()):
        return None
    items = read_metadata(outputs.classes)
    if items.get(DIGEST_ITEM) != digest:
        return None
    try:
        result = json.loads(items.get(RESULT_ITEM, ""))
    except ValueError:
        return None
    return result if isinstance(result, dict) and isinstance(result.get("classes"), list) else None
