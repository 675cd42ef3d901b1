"""Finished blocks in the folder of a run: their tiles are compressed as they stand in the results in the end."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.files import replacing
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.outputs.block_mosaic import BlockMosaic, block_file, levels_of_blocks, no_wait
from uhrs_qgis_plugin.engine.outputs.overviews import REDUCTIONS, pack
from uhrs_qgis_plugin.engine.raster import RasterProfile
from uhrs_qgis_plugin.engine.raster.cog import compress_tiles, write_tiles
from uhrs_qgis_plugin.engine.results import NODATA

STRIP = 256  # rows whose labels are counted at once


class BlockFiles:
    """Writes blocks, and lists those that are complete: a block's mark is written last.

    Attributes:
        folder: Where they lie.
        pixels: Per class in all blocks that are whole.
    """

    def __init__(
        self,
        folder: Path,
        profiles: Mapping[str, RasterProfile],
        cell: int,
        classes: int,
        block_shape: tuple[int, int],
        mark: str | None = None,
    ) -> None:
        """Read the marks that are there.

        Args:
            profiles: "classes" and, if wanted, "uncertainty" -> the whole raster.
            cell: Pixels per pixel of the uncertainty raster.
            classes: Classes of the model.
            mark: Part of the temporary names of this process, where others write at the same time: it then reads no
                marks, which would be those of the others. None = it is the only one.
        """
        cells = {"classes": 1, "uncertainty": cell}
        self._shapes = {name: (block_shape[0] // cells[name], block_shape[1] // cells[name]) for name in profiles}
        self.folder, self._profiles, self._cell, self._mark = folder, profiles, cell, mark or "run"
        self.pixels = [0] * classes
        self._marks: dict[int, dict[str, list[int]]] = {}
        for path in sorted(folder.glob("block-*.json")) if mark is None else ():
            self.note(int(path.stem.split("-")[1]), json.loads(path.read_text(encoding="utf-8")))

    def is_there(self, index: int) -> bool:
        """Whether a block is complete in the folder, whoever wrote it."""
        return self._path(index).exists()

    def read_mark(self, index: int) -> dict[str, list[int]]:
        """Read the mark of a block that is complete; see `write`."""
        mark: dict[str, list[int]] = json.loads(self._path(index).read_text(encoding="utf-8"))
        return mark

    def note(self, index: int, mark: Mapping[str, Sequence[int]]) -> None:
        """Know of a block that is complete.

        Args:
            mark: From `write`, or of another process.
        """
        self._marks[index] = {name: list(numbers) for name, numbers in mark.items()}
        self.pixels = [total + more for total, more in zip(self.pixels, mark["pixels"])]

    def __contains__(self, index: int) -> bool:
        """Whether a block is complete."""
        return index in self._marks

    def counts(self) -> Iterator[tuple[Window, list[int]]]:
        """List the blocks that hold data: pixels of the outputs, and pixels per class."""
        for mark in self._marks.values():
            if "classes" in mark:
                row, col, height, width = mark["classes"]
                yield Window(row, col, height, width), mark["pixels"]

    def write(self, block: RefinedBlock) -> dict[str, list[int]]:
        """Write a block: its files get their names when they are whole, and its mark comes last.

        Returns:
            The mark: pixels per class, and where the block lies in each of the outputs.

        Raises:
            OutputError: Full disk and the like.
        """
        mark: dict[str, list[int]] = {"pixels": [0] * len(self.pixels)}
        if not block.empty:
            mark["pixels"] = count_labels(block.labels, len(self.pixels))
            arrays = {"classes": (block.labels[None], 1), "uncertainty": (block.uncertainty, self._cell)}
            for name in self._profiles:
                array, cell = arrays[name]
                _, height, width = array.shape
                mark[name] = [block.row // cell, block.col // cell, height, width]
                self._create(block.index, name, array)
        with replacing(self._path(block.index), self._mark) as part:
            part.write_text(json.dumps(mark), encoding="utf-8")
        self.note(block.index, mark)
        return mark

    def places(self, name: str) -> NDArray[np.int64]:
        """List the blocks that hold data.

        Args:
            name: "classes" or "uncertainty".

        Returns:
            (n, 5): number, and row, column, height and width in pixels of that output.
        """
        found = [[index, *mark[name]] for index, mark in sorted(self._marks.items()) if name in mark]
        return np.array(found, np.int64).reshape(-1, 5)

    def mosaic(
        self, name: str, places: NDArray[np.int64] | None = None, wait_for: Callable[[Path], None] = no_wait
    ) -> BlockMosaic:
        """Show blocks as one image.

        Args:
            name: "classes" or "uncertainty".
            places: From `places`, of this process or another; None = all that this one knows.
            wait_for: See `BlockMosaic`.
        """
        places = self.places(name) if places is None else places
        return BlockMosaic(self.folder, name, self._profiles[name], self._shapes[name], places, wait_for)

    def _create(self, index: int, name: str, image: NDArray[np.uint8]) -> None:
        """Write an image (bands, h, w) of a block with its overviews."""
        levels = levels_of_blocks(self._profiles[name], self._shapes[name])
        packed = np.stack([pack(band, levels, NODATA, REDUCTIONS[name]) for band in image])
        tiles = compress_tiles(packed, 0)
        write_tiles(block_file(self.folder, index, name), self._mark, len(tiles), tiles)

    def _path(self, index: int) -> Path:
        return self.folder / f"block-{index:06}.json"


def count_labels(labels: NDArray[np.uint8], classes: int) -> list[int]:
    """Count the pixels of each class, strip by strip: what is compared stays in the processor's cache.

    Comparing bytes is some ten times faster than np.bincount, which turns them into 8 bytes each.

    Args:
        labels: (h, w).
        classes: How many; other labels are not counted.
    """
    counts = [0] * classes
    for row in range(0, len(labels), STRIP):
        strip = labels[row : row + STRIP]
        counts = [count + int(np.count_nonzero(strip == value)) for value, count in enumerate(counts)]
    return counts


@dataclass(frozen=True)
class RefinedBlock:
    """A finished piece of the outputs, cut to where the raster has pixels.

    Attributes:
        index: Number of the block.
        row: First pixel row on the canvas.
        col: First pixel column on the canvas.
        labels: (h, w) uint8, 255 = no data.
        uncertainty: (2, ceil(h / cell), ceil(w / cell)) uint8: 254 * U and 254 * final uncertainty, 255 = no data; with
            a third band where one is wanted: 254 * how unfamiliar it is.
        empty: Whether there is no data in it at all.
    """

    index: int
    row: int
    col: int
    labels: NDArray[np.uint8]
    uncertainty: NDArray[np.uint8]
    empty: bool = False
