"""The folder of a run as a worker sees it: others write into it too, some of them the same."""

from __future__ import annotations

import contextlib
import os
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.files import unique_mark
from uhrs_qgis_plugin.engine.flow import FileArrays, MemoryArrays

SHARED = ("scene-", "working-")  # names of arrays that others need too; the rest waits for this task alone
PATIENCE_S = 20.0  # until what another computer wrote must be visible here
LOOK_S = 0.1


class SharedPieces:
    """ArrayStore in the folder of a run, and in memory for what a task keeps to itself.

    An array that is there is not written again: another worker may be reading it, and it is the same.
    """

    def __init__(self, folder: Path, mark: str, before_write: Callable[[], None]) -> None:
        """Take the folder.

        Args:
            folder: Where the pieces of the run lie.
            mark: From `worker_mark`.
            before_write: Called before something is written there; what it raises comes out of here.
        """
        self._files, self._own, self._before_write = FileArrays(folder, mark), MemoryArrays(), before_write

    def put(self, name: str, array: NDArray[Any]) -> None:
        """See `ArrayStore.put`."""
        if not name.startswith(SHARED):
            self._own.put(name, array)
        elif name not in self._files:
            self._before_write()
            self._files.put(name, array)

    def get(self, name: str) -> NDArray[Any]:
        """See `ArrayStore.get`."""
        if name in self._own:
            return self._own.get(name)
        wait_for(self._files.folder / f"{name}.npy")
        return self._files.get(name)

    def drop(self, name: str) -> None:
        """See `ArrayStore.drop`; what is shared stays."""
        if name in self._own:
            self._own.drop(name)

    def __contains__(self, name: str) -> bool:
        """See `ArrayStore.__contains__`."""
        return name in self._own or (name.startswith(SHARED) and name in self._files)


def wait_for(path: Path) -> None:
    """Wait a while until a file is there that another computer wrote; whoever opens it then says that it is not."""
    deadline = time.monotonic() + PATIENCE_S
    while not path.exists() and time.monotonic() < deadline:
        with contextlib.suppress(OSError):  # a look at the folder refreshes what a network file system remembers
            next(path.parent.iterdir(), None)
        time.sleep(LOOK_S)


def worker_mark() -> str:
    """A mark for temporary names that no other process has, on whatever computer."""
    return f"{socket.gethostname()}-{unique_mark()}-{os.urandom(4).hex()}"
