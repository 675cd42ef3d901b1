"""Finished blocks side by side, as one image with overviews: read as pixels, or as the tiles of the published file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.grid import TILE, Window
from uhrs_qgis_plugin.engine.outputs.overviews import REDUCTIONS, count_even, count_levels, level_window, packed_shape
from uhrs_qgis_plugin.engine.raster import RasterProfile
from uhrs_qgis_plugin.engine.raster.cog import TileFile, compress_tiles, tiles_of
from uhrs_qgis_plugin.engine.results import NODATA

AT_ONCE = 8  # tiles that are made and compressed at a time
PIECE = 256  # pixels along a side of what is reduced at a time, where blocks have no such overview


def no_wait(path: Path) -> None:
    """Do not wait: what one process wrote is there."""


class BlockMosaic:
    """Finished blocks of an output as one image; where no block lies there is no data. A context manager.

    Not for several threads at a time: the file of a block stays open until another one's is wanted.

    Attributes:
        folder: Where the blocks lie.
    """

    def __init__(
        self,
        folder: Path,
        name: str,
        profile: RasterProfile,
        block_shape: tuple[int, int],
        places: NDArray[np.int64],
        wait_for: Callable[[Path], None] = no_wait,
    ) -> None:
        """Describe the blocks.

        Args:
            folder: Where they lie.
            name: "classes" or "uncertainty".
            profile: Of the whole output.
            block_shape: Rows and columns of a block in pixels of the output.
            places: From `BlockFiles.places`.
            wait_for: Called with the name of a file before it is opened; waits until it is there.
        """
        self.folder, self._name, self._profile, self._places = folder, name, profile, places
        self._levels, self._wait_for = levels_of_blocks(profile, block_shape), wait_for
        self._open: tuple[Path, TileFile] | None = None
        self._rows, self._in_rows = (0, 0), places[:0]  # the blocks in some rows of the output

    def read(self, window: Window, level: int = 0) -> NDArray[np.uint8]:
        """Read pixels.

        Args:
            window: Which, in pixels of the overview.
            level: Of the overview, each half of the one before; 0 = the output itself.

        Returns:
            (B, h, w) uint8.

        Raises:
            OutputError: A block cannot be read.
        """
        image = np.full((self._profile.count, window.height, window.width), NODATA, np.uint8)
        if level > self._levels:
            self._reduce(image, window, level)
            return image
        for block in self._blocks(window, level):
            place = _at_level(block, level)
            part = place.overlap(window)
            rows, cols = part.slices(within=window)
            image[:, rows, cols] = self._file(block).read(_inside(block, level, part.relative_to(place)))
        return image

    def tiles(self, level: int, row: int, check: Callable[[], None]) -> Iterator[bytes]:
        """Give a row of tiles of the published file: copied where a block has them, made elsewhere.

        Args:
            level: Of the overview; 0 = the output itself.
            row: Number of the row of tiles.
            check: Called between tiles; what it raises comes out of here.

        Yields:
            Framed tiles, see `raster.cog`.

        Raises:
            OutputError: A block cannot be read.
        """
        height, width = overview_shape(self._profile, level)
        made: list[int] = []  # columns of tiles that wait

        def make() -> Iterator[bytes]:
            if made:
                strip = Window(row * TILE, made[0] * TILE, TILE, TILE * len(made)).clipped(height, width)
                yield from compress_tiles(self.read(strip, level), 0)
                made.clear()

        for col in range(tiles_of(width)):
            check()
            tile = self._copied(level, Window(row * TILE, col * TILE, TILE, TILE).clipped(height, width))
            if tile is not None:
                yield from make()
                yield tile
                continue
            made.append(col)
            if len(made) == AT_ONCE:
                yield from make()
        yield from make()

    def close(self) -> None:
        """Close the file that is open."""
        if self._open is not None:
            self._open[1].close()
            self._open = None

    def __enter__(self) -> BlockMosaic:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _copied(self, level: int, tile: Window) -> bytes | None:
        """A tile that is one of a block's own; None where it must be made."""
        if level > self._levels:
            return None
        blocks = self._blocks(tile, level)
        if len(blocks) != 1:
            return None
        place = _at_level(blocks[0], level)
        inside = _inside(blocks[0], level, tile.relative_to(place))
        own = Window(inside.row, inside.col, TILE, TILE)
        # The last tiles of a row or column are cut at the border of the raster; in blocks nothing lies there either.
        own = own.clipped(*blocks[0][3:]) if level == 0 else own
        if place.overlap(tile) != tile or own != inside or inside.row % TILE or inside.col % TILE:
            return None
        return self._file(blocks[0]).tiles(inside.row // TILE, inside.col // TILE)[0]

    def _blocks(self, window: Window, level: int) -> list[list[int]]:
        """The blocks that a window of an overview touches."""
        rows, places = (window.row << level, window.row_end << level), self._places
        if rows != self._rows:  # mostly they are those of the strip
            self._rows = rows
            self._in_rows = places[(places[:, 1] < rows[1]) & (places[:, 1] + places[:, 3] > rows[0])]
        col, end, places = window.col << level, window.col_end << level, self._in_rows
        found: list[list[int]] = places[(places[:, 2] < end) & (places[:, 2] + places[:, 4] > col)].tolist()
        return found

    def _reduce(self, image: NDArray[np.uint8], window: Window, level: int) -> None:
        """Fill an image from the overview before, piece by piece: pixels span blocks."""
        for row in range(0, window.height, PIECE):
            for col in range(0, window.width, PIECE):
                part = Window(row, col, PIECE, PIECE).clipped(window.height, window.width)
                finer = Window(2 * (window.row + row), 2 * (window.col + col), 2 * part.height, 2 * part.width).clipped(
                    *overview_shape(self._profile, level - 1)
                )
                bands = self.read(finer, level - 1)
                rows, cols = part.slices()
                image[:, rows, cols] = np.stack([REDUCTIONS[self._name](band, NODATA) for band in bands])

    def _file(self, block: list[int]) -> TileFile:
        """The file of a block, open."""
        path = block_file(self.folder, block[0], self._name)
        if self._open is None or self._open[0] != path:
            self.close()
            self._wait_for(path)
            shape = packed_shape(block[3], block[4], self._levels)
            self._open = path, TileFile(path, (self._profile.count, *shape))
        return self._open[1]


def levels_of_blocks(profile: RasterProfile, block_shape: tuple[int, int]) -> int:
    """Count the overviews of an output that blocks have by themselves: pixels of coarser ones would span blocks.

    Args:
        block_shape: Rows and columns of a block in pixels of the output.
    """
    return min(count_levels(profile.height, profile.width), count_even(*block_shape))


def overview_shape(profile: RasterProfile, level: int) -> tuple[int, int]:
    """Rows and columns of an overview."""
    return -(-profile.height >> level), -(-profile.width >> level)


def block_file(folder: Path, index: int, name: str) -> Path:
    """Name the file that holds a block with its overviews."""
    return folder / f"block-{index:06}-{name}.tiles"


def _at_level(block: list[int], level: int) -> Window:
    """Where a block lies in an overview."""
    _, row, col, height, width = block
    return Window(row >> level, col >> level, -(-height >> level), -(-width >> level))


def _inside(block: list[int], level: int, part: Window) -> Window:
    """Find a part of a level of a block in its file."""
    packed = level_window(block[3], block[4], level)
    return Window(packed.row + part.row, packed.col + part.col, part.height, part.width)
