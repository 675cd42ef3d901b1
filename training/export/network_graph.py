"""`network.onnx`: any network as one graph, for bundles that run it in windows."""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace

import numpy as np
import onnxruntime
import torch
from torch import Tensor, nn

from training.errors import CheckpointError
from training.export.free_pooling import free_pooling
from training.export.graphs import example_images, to_onnx
from training.export.parity import TOLERANCE
from training.networks import LibraryNetwork, Network

INPUT, OUTPUT = "image", "logits"
_CELL = 32  # pixels: sides of images are multiples of it
# Cells along the sides of images: of the example, and of those that torch and the graph are compared on.
_EXAMPLE = (6, 10)
_COMPARED = ((4, 4), (9, 5), (8, 20))
_FIXED_SEEDS = (1, 2)
_WHOLE = 1 << 14  # pixels, more than any window has


@dataclass(frozen=True)
class NetworkFile:
    """An exported network.

    Attributes:
        graph: the ONNX file: `INPUT` (N, B, H, W) in the raster's own numbers -> `OUTPUT` (N, C, H/s, W/s).
        stride: s, pixels per cell of the logits.
        is_fixed: whether H and W must be what it was exported for.
        difference: largest difference to torch, in units of the logits' spread where that is above 1.
    """

    graph: bytes
    stride: int
    is_fixed: bool
    difference: float


class NetworkGraph(nn.Module):
    """A network from the raster's own numbers to logits at its own stride.

    Args:
        network: in evaluation mode.
    """

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = copy.copy(network)  # with the same weights
        # The engine cuts the windows: here an image is one, whatever its size.
        self.network.settings = replace(network.settings, window=_WHOLE)

    def forward(self, image: Tensor) -> Tensor:
        """(N, B, H, W) -> (N, C, H/s, W/s); H and W are multiples of the network's cell."""
        return self.network(image.float()).logits


@torch.no_grad()
def export_network(network: Network, side: int) -> NetworkFile:
    """Export a network for images of any multiple of 32 pixels, or where that gives other numbers, of one side.

    Args:
        network: in evaluation mode, not the dual-stream network.
        side: of the windows in pixels.

    Raises:
        CheckpointError: when the graph gives other logits than torch at that side too, or cannot be made.
    """
    graph = NetworkGraph(network).eval()
    free = not isinstance(network, LibraryNetwork) or network.cell == _CELL
    found = _export(graph, (_CELL * _EXAMPLE[0], _CELL * _EXAMPLE[1]), False) if free else None
    if found is None or found.difference > TOLERANCE:
        found = _export(graph, (side, side), True)
    if found is None or found.difference > TOLERANCE:
        told = "it has operators that ONNX does not know" if found is None else f"they differ by {found.difference:.2g}"
        raise CheckpointError(
            f"The exported network is not that of torch: {told}, allowed is {TOLERANCE:g}; nothing was written. "
            "Try --full-precision, another --window, or another architecture"
        )
    return found


def _export(graph: NetworkGraph, size: tuple[int, int], is_fixed: bool) -> NetworkFile | None:
    """Export for images like one of `size`, and compare; None where a graph cannot be made or run."""
    network, rng = graph.network, np.random.default_rng(0)
    image = example_images(network, rng, (1, *size))
    stride = size[0] // graph(image).shape[-2]
    names: tuple[dict[int, str], ...] = ({0: "n"}, {0: "n"})
    if not is_fixed:
        names = ({0: "n", 2: "h", 3: "w"}, {0: "n", 2: "rows", 3: "cols"})
    try:
        with free_pooling():
            content = to_onnx(graph, (image,), {INPUT: names[0]}, {OUTPUT: names[1]}, folded=False)
        sizes = [size for _ in _FIXED_SEEDS] if is_fixed else [(_CELL * a, _CELL * b) for a, b in _COMPARED]
        return NetworkFile(content, stride, is_fixed, _difference(content, graph, sizes))
    except Exception as error:  # the exporter and the runtime raise a dozen unrelated types
        if is_fixed:
            reason = " ".join(str(error).split())[:200]
            raise CheckpointError(f"This network cannot be exported: {reason}. Choose another architecture") from error
        return None


def _difference(content: bytes, graph: NetworkGraph, sizes: list[tuple[int, int]]) -> float:
    """Largest difference to torch over images of the sizes, two of each."""
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    worst = 0.0
    for seed, size in enumerate(sizes, start=1):
        image = example_images(graph.network, np.random.default_rng(seed), (2, *size))
        wanted = graph(image).numpy()
        (given,) = session.run([OUTPUT], {INPUT: image.numpy()})
        if given.shape != wanted.shape:
            return float("inf")
        worst = max(worst, float(np.abs(given - wanted).max()) / max(1.0, float(wanted.std())))
    return worst
