"""What a worker does and what comes back, whatever the work is about. Loads nothing of Dask."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from uhrs_qgis_plugin.engine.files import cannot_write, replacing, unique_mark

WORK_FILE = "wants-work"


class Workplace(Protocol):
    """What a worker keeps open between tasks, such as a model and a raster; several threads may call it.

    Attributes:
        facts: What all workers of a run must have in common: word for people -> value.
        device: Where it computes, in words.
        messages: What happened when it was opened, for people.
    """

    facts: Mapping[str, str]
    device: str
    messages: Sequence[str]

    def do(self, kind: str, content: Any) -> Any:  # noqa: ANN401 (plain data of the caller's)
        """Do a task. Where two workers do the same one, the result is the same.

        Args:
            kind: What is to be done.
            content: What it is about.

        Returns:
            A short summary: it travels to the client.

        Raises:
            UhrsError: It cannot be done here.
            CancelledError: The run has ended.
        """

    def close(self) -> None:
        """Let go of everything."""


# Takes the cores that the worker may use, and what is to be called often: it raises CancelledError when the run ends.
Opening = Callable[[int, Callable[[], None]], Workplace]


@dataclass(frozen=True)
class Task:
    """A task.

    Attributes:
        number: Unique among the tasks of a pass.
        content: What `Workplace.do` takes.
    """

    number: int
    content: Any


@dataclass(frozen=True)
class Done:
    """A task that was done.

    Attributes:
        task: The task.
        result: What `Workplace.do` gave.
        seconds: How long that took.
    """

    task: Task
    result: Any
    seconds: float


@dataclass(frozen=True)
class Meeting:
    """A folder in which client and workers of one run meet, on a file system that all of them share.

    A context manager for the client, which makes and removes it.

    A file in it says that the run wants work. Workers look at it often, and do nothing more when it is gone or another
    run's: so a client that ends, however it ends, leaves no worker that writes into what comes later.

    Attributes:
        folder: The folder.
        token: What that file holds.
    """

    folder: Path
    token: str = field(default_factory=lambda: f"{os.urandom(8).hex()}-{unique_mark()}")

    def __enter__(self) -> Meeting:
        """Make the folder, and ask for work.

        Raises:
            OutputError: It cannot be made.
        """
        try:
            self.folder.mkdir(exist_ok=True)
        except OSError as error:
            raise cannot_write(self.folder, error) from error
        with replacing(self.folder / WORK_FILE) as part:
            part.write_text(self.token, encoding="ascii")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        """Remove the folder."""
        self.end()
        shutil.rmtree(self.folder, ignore_errors=True)

    def end(self) -> None:
        """Ask for no more work: whoever works stops soon."""
        with contextlib.suppress(OSError):
            (self.folder / WORK_FILE).unlink()

    def stands(self) -> bool:
        """Whether the run still wants work."""
        try:
            return (self.folder / WORK_FILE).read_text(encoding="ascii") == self.token
        except OSError:
            return False

    def answer(self, name: str) -> None:
        """Show that a worker can write here, to whoever asks `has_answered`.

        Raises:
            OutputError: It cannot.
        """
        with replacing(self.folder / f"answer-{name}") as part:
            part.write_text(self.token, encoding="ascii")

    def has_answered(self, name: str) -> bool:
        """Whether what a worker wrote arrived here."""
        try:
            return (self.folder / f"answer-{name}").read_text(encoding="ascii") == self.token
        except OSError:
            return False
