"""What the graph of a network takes and gives: windows of the raster's numbers, and scores of classes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.bundle import Bundle, Windows
from uhrs_qgis_plugin.engine.errors import BundleError
from uhrs_qgis_plugin.engine.grid import CELL32

SLACK = 0.01  # by which probabilities may leave [0, 1]: rounding of reduced precision


def as_tensor(pixels: NDArray[Any], windows: Windows) -> NDArray[Any]:
    """Scale windows and bring them into the order that the graph takes.

    Args:
        pixels: (N, B, side, side) the raster's numbers.

    Returns:
        (N, B, side, side) or (N, side, side, B) of the graph's type.
    """
    kind = np.dtype(windows.input_type)
    if windows.mean:
        work = np.promote_types(kind, np.float32)  # half precision would round the raster's own numbers
        mean, deviation = (np.array(values, work)[:, None, None] for values in (windows.mean, windows.deviation))
        pixels = (pixels.astype(work) - mean) / deviation
    tensor = pixels.astype(kind, copy=False)
    return np.ascontiguousarray(tensor if windows.input_axes == "NCHW" else tensor.transpose(0, 2, 3, 1))


def wide_enough(image: NDArray[Any], side: int) -> NDArray[Any]:
    """Repeat the last row and column of an image until `window_around` finds room in it.

    Args:
        image: (B, h, w).
        side: Of a window, pixels.

    Returns:
        (B, H, W): multiples of 32 or the side, whichever is larger.
    """
    missing = [max(side, -(-length // CELL32) * CELL32) - length for length in image.shape[1:]]
    return np.pad(image, ((0, 0), (0, missing[0]), (0, missing[1])), mode="edge")


def by_class(output: NDArray[Any], windows: Windows) -> list[NDArray[np.float32]]:
    """Split what the graph gives for one window into the scores of each class.

    Args:
        output: (C, h, w) or (h, w, C); one channel for two classes.

    Returns:
        C arrays (h, w).
    """
    layers = output if windows.output_axes == "NCHW" else output.transpose(2, 0, 1)
    scores = [np.ascontiguousarray(layer, np.float32) for layer in layers]
    if len(scores) > 1:
        return scores
    other = np.zeros_like(scores[0]) if windows.scores == "logits" else 1 - scores[0]
    return [other, scores[0]]


def input_shape(bundle: Bundle, windows: Windows, count: int | None) -> tuple[int | None, ...]:
    """Tell what the graph takes for a number of windows; None = any."""
    lengths = {"N": count, "C": len(bundle.bands), "H": windows.side, "W": windows.side}
    return tuple(lengths[axis] for axis in windows.input_axes)


def output_shape(windows: Windows, count: int) -> tuple[int, ...]:
    """Tell what the graph gives for a number of windows."""
    cells = windows.side // windows.stride
    lengths = {"N": count, "C": windows.channels, "H": cells, "W": cells}
    return tuple(lengths[axis] for axis in windows.output_axes)


def check_scores(what: str, output: NDArray[Any], windows: Windows, count: int) -> None:
    """Check what a run of the graph gave.

    Args:
        what: Graph and model, for the message.

    Raises:
        BundleError: Other shapes, types or numbers than promised.
    """
    shape = output_shape(windows, count)
    if output.shape != shape or output.dtype != windows.output_type:
        raise BundleError(
            f"{what} gave {output.dtype}{list(output.shape)} where {windows.output_type}{list(shape)} was promised: "
            "import or export the model again."
        )
    if not np.isfinite(output).all():
        raise BundleError(
            f"{what} gave numbers that are not finite: "
            "the model is damaged or the raster's numbers are not what it was trained on."
        )
    if windows.scores == "probabilities" and (output.min() < -SLACK or output.max() > 1 + SLACK):
        raise BundleError(
            f"{what} gave probabilities in {output.min():g}..{output.max():g}, expected 0..1: they may be logits, "
            "import the model as such."
        )
