"""Where to look at a raster at full scale: few windows on a regular grid, the fewer the larger it is."""

from __future__ import annotations

from uhrs_qgis_plugin.engine.grid import Window

SIDE = 128  # pixels along a window
STEP = 256  # pixels: the grid on which the coarser ones lie; files' own blocks are multiples of it
COARSEST = 2048  # pixels between windows of a large raster: bounds what reading them costs
LEAST = 16  # windows of a raster that has room for them


def spacing(height: int, width: int) -> int:
    """Choose the distance between windows.

    Args:
        height: Rows of the raster.
        width: Columns.

    Returns:
        128, 256, 512, 1024 or 2048 pixels: the largest that leaves 16 windows, else 128, where windows touch.
    """
    step = COARSEST
    while step > SIDE and (height // step) * (width // step) < LEAST:
        step //= 2
    return step


def sample_windows(height: int, width: int, step: int) -> list[Window]:
    """List the windows to look at, row-major.

    A window lies about the middle of each square of the grid, within one square of 256 pixels. The windows of a grid of
    512 pixels and more are among those of the grid of 256.

    Args:
        step: From `spacing`, or a smaller one.

    Returns:
        Windows of 128 x 128 pixels, smaller where the raster is.
    """
    return [
        Window(row, col, min(SIDE, height), min(SIDE, width))
        for row in _starts(height, step)
        for col in _starts(width, step)
    ]


def _starts(length: int, step: int) -> list[int]:
    """First pixels along an axis; at least one window.

    Worked example: every 512 pixels of 1500 there is a window at 320, 832 and 1344; every 256 also at 64, 576, 1088.
    """
    offset = 0 if step < STEP else step // (2 * STEP) * STEP + (STEP - SIDE) // 2
    return [*range(offset, length - SIDE + 1, step)] or [max(0, (length - SIDE) // 2)]
