"""A cloud-optimised GeoTIFF put together of files of tiles: pixels are neither decoded nor compressed again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType

import numpy as np

from uhrs_qgis_plugin.engine.files import cannot_write
from uhrs_qgis_plugin.engine.grid import TILE
from uhrs_qgis_plugin.engine.raster.backends import backend_of
from uhrs_qgis_plugin.engine.raster.cog.tags import (
    HEIGHT,
    LONG,
    LONG8,
    SUBFILE,
    TILE_BYTES,
    TILE_OFFSETS,
    WIDTH,
    Tag,
    number_tag,
    read_tags,
    render_head,
)
from uhrs_qgis_plugin.engine.raster.cog.tile_files import FRAME, TileFile, tiles_of
from uhrs_qgis_plugin.engine.raster.output_files import prepare_output
from uhrs_qgis_plugin.engine.raster.types import RasterProfile

COPIED = 1 << 22  # bytes at a time
CLASSIC_BYTES = 2_000_000_000  # of pixels: with more the file is a BigTIFF, as GDAL's "IF_SAFER" has it
# Tags of the raster itself; overviews have what says how pixels are stored, and what they mean.
OF_RASTER_ALONE = {33550, 33922, 34264, 34735, 34736, 34737, 42112}
NOTE = (
    b"LAYOUT=IFDS_BEFORE_DATA\nBLOCK_ORDER=ROW_MAJOR\nBLOCK_LEADER=SIZE_AS_UINT4\n"
    b"BLOCK_TRAILER=LAST_4_BYTES_REPEATED\nKNOWN_INCOMPATIBLE_EDITION=NO\n "
)  # see "COG -- Cloud Optimized GeoTIFF generator" of GDAL's documentation


class CogAssembly:
    """A file that grows. A context manager; after an error the file is not complete, and has no directory."""

    def __init__(self, path: str, profile: RasterProfile, overviews: Sequence[tuple[int, int]]) -> None:
        """Create the file, and leave room for its head.

        Args:
            path: The file.
            profile: The raster.
            overviews: Rows and columns, from the largest to the smallest.

        Raises:
            OutputError: It cannot be created.
        """
        prepare_output(path)
        self._path = path
        self._shapes = [(profile.height, profile.width), *overviews]
        self._tags = _tags_of(profile, bool(overviews))
        counts = [tiles_of(height) * tiles_of(width) for height, width in self._shapes]
        self._is_big = profile.count * sum(counts) * TILE * TILE > CLASSIC_BYTES
        self._sizes = [np.zeros(count, "<u4") for count in counts]
        self._offsets = [np.zeros(count, "<u8" if self._is_big else "<u4") for count in counts]
        self._filled = [0] * len(counts)
        try:
            self._file = open(path, "wb", buffering=0)  # noqa: SIM115 (closed by `close`)
            self._end = self._file.seek(len(self._head()))
        except OSError as error:
            raise cannot_write(path, error) from error

    def append(self, strip: Path, level: int, check: Callable[[], None]) -> None:
        """Copy the next row of tiles: smaller overviews come before larger ones, and the raster itself comes last.

        Args:
            strip: File of its tiles.
            level: Of the overview; 0 = the raster itself.
            check: Called between pieces; what it raises comes out of here.

        Raises:
            OutputError: The row cannot be read, or the disk is full.
        """
        count, (_, width) = tiles_of(self._shapes[level][1]), self._shapes[level]
        with TileFile(strip, (1, TILE, width)) as tiles:
            framed = tiles.sizes.astype(np.int64) + 2 * FRAME
            row = slice(self._filled[level], self._filled[level] + count)
            self._sizes[level][row] = tiles.sizes
            self._offsets[level][row] = self._end + np.cumsum(framed) - framed + FRAME
            self._filled[level] += count
            for piece in tiles.pieces(COPIED):
                check()
                self._write(piece)

    def close(self) -> None:
        """Write the head.

        Raises:
            OutputError: Full disk and the like.
        """
        if any(filled != len(sizes) for filled, sizes in zip(self._filled, self._sizes)):
            raise ValueError(f"'{self._path}' does not have all of its tiles.")
        try:
            self._file.seek(0)
            self._write(self._head())
            self._file.close()
        except OSError as error:
            raise cannot_write(self._path, error) from error

    def __enter__(self) -> CogAssembly:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file, and write its head unless there was an error."""
        if kind is None:
            self.close()
        self._file.close()

    def _head(self) -> bytes:
        """The head with the tiles that are known."""
        directories = []
        for level, (height, width) in enumerate(self._shapes):
            tags = {**self._tags[level > 0], WIDTH: number_tag(width), HEIGHT: number_tag(height)}
            tags[TILE_OFFSETS] = Tag(LONG8 if self._is_big else LONG, self._offsets[level].tobytes())
            tags[TILE_BYTES] = Tag(LONG, self._sizes[level].tobytes())
            directories.append(tags)
        note = b"GDAL_STRUCTURAL_METADATA_SIZE=%06d bytes\n" % len(NOTE) + NOTE
        return render_head(directories, note + b"\0" * (len(note) % 2), self._is_big)

    def _write(self, content: bytes) -> None:
        """Write all of it."""
        rest = memoryview(content)
        try:
            while rest:
                rest = rest[self._file.write(rest) :]
        except OSError as error:
            raise cannot_write(self._path, error) from error
        self._end = self._file.tell()


def _tags_of(profile: RasterProfile, has_overviews: bool) -> tuple[dict[int, Tag], dict[int, Tag]]:
    """Tags of the raster and of its overviews, as GDAL writes them into a small file with the same profile."""
    small = replace(profile, height=1, width=1)
    tags = read_tags(backend_of("auto").encode_geotiff(small, None))
    overview = {number: tag for number, tag in tags.items() if number not in OF_RASTER_ALONE}
    return tags, {**overview, SUBFILE: Tag(LONG, b"\1\0\0\0")}
