"""The fields of sample points: what the review panel shows and writes, and what accuracy reads.

Every row carries its design: a copy of the layer, or a part of it, still tells how its points were drawn.
"""

from __future__ import annotations

import math

from uhrs_qgis_plugin.engine.sampling.draw import Sample

OPEN = "open"  # the status of a point that nobody has judged


def columns_of(sample: Sample, blind: bool) -> dict[str, list[object]]:
    """List the fields of the points in their order.

    Args:
        sample: The points.
        blind: Leave out what tells the map's class, so that it does not sway who judges.

    Returns:
        Field -> value per point, None for NULL.
    """
    strata = [sample.strata[index] for index in sample.stratum.tolist()]
    count = len(strata)
    nothing: list[object] = [None] * count
    return {
        "rank": list(range(1, count + 1)),
        "mean_u": [None if math.isnan(value) else round(value, 4) for value in sample.uncertainty.tolist()],
        "class": nothing if blind else [sample.table.name(value) for value in sample.classes.tolist()],
        "stratum": [index + 1 for index in sample.stratum.tolist()],
        "stratum_name": nothing if blind else [item.name for item in strata],
        "stratum_pixels": [item.pixels for item in strata],
        "stratum_m2": [item.area_m2 for item in strata],
        "status": [OPEN] * count,
        "new_class": nothing,
        "new_name": nothing,
        "reviewer": nothing,
        "reviewed": nothing,
    }
