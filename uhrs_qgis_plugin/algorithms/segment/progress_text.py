"""Words for the time that a run still needs."""

from __future__ import annotations

import time
from collections.abc import Callable

from uhrs_qgis_plugin.algorithms.segment.speed import duration
from uhrs_qgis_plugin.translation import tr

FIRST_S = 5.0  # before that, nothing can be said
LEAST_SHARE = 0.04
EVERY_S, LATER_S = 10.0, 60.0  # between two lines, in the first minutes and later
LATER_FROM_S = 120.0


class RemainingTime:
    """Says now and then how long a run will still take."""

    def __init__(self, say: Callable[[str], None], clock: Callable[[], float] = time.monotonic) -> None:
        """Start the clock.

        Args:
            say: Gets a line.
            clock: Seconds.
        """
        self._say, self._clock = say, clock
        self._begun = self._said = clock()

    def report(self, share: float) -> None:
        """Note the share that is done, 0 to 1; where it is time, say what is left."""
        now = self._clock()
        gone = now - self._begun
        pause = EVERY_S if gone < LATER_FROM_S else LATER_S
        if gone < FIRST_S or not LEAST_SHARE <= share < 1 or (now - self._said < pause and self._said != self._begun):
            return
        self._said = now
        left = gone * (1 - share) / share
        self._say(tr("{} % done, about {} left").format(round(100 * share), duration(left)))
