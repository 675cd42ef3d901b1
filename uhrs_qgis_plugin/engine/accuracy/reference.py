"""Reference data as plain values: labelled points and polygons, the design of a sample, and judgements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.errors import OptionsError
from uhrs_qgis_plugin.engine.raster import same_crs, transform_points
from uhrs_qgis_plugin.engine.vectors import Features, points_of_wkb

# Fields of judged layers, which the review panel writes.
STATUS, NEW_CLASS, NEW_NAME, SEEN_CLASS = "status", "new_class", "new_name", "class"
RIGHT, WRONG, UNSURE = "right", "wrong", "unsure"
# Fields by which a sample carries its design; `samplepoints` writes them.
STRATUM, STRATUM_NAME, STRATUM_PIXELS, STRATUM_AREA = "stratum", "stratum_name", "stratum_pixels", "stratum_m2"


@dataclass(frozen=True, eq=False)
class Design:
    """How points were drawn.

    Attributes:
        strata: (n,) index into the strata, -1 for points of none.
        names: Of the strata.
        pixels: (H,) pixels of each stratum.
        areas: (H,) square metres of each stratum; None where they were not measured.
    """

    strata: NDArray[np.int64]
    names: Sequence[str]
    pixels: NDArray[np.float64]
    areas: NDArray[np.float64] | None


@dataclass(frozen=True, eq=False)
class Reference:
    """Labelled points or polygons.

    Attributes:
        name: What it is called in texts.
        labels: Class per feature by name or number; None = none is known.
        x: (n,) of points, in the map's CRS; None for polygons.
        y: (n,) alike.
        shapes: Well-known binary of polygons, in their own CRS; () for points.
        crs_wkt: That CRS.
        design: Of a sample; None where nothing says how points were chosen.
        counts: What was left out and why: "open", "unsure", "nameless" -> features.
    """

    name: str
    labels: Sequence[object]
    x: NDArray[np.float64] | None = None
    y: NDArray[np.float64] | None = None
    shapes: Sequence[bytes] = ()
    crs_wkt: str = ""
    design: Design | None = None
    counts: Mapping[str, int] = field(default_factory=dict)


def reference_of_features(features: Features, field_name: str, crs_wkt: str) -> Reference:
    """Take features as reference.

    Args:
        features: Points or polygons.
        field_name: Field of the class; "" = judgements of the review panel.
        crs_wkt: Of the map, "" for none.

    Raises:
        OptionsError: There are none, no such field, no judgements, or no way between the CRSs.
    """
    if not features.shapes:
        raise OptionsError(f"'{features.name}' holds no features: choose another reference.")
    if bool(features.crs_wkt) != bool(crs_wkt):
        lacking = f"'{features.name}'" if crs_wkt else "the map"
        raise OptionsError(
            f"{lacking} has no coordinate reference system, but the other has one: set it, so that both can be brought "
            "together."
        )
    columns = {name.lower(): values for name, values in features.columns.items()}
    labels, counts = _labels(features, columns, field_name)
    if not features.are_points:
        return Reference(features.name, labels, shapes=features.shapes, crs_wkt=features.crs_wkt, counts=counts)
    try:
        x, y = points_of_wkb(features.shapes)
    except ValueError as error:
        raise OptionsError(f"'{features.name}' cannot be used as reference: {error}") from error
    if not same_crs(features.crs_wkt, crs_wkt):
        known = np.isfinite(x)
        x[known], y[known] = transform_points(features.crs_wkt, crs_wkt, x[known], y[known])
    return Reference(features.name, labels, x, y, design=_design(features.name, columns), counts=counts)


def _labels(
    features: Features, columns: Mapping[str, Sequence[object]], field_name: str
) -> tuple[list[object], dict[str, int]]:
    """Read the class of each feature, from a field or from its judgement."""
    if field_name:
        if field_name.lower() not in columns:
            have = ", ".join(features.columns) or "none"
            raise OptionsError(f"'{features.name}' has no field '{field_name}': choose one of its fields ({have}).")
        return list(columns[field_name.lower()]), {}
    if STATUS not in columns:
        have = ", ".join(features.columns) or "none"
        raise OptionsError(
            f"'{features.name}' holds no judgements (field '{STATUS}'): name the field that holds the class ({have})."
        )
    labels: list[object] = []
    counts = dict.fromkeys(("open", UNSURE, "nameless"), 0)
    nothing: list[object] = [None] * len(features.shapes)
    rows = zip(*(columns.get(name, nothing) for name in (STATUS, NEW_CLASS, NEW_NAME, SEEN_CLASS)))
    for status, number, name, seen in rows:
        label = seen if status == RIGHT else (name or number) if status == WRONG else None
        if status == WRONG and label is None and number is not None:
            label = number  # class 0 without a name
        labels.append(label)
        if status not in (RIGHT, WRONG):
            counts[UNSURE if status == UNSURE else "open"] += 1
        elif label in (None, ""):
            counts["nameless"] += 1
    return labels, counts


def _design(name: str, columns: Mapping[str, Sequence[object]]) -> Design | None:
    """Read the strata that a sample carries; None where it carries none.

    Raises:
        OptionsError: The fields contradict each other.
    """
    if STRATUM not in columns or STRATUM_PIXELS not in columns:
        return None
    rows: dict[object, tuple[object, object, object]] = {}
    nothing: list[object] = [None] * len(columns[STRATUM])
    parts = [columns.get(field_name, nothing) for field_name in (STRATUM_NAME, STRATUM_PIXELS, STRATUM_AREA)]
    for stratum, *values in zip(columns[STRATUM], *parts):
        known = (values[0], values[1], values[2])
        if stratum is not None and rows.setdefault(stratum, known) != known:
            raise OptionsError(
                f"'{name}' gives stratum {stratum} two sizes: it was made of several samples, or edited. Use each "
                f"sample by itself, or remove the field '{STRATUM}'."
            )
    strata = list(rows)
    index = {stratum: number for number, stratum in enumerate(strata)}
    pixels = [_number(rows[stratum][1]) for stratum in strata]
    if not strata or min(pixels) <= 0:
        return None
    areas = [_number(rows[stratum][2]) for stratum in strata]
    return Design(
        np.array([index.get(stratum, -1) for stratum in columns[STRATUM]], np.int64),
        [str(rows[stratum][0] or stratum) for stratum in strata],
        np.array(pixels),
        np.array(areas) if min(areas) > 0 else None,
    )


def _number(value: object) -> float:
    """A number; 0 for anything else."""
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return 0.0
