"""What is finished of a run: pieces in a hidden folder, so that a killed run resumes and memory stays flat.

A piece is there when its file has its final name, and it gets that name only when it is whole. So the list of files
is the journal, and there is no moment at which a kill leaves it wrong.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.errors import OutputError, ResumeError
from uhrs_qgis_plugin.engine.files import cannot_write, hidden, replacing, unique_mark

RUN_FILE, LOCK_FILE = "run.json", "lock"
# numpy reads headers by ast.literal_eval, which fails at times where two threads do so (CPython 3.11 before 3.11.8,
# gh-106905): a worker of a cluster has two tasks at a time.
_READING = threading.Lock()
RESUMED = "resume"  # in place of a mark of its own: later runs find the folder


class ArrayStore(Protocol):
    """A place for arrays by name."""

    def put(self, name: str, array: NDArray[Any]) -> None:
        """Keep an array."""

    def get(self, name: str) -> NDArray[Any]:
        """Give it back, possibly as a view of a file: slice it, copy what must stay."""

    def drop(self, name: str) -> None:
        """Forget an array that is there."""

    def __contains__(self, name: str) -> bool:
        """Tell whether it is there."""


class MemoryArrays(dict[str, "NDArray[Any]"]):
    """ArrayStore in memory, for small rasters."""

    def put(self, name: str, array: NDArray[Any]) -> None:
        """See `ArrayStore.put`."""
        self[name] = array

    def get(self, name: str) -> NDArray[Any]:  # type: ignore[override]  # no default: a missing piece is a bug
        """See `ArrayStore.get`."""
        return self[name]

    def drop(self, name: str) -> None:
        """See `ArrayStore.drop`."""
        del self[name]


class FileArrays:
    """ArrayStore in files of a folder.

    Attributes:
        folder: The folder.
        mark: Part of the names of temporary files; no two processes that write at a time may have the same.
    """

    def __init__(self, folder: Path, mark: str) -> None:
        self.folder, self.mark = folder, mark

    def put(self, name: str, array: NDArray[Any]) -> None:
        """Keep an array in a file; see `ArrayStore.put`.

        Raises:
            OutputError: The disk is full and the like.
        """
        with replacing(self.folder / f"{name}.npy", self.mark) as part, open(part, "wb") as file:
            np.save(file, array, allow_pickle=False)

    def get(self, name: str) -> NDArray[Any]:
        """Open an array; see `ArrayStore.get`. The file is mapped, so only what is sliced is read."""
        with _READING:
            array: NDArray[Any] = np.load(self.folder / f"{name}.npy", mmap_mode="r", allow_pickle=False)
        return array

    def drop(self, name: str) -> None:
        """See `ArrayStore.drop`. Where the system cannot remove it now, it goes with the folder."""
        with contextlib.suppress(OSError):
            os.remove(self.folder / f"{name}.npy")

    def __contains__(self, name: str) -> bool:
        """See `ArrayStore.__contains__`."""
        return (self.folder / f"{name}.npy").exists()


class Journal(FileArrays):
    """The folder of a run; a context manager that removes it in the end, unless a later run may go on from it.

    Attributes:
        folder: Where the pieces lie: beside the class raster, hidden.
        mark: Part of the names of temporary files that belong to this run.
        resumes: Whether the folder was there already, from the same run begun earlier.
    """

    def __init__(self, classes: str, identity: Mapping[str, Any] | None, resume: bool) -> None:
        """Make the folder, or take over the one of an earlier run.

        Args:
            classes: The class raster that the run is to write.
            identity: Everything that its result depends on; None = `claim` says it later.
            resume: Whether to go on from an earlier run, and to leave the folder when this one does not end.

        Raises:
            ResumeError: The folder belongs to a run with another raster, model or options, or to a running one.
            OutputError: The folder cannot be made.
        """
        mark = RESUMED if resume else unique_mark()
        super().__init__(_folder(classes, mark), mark)
        self.resumes = False
        self._keep = resume
        self._lock: int | None = None
        try:
            self.folder.mkdir(exist_ok=resume)
            if resume:
                self._lock = _lock(self.folder)
                if self.meeting.exists():  # workers of a client that was killed stop when it is gone
                    shutil.rmtree(self.meeting, ignore_errors=True)
        except OSError as error:
            raise cannot_write(self.folder, error) from error
        if identity is not None:
            self.claim(identity)

    @property
    def meeting(self) -> Path:
        """Folder beside this one in which workers of a cluster find the run."""
        return self.folder.with_name(f"{self.folder.name}-cluster")

    def claim(self, identity: Mapping[str, Any]) -> None:
        """Say what the result of this run depends on, before the first piece.

        Raises:
            ResumeError: The folder belongs to a run with another raster, model or options.
            OutputError: The folder cannot be written.
        """
        if self._keep:
            self._take_over(json.loads(json.dumps(identity)))

    def _take_over(self, identity: dict[str, Any]) -> None:
        """Check whose folder it is, or make it ours."""
        path = self.folder / RUN_FILE
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            found = None  # a kill in the very first moment, or while the folder was removed: nothing in it counts
        if found is None:
            with replacing(path, self.mark) as part:
                for leftover in self.folder.iterdir():
                    if leftover.name != LOCK_FILE:
                        leftover.unlink()
                part.write_text(json.dumps(identity), encoding="utf-8")
            return
        changed = sorted(key for key in {*identity, *found} if identity.get(key) != found.get(key))
        if changed:
            self._release()
            raise ResumeError(
                f"'{self.folder}' holds a run with another {' and another '.join(changed)}, so this one cannot go on "
                "from it: repeat the first command as it was, or remove that folder to start anew."
            )
        self.resumes = True

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        """Remove the folder when the run is done, or when nobody may go on from it."""
        if error is None or not self._keep:
            with contextlib.suppress(OSError):
                os.remove(self.folder / RUN_FILE)  # first: a kill in between leaves nothing that counts
            shutil.rmtree(self.folder, ignore_errors=True)
        self._release()

    def _release(self) -> None:
        """Let others have the folder."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def remove_leftover(classes: str) -> None:
    """Remove the folder of a run that was killed after it had published its results.

    Args:
        classes: Its class raster. Where another process is at work on it, nothing is removed.
    """
    if _folder(classes, RESUMED).exists():
        with contextlib.suppress(OutputError, ResumeError), Journal(classes, None, resume=True):
            pass


def _folder(classes: str, mark: str) -> Path:
    """Where a run keeps its pieces."""
    return Path(hidden(Path(os.path.abspath(classes)).with_suffix(".uhrs-run"), mark))


def _lock(folder: Path) -> int | None:
    """Lock a folder for this process; the system lets go of it however the process ends.

    Raises:
        ResumeError: Another process holds it.
    """
    try:
        import fcntl
    except ImportError:  # Windows
        return None
    handle = os.open(folder / LOCK_FILE, os.O_CREAT | os.O_RDWR)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(handle)
        raise ResumeError(f"Another run is at work in '{folder}': wait for it, or choose other outputs.") from error
    return handle
