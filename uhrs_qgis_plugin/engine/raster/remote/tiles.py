"""Pixels at full scale that come over a network: the file's own blocks, several at a time, kept while they are near."""

from __future__ import annotations

import itertools
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Any, Optional

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.raster.remote.polling import wait_for
from uhrs_qgis_plugin.engine.raster.requests import PixelSource
from uhrs_qgis_plugin.engine.raster.types import RasterInfo

CONNECTIONS = 6  # blocks that are fetched at the same time: as many as browsers open to one server
ROW_OF = 4  # neighbours in a row that are fetched by one request; they follow each other in most files
KEPT_BYTES = 64 << 20  # decoded blocks that are kept; what is being read may exceed it
LEAST, MOST = 64, 4096  # pixels along a side of blocks for which this is worth while

Place = tuple[int, int]  # row and column in the grid of blocks
Bands = tuple[int, ...]  # from 1
Job = Optional[tuple["Future[NDArray[Any]]", Bands, Window]]  # None = stop


def is_worth_while(info: RasterInfo) -> bool:
    """Whether a raster has blocks of a size that suits fetching them singly: tiles, not strips, not all in one."""
    return all(LEAST <= side <= MOST for side in info.block_shape)


class Tiles:
    """The blocks of a raster at full scale; one thread reads, others fetch."""

    def __init__(
        self, open_source: Callable[[], PixelSource], info: RasterInfo, connections: int, check: Callable[[], None]
    ) -> None:
        """Take the raster.

        Args:
            open_source: Opens it once more; called in the threads that fetch.
            info: The raster.
            connections: Threads that fetch.
            check: Called while a block is waited for; raises to stop.
        """
        self._open_source, self._info, self._connections, self._check = open_source, info, connections, check
        self._jobs: SimpleQueue[Job] = SimpleQueue()
        self._threads = 0
        self._closed = threading.Event()
        # Place and bands -> the row of blocks that was fetched with it, and its first column there.
        self._tiles: OrderedDict[tuple[Place, Bands], tuple[Future[NDArray[Any]], int]] = OrderedDict()
        self._awaited: OrderedDict[tuple[Place, Bands], None] = OrderedDict()  # expected, not fetched yet
        self._unread: set[tuple[Place, Bands]] = set()  # expected and fetched
        pixel = np.result_type(*info.dtypes).itemsize * (info.count if info.bands_together else 1)
        self._most = max(4 * connections, KEPT_BYTES // (pixel * info.block_shape[0] * info.block_shape[1]))

    def expect(self, bands: Sequence[int], windows: Sequence[Window]) -> None:
        """Begin to fetch what some windows touch, which will be read in this order; replaces what was expected before.

        No more is fetched than fits into half of what is kept; the rest follows as the first is read.
        """
        stored = self._stored_with(bands)
        wanted = dict.fromkeys((place, stored) for window in windows for place in self._places(window))
        self._awaited = OrderedDict.fromkeys(key for key in wanted if key not in self._tiles)
        self._unread = set()
        self._go_on()

    def read(self, bands: Sequence[int], window: Window) -> NDArray[Any]:
        """Read a window at full scale: (B, h, w).

        Raises:
            RasterError: A block could not be fetched; the next read tries it again.
        """
        stored = self._stored_with(bands)
        keys = [(place, stored) for place in self._places(window)]
        self._fetch([key for key in keys if key not in self._tiles])
        self._unread.difference_update(keys)
        self._go_on()
        held = {key: self._tiles[key] for key in keys}
        for key in keys:
            self._tiles.move_to_end(key)
        try:
            return self._joined(bands, window, held)
        except BaseException:
            for key, (tile, _) in held.items():
                if tile.done() and tile.exception() is not None:
                    self._tiles.pop(key, None)
            raise
        finally:
            for key in [key for key in self._tiles if key not in self._unread][: max(0, len(self._tiles) - self._most)]:
                del self._tiles[key]

    def close(self) -> None:
        """Let go of the raster; each thread closes its own when it is done with what it fetches."""
        self._closed.set()
        self._tiles.clear()
        self._awaited.clear()
        for _ in range(self._threads):
            self._jobs.put(None)

    def _joined(
        self,
        bands: Sequence[int],
        window: Window,
        held: dict[tuple[Place, Bands], tuple[Future[NDArray[Any]], int]],
    ) -> NDArray[Any]:
        """Put a window together."""
        dtype = np.result_type(*(self._info.dtypes[band - 1] for band in bands))
        out = np.empty((len(bands), window.height, window.width), dtype)
        for (place, stored), (tile, offset) in held.items():
            block = self._window(place)
            part = block.overlap(window)
            row, col = part.row - block.row, part.col - block.col + offset
            pixels = wait_for(tile, self._check)[:, row : row + part.height, col : col + part.width]
            rows, cols = part.slices(1, window)
            for index, band in enumerate(bands):
                out[index, rows, cols] = pixels[stored.index(band)]
        return out

    def _stored_with(self, bands: Sequence[int]) -> Bands:
        """The bands that are fetched for some: all where a block holds all."""
        return tuple(range(1, self._info.count + 1)) if self._info.bands_together else tuple(bands)

    def _go_on(self) -> None:
        """Begin to fetch of what is awaited as much as there is room for."""
        room = max(0, self._most // 2 - len(self._unread))
        keys = list(itertools.islice(self._awaited, room))
        self._unread.update(keys)
        self._fetch(keys)

    def _fetch(self, keys: Sequence[tuple[Place, Bands]]) -> None:
        """Begin to fetch blocks, neighbours in a row together."""
        row: list[Place] = []
        for place, bands in sorted(keys):
            self._awaited.pop((place, bands), None)
            if row and (place[0] != row[-1][0] or place[1] != row[-1][1] + 1 or len(row) == ROW_OF):
                self._fetch_row(row, bands)
                row = []
            row.append(place)
        if row:
            self._fetch_row(row, bands)

    def _fetch_row(self, row: list[Place], bands: Bands) -> None:
        """Begin to fetch neighbours in a row."""
        first, last = self._window(row[0]), self._window(row[-1])
        fetched: Future[NDArray[Any]] = Future()
        for place in row:
            self._tiles[place, bands] = fetched, self._window(place).col - first.col
        self._jobs.put((fetched, bands, Window(first.row, first.col, first.height, last.col_end - first.col)))
        if self._threads < self._connections:
            self._threads += 1
            # Not those of a pool: the interpreter would wait for one that hangs in a dead network.
            threading.Thread(target=self._work, name="uhrs-fetch", daemon=True).start()

    def _work(self) -> None:
        """Fetch until the end."""
        source: PixelSource | None = None
        while True:
            job = self._jobs.get()
            if job is None or self._closed.is_set():
                break
            fetched, bands, window = job
            try:
                source = source or self._open_source()
                fetched.set_result(source.pixels(bands, window, (window.height, window.width), "nearest"))
            except BaseException as error:
                fetched.set_exception(error)
        if source is not None:
            source.close()

    def _places(self, window: Window) -> Iterator[Place]:
        """The blocks that a window touches, row-major."""
        rows, cols = self._info.block_shape
        for row in range(window.row // rows, -(-window.row_end // rows)):
            for col in range(window.col // cols, -(-window.col_end // cols)):
                yield row, col

    def _window(self, place: Place) -> Window:
        """Pixels of a block."""
        rows, cols = self._info.block_shape
        return Window(place[0] * rows, place[1] * cols, rows, cols).clipped(self._info.height, self._info.width)
