"""Reading from a server that fails now and then: again, after growing pauses, as long as the file is the same."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.errors import RasterError
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.raster.read_errors import ReadFailedError
from uhrs_qgis_plugin.engine.raster.requests import PixelSource, Shape
from uhrs_qgis_plugin.engine.raster.servers import (
    RemoteFile,
    VirtualFiles,
    is_final,
    look_at,
    no_access,
    options_for,
    status_of,
)

WAITS = (0.5, 1.0, 2.0, 4.0)  # seconds before a read that failed is repeated
SUCCESS = range(200, 300)

T = TypeVar("T")


def changed(known: RemoteFile, changes: str) -> RasterError:
    """Word a file that is another one now."""
    return RasterError(
        f"'{known.path}' has changed on its server since the run began ({changes}): what was read before does not fit "
        "what would be read now. Start the run anew, without what an unfinished one has left."
    )


class PatientSource:
    """`PixelSource` that repeats what fails."""

    def __init__(
        self,
        source: PixelSource,
        names: Callable[[Window], Sequence[str]],
        files: VirtualFiles,
        known: Mapping[str, RemoteFile],
    ) -> None:
        """Take an open raster.

        Args:
            source: The raster; only one thread uses it.
            names: Window -> GDAL's names of files on servers that it is read from.
            files: Of the back end.
            known: GDAL's name -> what its server said of the file when it was opened.
        """
        self.info = source.info
        self._source, self._names, self._files, self._known = source, names, files, known
        self._options = options_for(next(iter(known)))
        self._is_damaged = False  # something does not read though its server works

    def expect(self, bands: Sequence[int], windows: Sequence[Window]) -> None:
        """Do nothing; see `PixelSource.expect`."""

    def pixels(self, bands: Sequence[int], window: Window, shape: Shape, resampling: str) -> NDArray[Any]:
        """Read pixels; see `PixelSource.pixels`.

        Raises:
            ReadFailedError: The file is damaged there.
            RasterError: Its server fails, or has another file now.
        """
        return self._insist(window, lambda: self._source.pixels(bands, window, shape, resampling))

    def mask(self, band: int, window: Window, shape: Shape) -> NDArray[np.uint8]:
        """Read a band's mask; fails as `pixels` does."""
        return self._insist(window, lambda: self._source.mask(band, window, shape))

    def has_block(self, band: int, row: int, col: int) -> bool:
        """Whether the file holds a block; see `PixelSource.has_block`."""
        with self._files.settings(self._options):
            return self._source.has_block(band, row, col)

    def close(self) -> None:
        """Close the file."""
        self._source.close()

    def _insist(self, window: Window, call: Callable[[], T]) -> T:
        """Do something, again if it fails."""
        for wait in (*WAITS, None):
            try:
                with self._files.settings(self._options):
                    return call()
            except ReadFailedError as error:
                names = self._names(window)
                fails = any([self._fails(name, error, wait is None) for name in names])
                if wait is None or (self._is_damaged and not fails):
                    self._is_damaged = True
                    raise
                time.sleep(wait)
                for name in names:
                    self._files.forget(name)  # GDAL keeps answers that came short
        raise AssertionError  # the last turn returns or raises

    def _fails(self, name: str, error: ReadFailedError, finally_: bool) -> bool:
        """Ask the server of a file that could not be read: does it fail, and for good?"""
        known = self._known.get(name)
        status = status_of(name, self._files)
        if known is not None:
            now = look_at(name, self._files)
            if known.changes(now):
                raise changed(known, known.changes(now)) from error
            if status == 0 and known.is_known and not now.is_known:
                status = "its server no longer answers"
        fails = status not in SUCCESS and status != 0
        if is_final(status) or (fails and finally_):
            raise no_access(name if known is None else known.address, status, str(error)) from error
        return fails
