"""Finished blocks as small rasters in the folder of a run, and the mosaic that shows them as one."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.files import replacing
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.outputs.overviews import count_levels, level_window, shrink
from uhrs_qgis_plugin.engine.raster import IDENTITY, RasterProfile, create_raster
from uhrs_qgis_plugin.engine.raster.mosaic import Tile, write_mosaic
from uhrs_qgis_plugin.engine.results import NODATA

OVERVIEWS = "overviews"  # of the classes of a block, in one file
STRIP = 256  # rows whose labels are counted at once


class BlockFiles:
    """Writes blocks, and lists those that are complete: a block's mark is written last."""

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
        levels = count_levels(profiles["classes"].height, profiles["classes"].width)
        fits = all(side % (1 << levels) == 0 for side in block_shape)
        self._levels = levels if fits else 0  # else pixels of the overviews would span blocks: left to GDAL
        self._folder, self._profiles, self._cell, self._mark = folder, profiles, cell, mark or "run"
        self.pixels = [0] * classes  # pixels per class in all blocks that are whole
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
            if self._levels:
                self._create(block.index, OVERVIEWS, shrink(block.labels, self._levels, NODATA)[None])
        with replacing(self._path(block.index), self._mark) as part:
            part.write_text(json.dumps(mark), encoding="utf-8")
        self.note(block.index, mark)
        return mark

    def mosaic(self, name: str, profile: RasterProfile | None = None) -> str:
        """Describe all blocks as one raster; the rest is no data.

        Args:
            name: "classes" or "uncertainty".
            profile: Of the whole raster, with more metadata than at the beginning; None = as it was.

        Returns:
            Path of a VRT file in the folder.

        Raises:
            OutputError: Full disk and the like.
        """
        profile, overviews = profile or self._profiles[name], []
        for level in range(1, self._levels + 1 if name == "classes" else 1):
            half = replace(profile, width=-(-profile.width >> level), height=-(-profile.height >> level))
            path = self._folder / f"{name}-{level}.vrt"
            write_mosaic(path, half, self._rows(name, level, half))
            overviews.append(path.name)
        path = self._folder / f"{name}.vrt"
        write_mosaic(path, profile, self._rows(name, 0, profile), overviews)
        return str(path)

    def _rows(self, name: str, level: int, profile: RasterProfile) -> Iterator[Tile]:
        """Each row of blocks as a mosaic of its own.

        GDAL keeps some memory for every file of a mosaic as long as the mosaic is open. These small allocations lie
        between the large ones that come and go, and fragment the heap: about 300 KB a block.
        """
        for row, group in groupby(sorted(self._tiles(name, level), key=_position), key=lambda tile: tile.row):
            tiles = [replace(tile, row=0) for tile in group]
            whole = Window(0, 0, max(tile.inside.height for tile in tiles), profile.width)
            count, path = profile.count, self._folder / f"{name}-{level}-{row}.vrt"
            plain = RasterProfile(
                whole.width, whole.height, count, "", IDENTITY, profile.nodata, ("",) * count, dtype=profile.dtype
            )
            write_mosaic(path, plain, tiles)
            yield Tile(path.name, whole, row, 0)

    def _tiles(self, name: str, level: int) -> Iterator[Tile]:
        """The blocks of an overview; level 0 is the raster itself."""
        for index, mark in sorted(self._marks.items()):
            if name not in mark:
                continue
            row, col, height, width = mark[name]
            if level == 0:
                yield Tile(self._file(index, name).name, Window(0, 0, height, width), row, col)
            else:
                inside = level_window(height, width, level)
                yield Tile(self._file(index, OVERVIEWS).name, inside, row >> level, col >> level)

    def _create(self, index: int, name: str, array: NDArray[Any]) -> None:
        """Write an array (bands, h, w) of a block."""
        count, height, width = array.shape
        profile = RasterProfile(width, height, count, "", IDENTITY, None, ("",) * count, is_scratch=True)
        with replacing(self._file(index, name), self._mark) as part, create_raster(str(part), profile) as writer:
            writer.write(array, 0, 0)

    def _file(self, index: int, name: str) -> Path:
        return self._folder / f"block-{index:06}-{name}.tif"

    def _path(self, index: int) -> Path:
        return self._folder / f"block-{index:06}.json"


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


def _position(tile: Tile) -> tuple[int, int]:
    """Row and column of a tile."""
    return tile.row, tile.col


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
