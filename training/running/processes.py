"""Numbers that all processes of a training share; with one process they are its own."""

from __future__ import annotations

import torch.distributed as dist
from torch import Tensor


def process_count() -> int:
    """How many processes train together."""
    return dist.get_world_size() if dist.is_available() and dist.is_initialized() else 1


def process_mean(value: Tensor) -> Tensor:
    """The mean of a number over all processes; without gradient where there are several.

    A loss that divides a sum by a sum (of weights, of known pixels) must divide by this mean of the lower sum: the
    mean of the processes' gradients is then that of the whole batch, as if one process had seen it. Dividing by its
    own sum would give pixels of a sparsely labelled crop more weight than the others'.
    """
    if process_count() == 1:
        return value
    total = value.detach().float().clone()
    dist.all_reduce(total)
    return total / process_count()
