"""A working grid whose pixels are kept: made once, by the first pass that needs them, and read from pieces later.

Without overviews, a raster of finer pixels is decoded whole for the coarse pass, and the refine pass needs its pixels
on the working grid again. They take a small part of the size of the raster itself.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.raster.requests import check_request
from uhrs_qgis_plugin.engine.raster.types import RasterInfo, RasterReader
from uhrs_qgis_plugin.engine.raster.views.view import RasterView
from uhrs_qgis_plugin.engine.raster.views.working_grid import WorkingReader, decodes_all

PIECE = 512  # pixels along the side of a piece
PIECE_DECODED = 4096  # pixels of the file along its side at most
OPEN_PIECES = 16  # pieces that stay at hand: what windows that follow each other share


class PieceStore(Protocol):
    """A place for arrays by name; see `flow.ArrayStore`."""

    def put(self, name: str, array: NDArray[Any]) -> None:
        """Keep an array."""

    def get(self, name: str) -> NDArray[Any]:
        """Give it back."""

    def __contains__(self, name: str) -> bool:
        """Tell whether it is there."""


def is_worth_keeping(raster: RasterInfo, working: RasterInfo) -> bool:
    """Tell whether both passes would decode all pixels of a raster.

    Args:
        raster: The raster.
        working: The raster on the working grid.
    """
    finer = raster.height > working.height and raster.width > working.width
    return finer and decodes_all(raster, working)


def kept_bytes(working: RasterInfo, bands: Sequence[int], pixels: int) -> int:
    """Bytes that so many pixels of a working grid take."""
    dtype = np.result_type(*(working.dtypes[band - 1] for band in bands))
    return pixels * (len(bands) * dtype.itemsize + working.has_mask)


def keeping(reader: WorkingReader, store: PieceStore) -> RasterReader:
    """Keep the pixels of a working grid; what is coarser is made of them.

    Args:
        reader: The raster on its working grid; closed with the result.
        store: Where pieces are kept. It must hold pieces of no other raster and no other bands.
    """
    kept = WorkingReader(_KeptPixels(reader, store), reader.info.height, reader.info.width)
    kept.info = reader.info  # with what is decoded for a new piece
    return kept


class _KeptPixels(RasterView):
    """`RasterReader` of whole pixels alone, which are read from pieces where these are there."""

    def __init__(self, reader: WorkingReader, store: PieceStore) -> None:
        super().__init__(reader, reader.info)
        self._store = store
        self._shape = _piece_shape(reader.info)
        self._open: OrderedDict[str, NDArray[Any]] = OrderedDict()

    def read(
        self,
        bands: Sequence[int],
        window: Window,
        shape: tuple[int, int] | None = None,
        resampling: str = "average",
    ) -> NDArray[Any]:
        """Read pixels; see `RasterReader.read`."""
        check_request(self.info, bands, window, shape)
        dtype = np.result_type(*(self.info.dtypes[band - 1] for band in bands))
        return self._joined("pixels", bands, window, np.empty((len(bands), window.height, window.width), dtype))

    def read_valid(
        self, bands: Sequence[int], window: Window, shape: tuple[int, int] | None = None
    ) -> NDArray[np.bool_]:
        """Tell which pixels hold data; see `RasterReader.read_valid`."""
        check_request(self.info, bands, window, shape)
        if not self.info.has_mask:
            return np.ones((window.height, window.width), np.bool_)
        return self._joined("valid", bands, window, np.empty((1, window.height, window.width), np.bool_))[0]

    def close(self) -> None:
        """Close the raster."""
        self._open.clear()
        super().close()

    def _joined(self, kind: str, bands: Sequence[int], window: Window, out: NDArray[Any]) -> NDArray[Any]:
        """Fill an array with the pieces that a window touches."""
        height, width = self._shape
        for row in range(window.row // height, -(-window.row_end // height)):
            for col in range(window.col // width, -(-window.col_end // width)):
                piece = Window(row * height, col * width, height, width).clipped(self.info.height, self.info.width)
                part = piece.overlap(window)
                values = self._piece(f"working-{kind}-{row:05}-{col:05}", kind, bands, piece)
                out[(slice(None), *part.slices(1, window))] = values[(slice(None), *part.slices(1, piece))]
        return out

    def _piece(self, name: str, kind: str, bands: Sequence[int], piece: Window) -> NDArray[Any]:
        """A piece: the one at hand, the one that is kept, or a new one."""
        if name in self._open:
            self._open.move_to_end(name)
            return self._open[name]
        if name in self._store:
            values = self._store.get(name)
        else:
            reader = self._reader
            values = reader.read(bands, piece) if kind == "pixels" else reader.read_valid(bands, piece)[None]
            self._store.put(name, values)
        self._open[name] = values
        if len(self._open) > OPEN_PIECES:
            self._open.popitem(last=False)
        return values


def _piece_shape(info: RasterInfo) -> tuple[int, int]:
    """Rows and columns of a piece; of files in strips as wide as the raster."""
    side = max(16, min(PIECE, int(PIECE_DECODED / math.sqrt(info.decoded))))
    if info.block_shape[1] < info.width:
        return side, side
    return max(1, min(side, side * side // info.width)), info.width
