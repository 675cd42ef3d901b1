"""Batch normalisation over the images of all processes that train together."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, cast

import torch
import torch.distributed as dist
from lightning.pytorch.plugins.layer_sync import TorchSyncBatchNorm
from torch import Tensor, nn

from training.running.distributed import process_count


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
