"""Files through which GDAL reads and writes, so that a call that knows no progress can be stopped in the middle."""

from __future__ import annotations

import io
import os
import time
from typing import Any, Callable

from rasterio.abc import FileContainer

POLL_S = 0.1  # at least between two polls


class PolledFiles(FileContainer):
    """The file system as an opener for `rasterio.open`; GDAL uses it in the thread that opened the raster.

    Exceptions do not pass through GDAL: the first is kept, and from then on every read finds the end of the file, so
    that GDAL gives up.

    Attributes:
        error: What `poll` or a write raised; None so far.
    """

    def __init__(self, poll: Callable[[], None]) -> None:
        """Take what to call while GDAL works.

        Args:
            poll: Raises an error to stop.
        """
        self._poll = poll
        self._next = time.monotonic() + POLL_S
        self.error: BaseException | None = None

    def goes_on(self) -> bool:
        """Poll if it is time; answer False after an error."""
        now = time.monotonic()
        if self.error is None and now >= self._next:
            self._next = now + POLL_S
            try:
                self._poll()
            except BaseException as error:
                self.error = error
        return self.error is None

    def open(self, path: str, mode: str = "rb", **options: object) -> _PolledFile:
        """Open a file, in one of the modes of `open`."""
        return _PolledFile(path, mode, self)

    def isfile(self, path: str) -> bool:
        """Whether this is a file."""
        return os.path.isfile(path)

    def isdir(self, path: str) -> bool:
        """Whether this is a folder."""
        return os.path.isdir(path)

    def ls(self, path: str) -> list[str]:
        """Names in a folder."""
        return os.listdir(path)

    def mtime(self, path: str) -> int:
        """Seconds since 1970 of the last change."""
        return int(os.path.getmtime(path))

    def rm(self, path: str) -> None:
        """Remove a file."""
        os.remove(path)

    def size(self, path: str) -> int:
        """Bytes."""
        return os.path.getsize(path)


class _PolledFile(io.FileIO):
    """A file whose reads and writes poll."""

    def __init__(self, path: str, mode: str, files: PolledFiles) -> None:
        super().__init__(path, mode.replace("t", ""))  # "wt" for the .aux.xml, which GDAL gives as bytes
        self._files = files

    def read(self, size: int | None = -1, /) -> bytes:
        return (super().read(-1 if size is None else size) or b"") if self._files.goes_on() else b""

    def write(self, content: Any, /) -> int:  # noqa: ANN401 (bytes-like)
        self._files.goes_on()
        try:
            return super().write(content) or 0
        except OSError as error:
            self._files.error = self._files.error or error
            return 0
