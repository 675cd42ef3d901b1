"""The errors that training raises on purpose, and how a command line reports them.

Every text says in one line what we got, what is allowed and what to do next.
"""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

from uhrs_qgis_plugin.engine.errors import UhrsError

_Main = TypeVar("_Main", bound=Callable[..., Any])


class TrainingError(Exception):
    """Base of all errors below: catch this to catch whatever training reports about its inputs."""


class SettingsError(TrainingError):
    """A setting is unknown, out of its range, or contradicts another."""


class DatasetError(TrainingError):
    """A dataset folder is not what it should be.

    Args:
        text: one line. An error of a loader's process arrives with its whole traceback: only the sentence is kept.
    """

    def __init__(self, text: str) -> None:
        super().__init__(text.rsplit(f"{type(self).__name__}: ", 1)[-1].strip())


class CheckpointError(TrainingError):
    """A file of weights cannot be read or written, is not of this project, or does not fit."""


class StoppedError(TrainingError):
    """Training cannot go on."""


class RunError(TrainingError):
    """A run of the ablation failed."""


def command(main: _Main) -> _Main:
    """Make a function the `main` of an entry point: what its user can correct becomes one line on stderr.

    `TrainingError`, the engine's `UhrsError` and `OSError` end the program with status 2, all others are bugs and keep
    their traceback.
    """
    program = Path(inspect.getfile(main)).name

    @functools.wraps(main)
    def reporting(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 (those of `main`)
        try:
            return main(*args, **kwargs)
        except (TrainingError, UhrsError, OSError) as error:
            print(f"{program}: {error}", file=sys.stderr)
            raise SystemExit(2) from None

    return cast(_Main, reporting)
