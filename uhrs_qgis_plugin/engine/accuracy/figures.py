"""What is known about the accuracy of a class map: figures, each with its standard error and 95 % interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Estimate:
    """A figure.

    Attributes:
        value: None where it is not defined: nothing in the reference tells about it.
        error: Standard error; None where it is not known.
        low: Lower end of the 95 % interval; None where it is not known.
        high: Its upper end.
    """

    value: float | None = None
    error: float | None = None
    low: float | None = None
    high: float | None = None

    def times(self, factor: float) -> Estimate:
        """The figure in another unit."""
        parts = (self.value, self.error, self.low, self.high)
        return Estimate(*(None if part is None else part * factor for part in parts))


@dataclass(frozen=True)
class ClassFigures:
    """A class.

    Attributes:
        value: Its number in the map; 256 and above for classes that only the reference has.
        name: Its name.
        users: User's accuracy (precision): the share of the mapped class that is right.
        producers: Producer's accuracy (recall): the share of the true class that is mapped so.
        f1: Harmonic mean of both.
        iou: Intersection over union.
        mapped: Area that the map gives the class, in the report's unit.
        area: Area of the true class, corrected for the map's errors.
    """

    value: int
    name: str
    users: Estimate
    producers: Estimate
    f1: Estimate
    iou: Estimate
    mapped: float
    area: Estimate


@dataclass(frozen=True, eq=False)
class AccuracyReport:
    """Everything that was found.

    Attributes:
        classes: In the order of the matrix.
        overall: Overall accuracy: the share of the area that is right.
        kappa: Cohen's kappa of the estimated matrix; None where it is not defined.
        matrix: (C, C) what was counted, map classes by reference classes: points, or pixels.
        shares: (C, C) the same as estimated shares of the map's area; sums to 1.
        total: Area that the figures are about, in the unit.
        unit: "m2", or "pixels" where areas are not known.
        counted: What the matrix counts: "points" or "pixels".
        colours: Number -> red, green, blue.
        facts: (name, text) for the head of the report: files, sample, method.
        warnings: One line each: what makes the figures or intervals less than they seem.
    """

    classes: Sequence[ClassFigures]
    overall: Estimate
    kappa: float | None
    matrix: NDArray[np.int64]
    shares: NDArray[np.float64]
    total: float
    unit: str
    counted: str
    colours: dict[int, tuple[int, int, int]] = field(default_factory=dict)
    facts: Sequence[tuple[str, str]] = ()
    warnings: Sequence[str] = ()
