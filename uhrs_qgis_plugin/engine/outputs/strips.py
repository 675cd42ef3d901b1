"""Strips: rows of tiles of an output or of an overview, each in a file, in the order in which they are published."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from uhrs_qgis_plugin.engine.grid import TILE
from uhrs_qgis_plugin.engine.outputs.block_mosaic import BlockMosaic, overview_shape
from uhrs_qgis_plugin.engine.outputs.overviews import count_levels
from uhrs_qgis_plugin.engine.raster import RasterProfile
from uhrs_qgis_plugin.engine.raster.cog import tiles_of, write_tiles


class Strip(NamedTuple):
    """A row of tiles.

    Attributes:
        name: "classes" or "uncertainty".
        level: Of the overview; 0 = the output itself.
        row: Number of the row of tiles.
        pixels: Of the overview, in all bands.
        tiles: How many.
    """

    name: str
    level: int
    row: int
    pixels: int
    tiles: int


def strips_of(profiles: Mapping[str, RasterProfile]) -> list[Strip]:
    """List the strips of all outputs: one output after the other, the smallest overview of each first."""
    strips = []
    for name, profile in profiles.items():
        for level in range(count_levels(profile.height, profile.width), -1, -1):
            height, width = overview_shape(profile, level)
            for row in range(tiles_of(height)):
                pixels = profile.count * width * min(TILE, height - row * TILE)
                strips.append(Strip(name, level, row, pixels, tiles_of(width)))
    return strips


def strip_file(folder: Path, strip: Strip) -> Path:
    """Name the file of a strip."""
    return folder / f"strip-{strip.name}-{strip.level:02}-{strip.row:06}.tiles"


def make_strip(strip: Strip, mosaic: BlockMosaic, mark: str, check: Callable[[], None]) -> Path:
    """Write a strip, unless it is there.

    Args:
        strip: Which one.
        mosaic: The blocks of its output; the strip lies beside them.
        mark: Part of its temporary name, see `files.replacing`.
        check: Called between tiles; what it raises comes out of here.

    Returns:
        Its file.

    Raises:
        OutputError: A block cannot be read, or the disk is full.
    """
    path = strip_file(mosaic.folder, strip)
    if not path.exists():
        write_tiles(path, mark, strip.tiles, mosaic.tiles(strip.level, strip.row, check))
    return path
