"""Whether the processor adds products of bytes exactly, found out by multiplying two small matrices.

Without instructions for 8-bit networks, onnxruntime adds pairs of products in 16 bits: 2 * 255 * 127 does not fit, and
features become wrong without an error (by two fifths of their spread, on an emulated processor with AVX2 alone).
"""

from __future__ import annotations

from types import ModuleType

import numpy as np

# An ONNX graph: y (m, n) int32 = MatMulInteger(a (m, k) uint8, b (k, n) int8).
PRODUCT = (
    b'\x08\x04\x12\x00:b\n\x18\n\x01a\n\x01b\x12\x01y"\rMatMulInt'
    b"eger\x12\x01gZ\x15\n\x01a\x12\x10\n\x0e\x08\x02\x12\n\n\x03\x12\x01m\n\x03\x12"
    b"\x01kZ\x15\n\x01b\x12\x10\n\x0e\x08\x03\x12\n\n\x03\x12\x01k\n\x03\x12\x01nb\x15\n"
    b"\x01y\x12\x10\n\x0e\x08\x06\x12\n\n\x03\x12\x01m\n\x03\x12\x01nB\x04\n\x00\x10\n"
)
LENGTH = 64  # of a sum
_known: list[bool] = []


def sums_are_exact(ort: ModuleType) -> bool:
    """Tell whether sums of 8-bit products come out right by themselves; asked once a process.

    Args:
        ort: onnxruntime.

    Returns:
        False where a session must ask for exact sums, which makes it slower.
    """
    if not _known:
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        session = ort.InferenceSession(PRODUCT, options, providers=["CPUExecutionProvider"])
        most = {"a": np.full((4, LENGTH), 255, np.uint8), "b": np.full((LENGTH, LENGTH), 127, np.int8)}
        (sums,) = session.run(None, most)
        _known.append(bool((sums == LENGTH * 255 * 127).all()))
    return _known[0]
