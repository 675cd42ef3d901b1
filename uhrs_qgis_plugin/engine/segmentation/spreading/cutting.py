"""A run cut into tasks: squares of scenes, squares of blocks, and strips of what is published."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.outputs import Strip

T = TypeVar("T")
Block = tuple[int, Window]  # number and window

LARGEST = 4  # scenes and blocks along the side of a task: neighbours read and refine their borders twice
MOST_PIXELS = 1 << 28  # of the strips of a task, unless one strip alone has more
ENOUGH = 6  # tasks for each worker: so that all end at about the same time


def cut_scenes(scenes: Sequence[int], columns: int, workers: int, whole_rows: bool) -> list[list[int]]:
    """Put scenes together.

    Args:
        scenes: Numbers of the scenes that are to be done, rising.
        columns: Scenes in a row.
        workers: That will do them.
        whole_rows: Whether reading a part of a row costs as much as reading all of it.

    Returns:
        The scenes of each task, rising: a square, or a row.
    """

    def cut(size: int) -> list[list[int]]:
        parts: dict[tuple[int, int], list[int]] = {}
        for index in scenes:
            row, col = divmod(index, columns)
            parts.setdefault((row, 0) if whole_rows else (row // size, col // size), []).append(index)
        return list(parts.values())

    return cut(1) if whole_rows else _largest(cut, len(scenes), workers)


def cut_blocks(
    blocks: Sequence[Block], shape: tuple[int, int], workers: int, whole_rows: bool, is_timed: bool
) -> list[list[Block]]:
    """Put blocks together.

    Args:
        blocks: Those that are to be done, in the order of the plan.
        shape: Rows and columns of a block in pixels.
        workers: That will do them.
        whole_rows: Whether reading a part of a row costs as much as reading all of it.
        is_timed: Whether what to refine is decided on the way: then the sooner the better.

    Returns:
        The blocks of each task: a square, or whole rows; in the order of the plan, and so is the first of each.
    """

    def cut(size: int) -> list[list[Block]]:
        height, width = size * shape[0], size * shape[1]
        parts: dict[tuple[int, int], list[Block]] = {}
        for index, window in blocks:
            place = window.row // height, 0 if whole_rows else window.col // width
            parts.setdefault(place, []).append((index, window))
        return list(parts.values())

    return cut(1) if is_timed else _largest(cut, len(blocks), workers)


def cut_strips(strips: Sequence[Strip], workers: int) -> list[list[int]]:
    """Put strips together.

    Args:
        strips: In the order in which they are published.
        workers: That will make them.

    Returns:
        The places in `strips` of those of each task: neighbours.
    """
    most = min(MOST_PIXELS, sum(strip.pixels for strip in strips) // (ENOUGH * workers))
    parts: list[list[int]] = []
    pixels = most
    for index, strip in enumerate(strips):
        if pixels + strip.pixels > most:
            parts.append([])
            pixels = 0
        parts[-1].append(index)
        pixels += strip.pixels
    return parts


def _largest(cut: Callable[[int], list[list[T]]], count: int, workers: int) -> list[list[T]]:
    """Cut into the largest tasks that are enough for all workers; for one worker that is no question."""
    wanted = min(count, ENOUGH * workers) if workers > 1 else 1
    size = LARGEST
    while size > 1 and len(cut(size)) < wanted:
        size //= 2
    return cut(size)
