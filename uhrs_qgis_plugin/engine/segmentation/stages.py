"""The stages of a run: their names, their share of the progress, the events that they report and their seconds."""

from __future__ import annotations

import time
from dataclasses import dataclass
from enum import Enum

from uhrs_qgis_plugin.engine.flow import Event, Watch


class Stage(Enum):
    """A stage of a run, in the order in which they come; the values are their names in the report."""

    CHECK = "check"
    COARSE = "coarse"
    SELECT = "select"
    REFINE = "refine"
    PUBLISH = "publish"


# Share of the run at the start of each stage; from runs of a ResNet-18 model at K = 0.5 on a processor.
STARTS = {Stage.CHECK: 0.0, Stage.COARSE: 0.02, Stage.SELECT: 0.34, Stage.REFINE: 0.35, Stage.PUBLISH: 0.9}


@dataclass(frozen=True)
class StageBegun(Event):
    """A stage begins."""

    stage: Stage


@dataclass(frozen=True)
class DeviceChosen(Event):
    """The model has been started.

    Attributes:
        device: Where it computes.
        precision: "float" or "int8".
    """

    device: str
    precision: str


@dataclass(frozen=True)
class PreviewReady(Event):
    """The preview has been written; the run goes on."""

    path: str


class StageClock:
    """Leads a run through its stages, and takes their times."""

    def __init__(self, watch: Watch) -> None:
        """Start the clock of the whole run; `watch` is the one of its caller."""
        self._watch = watch
        self._seconds: dict[str, float] = {}
        self._stage: Stage | None = None
        self._start = self._stage_start = time.perf_counter()

    def enter(self, stage: Stage) -> Watch:
        """Begin a stage, and end the one before.

        Returns:
            The watch of the stage.

        Raises:
            CancelledError: The caller cancelled the run.
        """
        self._end_stage()
        self._stage = stage
        later = [start for start in STARTS.values() if start > STARTS[stage]]
        watch = self._watch.part(STARTS[stage], min(later, default=1.0))
        watch.report(0)
        watch.notify(StageBegun(stage))
        return watch

    def so_far(self) -> dict[str, float]:
        """Tell what stages have taken that are over, and "total" of all."""
        return {**self._seconds, "total": round(time.perf_counter() - self._start, 3)}

    def finish(self) -> dict[str, float]:
        """End the last stage.

        Returns:
            Name of each stage -> seconds, and "total".
        """
        self._end_stage()
        return self.so_far()

    def _end_stage(self) -> None:
        now = time.perf_counter()
        if self._stage is not None:
            self._seconds[self._stage.value] = round(now - self._stage_start, 3)
        self._stage, self._stage_start = None, now
