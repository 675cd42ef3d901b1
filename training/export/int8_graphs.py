"""Graphs with 8-bit weights and activations, for processors: onnxruntime's static quantisation of standard operators.

Reference: Jacob et al., "Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference"
(CVPR 2018), section 2. Weights are int8 and symmetric with one scale a channel; activations are uint8 with one scale
and zero point a tensor, from the smallest and largest values on calibration data.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime
from onnx import ModelProto, NodeProto, helper, numpy_helper
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.quant_utils import add_pre_process_metadata

# Not AveragePool: its 8-bit kernel is 8 times slower than a convolution, see `_as_convolutions`.
_OPERATORS = ["Conv", "Concat", "MaxPool", "Add", "Relu", "Clip", "Resize", "Mul", "Sigmoid"]
_STANDARD = ("", "ai.onnx")


def quantised(graph: bytes, inputs: Sequence[npt.NDArray[Any]]) -> bytes:
    """The same graph in 8 bits: QuantizeLinear and DequantizeLinear around the operators that a runtime then merges.

    Args:
        graph: low.onnx or high.onnx, which take one input.
        inputs: calibration data: what the graph is run on.
    """
    with tempfile.TemporaryDirectory() as folder:
        plain, small = Path(folder) / "plain.onnx", Path(folder) / "small.onnx"
        model = _as_convolutions(_with_padding_inside(_folded(graph, plain)))
        add_pre_process_metadata(model)  # else a warning advises to do what `_folded` has done
        onnx.save(model, plain)
        quantize_static(
            plain,
            small,
            _Inputs(model.graph.input[0].name, inputs),
            quant_format=QuantFormat.QDQ,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            per_channel=True,
            op_types_to_quantize=_OPERATORS,
        )
        return _without_traces(onnx.load(small))


class _Inputs(CalibrationDataReader):
    """Calibration data as onnxruntime reads it."""

    def __init__(self, name: str, arrays: Sequence[npt.NDArray[Any]]) -> None:
        self._feeds: Iterator[dict[str, npt.NDArray[Any]]] = iter([{name: array} for array in arrays])

    def get_next(self) -> dict[str, npt.NDArray[Any]] | None:
        """The next input, None at the end."""
        return next(self._feeds, None)


def _folded(graph: bytes, path: Path) -> ModelProto:
    """The graph with constants computed and normalisation merged into convolutions; still standard operators."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.optimized_model_filepath = str(path)
    options.log_severity_level = 3
    onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    return onnx.load(path)


def _with_padding_inside(model: ModelProto) -> ModelProto:
    """Let convolutions add the zeros themselves that an operator adds before them.

    In 8 bits that operator would be computed in floating point, with a change there and back: a third of the time of
    a network with asymmetric padding (TensorFlow's "same", in EfficientNet).
    """
    arrays = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    results = {value.name for value in model.graph.output}
    for node in [node for node in model.graph.node if node.op_type == "Pad"]:
        readers = [reader for reader in model.graph.node if node.output[0] in reader.input]
        pads = _padding_of(node, arrays)
        if pads is None or node.output[0] in results or not all(map(_pads_by_numbers, readers)):
            continue
        for reader in readers:
            attributes = {entry.name: entry for entry in reader.attribute}
            own = helper.get_attribute_value(attributes["pads"]) if "pads" in attributes else [0] * 4
            if "pads" in attributes:
                reader.attribute.remove(attributes["pads"])
            reader.attribute.append(helper.make_attribute("pads", [int(a + b) for a, b in zip(own, pads, strict=True)]))
            reader.input[0] = node.input[0]
        model.graph.node.remove(node)
    return model


def _padding_of(node: NodeProto, arrays: Mapping[str, npt.NDArray[Any]]) -> list[int] | None:
    """Zeros that a node adds to rows and columns, as a convolution counts them; None where it adds something else."""
    attributes = {entry.name: helper.get_attribute_value(entry) for entry in node.attribute}
    pads = arrays.get(node.input[1], np.empty(0)).tolist()
    value = arrays.get(node.input[2], np.ones(())) if len(node.input) > 2 and node.input[2] else np.zeros(())
    plain = attributes.get("mode", b"constant") == b"constant" and not value.any() and len(node.input) < 4
    if not plain or len(pads) != 8 or min(pads) < 0 or any(pads[axis] for axis in (0, 1, 4, 5)):
        return None
    return [int(pads[axis]) for axis in (2, 3, 6, 7)]


def _pads_by_numbers(node: NodeProto) -> bool:
    """Whether a node is a convolution that is told how many zeros to add."""
    attributes = {entry.name: helper.get_attribute_value(entry) for entry in node.attribute}
    return node.op_type == "Conv" and attributes.get("auto_pad", b"NOTSET") == b"NOTSET"


def _as_convolutions(model: ModelProto) -> ModelProto:
    """Write normalisation that could not be merged, and averaging, as convolutions of each channel by itself.

    In 8 bits these stay between their neighbours without a change to floating point and of layout, and a mean is as
    fast as any convolution. Weights 1/(kh kw) are exact in 8 bits: all of a channel are equal.
    """
    channels = _channels(model)
    nodes: list[NodeProto] = []
    for node in model.graph.node:
        attributes = {entry.name: helper.get_attribute_value(entry) for entry in node.attribute}
        if node.op_type == "BatchNormalization":
            nodes.append(_affine(model, node, attributes.get("epsilon", 1e-5)))
        elif node.op_type == "AveragePool" and node.input[0] in channels and _counts_padding(attributes):
            nodes.append(_mean(model, node, channels[node.input[0]], attributes))
        else:
            nodes.append(node)
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    used = {name for node in nodes for name in node.input}
    kept = [tensor for tensor in model.graph.initializer if tensor.name in used]
    del model.graph.initializer[:]
    model.graph.initializer.extend(kept)
    return model


def _affine(model: ModelProto, node: NodeProto, epsilon: float) -> NodeProto:
    """A normalisation with constant statistics as a 1x1 convolution of each channel."""
    arrays = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    scale, offset, mean, variance = (arrays[name].astype(np.float64) for name in node.input[1:5])
    gain = scale / np.sqrt(variance + epsilon)
    weights = {"weight": gain.reshape(-1, 1, 1, 1), "bias": offset - mean * gain}
    return _by_channel(model, node, weights, len(gain), {"kernel_shape": [1, 1]})


def _mean(model: ModelProto, node: NodeProto, channels: int, attributes: Mapping[str, Any]) -> NodeProto:
    """An averaging as a convolution of each channel with equal weights."""
    height, width = attributes["kernel_shape"]
    weights = {"weight": np.full((channels, 1, height, width), 1 / (height * width))}
    kept = {key: attributes[key] for key in ("kernel_shape", "strides", "pads") if key in attributes}
    return _by_channel(model, node, weights, channels, kept)


def _by_channel(
    model: ModelProto,
    node: NodeProto,
    weights: Mapping[str, npt.NDArray[np.float64]],
    channels: int,
    attributes: Mapping[str, Any],
) -> NodeProto:
    """A convolution in place of a node, each channel by itself."""
    names = [f"{node.output[0]}.{kind}" for kind in weights]
    for name, values in zip(names, weights.values(), strict=True):
        model.graph.initializer.append(numpy_helper.from_array(values.astype(np.float32), name))
    inputs, outputs = [node.input[0], *names], [node.output[0]]
    return helper.make_node("Conv", inputs, outputs, f"{node.output[0]}.as_conv", group=channels, **attributes)


def _counts_padding(attributes: Mapping[str, Any]) -> bool:
    """Whether every mean is over the whole kernel, zeros of the padding included."""
    padded = any(attributes.get("pads", []))
    plain = attributes.get("auto_pad", b"NOTSET") == b"NOTSET" and not attributes.get("ceil_mode", 0)
    return plain and (not padded or bool(attributes.get("count_include_pad", 0)))


def _channels(model: ModelProto) -> dict[str, int]:
    """Tensor -> its channels, where they are known."""
    found = {}
    for value in onnx.shape_inference.infer_shapes(model).graph.value_info:
        dims = value.type.tensor_type.shape.dim
        if len(dims) == 4 and dims[1].dim_value:
            found[value.name] = int(dims[1].dim_value)
    return found


def _without_traces(model: ModelProto) -> bytes:
    """The model without what the runtime declares and does not use: its own domains, which no bundle may name."""
    domains = [entry for entry in model.opset_import if entry.domain in _STANDARD]
    del model.opset_import[:]
    model.opset_import.extend(domains)
    del model.metadata_props[:]
    del model.graph.value_info[:]
    return bytes(model.SerializeToString())
