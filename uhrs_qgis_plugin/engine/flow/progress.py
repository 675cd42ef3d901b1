"""Progress, cancellation and the clock of a run."""

from __future__ import annotations

import time
from collections.abc import Callable

from uhrs_qgis_plugin.engine.errors import CancelledError

Progress = Callable[[float, str], None]  # share of the run in 0..1, and a short text
Cancelled = Callable[[], bool]

# Stage -> share of the run at its start; from runs of a ResNet-18 model at K = 0.5 on a processor.
STAGES = {"check": 0.0, "coarse": 0.02, "select": 0.34, "refine": 0.35, "publish": 0.9}


def silent(share: float, text: str) -> None:
    """Ignore progress."""


def never() -> bool:
    """Say that nobody cancelled."""
    return False


class Watch:
    """Turns the shares of stages into one progress, and times them.

    Attributes:
        seconds: Finished stage -> seconds.
    """

    def __init__(self, progress: Progress, is_cancelled: Cancelled) -> None:
        """Start the clock.

        Args:
            progress: Told the share of the run.
            is_cancelled: Asked at every step.
        """
        self.seconds: dict[str, float] = {}
        self._progress = progress
        self._is_cancelled = is_cancelled
        self._stage = ""
        self._share = 0.0
        self._start = self._stage_start = time.perf_counter()

    def enter(self, stage: str) -> Callable[[float], None]:
        """Begin a stage, and end the one before.

        Args:
            stage: A key of `STAGES`.

        Returns:
            `proceed` of this stage.
        """
        self._end_stage()
        self._stage = stage
        self.proceed(0)
        return self.proceed

    def proceed(self, share: float) -> None:
        """Report a step of the stage.

        Args:
            share: Share of the stage, 0..1.

        Raises:
            CancelledError: The caller asked to stop.
        """
        self.check()
        names = list(STAGES)
        following = names.index(self._stage) + 1
        start = STAGES[self._stage]
        end = STAGES[names[following]] if following < len(names) else 1.0
        self._share = max(self._share, start + (end - start) * min(1.0, max(0.0, share)))
        self._progress(self._share, self._stage)

    def check(self) -> None:
        """Ask whether to stop, between two steps.

        Raises:
            CancelledError: The caller asked to stop.
        """
        if self._is_cancelled():
            raise CancelledError("The run was cancelled: nothing was written.")

    def goes_on(self, share: float) -> bool:
        """Report a step like `proceed`, to those who want an answer instead of an exception.

        Args:
            share: Share of the stage, 0..1.

        Returns:
            False when the caller asked to stop.
        """
        try:
            self.proceed(share)
        except CancelledError:
            return False
        return True

    def announce(self, text: str) -> None:
        """Tell the caller something besides progress.

        Args:
            text: One line.
        """
        self._progress(self._share, text)

    def finish(self) -> dict[str, float]:
        """End the last stage.

        Returns:
            Stage -> seconds, and "total".
        """
        self._end_stage()
        return {**self.seconds, "total": round(time.perf_counter() - self._start, 3)}

    def _end_stage(self) -> None:
        """Note how long the stage took."""
        now = time.perf_counter()
        if self._stage:
            self.seconds[self._stage] = round(now - self._stage_start, 3)
        self._stage, self._stage_start = "", now
