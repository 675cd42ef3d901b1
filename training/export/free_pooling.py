"""Adaptive pooling for images of any size: torch's exporter bakes the example's size in, or refuses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Union

import torch
import torch.nn.functional as F
from torch import Tensor

_Size = Union[int, tuple[Union[int, None], Union[int, None]], list[Union[int, None]]]


@contextmanager
def free_pooling() -> Iterator[None]:
    """Let modules and functions that pool adaptively take `pooled`, as long as a graph is traced."""
    own = F.adaptive_avg_pool2d

    def replacing(input: Tensor, output_size: _Size) -> Tensor:
        size = (output_size,) * 2 if isinstance(output_size, int) else tuple(output_size)
        if None in size or size == (1, 1):
            return own(input, output_size)  # type: ignore[arg-type]  # as it is given
        return pooled(input, size)  # type: ignore[arg-type]  # no None in it

    F.adaptive_avg_pool2d = replacing  # type: ignore[assignment]
    try:
        yield
    finally:
        F.adaptive_avg_pool2d = own


def pooled(x: Tensor, size: tuple[int, int]) -> Tensor:
    """What F.adaptive_avg_pool2d computes, as two products with matrices that are made of the input's size.

    (N, F, h, w) -> (N, F, *size).
    """
    down, across = (shares(cells, x.shape[axis], x) for cells, axis in zip(size, (2, 3), strict=True))
    return down @ x @ across.transpose(0, 1)


def shares(cells: int, length: int, like: Tensor) -> Tensor:
    """The share of each of `length` values in each of `cells` means: (cells, length), rows add up to 1.

    Cell i covers the values from floor(i length / cells) on, up to ceil((i + 1) length / cells): neighbours overlap
    where the length is no multiple.
    """
    cell = torch.arange(cells, device=like.device)[:, None]
    place = torch.arange(length, device=like.device)[None]
    first, end = cell * length // cells, ((cell + 1) * length + cells - 1) // cells
    inside = ((place >= first) & (place < end)).to(like.dtype)
    return inside / inside.sum(1, keepdim=True)
