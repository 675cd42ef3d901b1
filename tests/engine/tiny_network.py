"""Bundles of one network, small enough for tests and real enough for onnxruntime, and the same networks in numpy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tests.engine.tiny_bundle import COLOURS, _constant, _model, _node, _value
from uhrs_qgis_plugin.engine.bundle import Windows, network_manifest, write_bundle

REACH = 2  # pixels that a class may depend on, on each side: two convolutions of 3 x 3


@dataclass(frozen=True)
class TinyNetwork:
    """Two convolutions with a ReLU between, of random weights that make mixed classes.

    Attributes:
        windows: How the engine runs it.
        bands: Bands.
        classes: Classes.
        seed: Of the weights.
    """

    windows: Windows
    bands: int = 3
    classes: int = 3
    seed: int = 0

    def weights(self):
        random = np.random.default_rng(self.seed)
        hidden = 6
        first = random.normal(0, 1, (hidden, self.bands, 3, 3)).astype(np.float32)
        first -= first.mean((1, 2, 3), keepdims=True)  # edges matter, brightness does not
        second = random.normal(0, 0.15, (self.windows.channels, hidden, 3, 3)).astype(np.float32)
        return first, second

    def graph(self, gain=1.0) -> bytes:
        """The ONNX graph as this bundle's windows describe it; `gain` makes another network of it."""
        w = self.windows
        first, second = self.weights()
        half = w.input_type == "float16"
        kind = np.float16 if half else np.float32
        nodes, last = [], w.input
        if w.input_axes == "NHWC":
            nodes.append(_node("Transpose", [last], ["turned"], perm=[0, 3, 1, 2]))
            last = "turned"
        if not w.input_type.startswith("float"):
            nodes.append(_node("Cast", [last], ["real"], to=1))
            last = "real"
        nodes += [
            _node("Conv", [last, "first"], ["a"], pads=[1, 1, 1, 1]),
            _node("Relu", ["a"], ["b"]),
            _node("Conv", ["b", "second"], ["c"], pads=[1, 1, 1, 1]),
        ]
        last = "c"
        if w.stride > 1:
            nodes.append(_node("AveragePool", [last], ["d"], kernel_shape=[w.stride] * 2, strides=[w.stride] * 2))
            last = "d"
        if w.scores == "probabilities":
            nodes.append(
                _node("Sigmoid", [last], ["e"]) if w.channels == 1 else _node("Softmax", [last], ["e"], axis=1)
            )
            last = "e"
        if w.output_axes == "NHWC":
            nodes.append(_node("Transpose", [last], ["f"], perm=[0, 2, 3, 1]))
            last = "f"
        nodes.append(_node("Identity", [last], [w.output]))
        batch = w.batch or "n"
        size = [w.side, w.side] if w.is_fixed else ["h", "w"]
        source = [batch, self.bands, *size] if w.input_axes == "NCHW" else [batch, *size, self.bands]
        target = [batch, w.channels, None, None] if w.output_axes == "NCHW" else [batch, None, None, w.channels]
        return _model(
            nodes,
            [_value(w.input, w.input_type, *source)],
            [_value(w.output, w.output_type, *target)],
            [_constant("first", (first * gain).astype(kind)), _constant("second", second.astype(kind))],
            "network",
        )

    def scores(self, image):
        """The scores (C, h, w) of a whole image (B, h, w), computed by numpy."""
        w = self.windows
        image = image.astype(np.float32)
        if w.mean:
            image = (image - np.float32(w.mean)[:, None, None]) / np.float32(w.deviation)[:, None, None]
        first, second = self.weights()
        scores = _conv(np.maximum(_conv(image, first), 0), second)
        if w.stride > 1:
            c, h, v = scores.shape
            scores = scores.reshape(c, h // w.stride, w.stride, v // w.stride, w.stride).mean((2, 4))
        return scores if len(scores) > 1 else np.concatenate([np.zeros_like(scores), scores])


def _conv(image, weights):
    """A convolution of 3 x 3 with zeros around the image."""
    height, width = image.shape[1:]
    padded = np.pad(image, ((0, 0), (1, 1), (1, 1)))
    return sum(
        np.einsum("oi,ihw->ohw", weights[:, :, row, col], padded[:, row : row + height, col : col + width])
        for row in range(3)
        for col in range(3)
    )


def tiny_network(bands=3, classes=3, seed=0, **windows):
    """A network; windows of 96 with a margin of 16 around patches of 64 unless others are given."""
    settings = {
        "side": 96,
        "margin": 16,
        "patch_side": 64,
        "channels": classes,
        "mean": tuple(100.0 + index for index in range(bands)),
        "deviation": tuple(40.0 + index for index in range(bands)),
        **windows,
    }
    return TinyNetwork(Windows("pixels", "scores", **settings), bands, classes, seed)


def write_network_bundle(path, network, data_type="uint8", ratio=1.0, resolution_m=None, int8=None, optional=None):
    """Write the bundle of a network; `int8` = graphs to hold beside or instead of that in floating point."""
    manifest = network_manifest(
        network.windows,
        name="tiny network",
        architecture="two convolutions",
        bands=[f"band{index + 1}" for index in range(network.bands)],
        classes=[(f"class{value}", COLOURS[value % len(COLOURS)]) for value in range(network.classes)],
        data_type=data_type,
        resolution_m=resolution_m,
        ratio=ratio,
        optional=optional,
    )
    return write_bundle(path, manifest, {"network": network.graph()} if int8 is None else int8)
