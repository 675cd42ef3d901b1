"""Sliding windows: how a network for small images processes a large one."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor


def window_starts(length: int, window: int, overlap: int) -> list[int]:
    """Where windows of `window` pixels begin along `length` pixels; the last one ends where the image ends.

    Worked example: 2448 px, windows of 1024 that share 256 px or more start at 0, 768 and 1424.
    """
    last = max(0, length - window)
    return [*range(0, last, window - overlap), last]


def slide(
    predict: Callable[[Tensor], Tensor], channels: int, image: Tensor, window: int, overlap: int, stride: int
) -> Tensor:
    """The mean of the maps that `predict` makes of overlapping windows of an image.

    One window at a time is in memory, beside one sum of the image's size: the number of windows costs only time.

    Args:
        predict: windows (N, B, h, w) -> maps (N, channels, h / stride, w / stride).
        image: (N, B, H, W); H and W are multiples of `stride`.
        window: side of a window, a multiple of `stride`; a smaller side of the image is one window.
        overlap: pixels that neighbours share at least, a multiple of `stride` below `window`.
        stride: pixels for one value of the maps.

    Returns:
        (N, channels, H / stride, W / stride).
    """
    height, width = image.shape[-2:]
    total = image.new_zeros(image.shape[0], channels, height // stride, width // stride)
    seen = image.new_zeros(1, 1, *total.shape[-2:])
    side = window // stride
    for row in window_starts(height, window, overlap):
        for col in window_starts(width, window, overlap):
            top, left = row // stride, col // stride
            place = (..., slice(top, top + side), slice(left, left + side))
            total[place] += predict(image[:, :, row : row + window, col : col + window])
            seen[place] += 1
    return total / seen
