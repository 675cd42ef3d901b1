"""A bundle small enough for tests and real enough for onnxruntime, built without torch."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from uhrs_qgis_plugin.engine.bundle.bundle import Bundle, write_bundle

CHANNELS = 4
INT8_GAIN = 1.25
INT8_STATED = {
    "agreement": 0.995,
    "uncertainty_difference": 0.004,
    "test_scene_agreement": 0.5,
    "calibrated_on": "nothing, train",
    "compared_on": "nothing, val",
}
COLOURS = ("E2A929", "3C1098", "8429F6", "6EC1E4", "FEDD3A", "9B9B9B")


def manifest(
    bands: int = 3,
    classes: int = 3,
    dtype: str = "uint8",
    patch_side: int = 128,
    stride: int = 16,
    channels: int = CHANNELS,
    ratio: float = 0.5,
) -> dict[str, Any]:
    """Return a valid model.json."""
    return {
        "uhrs:format_version": 1,
        "mlm:name": "tiny",
        "mlm:architecture": "average-pooling",
        "mlm:tasks": ["semantic-segmentation"],
        "mlm:framework": "ONNX",
        "mlm:total_parameters": 0,
        "mlm:input": [
            {
                "name": "image",
                "bands": [f"band{index}" for index in range(1, bands + 1)],
                "data_type": dtype,
                "input": {
                    "shape": [-1, bands, -1, -1],
                    "dim_order": ["batch", "bands", "height", "width"],
                    "data_type": dtype,
                },
                "value_scaling": None,
                "raster:spatial_resolution": 0.3,
            }
        ],
        "mlm:output": [
            {
                "name": "classes",
                "tasks": ["semantic-segmentation"],
                "result": {"shape": [-1, -1, -1], "dim_order": ["batch", "height", "width"], "data_type": "uint8"},
                "classification:classes": [
                    {"value": value, "name": f"class{value}", "color_hint": COLOURS[value % len(COLOURS)]}
                    for value in range(classes)
                ],
            }
        ],
        "uhrs:down_ratio": 4,
        "uhrs:downsampling": "average",
        "uhrs:patch_side": patch_side,
        "uhrs:coarse_channels": channels,
        "uhrs:feature_channels": channels,
        "uhrs:uncertainty_stride": stride,
        "uhrs:default_ratio": ratio,
        "uhrs:fill": [100 + index for index in range(bands)],
        "uhrs:training_data": "none",
        "uhrs:metrics": {},
        "uhrs:licence": "GPL-3.0-or-later",
    }


def write_tiny_bundle(
    path: str | os.PathLike[str],
    bands: int = 3,
    classes: int = 3,
    dtype: str = "uint8",
    patch_side: int = 128,
    stride: int = 16,
    resolution_m: float | None = None,
    int8: bool = False,
) -> Bundle:
    """Write a bundle whose graphs are average pooling, real enough for onnxruntime.

    U is the mean of the bands / 255; low features average 32x32 pixels, high ones 8x8; the label is the index of the
    largest of `classes` channels, which are the fused mean minus steps, folded: dark pixels get class 0, bright ones
    the last class. With `int8`, low and high are also there as 8-bit graphs, which are brighter by `INT8_GAIN`, so that
    tests see which ones run.
    """
    graphs = {
        "low": _low_graph(bands, classes, dtype, stride),
        "high": _high_graph(bands, dtype),
        "fuse": _fuse_graph(classes, stride),
    }
    description = manifest(bands, classes, dtype, patch_side, stride)
    if int8:
        graphs["low.int8"] = _low_graph(bands, classes, dtype, stride, INT8_GAIN)
        graphs["high.int8"] = _high_graph(bands, dtype, INT8_GAIN)
        description |= {"uhrs:format_version": 2, "uhrs:int8": INT8_STATED}
    description["uhrs:fill"] = [0] * bands
    description["mlm:input"][0]["raster:spatial_resolution"] = resolution_m
    return write_bundle(path, description, graphs)


def _model(nodes, inputs, outputs, initializers, name):
    from onnx import checker, helper

    graph = helper.make_graph(nodes, name, inputs, outputs, initializers)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8)
    checker.check_model(model)
    return model.SerializeToString()


def _value(name, dtype, *shape):
    from onnx import helper

    return helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(np.dtype(dtype)), list(shape))


def _constant(name, array):
    from onnx import numpy_helper

    return numpy_helper.from_array(np.asarray(array), name)


def _node(kind, inputs, outputs, **attributes):
    from onnx import helper

    return helper.make_node(kind, inputs, outputs, **attributes)


def _pool_node(source, target, size):
    return _node("AveragePool", [source], [target], kernel_shape=[size, size], strides=[size, size])


def _mean_weights(bands, gain=1.0):
    """A 1x1 convolution from bands to CHANNELS: each channel is the mean of the bands, times a gain."""
    return np.full((CHANNELS, bands, 1, 1), gain / bands, np.float32)


def _low_graph(bands, classes, dtype, stride, gain=1.0):
    nodes = [
        _node("Cast", ["image"], ["real"], to=1),
        _node("Conv", ["real", "weights"], ["mean"]),
        _pool_node("mean", "features", 8),
        _pool_node("mean", "coarse", stride // 4),
        _node("Slice", ["coarse", "zero", "one", "axis"], ["first"]),
        _node("Mul", ["first", "scale"], ["scaled"]),
        _node("Clip", ["scaled", "low_limit", "high_limit"], ["uncertainty"]),
        _node("Conv", ["features", "head"], ["logits"]),
    ]
    constants = [
        _constant("weights", _mean_weights(bands, gain)),
        _constant("zero", np.array([0], np.int64)),
        _constant("one", np.array([1], np.int64)),
        _constant("axis", np.array([1], np.int64)),
        _constant("scale", np.float32(1 / 255)),
        _constant("low_limit", np.float32(0)),
        _constant("high_limit", np.float32(1)),
        _constant("head", _head_weights(classes)),
    ]
    outputs = [
        _value("features", "float32", "n", CHANNELS, None, None),
        _value("uncertainty", "float32", "n", 1, None, None),
        _value("logits", "float32", "n", classes, None, None),
    ]
    return _model(nodes, [_value("image", dtype, "n", bands, "h", "w")], outputs, constants, "low")


def _high_graph(bands, dtype, gain=1.0):
    nodes = [
        _node("Cast", ["patches"], ["real"], to=1),
        _node("Conv", ["real", "weights"], ["mean"]),
        _pool_node("mean", "features", 8),
    ]
    return _model(
        nodes,
        [_value("patches", dtype, "n", bands, "h", "w")],
        [_value("features", "float32", "n", CHANNELS, None, None)],
        [_constant("weights", _mean_weights(bands, gain))],
        "high",
    )


def _head_weights(classes):
    """Logits c * mean: together with the bias of `_head_bias` class c wins around its own grey."""
    return np.repeat(np.arange(classes, dtype=np.float32)[:, None, None, None], CHANNELS, axis=1) / CHANNELS


def _head_bias(classes):
    """Parabola that makes class c win between 256 c / classes and 256 (c + 1) / classes."""
    step = 256 / classes
    return np.array([-step * c * (c + 1) / 2 for c in range(classes)], np.float32)


def _fuse_graph(classes, stride):
    nodes = [
        _node("Resize", ["low_features", "", "up4"], ["low"], mode="linear"),
        _node("Resize", ["uncertainty", "", "up_u"], ["u"], mode="linear"),
        _node("Sub", ["one_f", "u"], ["rest"]),
        _node("Mul", ["rest", "low"], ["low_part"]),
        _node("Mul", ["u", "high_features"], ["high_part"]),
        _node("Add", ["low_part", "high_part"], ["both"]),
        _node("Where", ["selected", "both", "low"], ["fused"]),
        _node("Conv", ["fused", "head", "bias"], ["logits"]),
        _node("Resize", ["logits", "", "up8"], ["full"], mode="linear"),
        _node("ArgMax", ["full"], ["label64"], axis=1, keepdims=0),
        _node("Cast", ["label64"], ["labels"], to=2),
        _node("Concat", ["u", "u"], ["twice"], axis=1),
        _node("Mul", ["twice", "steps"], ["stepped"]),
        _node("Round", ["stepped"], ["rounded"]),
        _node("Cast", ["rounded"], ["uncertainty8"], to=2),
    ]
    up_u = stride / 8
    constants = [
        _constant("up4", np.array([1, 1, 4, 4], np.float32)),
        _constant("up_u", np.array([1, 1, up_u, up_u], np.float32)),
        _constant("up8", np.array([1, 1, 8, 8], np.float32)),
        _constant("one_f", np.float32(1)),
        _constant("steps", np.float32(254)),
        _constant("head", _head_weights(classes)),
        _constant("bias", _head_bias(classes)),
    ]
    inputs = [
        _value("low_features", "float32", "n", CHANNELS, "a", "b"),
        _value("uncertainty", "float32", "n", 1, "ua", "ub"),
        _value("high_features", "float32", "n", CHANNELS, "ha", "hb"),
        _value("selected", "bool", "n", 1, "ha", "hb"),
    ]
    outputs = [
        _value("labels", "uint8", "n", None, None),
        _value("uncertainty8", "uint8", "n", 2, None, None),
    ]
    return _model(nodes, inputs, outputs, constants, "fuse")
