"""How long a run will take, from the speed of earlier runs on this computer, which the profile keeps."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from qgis.core import QgsSettings

SETTING = "uhrs/speed"  # runs, the newest last
MOST_KEPT = 40
MOST_USED = 8
START_S = 1.0  # until the first pixel, and publishing a small result
# A patch that is refined costs about what its place in the coarse pass does: tile 8 of the README takes 2.6 s at K = 0
# and 5.2 s at K = 1. Where pixels are made larger, the smaller ones have to be read first.
READING = 0.15
USUAL_RATE = 0.1  # seconds a unit of work on two cores, for a computer that has measured nothing yet
UNSURE, SPREAD = 5.0, 1.25  # factors of the range without and with measurements
USUAL_MEMORY_GB = 0.6  # README: hardly more at any size
SMALL = 0.05  # runs of less than this share of the largest one tell about starting, not about speed


@dataclass(frozen=True)
class Measured:
    """A run that was measured.

    Attributes:
        asked: Device that was asked for, such as "auto".
        device: Device that was used.
        model: Name of the model.
        work: See `work_of`.
        seconds: From start to end.
        memory_gb: What the run added to the memory of the process; 0 = not known.
    """

    asked: str
    device: str
    model: str
    work: float
    seconds: float
    memory_gb: float = 0.0


@dataclass(frozen=True)
class Estimate:
    """What a run will take.

    Attributes:
        low_s: Seconds, if all goes well.
        high_s: Seconds, if not.
        memory_gb: What the run adds to the memory of QGIS.
        device: Where the earlier runs computed; "" = nothing was measured yet.
    """

    low_s: float
    high_s: float
    memory_gb: float
    device: str


def work_of(pixels: float, read_pixels: float, ratio: float) -> float:
    """Count the work of a run.

    Args:
        pixels: Pixels that are segmented, on the working grid.
        read_pixels: Pixels of the raster that are read for them.
        ratio: K.

    Returns:
        Units of a million pixels in one pass.
    """
    reading = READING * read_pixels if read_pixels > pixels else 0.0
    return (pixels * (1 + ratio) + reading) / 1e6


def remember(run: Measured) -> None:
    """Keep a run in the profile; small ones are kept too, for their memory."""
    kept = [*_load(), run][-MOST_KEPT:]
    QgsSettings().setValue(SETTING, json.dumps([asdict(item) for item in kept]))


def estimate(low_work: float, high_work: float, asked: str, model: str) -> Estimate:
    """Tell what a run will take.

    Args:
        low_work: From `work_of`, with the smallest K that it may come to.
        high_work: The same with the largest one.
        asked: Device that is asked for.
        model: Name of the model.
    """
    here = [run for run in _load() if asked in (run.asked, run.device)]
    runs = [run for run in here if run.model == model] or here
    memory = max((run.memory_gb for run in runs), default=0.0) or USUAL_MEMORY_GB
    if not runs:
        low, high = low_work * USUAL_RATE / UNSURE, high_work * USUAL_RATE * UNSURE
        return Estimate(START_S / 2 + low, 3 * START_S + high, memory, "")
    largest = max(run.work for run in runs)
    told = [run for run in runs if run.work >= SMALL * largest][-MOST_USED:]
    rates = [max(run.seconds - START_S, run.seconds / 4) / max(run.work, 1e-6) for run in told]
    typical = median(rates)
    low = START_S / 2 + low_work * min(min(rates), typical / SPREAD)
    high = 2 * START_S + high_work * max(max(rates), typical * SPREAD)
    return Estimate(low, high, memory, told[-1].device)


def duration(seconds: float) -> str:
    """Word a duration as people do: '40 s', '12 min', '3.5 h'."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    if seconds < 90 * 60:
        return f"{round(seconds / 60)} min"
    return f"{seconds / 3600:.1f} h"


def _load() -> list[Measured]:
    """Read the runs; what the setting holds otherwise counts as nothing."""
    try:
        found: Any = json.loads(str(QgsSettings().value(SETTING, "[]")))
        runs = [Measured(**item) for item in found]
        return [run for run in runs if run.work > 0 and run.seconds > 0]
    except (TypeError, ValueError):
        return []
