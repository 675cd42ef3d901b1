"""Several processes that work together: started by torchrun, with shared numbers."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor

# With K = 0 the high stream takes no part in a step: its weights get no gradient, and that must be expected.
STRATEGY = "ddp_find_unused_parameters_true"


def torchrun_settings(environment: Mapping[str, str]) -> dict[str, Any]:
    """Settings of the trainer that fit what torchrun started; empty where it started nothing."""
    if "TORCHELASTIC_RUN_ID" not in environment:
        return {}
    everywhere, here = int(environment["WORLD_SIZE"]), int(environment["LOCAL_WORLD_SIZE"])
    return {
        "devices": here,
        "num_nodes": everywhere // here,
        "strategy": STRATEGY if everywhere > 1 else "auto",
    }


def several_asked(trainer: Mapping[str, Any]) -> bool:
    """Whether settings of the trainer ask for several processes, also without torchrun."""
    devices, anything = trainer["devices"], ("auto", "-1", -1)
    if devices in anything:
        devices = 1 if trainer["accelerator"] == "cpu" else torch.cuda.device_count()
    elif not isinstance(devices, int):
        chosen = devices.split(",") if isinstance(devices, str) else devices
        devices = int(chosen[0]) if isinstance(devices, str) and len(chosen) == 1 else len(chosen)
    return bool(devices * trainer["num_nodes"] > 1)


@contextmanager
def joined_processes() -> Iterator[None]:
    """Where torchrun started several processes: let them find each other, each with a card of its own."""
    if int(os.environ.get("WORLD_SIZE", "1")) == 1 or "TORCHELASTIC_RUN_ID" not in os.environ:
        yield
        return
    if torch.cuda.is_available():
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]) % torch.cuda.device_count())
    dist.init_process_group("gloo", timeout=timedelta(days=2))  # the slowest one may have much left to do
    try:
        yield
    finally:
        dist.destroy_process_group()


def processes() -> tuple[int, int]:
    """The number of this process, from 0, and how many work together."""
    joined = dist.is_available() and dist.is_initialized()
    return (dist.get_rank(), dist.get_world_size()) if joined else (0, 1)


def together(found: dict[int, Any]) -> dict[int, Any]:
    """What all processes found, in the first one; the others keep their own."""
    number, count = processes()
    if count == 1:
        return found
    rows: list[dict[int, Any]] | None = [{} for _ in range(count)] if number == 0 else None
    dist.gather_object(found, rows)
    return found if rows is None else {place: value for row in rows for place, value in row.items()}


def process_count() -> int:
    """How many processes train together."""
    return dist.get_world_size() if dist.is_available() and dist.is_initialized() else 1


def process_mean(value: Tensor) -> Tensor:
    """The mean of numbers over all processes, each of its own; without gradient where there are several.

    A loss that divides a sum by a sum (of weights, of known pixels) must divide by this mean of the lower sum: the
    mean of the processes' gradients is then that of the whole batch, as if one process had seen it. Dividing by its
    own sum would give pixels of a sparsely labelled crop more weight than the others'.
    """
    if process_count() == 1:
        return value
    total = value.detach().float().clone()
    dist.all_reduce(total)
    return total / process_count()
