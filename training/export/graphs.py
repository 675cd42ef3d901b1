"""The three graphs of a bundle, exported from a network."""

from __future__ import annotations

import io
import math
import os
import sys
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, cast

import numpy as np
import onnx
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from training.evaluation import UNCHANGED, Temperatures
from training.export.full_labels import full_scale_labels
from training.networks import FUSED_CHANNELS, DualStream, Network, Settings, entropy, resize
from uhrs_qgis_plugin.engine.results import LEVELS

_EXAMPLE_CELLS = (6, 10)  # low cells (32 px) of the example input
_OPSET = 17
_STDOUT = 1  # its descriptor
HALF_BITS = 11  # significant bits of half precision
_UNKNOWN_TO_EXPORTER = {torch.uint16: onnx.TensorProto.UINT16, torch.uint32: onnx.TensorProto.UINT32}


def coarse_channels(settings: Settings) -> int:
    """Channels G that `low.onnx` passes to `fuse.onnx`: features, and logits that unselected patches take."""
    cells = 4 if settings.low_stride == 16 else 1
    return FUSED_CHANNELS + (cells * settings.classes if settings.unselected == "low" else 0)


class LowGraph(nn.Module):
    """`low.onnx`: the low stream and the estimator, from the raster's own numbers.

    Args:
        network: in evaluation mode.
    """

    def __init__(self, network: DualStream) -> None:
        super().__init__()
        self.network = network

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """(N, B, h, w) -> what `fuse` reads (N, G, h/8, w/8), U (N, 1, 4h/s, 4w/s), logits (N, C, h/8, w/8).

        Finer logits are passed to `fuse` as four channels per class, one for each quarter of a cell; the third output
        is their mean.
        """
        low = self.network.low(image.float())
        u = self.network.uncertainty(low, (2 * low.residual.shape[-2], 2 * low.residual.shape[-1]))
        features, logits, settings = low.features, low.logits, self.network.settings
        fine = settings.low_stride == 16
        if settings.unselected == "low":
            features = torch.cat((features, _quarters(logits) if fine else logits), 1)
        return features, u.clamp(0, 1), F.avg_pool2d(logits, 2) if fine else logits


class HighGraph(nn.Module):
    """`high.onnx`: the high stream on full-scale patches, from the raster's own numbers.

    Args:
        network: in evaluation mode.
    """

    def __init__(self, network: DualStream) -> None:
        super().__init__()
        self.network = network

    def forward(self, patches: Tensor) -> Tensor:
        """(N, B, p, p) -> (N, 64, p/8, p/8)."""
        return self.network.high(patches.float())


class FuseGraph(nn.Module):
    """`fuse.onnx`: ensembler, segmentation head, labels at full scale and quantised uncertainty.

    Args:
        network: in evaluation mode.
        temperatures: what logits are divided by before the final uncertainty is taken from them; labels and U stay.
    """

    def __init__(self, network: DualStream, temperatures: Temperatures = UNCHANGED) -> None:
        super().__init__()
        self.network = network
        self.temperatures = temperatures
        self.most_entropy = math.log(network.settings.classes)

    def forward(
        self, low_features: Tensor, uncertainty: Tensor, high_features: Tensor, selected: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Labels (N, 32a, 32b) uint8 and both uncertainties (N, 2, 4a, 4b) uint8."""
        height, width = high_features.shape[-2], high_features.shape[-1]
        u = resize(uncertainty, (height, width))
        f_low, low_logits = low_features[:, :FUSED_CHANNELS], low_features[:, FUSED_CHANNELS:]
        if self.network.settings.unselected == "low" and self.network.settings.low_stride == 16:
            low_logits = F.pixel_shuffle(low_logits, 2)
        _, logits = self.network.fuse(f_low, low_logits, high_features, u, selected)
        labels = full_scale_labels(logits)
        if self.temperatures != UNCHANGED:
            logits = logits / torch.where(selected, self.temperatures.fused, self.temperatures.low)
        final = entropy(logits) / self.most_entropy
        both = torch.cat((u, final), 1).clamp(0, 1)
        return labels, torch.floor(both * LEVELS + 0.5).to(torch.uint8)


def _quarters(x: Tensor) -> Tensor:
    """(N, C, 2h, 2w) -> (N, 4C, h, w): what F.pixel_shuffle undoes, in operators that take any size when exported."""
    quarters = [x[:, :, i::2, j::2] for i in (0, 1) for j in (0, 1)]
    return torch.stack(quarters, 2).flatten(1, 2)


def example_images(network: Network, rng: np.random.Generator, shape: tuple[int, int, int]) -> Tensor:
    """Images (N, B, H, W) of the raster's data type.

    Smooth blobs around the training mean: white noise alone drives a network to a single class.

    Args:
        shape: N, H, W.
    """
    (n, height, width), bands = shape, network.settings.bands
    dtype = np.dtype(network.settings.data_type)
    blobs = torch.from_numpy(rng.normal(size=(n, bands, height // 8 + 1, width // 8 + 1))).float()
    grain = torch.from_numpy(rng.normal(size=(n, bands, height, width))).float()
    values = (network.mean + network.std * (resize(blobs, (height, width)) + 0.3 * grain)).numpy()
    if dtype.kind in "iu":
        values = values.clip(np.iinfo(dtype).min, min(np.iinfo(dtype).max, 2**24))
    return torch.from_numpy(values.astype(dtype))


@torch.no_grad()
def example(
    network: DualStream, cells: tuple[int, int], seed: int
) -> tuple[Tensor, Tensor, tuple[Tensor, Tensor, Tensor, Tensor]]:
    """Inputs of the three graphs for a canvas of `cells` low cells, of the bundle's types."""
    s = network.settings
    rng = np.random.default_rng(seed)
    a, b = cells
    image = example_images(network, rng, (1, 8 * a, 8 * b))
    patches = example_images(network, rng, (3, s.patch_side, s.patch_side))
    features, u, _ = LowGraph(network)(image)
    selected = torch.from_numpy(rng.random((1, 1, 4 * a, 4 * b)) < 0.5)
    high = torch.from_numpy(rng.random((1, FUSED_CHANNELS, 4 * a, 4 * b)).astype(np.float32)) * selected
    return image, patches, (features, u, high, selected)


def export_graphs(network: DualStream, temperatures: Temperatures = UNCHANGED) -> dict[str, bytes]:
    """ONNX files "low", "high" and "fuse" of a network in evaluation mode; every axis the engine varies is free."""
    image, patches, fuse_inputs = example(network, _EXAMPLE_CELLS, seed=0)
    coarse, fine = {0: "n", 2: "a", 3: "b"}, {0: "n", 2: "a8", 3: "b8"}
    u_axes = {0: "n", 2: "au", 3: "bu"}
    return {
        "low": to_onnx(
            LowGraph(network),
            (image,),
            {"image": {0: "n", 2: "h", 3: "w"}},
            {"features": coarse, "uncertainty": u_axes, "logits": coarse},
            folded=network.settings.low_encoder == "resnet",
        ),
        "high": to_onnx(HighGraph(network), (patches,), {"patches": {0: "n"}}, {"features": {0: "n"}}),
        "fuse": to_onnx(
            FuseGraph(network, temperatures),
            fuse_inputs,
            {"low_features": coarse, "uncertainty": u_axes, "high_features": fine, "selected": fine},
            {"labels": {0: "n", 1: "rows", 2: "cols"}, "uncertainty8": fine},
        ),
    }


def to_onnx(
    graph: nn.Module,
    inputs: tuple[Tensor, ...],
    input_axes: Mapping[str, dict[int, str]],
    output_axes: Mapping[str, dict[int, str]],
    folded: bool = True,
) -> bytes:
    """An ONNX file of a module in evaluation mode; its weights keep their names, those of half precision 16 bits.

    Args:
        inputs: examples.
        input_axes: of each input by name, the axes that vary.
        output_axes: of each output by name likewise.
        folded: compute what depends on weights alone now. Weights of matrix products then lose their names; the runtime
            does the same when it loads the graph.
    """
    # The exporter does not support these types; a Cast takes any, so the graph is made for another and relabelled.
    relabelled = {name: x.dtype for name, x in zip(input_axes, inputs, strict=True) if x.dtype in _UNKNOWN_TO_EXPORTER}
    inputs = tuple(x.to(torch.int32) if x.dtype in _UNKNOWN_TO_EXPORTER else x for x in inputs)
    buffer = io.BytesIO()
    target = cast(Any, buffer)  # the stub of this exporter allows only paths
    with warnings.catch_warnings(), _silent():
        # The TorchScript exporter is announced to go; it writes the smaller graph with plain dynamic axes, and
        # every export is compared with torch at several sizes.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            graph.eval(),
            inputs,
            target,
            input_names=list(input_axes),
            output_names=list(output_axes),
            dynamic_axes={**input_axes, **output_axes},
            opset_version=_OPSET,
            do_constant_folding=folded,
            dynamo=False,
            # Normalisation stays apart from the convolutions, so that rounding their weights to half precision
            # means the same in torch and in the bundle; the runtime merges them when it loads the graph.
            training=torch.onnx.TrainingMode.PRESERVE,
        )
    return halve_weights(_relabel_inputs(buffer.getvalue(), relabelled))


@contextmanager
def _silent() -> Iterator[None]:
    """Let nothing reach the standard output: from C++ the exporter prints every graph that it refuses."""
    sys.stdout.flush()
    kept, nothing = os.dup(_STDOUT), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nothing, _STDOUT)
        yield
    finally:
        os.dup2(kept, _STDOUT)
        os.close(kept)
        os.close(nothing)


def _relabel_inputs(graph: bytes, types: Mapping[str, torch.dtype]) -> bytes:
    """Give inputs that only a Cast reads another data type."""
    if not types:
        return graph
    model = onnx.load_from_string(graph)
    for value in model.graph.input:
        if value.name in types:
            readers = {node.op_type for node in model.graph.node if value.name in node.input}
            if readers != {"Cast"}:
                raise RuntimeError(f"{value.name} is read by {readers}, expected was a Cast alone")
            value.type.tensor_type.elem_type = _UNKNOWN_TO_EXPORTER[types[value.name]]
    return bytes(model.SerializeToString())


def round_to_half(network: nn.Module, bits: int = HALF_BITS) -> None:
    """Round the weights of all convolutions to half precision, in place; normalisation stays as it is.

    Args:
        bits: Significant bits that are kept, 1 to 11 (all of half precision). With 8 a zip of the bundle is a fifth
            smaller: the lowest three bits of each number are zero.
    """
    dropped = HALF_BITS - bits
    for parameter in network.parameters():
        if parameter.ndim > 1:
            words = parameter.data.half().view(torch.int16).int()
            if dropped:  # to the nearest, halves to even; a carry into the exponent is right too
                words = words + (1 << (dropped - 1)) - 1 + ((words >> dropped) & 1)
            kept = (words >> dropped << dropped).to(torch.int16)
            parameter.data = kept.view(torch.float16).float()


def halve_weights(graph: bytes) -> bytes:
    """Store weights that half precision holds exactly as float16, with a Cast to float32 behind each.

    The runtime folds the Casts when it loads the graph: the file is half as large, the results are the same.
    """
    model = onnx.load_from_string(graph)
    casts = []
    for tensor in model.graph.initializer:
        values = onnx.numpy_helper.to_array(tensor)
        if values.dtype != np.float32 or values.ndim < 2:
            continue
        half = values.astype(np.float16)
        if np.array_equal(half.astype(np.float32), values):
            name = tensor.name
            tensor.CopyFrom(onnx.numpy_helper.from_array(half, f"{name}.half"))
            casts.append(onnx.helper.make_node("Cast", [f"{name}.half"], [name], to=onnx.TensorProto.FLOAT))
    nodes = [*casts, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    return bytes(model.SerializeToString())
