"""Features as data: geometries as well-known binary, fields as columns."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

WKB_POINT, WKB_MULTIPOINT = 1, 4


@dataclass(frozen=True)
class Features:
    """Features of one layer.

    Attributes:
        crs_wkt: Their coordinate reference system, "" for none.
        shapes: Well-known binary without Z and M per feature; b"" for none.
        columns: Field -> value per feature, None for NULL.
        name: What the layer is called in texts.
    """

    crs_wkt: str
    shapes: Sequence[bytes]
    columns: Mapping[str, Sequence[object]]
    name: str = "reference"

    @property
    def are_points(self) -> bool:
        """Whether the first geometry is a point."""
        first = next((shape for shape in self.shapes if shape), b"")
        return len(first) > 4 and _kind(first) in (WKB_POINT, WKB_MULTIPOINT)


def _kind(shape: bytes) -> int:
    """The kind of geometry that well-known binary holds."""
    return int(struct.unpack_from("<I" if shape[0] == 1 else ">I", shape, 1)[0])


def points_of_wkb(shapes: Sequence[bytes]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Read points; of a multipoint the only one.

    Returns:
        x and y (N,), NaN where there is no point.

    Raises:
        ValueError: A geometry is of another kind, or a multipoint holds several.
    """
    places = np.full((len(shapes), 2), np.nan)
    for index, shape in enumerate(shapes):
        if not shape:
            continue
        order, kind, at = "<" if shape[0] == 1 else ">", _kind(shape), 5
        if kind == WKB_MULTIPOINT:
            (count,) = struct.unpack_from(f"{order}I", shape, at)
            if count == 0:
                continue
            if count > 1:
                raise ValueError(f"Feature {index + 1} holds {count} points: split it (Multipart to singleparts).")
            shape = shape[at + 4 :]
            order, kind, at = "<" if shape[0] == 1 else ">", _kind(shape), 5
        if kind != WKB_POINT:
            raise ValueError(f"Feature {index + 1} is no point (its kind is {kind}).")
        places[index] = struct.unpack_from(f"{order}2d", shape, at)
    return places[:, 0], places[:, 1]
