"""How a job of the engine reports its progress, and how its caller stops it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from uhrs_qgis_plugin.engine.errors import CancelledError

Progress = Callable[[float], None]  # gets the share of the job that is done, 0..1
Cancelled = Callable[[], bool]  # answers True to stop the job


class Event:
    """Something that a job reports besides its progress."""


@dataclass(frozen=True)
class Message(Event):
    """A line for people, such as a device that could not be used; a warning says that results may be useless."""

    text: str
    is_warning: bool = False


def _ignore(anything: object) -> None:
    """Do nothing with a report."""


def never() -> bool:
    """Never cancel."""
    return False


@dataclass(frozen=True)
class Watch:
    """What every job of the engine gets to report its progress and to learn that it has to stop.

    Attributes:
        progress: Called in the thread of the job with a share in 0..1, which never falls.
        is_cancelled: Called in the thread of the job, many times a second; answering True stops it.
        notify: Called with events; messages of a device may come from another thread.
    """

    progress: Progress = _ignore
    is_cancelled: Cancelled = never
    notify: Callable[[Event], None] = _ignore

    def check(self) -> None:
        """Stop here if the caller wants it.

        Raises:
            CancelledError: The caller cancelled the job.
        """
        if self.is_cancelled():
            raise CancelledError

    def report(self, share: float) -> None:
        """Report the share that is done, 0..1, and stop here if the caller wants it.

        Raises:
            CancelledError: The caller cancelled the job.
        """
        self.check()
        self.progress(share)

    def part(self, start: float, end: float) -> Watch:
        """Make the watch of a step that takes this job from one share to another.

        Args:
            start: Share of this job that is done when the step begins.
            end: Share that is done when it ends: of `part(0.5, 1.0)`, half is three quarters of the job.

        Returns:
            The watch to hand to the step.
        """
        return replace(self, progress=lambda share: self.progress(start + (end - start) * share))


UNWATCHED = Watch()
