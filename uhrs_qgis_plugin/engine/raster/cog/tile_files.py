"""Files of tiles that are compressed as they stand in a cloud-optimised GeoTIFF in the end, so that they are copied.

A file holds the sizes of its tiles in bytes (uint32), then the tiles, row by row. Around each stands what the format
asks for: its size before it, and its last four bytes once more behind it.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.errors import OutputError
from uhrs_qgis_plugin.engine.files import replacing
from uhrs_qgis_plugin.engine.grid import TILE, Geotransform, Window
from uhrs_qgis_plugin.engine.raster.backends import backend_of
from uhrs_qgis_plugin.engine.raster.cog.tags import TILE_BYTES, TILE_OFFSETS, read_tags
from uhrs_qgis_plugin.engine.raster.types import RasterProfile

FRAME = 4  # bytes before a tile, and behind it
SOMEWHERE = Geotransform(1.0, 1.0, 0.0, 1.0, 0.0, -1.0)  # rasterio warns of what lies nowhere


def tiles_of(length: int) -> int:
    """Tiles along so many pixels."""
    return -(-length // TILE)


def compress_tiles(image: NDArray[np.uint8], fill: int) -> list[bytes]:
    """Compress an image by GDAL.

    Args:
        image: (B, h, w) uint8.
        fill: What stands in the tiles of the right and lower border beyond the image.

    Returns:
        Its tiles, row by row, framed.
    """
    count, height, width = image.shape
    beyond = ((0, 0), (0, -height % TILE), (0, -width % TILE))
    whole = np.pad(image, beyond, constant_values=fill)
    profile = RasterProfile(whole.shape[2], whole.shape[1], count, "", SOMEWHERE, None, ("",) * count)
    file = backend_of("auto").encode_geotiff(profile, whole)
    tags = read_tags(file)
    offsets, sizes = (np.frombuffer(tags[number].content, "<u4").tolist() for number in (TILE_OFFSETS, TILE_BYTES))
    return [_framed(file[offset : offset + size]) for offset, size in zip(offsets, sizes)]


@cache
def compression_mark() -> str:
    """Digest of what compressing gives here: copies of one version of GDAL may differ in the library that they use."""
    noise = np.random.default_rng(0).integers(0, 3, (1, TILE, TILE)).astype(np.uint8)
    return hashlib.sha256(compress_tiles(noise, 0)[0]).hexdigest()[:12]


def write_tiles(path: Path, mark: str, count: int, tiles: Iterable[bytes]) -> None:
    """Write a file of tiles, completely or not at all.

    Args:
        path: The file.
        mark: See `files.replacing`.
        count: How many tiles.
        tiles: Framed; taken one by one.

    Raises:
        OutputError: Full disk and the like.
    """
    sizes = []
    with replacing(path, mark) as part, open(part, "wb") as file:
        file.seek(4 * count)
        for tile in tiles:
            sizes.append(len(tile) - 2 * FRAME)
            file.write(tile)
        if len(sizes) != count:
            raise ValueError(f"Expected {count} tiles, got {len(sizes)}.")
        file.seek(0)
        file.write(np.array(sizes, "<u4").tobytes())


class TileFile:
    """A file of tiles, open. A context manager.

    Attributes:
        sizes: (n,) uint32 bytes of the tiles, without their frames.
    """

    def __init__(self, path: Path, shape: tuple[int, int, int]) -> None:
        """Open it.

        Args:
            path: The file.
            shape: Bands, rows and columns of the image.

        Raises:
            OutputError: It cannot be read, or is damaged.
        """
        self._path, self._shape = path, shape
        self._columns = tiles_of(shape[2])
        count = tiles_of(shape[1]) * self._columns
        try:
            self._file = open(path, "rb", buffering=0)  # noqa: SIM115 (closed by `close`)
        except OSError as error:
            raise self._damaged(error.strerror or str(error)) from error
        head = self._file.read(4 * count) or b""
        self.sizes = np.frombuffer(head[: len(head) // 4 * 4], "<u4")
        if len(self.sizes) != count:
            self.close()
            raise self._damaged("it is too short")
        framed = self.sizes.astype(np.int64) + 2 * FRAME
        self._starts = 4 * count + np.cumsum(framed) - framed

    def tiles(self, row: int, col: int, count: int = 1) -> list[bytes]:
        """Read tiles side by side, framed.

        Raises:
            OutputError: The file is damaged.
        """
        first = row * self._columns + col
        sizes = [int(size) + 2 * FRAME for size in self.sizes[first : first + count]]
        content = self._read(int(self._starts[first]), sum(sizes))
        tiles, at = [], 0
        for size in sizes:
            tiles.append(content[at : at + size])
            at += size
        return tiles

    def read(self, window: Window) -> NDArray[np.uint8]:
        """Read pixels.

        Returns:
            (B, h, w) uint8.

        Raises:
            OutputError: The file is damaged.
        """
        image = np.empty((self._shape[0], window.height, window.width), np.uint8)
        for row in range(window.row // TILE, tiles_of(window.row_end)):
            for col in range(window.col // TILE, tiles_of(window.col_end)):
                tile = Window(row * TILE, col * TILE, TILE, TILE)
                part = tile.overlap(window)
                rows, cols = part.slices(within=window)
                pixels = self._decode(self.tiles(row, col)[0])
                image[:, rows, cols] = np.moveaxis(pixels[part.slices(within=tile)], -1, 0)
        return image

    def pieces(self, size: int) -> Iterator[bytes]:
        """Read all tiles, framed and one after the other, some bytes at a time.

        Raises:
            OutputError: The file is damaged.
        """
        at, end = int(self._starts[0]), int(self._starts[-1]) + int(self.sizes[-1]) + 2 * FRAME
        while at < end:
            piece = self._read(at, min(size, end - at))
            yield piece
            at += len(piece)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __enter__(self) -> TileFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _decode(self, tile: bytes) -> NDArray[np.uint8]:
        """Pixels (TILE, TILE, B) of a framed tile."""
        expected = TILE * TILE * self._shape[0]
        try:
            plain = zlib.decompressobj().decompress(tile[FRAME:-FRAME], expected)
        except zlib.error as error:
            raise self._damaged(str(error)) from error
        if len(plain) != expected:
            raise self._damaged("a tile is too short")
        return np.frombuffer(plain, np.uint8).reshape(TILE, TILE, self._shape[0])

    def _read(self, start: int, size: int) -> bytes:
        try:
            self._file.seek(start)
            content = self._file.read(size) or b""
        except OSError as error:
            raise self._damaged(error.strerror or str(error)) from error
        if len(content) != size:
            raise self._damaged("it is too short")
        return content

    def _damaged(self, reason: str) -> OutputError:
        return OutputError(
            f"'{self._path}', a finished part of this run, cannot be read ({reason}): check the disk, remove the "
            "folder that it lies in, and run again."
        )


def _framed(tile: bytes) -> bytes:
    return struct.pack("<I", len(tile)) + tile + tile[-FRAME:]
