"""Windows of very many files cut into parts of a few files each, and how GDAL opens these sooner.

GDAL keeps few files open (`memory.OPEN_FILES`) and reads reduced pixels band by band: over a window of a thousand files
it would open, and decode, each of them several times. Looking for companions of a file, it lists the first 1000 names
of its folder at each opening, though it only uses lists that are shorter.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.grid import Window

MOST_FILES = 12  # of a part: GDAL keeps 16 open, and what stands for masks is among them
LISTED_BY_GDAL = 1000  # names: GDAL drops the list of a folder that has more, and asks for each companion by name
UNLISTED = {"GDAL_DISABLE_READDIR_ON_OPEN": "TRUE"}  # it asks for each by name at once


def opening_options(names: Sequence[str]) -> Mapping[str, str]:
    """GDAL's options under which files are found as without, but sooner where all lie in folders of very many.

    Args:
        names: The files.
    """
    folders = Counter(map(os.path.dirname, names))
    return UNLISTED if folders and min(folders.values()) > LISTED_BY_GDAL else {}


def parts_of(window: Window, steps: tuple[int, int], rects: NDArray[np.int64]) -> Iterator[Window]:
    """Cut a window along edges of rectangles until each part touches few of them.

    It stays whole where GDAL's averages would depend on the parts: their last digit may, unless pixels are reduced by a
    power of two, and no reduced pixel lies across an edge.

    Args:
        window: Pixels.
        steps: Rows and columns of a reduced pixel; the window is multiples of them.
        rects: (N, 4) int64, as in `Coverage`.

    Yields:
        The parts, which fill the window; one may touch many rectangles that lie on each other.
    """
    touching = rects[_touch(rects, window)]
    places = touching - [window.row, window.col] * 2
    if any(step & (step - 1) for step in steps) or (places % (steps * 2)).any():
        yield window
    else:
        yield from _parts(window, touching)


def _parts(window: Window, rects: NDArray[np.int64]) -> Iterator[Window]:
    """Cut a window in halves, and these again."""
    touching = rects[_touch(rects, window)]
    if len(touching) > MOST_FILES:
        for axis in (0, 1) if window.height >= window.width else (1, 0):
            halves = _halves(window, axis, touching)
            if halves and all(_touch(touching, half).sum() < len(touching) for half in halves):
                for half in halves:
                    yield from _parts(half, touching)
                return
    yield window


def _touch(rects: NDArray[np.int64], window: Window) -> NDArray[np.bool_]:
    """Whether rectangles reach into a window."""
    row, col, row_end, col_end = rects.T
    return (row < window.row_end) & (row_end > window.row) & (col < window.col_end) & (col_end > window.col)


def _halves(window: Window, axis: int, touching: NDArray[np.int64]) -> tuple[Window, ...]:
    """Cut a window across an axis, at the edge in the middle of those inside; () where there is none."""
    start, size = ((window.row, window.height), (window.col, window.width))[axis]
    edges = touching[:, [axis, axis + 2]] - start
    inside = np.unique(edges[(edges > 0) & (edges < size)])
    if not inside.size:
        return ()
    at = int(inside[len(inside) // 2])
    if axis == 0:
        first = replace(window, height=at)
        return first, replace(window, row=first.row_end, height=window.height - at)
    first = replace(window, width=at)
    return first, replace(window, col=first.col_end, width=window.width - at)
