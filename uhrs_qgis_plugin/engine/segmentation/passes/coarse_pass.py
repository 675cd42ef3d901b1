"""The coarse pass: low stream over scenes, stored as they are and blended when a part of the map is read.

The raster is read once, row of scenes by row of scenes, in slabs that are multiples of the file's blocks, strips or
tiles. What is as wide as the canvas, slabs that scenes still need and scenes that are finished, lies in an
`ArrayStore`: so memory depends on a slab and a scene, not on the canvas.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.flow import ArrayStore, Watch
from uhrs_qgis_plugin.engine.grid import DOWN_RATIO, Canvas, Window
from uhrs_qgis_plugin.engine.inference import InterruptibleStreams
from uhrs_qgis_plugin.engine.segmentation.passes.canvas_source import CanvasSource
from uhrs_qgis_plugin.engine.segmentation.passes.coarse_map import (
    CoarseMap,
    SceneGrid,
    any_in_squares,
    missing_scenes,
    scene_name,
)
from uhrs_qgis_plugin.engine.segmentation.planning import ScenePlan

SLAB_BYTES = 24 << 20  # of a file that are read at once: bounds memory, and how long a cancel waits
LARGEST_BLOCK = 2048  # rows of a file's blocks that slabs heed; larger ones may be decoded more than once


@dataclass(frozen=True)
class Slab:
    """A window of the canvas at 1/4 scale.

    Attributes:
        window: Its pixels on the canvas.
        image: (B, h/4, w/4) numbers; None when they hold no data, or no network sees them.
        valid: (h/4, w/4) bool.
    """

    window: Window
    image: NDArray[Any] | None
    valid: NDArray[np.bool_]


def read_slabs(
    source: CanvasSource, grid: SceneGrid, scenes: Sequence[int] | None = None, is_seen: bool = True
) -> Iterator[Slab]:
    """Read the canvas, or what some scenes need of it, each pixel once.

    What a row of scenes adds to the rows above is cut in columns, so that its first scene is there soon, and so that a
    slab is bounded however wide the canvas is. A file in strips has one column, which is cut in rows. Averaging lets
    GDAL look at a row and a column too many: the taller the slabs, the fewer of the file's blocks that costs.

    Args:
        scenes: Numbers of the scenes, rising; None = all.
        is_seen: Whether a network sees them; else only where data are is read.

    Yields:
        The slabs: by rows of scenes, then by columns, then by rows.
    """
    canvas = source.canvas
    windows = grid.scenes if scenes is None else [grid.scenes[index] for index in scenes]
    rows = math.lcm(canvas.unit, min(source.block_shape[0], LARGEST_BLOCK))
    cols = math.lcm(canvas.unit, source.block_shape[1])
    pixels = SLAB_BYTES // source.pixel_bytes
    width = min(canvas.width, max(cols, pixels // grid.height // cols * cols))
    height = max(rows, pixels // width // rows * rows)
    first_row = _start(windows[0].row, canvas.unit, canvas.data_height)
    first_col = _start(min(window.col for window in windows), cols, canvas.data_width)
    last_col = min(canvas.width, -(-max(window.col_end for window in windows) // cols) * cols)
    ends = [-(-row // rows) * rows for row in sorted({window.row_end for window in windows})]
    for top, bottom in _intervals([first_row, *ends], canvas.height, canvas.data_height):
        near = [window for window in windows if window.row < bottom and window.row_end > top]
        if not near:
            continue
        for left, right in _intervals(range(first_col, last_col, width), last_col, canvas.data_width):
            if not any(window.col < right and window.col_end > left for window in near):
                continue
            for row, row_end in _intervals(range(top, bottom, height), bottom, canvas.data_height):
                slab = Window(row, left, row_end - row, right - left)
                if not any(slab.overlap(window).width and slab.overlap(window).height for window in near):
                    continue
                if is_seen:
                    yield Slab(slab, *source.read_scene(slab))
                else:
                    yield Slab(slab, None, source.read_scene_valid(slab))


def _start(pixel: int, step: int, data_end: int) -> int:
    """Where to begin along an axis so that a pixel is read: a multiple of a step, before the last pixels alone."""
    start = pixel // step * step
    return start - step if start and data_end - start < DOWN_RATIO else start


def _intervals(cuts: Sequence[int], end: int, data_end: int) -> list[tuple[int, int]]:
    """Cut an axis into intervals from the first cut to an end.

    Worked example: cuts at 0, 96, 32, 96 and 128 before the end 128 give (0, 32), (32, 96), (96, 128): in order, each
    once, and the end is none. With data up to 98, the interval from 96 on holds 2 pixels of data; 1 to 3 pixels have
    no average at 1/4 scale, so they join those before: (0, 32), (32, 128).

    Args:
        cuts: Where intervals begin; those before the first one do not count.
        end: Where the last interval ends.
        data_end: Where the raster ends; beyond it there is padding.

    Returns:
        First pixel of each interval, and the pixel after its last one.
    """
    starts = sorted({cut for cut in cuts if cuts[0] <= cut < end})
    if len(starts) > 1 and data_end - starts[-1] < DOWN_RATIO:
        starts.pop()
    return list(zip(starts, [*starts[1:], end]))


def map_coarsely(
    slabs: Iterable[Slab],
    network: InterruptibleStreams,
    canvas: Canvas,
    plan: ScenePlan,
    store: ArrayStore,
    watch: Watch,
) -> CoarseMap:
    """Run the low stream over all scenes that are not finished; see `map_scenes`.

    Returns:
        The map.
    """
    grid = SceneGrid(canvas, plan)
    map_scenes(slabs, network, grid, missing_scenes(range(len(grid.scenes)), store), store, watch)
    return CoarseMap(canvas, plan, store)


def map_scenes(
    slabs: Iterable[Slab],
    network: InterruptibleStreams,
    grid: SceneGrid,
    scenes: Sequence[int],
    store: ArrayStore,
    watch: Watch,
) -> None:
    """Run the low stream over scenes. Those without any data are not run: features and U are 0 there.

    Nor are scenes that no network sees.

    Args:
        slabs: From `read_slabs`, for the same scenes.
        scenes: Numbers of the scenes, rising.
        store: Where scenes are kept, and slabs for a while.
    """
    held = _HeldSlabs(slabs, store)
    under_way: deque[tuple[int, Future[Any] | None, NDArray[np.bool_]]] = deque()

    def finish() -> None:
        """Keep the oldest scene: in order, so that those before one that is whole are whole."""
        index, run, valid = under_way.popleft()
        if run is not None:
            # Copies: what the network gives may be a part of its work space, which it could not give back then.
            features, uncertainty = (array[0].copy() for array in network.wait(run)[0])
            store.put(scene_name(index, "features"), features)
            store.put(scene_name(index, "uncertainty"), uncertainty)
        # Comes last: it marks the scene as whole.
        store.put(scene_name(index, "valid"), any_in_squares(valid, grid.valid_cell // DOWN_RATIO))

    for count, index in enumerate(scenes, len(grid.scenes) - len(scenes)):
        watch.report((count - len(under_way)) / len(grid.scenes))
        image, valid = held.cut(grid.scenes[index])
        run = None if image is None or not valid.any() else network.submit("low", (image[np.newaxis],))
        under_way.append((index, run, valid))
        if len(under_way) >= network.scenes:
            finish()
    while under_way:
        finish()
    held.drop()


class _HeldSlabs:
    """Cuts scenes out of slabs, and keeps no slab longer than scenes need it."""

    def __init__(self, slabs: Iterable[Slab], store: ArrayStore) -> None:
        self._slabs, self._store = enumerate(slabs), store
        self._held: list[tuple[Window, str | None]] = []  # and the name of its arrays; None = it holds no data

    def cut(self, scene: Window) -> tuple[NDArray[Any] | None, NDArray[np.bool_]]:
        """Image (None without data) and validity of a scene; scenes come row-major."""
        self.drop_above(scene.row)
        while not self._held or not _reaches(self._held[-1][0], scene):
            self._hold(*next(self._slabs))
        shape = scene.height // DOWN_RATIO, scene.width // DOWN_RATIO
        image, valid = None, np.zeros(shape, np.bool_)
        for window, name in self._held:
            part = window.overlap(scene)
            if name is None or not part.width:
                continue
            there, here = part.slices(DOWN_RATIO, scene), part.slices(DOWN_RATIO, window)
            valid[there] = self._store.get(f"{name}-valid")[here]
            if f"{name}-image" not in self._store:
                continue
            pixels = self._store.get(f"{name}-image")
            if image is None:
                image = np.zeros((len(pixels), *shape), pixels.dtype)
            image[(slice(None), *there)] = pixels[(slice(None), *here)]
        return image, valid

    def drop_above(self, row: int) -> None:
        """Forget the slabs that end at a row or above it."""
        for window, name in self._held:
            if window.row_end <= row and name is not None:
                for array in (f"{name}-image", f"{name}-valid"):
                    if array in self._store:
                        self._store.drop(array)
        self._held = [(window, name) for window, name in self._held if window.row_end > row]

    def drop(self) -> None:
        """Forget all slabs."""
        self.drop_above(max((window.row_end for window, _ in self._held), default=0))

    def _hold(self, index: int, slab: Slab) -> None:
        """Keep a slab."""
        name = None if slab.image is None and not slab.valid.any() else f"slab-{index:06}"
        if slab.image is not None:
            self._store.put(f"{name}-image", slab.image)
        if name is not None:
            self._store.put(f"{name}-valid", slab.valid)
        self._held.append((slab.window, name))


def _reaches(slab: Window, scene: Window) -> bool:
    """Whether a slab and those before it cover a scene."""
    return slab.row_end >= scene.row_end and slab.col_end >= scene.col_end
