"""Opening a raster on a server, and noticing that it has become another one."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.errors import RasterError
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.raster.coverage import Coverage
from uhrs_qgis_plugin.engine.raster.remote.patience import WAITS, PatientSource, changed
from uhrs_qgis_plugin.engine.raster.remote.polling import Polling
from uhrs_qgis_plugin.engine.raster.remote.tiles import CONNECTIONS, Tiles, is_worth_while
from uhrs_qgis_plugin.engine.raster.requests import PixelSource, Shape
from uhrs_qgis_plugin.engine.raster.servers import (
    LocalCopy,
    RemoteFile,
    VirtualFiles,
    gdal_name,
    is_final,
    is_remote,
    look_at,
    no_access,
    options_for,
    shown,
    status_of,
)
from uhrs_qgis_plugin.engine.raster.source import RasterSource

MOST_ASKED = 4  # rasters of a mosaic whose servers are asked after a failure
NO_RANGES = "Range downloading not supported"  # of GDAL
WHOLE, SUCCESS = 200, range(200, 300)


class RemoteSource:
    """`PixelSource` on a server: blocks at full scale come side by side, what is reduced comes from overviews."""

    def __init__(self, source: PixelSource, open_source: Callable[[], PixelSource], check: Callable[[], None]) -> None:
        """Take an open raster.

        Args:
            source: The raster.
            open_source: Opens it once more, in another thread.
            check: Called while a server is waited for; raises to stop.
        """
        self._polling = Polling(check)
        self.info = source.info
        self._source = source
        # Without overviews the coarse pass decodes every pixel, and GDAL keeps those of a small raster.
        apart = is_worth_while(source.info) and bool(source.info.overviews)
        self._tiles = Tiles(open_source, source.info, CONNECTIONS, check) if apart else None

    def expect(self, bands: Sequence[int], windows: Sequence[Window]) -> None:
        """Begin to fetch windows; see `PixelSource.expect`."""
        if self._tiles is not None:
            self._tiles.expect(bands, windows)

    def pixels(self, bands: Sequence[int], window: Window, shape: Shape, resampling: str) -> NDArray[Any]:
        """Read pixels; see `PixelSource.pixels`."""
        if self._tiles is None or shape != (window.height, window.width):
            return self._polling.run(lambda: self._source.pixels(bands, window, shape, resampling))
        return self._tiles.read(bands, window)

    def mask(self, band: int, window: Window, shape: Shape) -> NDArray[np.uint8]:
        """Read a band's mask; see `PixelSource.mask`."""
        return self._polling.run(lambda: self._source.mask(band, window, shape))

    def has_block(self, band: int, row: int, col: int) -> bool:
        """Whether the file holds a block; see `PixelSource.has_block`."""
        return self._source.has_block(band, row, col)

    def close(self) -> None:
        """Close the file."""
        if self._tiles is not None:
            self._tiles.close()
        if not self._polling.is_left:  # GDAL must not be closed under a thread that hangs in it
            self._source.close()


def open_remote(
    source: RasterSource, module: ModuleType, check: Callable[[], None]
) -> tuple[PixelSource, RasterSource]:
    """Open a raster on a server.

    Args:
        source: The raster; what is known of its file from an earlier opening is not asked again.
        module: The back end.
        check: Called now and then while a file is downloaded; raises to stop.

    Returns:
        The open raster, and its description with what its server says of it.

    Raises:
        RasterError: It does not open, or it has changed since it was opened first.
    """
    path, files = source.path, module.virtual_files
    if source.copies:
        return module.open_source(source.location, shown(path)), source
    if not source.remote:
        files.forget(gdal_name(path))  # GDAL keeps parts of files that it has read before, as they were then
        source = replace(source, remote=(look_at(path, files),))
    known = source.remote[0]
    try:
        # Asked only where it is doubtful: GDAL itself finds out by downloading the file, more than once.
        if known.ranges != "bytes" and status_of(path, files) == WHOLE:
            raise _WholeFilesOnlyError(path)
        opened = _open_patiently(path, module, known)
    except _WholeFilesOnlyError:
        copy = LocalCopy(path, files, known.size, check)
        opened_copy: PixelSource = module.open_source(copy.path, shown(path))
        _check_no_vrt(opened_copy)
        return opened_copy, replace(source, copies=(copy,))

    def open_again() -> PixelSource:
        return _open_patiently(path, module, known)

    return RemoteSource(opened, open_again, check), source


def open_mosaic_remotely(xml: str, source: RasterSource, coverage: Coverage, module: ModuleType) -> PixelSource:
    """Open a mosaic of which some rasters may lie on servers.

    Args:
        xml: The mosaic as a virtual raster.
        source: Its description.
        coverage: Where its rasters lie.
        module: The back end.

    Raises:
        RasterError: GDAL does not open it.
    """
    if not source.remote:
        return module.open_source(xml, source.path)
    with module.virtual_files.settings(options_for(source.remote[0].address)):
        opened = module.open_source(xml, source.path)

    def addresses(window: Window) -> list[str]:
        return [name for name in coverage.names_in(window) if is_remote(name)][:MOST_ASKED]

    return PatientSource(opened, addresses, module.virtual_files, {file.name: file for file in source.remote})


def check_unchanged(source: RasterSource, files: VirtualFiles) -> str:
    """Check that the files of a raster are on their servers what they were when it was opened.

    Args:
        source: The raster, of a reader.
        files: Of the back end.

    Returns:
        "", or a sentence about files of which that cannot be told.

    Raises:
        RasterError: One has changed.
    """
    if not source.remote:
        return _unwatched(source)
    with ThreadPoolExecutor(CONNECTIONS, "uhrs-check") as pool:
        found = list(pool.map(lambda file: look_at(file.address, files), source.remote))
    silent = []
    for known, now in zip(source.remote, found):
        if known.changes(now):
            raise changed(known, known.changes(now))
        if not (known.etag or known.modified) or not now.is_known:
            silent.append(known.path)
    if not silent:
        return _unwatched(source)
    doubt = f"Whether {_named(silent)} changed during the run cannot be told: its server says too little of it."
    return f"{doubt} {_unwatched(source)}".strip()


def _unwatched(source: RasterSource) -> str:
    """Say that nobody watches what .vrt files name; "" where they name nothing on servers."""
    if not source.unwatched:
        return ""
    return (
        f"Changes of {_named(source.unwatched)}, which a VRT names, are not noticed: where they may happen, give a "
        "list (.txt) of the addresses in place of the VRT."
    )


def _named(names: Sequence[str]) -> str:
    """Name the first of some rasters, and say how many more there are."""
    return f"'{names[0]}'" + (f" and {len(names) - 1} more" if len(names) > 1 else "")


def _check_no_vrt(opened: PixelSource) -> None:
    """Refuse a VRT from a server: it may name any file of this computer, and itself."""
    if opened.info.is_virtual:
        opened.close()
        raise RasterError(
            f"'{opened.info.path}' is a VRT on a server, which may name any file of this computer: download it and "
            "segment the copy if you trust it, or give a list of its rasters."
        )


class _WholeFilesOnlyError(RasterError):
    """A server has no ranges."""


def _open_patiently(path: str, module: ModuleType, known: RemoteFile) -> PatientSource:
    """Open a file, again if its server fails."""
    files: VirtualFiles = module.virtual_files
    for wait in (*WAITS, None):
        try:
            with files.settings(options_for(path)):
                opened = module.open_source(gdal_name(path), shown(path))
            _check_no_vrt(opened)
            return PatientSource(opened, lambda window: [known.name], files, {known.name: known})
        except RasterError as error:
            if NO_RANGES in str(error):
                raise _WholeFilesOnlyError(path) from error
            status = status_of(path, files)
            if status in SUCCESS or (status == 0 and known.is_known and wait is None):
                raise  # it answers: this is no raster
            if wait is None or is_final(status) or isinstance(status, str) or status == 0:
                raise no_access(path, status, str(error)) from error
            time.sleep(wait)
            files.forget(gdal_name(path))
    raise AssertionError  # the last turn returns or raises
