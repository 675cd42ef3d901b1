"""How far a network looks: at which distance from a change its classes stay the same."""

from __future__ import annotations

import os

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.bundle import Windows
from uhrs_qgis_plugin.engine.importing.network_file import open_network
from uhrs_qgis_plugin.engine.importing.options import ImportOptions
from uhrs_qgis_plugin.engine.importing.trial import Image, Scaling, Trial, chances

CHANGED_PART = 4  # one quarter of the image, at one side, is changed
MOST_CHANGE = 0.01  # mean change of a probability that no seam shows
MOST_LABELS = 0.005  # share of pixels whose class may change


def measure_reach(trial: Trial, image: Image, kind: str) -> int | None:
    """Measure how far from a change the classes of a network change.

    A quarter of a test image is replaced by another one: what lies beyond the border of a window is unknown in the same
    way. Receptive fields by counting layers are several times as large as what matters.

    Args:
        image: (B, side, side) a test image.
        kind: Of the scores.

    Returns:
        Pixels; None where the change is felt over the whole image.
    """
    before = chances(trial.scores(image), kind)
    side = image.shape[-1]
    stride = side // before.shape[-1]
    edge = side // CHANGED_PART // stride * stride
    reaches = []
    for axis in (1, 2):
        changed = np.moveaxis(image.copy(), axis, 1)
        changed[:, :edge] = trial.shaded(changed)[:, :edge]
        after = chances(trial.scores(np.moveaxis(changed, 1, axis)), kind)
        reaches.append(_reach(np.moveaxis(before, axis, 1), np.moveaxis(after, axis, 1), edge // stride))
    if None in reaches:
        return None
    return stride * max(reach for reach in reaches if reach is not None)


def warn_of_seams(onnx_path: str | os.PathLike[str], windows: Windows, bands: int, data_type: str) -> str:
    """Measure how far a network looks in windows that are chosen.

    Args:
        onnx_path: The network.
        windows: How it is run.
        bands: That it takes.
        data_type: numpy name of the raster's numbers.

    Returns:
        As `seams_between`.

    Raises:
        BundleError: It cannot be run.
        DeviceError: onnxruntime is missing.
    """
    layout = "NHWC" if windows.input_axes == "NHWC" else "NCHW"
    file = open_network(os.fspath(onnx_path), ImportOptions(output=windows.output, layout=layout))
    trial = Trial(file, Scaling(windows.mean, windows.deviation), bands, data_type)
    reach = measure_reach(trial, trial.image(windows.side, windows.side), windows.scores)
    return seams_between(windows.side, windows.margin, windows.is_fixed, reach)


def seams_between(side: int, margin: int, is_fixed: bool, reach: int | None) -> str:
    """Word a warning where a network looks beyond the margin of its windows; "" where it does not.

    Args:
        side, margin: Of the windows, in pixels.
        is_fixed: Whether the network takes no other windows.
        reach: From `measure_reach`.
    """
    if reach is not None and reach <= margin:
        return ""
    felt = "over the whole window" if reach is None else f"up to {reach} pixels away"
    larger = "" if is_fixed else " or larger windows"
    return (
        f"A change is felt {felt}, and windows of {side} pixels have a margin of {margin}: seams between windows may "
        f"show; give a larger margin{larger} where they do."
    )


def _reach(before: NDArray[np.float32], after: NDArray[np.float32], edge: int) -> int | None:
    """Cells beyond an edge from which on nothing changes; None where that goes on to the end.

    Args:
        before: (channels, n, m) probabilities; rows before `edge` belong to what was changed.
        after: Of the changed image.
        edge: A row.
    """
    difference = np.abs(after - before).max(0).mean(1)[edge:]
    labels = (_labels(after) != _labels(before)).mean(1)[edge:]
    felt = np.flatnonzero((difference > MOST_CHANGE) | (labels > MOST_LABELS))
    if not felt.size:
        return 0
    return None if felt[-1] == len(difference) - 1 else int(felt[-1]) + 1


def _labels(probabilities: NDArray[np.float32]) -> NDArray[np.intp]:
    return probabilities.argmax(0) if len(probabilities) > 1 else (probabilities[0] > 0.5).astype(np.intp)
