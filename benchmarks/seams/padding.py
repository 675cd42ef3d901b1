"""Variants of the high stream that see more, or something else, beyond the edge of a patch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import helper

from uhrs_qgis_plugin.engine.grid import CELL8

BATCH_PIXELS = 16 * 128**2  # pixels per run: the engine's 16 patches of 128


@dataclass(frozen=True)
class Variant:
    """How the high stream is run.

    Attributes:
        side: Pixels of the square whose features are kept, a multiple of 16.
        halo: Pixels read around it and cut off afterwards, a multiple of 16.
        padding: What convolutions see beyond their input: "zero" (as trained) or "edge".
    """

    side: int
    halo: int = 0
    padding: str = "zero"

    @property
    def name(self) -> str:
        """Name for a table."""
        parts = [f"patches of {self.side}", f"halo {self.halo}" if self.halo else ""]
        return ", ".join(filter(None, [*parts, "" if self.padding == "zero" else "edges repeated"]))

    def cost(self, selected: NDArray[np.bool_], patch_side: int) -> float:
        """Pixels that the high stream sees, against those of the selected patches.

        Args:
            selected: (patch rows, patch cols) bool; a square is run when one of its patches is selected.
            patch_side: Pixels.

        Returns:
            1 = no more than now; NaN when none is selected.
        """
        if not selected.any():
            return float("nan")
        size = self.side // patch_side
        rows, cols = selected.shape
        padded = np.pad(selected, ((0, -rows % size), (0, -cols % size)))
        squares = padded.reshape(padded.shape[0] // size, size, -1, size).any(axis=(1, 3))
        return float(squares.sum() * (self.side + 2 * self.halo) ** 2 / (selected.sum() * patch_side**2))


def high_session(graph: bytes, padding: str) -> Any:
    """Open a high stream that takes squares of any size.

    Args:
        graph: The bundle's graph.
        padding: As in `Variant`.

    Returns:
        An onnxruntime session on the processor.
    """
    model = onnx.load_from_string(graph)
    for axis, name in ((2, "height"), (3, "width")):
        model.graph.input[0].type.tensor_type.shape.dim[axis].dim_param = name
    if padding == "edge":
        _repeat_edges(model)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def feature_map(session: Any, image: NDArray[Any], variant: Variant) -> NDArray[np.float32]:
    """Run the high stream over a whole canvas.

    Args:
        session: From `high_session` with the variant's padding.
        image: (B, H, W), H and W multiples of 16.
        variant: How.

    Returns:
        (F, H/8, W/8). Beyond the canvas the last pixel is repeated.
    """
    side, halo = variant.side, variant.halo
    height, width = image.shape[1:]
    padded = np.pad(image, ((0, 0), (halo, halo + -height % side), (halo, halo + -width % side)), mode="edge")
    places = [(row, col) for row in range(0, height, side) for col in range(0, width, side)]
    size = side + 2 * halo
    batch = max(1, BATCH_PIXELS // size**2)
    inner = slice(halo // CELL8, (halo + side) // CELL8)
    features = None
    for first in range(0, len(places), batch):
        part = places[first : first + batch]
        patches = np.stack([padded[:, row : row + size, col : col + size] for row, col in part])
        found = session.run(None, {"patches": patches})[0][:, :, inner, inner]
        if features is None:
            features = np.zeros((found.shape[1], height // CELL8, width // CELL8), np.float32)
        for (row, col), values in zip(part, found):
            target = features[:, row // CELL8 : (row + side) // CELL8, col // CELL8 : (col + side) // CELL8]
            target[:] = values[:, : target.shape[1], : target.shape[2]]
    return features


def _repeat_edges(model: Any) -> None:
    """Let every padded convolution and pooling see the last row and column again instead of zeros, in place."""
    nodes = []
    for node in model.graph.node:
        pads = next((item for item in node.attribute if item.name == "pads"), None)
        if node.op_type in ("Conv", "AveragePool", "MaxPool") and pads is not None and any(pads.ints):
            top, left, bottom, right = pads.ints
            amounts = f"{node.name}/pads"
            values = helper.make_tensor(amounts, onnx.TensorProto.INT64, [8], [0, 0, top, left, 0, 0, bottom, right])
            nodes.append(helper.make_node("Constant", [], [amounts], value=values))
            nodes.append(helper.make_node("Pad", [node.input[0], amounts], [f"{node.name}/padded"], mode="edge"))
            node.input[0] = f"{node.name}/padded"
            del pads.ints[:]
            pads.ints.extend([0, 0, 0, 0])
        nodes.append(node)
    del model.graph.node[:]
    model.graph.node.extend(nodes)
