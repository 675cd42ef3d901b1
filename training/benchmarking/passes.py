"""One pass of a network, in every mode."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from training.benchmarking.jobs import Job, Subject
from training.networks import (
    Network,
    find_architecture,
    network_settings,
)
from training.weights import load_start

_OPSET = 18
_PRECISIONS = {"bf16": torch.bfloat16, "fp16": torch.float16}


class FullPass(nn.Module):
    """From an image to logits of its own size: no softmax, no argmax, nothing read or written.

    Args:
        network: in evaluation mode.
    """

    def __init__(self, network: Network, ratio: float) -> None:
        super().__init__()
        self.network = network
        self.ratio = ratio
        self.eval()

    def forward(self, image: Tensor) -> Tensor:
        """(N, B, H, W) in the raster's own numbers -> (N, C, H, W)."""
        return self.network.full_logits(self.network(image, self.ratio))


def build(subject: Subject) -> Network:
    """The network in evaluation mode; without weights they are random, and the same in every process."""
    if subject.weights:
        return load_start(subject.weights).network
    torch.manual_seed(0)
    settings = dict(subject.settings)
    return find_architecture(subject.architecture)(network_settings(settings.pop("classes"), settings)).eval()


def dummy(network: Network, job: Job) -> Tensor:
    """Images (N, B, H, W) that a network sees as N(0, 1), after its own normalisation."""
    generator = torch.Generator().manual_seed(0)
    noise = torch.randn(job.batch, network.settings.bands, job.height, job.width, generator=generator)
    return noise.mul_(network.std).add_(network.mean)


def prepare(network: Network, job: Job) -> Callable[[], object]:
    """One pass of a job in torch, on its device, ready to be timed."""
    parts = job.mode.split("+")
    image = dummy(network, job).to(job.device)
    one_pass: Any = FullPass(network, job.ratio).to(job.device)
    if "channels_last" in parts:
        one_pass.to(memory_format=torch.channels_last)
        image = image.contiguous(memory_format=torch.channels_last)
    if "compile" in parts:
        one_pass = torch.compile(one_pass)
    precision = next((kind for name, kind in _PRECISIONS.items() if name in parts), None)

    def run() -> object:
        cast_down = torch.autocast(job.device, precision) if precision else contextlib.nullcontext()
        with torch.inference_mode(), cast_down:
            return one_pass(image)

    return run


def count(network: Network, job: Job) -> dict[str, Any]:
    """Parameters, and the multiply-adds of one pass over one image.

    "parameters" are all; "inference_parameters" those of modules that a pass uses, so without heads that only
    training needs. Multiply-adds are those of convolutions and matrix products, half of what torch's own counter of
    floating-point operations finds; normalisation, activation and resizing are not counted.
    """
    used: dict[int, int] = {}

    def note(module: nn.Module, inputs: object, output: object) -> None:
        used.update({id(p): p.numel() for p in module.parameters(recurse=False)})

    hooks = [module.register_forward_hook(note) for module in network.modules()]
    counter = FlopCounterMode(display=False)
    image = dummy(network, job)[:1].to(job.device)
    with torch.no_grad(), counter:
        FullPass(network, job.ratio).to(job.device)(image)
    for hook in hooks:
        hook.remove()
    return {
        "parameters": sum(p.numel() for p in network.parameters()),
        "inference_parameters": sum(used.values()),
        "multiply_adds": counter.get_total_flops() // 2,
    }


def export(network: Network, job: Job) -> None:
    """Write one pass of a job, its size and K fixed, as a graph for onnxruntime."""
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")  # of the exporter's own future
        torch.onnx.export(
            FullPass(network, job.ratio),
            (dummy(network, job),),
            job.graph,
            input_names=["image"],
            output_names=["logits"],
            opset_version=_OPSET,
            dynamo=True,
            external_data=False,
            verbose=False,
        )
