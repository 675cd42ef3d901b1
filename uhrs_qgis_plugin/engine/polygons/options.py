"""What polygons shall be like."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from uhrs_qgis_plugin.engine.errors import OptionsError

DEFAULT_PIXELS = 100  # smallest polygon unless another size is given
MOST_SMOOTHING = 50.0  # pixels
LARGEST = 1e15  # square metres: more than the Earth has


@dataclass(frozen=True)
class PolygonOptions:
    """What polygons shall be like.

    Attributes:
        classes: Names or numbers of the classes to outline; empty = all.
        min_area: Smallest polygon in square metres, in pixels where the raster has no ground; smaller ones become part
            of the neighbour with the longest border. None = `DEFAULT_PIXELS` pixels, 0 = all are kept.
        min_hole: Smallest hole alike; None = as `min_area`.
        smoothing: How far the smoothed border may be from what it stands for, in pixels; 0 = along the pixels.
        right_angles: Names or numbers of the classes whose outlines get right angles, as buildings have.
        shift: How far such an outline may be from its border, in pixels.
        threshold: Final uncertainty, 0..1, from which a pixel counts as unsure.
    """

    classes: tuple[str, ...] = ()
    min_area: float | None = None
    min_hole: float | None = None
    smoothing: float = 1.0
    right_angles: tuple[str, ...] = ()
    shift: float = 3.0
    threshold: float = 0.5

    def __post_init__(self) -> None:
        """Check the numbers.

        Raises:
            OptionsError: One is outside its range.
        """
        checks = (
            (0 <= (self.min_area or 0) <= LARGEST, f"min_area={self.min_area}", "0 or more"),
            (0 <= (self.min_hole or 0) <= LARGEST, f"min_hole={self.min_hole}", "0 or more"),
            (0 <= self.smoothing <= MOST_SMOOTHING, f"smoothing={self.smoothing} pixels", f"0 to {MOST_SMOOTHING:g}"),
            (0 < self.shift <= MOST_SMOOTHING, f"shift={self.shift} pixels", f"above 0 and at most {MOST_SMOOTHING:g}"),
            (0 <= self.threshold <= 1, f"threshold={self.threshold}", "0 to 1"),
        )
        for fine, given, allowed in checks:
            if not fine:
                raise OptionsError(f"{given} is not allowed: use {allowed}.")


def least_pixels(size: float | None, pixel_m2: float) -> int:
    """Turn a smallest area into pixels.

    Args:
        size: Square metres, None = `DEFAULT_PIXELS` pixels.
        pixel_m2: Area of a pixel in the middle of the raster.

    Returns:
        Pixels that a polygon must have, at least 1: a pixel that is half inside the smallest area counts.
    """
    return DEFAULT_PIXELS if size is None else max(1, math.ceil(size / pixel_m2 - 0.5))


def choose_classes(asked: Sequence[str], known: Mapping[int, str]) -> tuple[int, ...]:
    """Find classes by name or number.

    Args:
        asked: Names, in any case, or numbers; empty = all.
        known: Number -> name of each class of the raster.

    Returns:
        Their numbers, ascending.

    Raises:
        OptionsError: There is no such class, or a name means several.
    """
    chosen = set()
    for text in asked:
        exact = [value for value, name in known.items() if name == text]
        found = exact or [value for value, name in known.items() if name.lower() == text.strip().lower()]
        if not found and text.strip().isdigit() and int(text) in known:
            found = [int(text)]
        if len(found) != 1:
            problem = "is unknown" if not found else f"means classes {', '.join(map(str, found))}"
            names = ", ".join(f"'{name}'" for name in known.values())
            raise OptionsError(f"Class '{text}' {problem}: choose from {names}, or give numbers.")
        chosen.add(found[0])
    return tuple(sorted(chosen or known))
