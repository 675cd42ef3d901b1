"""Several processes that train one network: started by torchrun, with shared numbers and normalisation."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, cast

import torch
import torch.distributed as dist
from lightning.pytorch.plugins.layer_sync import TorchSyncBatchNorm
from torch import Tensor, nn

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


class _Gather(torch.autograd.Function):
    """A vector (n,) of each process -> (processes, n) in all of them, with gradient."""

    @staticmethod
    def forward(ctx: Any, own: Tensor) -> Tensor:  # noqa: ANN401 (torch's)
        """Collect."""
        rows = [torch.empty_like(own) for _ in range(process_count())]
        dist.all_gather(rows, own.contiguous())
        return torch.stack(rows)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:  # noqa: ANN401 (torch's)
        """Sum the gradients of all processes for this one's vector."""
        total = gradients[0].clone(memory_format=torch.contiguous_format)
        dist.all_reduce(total)
        return total[dist.get_rank()]


class SharedNorm(nn.BatchNorm2d):
    """Batch normalisation over the batches of all processes, wherever they compute.

    torch's SyncBatchNorm works on GPUs alone. Here each process shares mean, variance and count of its own
    values; from these follow those of all values (Chan et al., 1979), without a loss of digits.
    """

    def forward(self, input: Tensor) -> Tensor:  # torch's name
        """(N, C, H, W) -> the same, zero mean and unit variance over all processes, then scaled and shifted."""
        if not self.training or process_count() == 1:
            return super().forward(input)
        values = input.to(torch.promote_types(input.dtype, torch.float32))
        mean, variance, count = _shared_moments(values)
        self._remember(mean.detach(), variance.detach() * (count / (count - 1).clamp(min=1)))
        scale = self.weight * torch.rsqrt(variance + self.eps)
        shift = self.bias - mean * scale
        return torch.addcmul(shift.view(1, -1, 1, 1), values, scale.view(1, -1, 1, 1)).to(input.dtype)

    @torch.no_grad()
    def _remember(self, mean: Tensor, variance: Tensor) -> None:
        """Move the running statistics, as torch does."""
        momentum = self.momentum or 0.0
        assert self.running_mean is not None  # nosec B101  # for the type checker
        assert self.running_var is not None  # nosec B101  # for the type checker
        assert self.num_batches_tracked is not None  # nosec B101  # for the type checker
        self.num_batches_tracked.add_(1)
        self.running_mean.lerp_(mean, momentum)
        self.running_var.lerp_(variance, momentum)


def _shared_moments(values: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Mean (C,), variance (C,) and count (1,) of the values (N, C, H, W) of all processes."""
    variance, mean = torch.var_mean(values, (0, 2, 3), correction=0)
    count = values.new_full((1,), values.numel() / values.shape[1])
    rows = cast(Tensor, _Gather.apply(torch.cat((mean, variance, count))))  # type: ignore[no-untyped-call]
    means, variances, counts = torch.split(rows, [len(mean), len(mean), 1], 1)
    total = counts.sum()
    shared = (counts * means).sum(0) / total
    return shared, (counts * (variances + (means - shared) ** 2)).sum(0) / total, total.detach()


class SharedNormalisation(TorchSyncBatchNorm):
    """Normalises over all processes while they train: on GPUs as torch does it, else by `SharedNorm`.

    Args:
        alone: names of layers that each process normalises by itself.
    """

    def __init__(self, alone: Collection[str] = ()) -> None:
        super().__init__()
        self._alone = alone

    def apply(self, model: nn.Module) -> nn.Module:
        """Replace the layers; parameters and names stay."""
        on_cards = dist.get_backend() == "nccl"
        for name, module in list(model.named_modules()):
            if type(module) is not nn.BatchNorm2d or name in self._alone:
                continue
            if on_cards:
                above, _, last = name.rpartition(".")
                shared = nn.SyncBatchNorm.convert_sync_batchnorm(module)  # type: ignore[no-untyped-call]
                setattr(model.get_submodule(above), last, shared)
            else:
                module.__class__ = SharedNorm  # it adds nothing but another way to compute
        return model

    def revert(self, model: nn.Module) -> nn.Module:
        """Put the layers back."""
        for module in model.modules():
            if type(module) is SharedNorm:
                module.__class__ = nn.BatchNorm2d  # type: ignore[assignment]  # narrowed to SharedNorm above
        return super().revert(model)


def normalised_together(network: nn.Module) -> int:
    """How many processes' images are normalised together."""
    shared = any(isinstance(module, SharedNorm | nn.SyncBatchNorm) for module in network.modules())
    return process_count() if shared else 1
