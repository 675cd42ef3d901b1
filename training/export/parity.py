"""Whether a bundle computes what its network computes in torch."""

from __future__ import annotations

import numpy as np
import torch

from training.evaluation import Temperatures
from training.export.graphs import FuseGraph, HighGraph, LowGraph, example
from training.networks import DualStream
from uhrs_qgis_plugin.engine.bundle import Bundle
from uhrs_qgis_plugin.engine.inference import open_streams
from uhrs_qgis_plugin.engine.results import LEVELS

TOLERANCE = 1e-3
PARITY_CELLS = ((4, 4), (9, 5), (8, 20))  # low cells (32 px), none of them the exported size


@torch.no_grad()
def largest_difference(bundle: Bundle, network: DualStream) -> float:
    """Largest difference of features, U and labels between bundle and torch over PARITY_CELLS.

    Features are compared in units of their own spread where that is above 1. Labels count as 0 or 1: equal
    everywhere up to one pixel in ten thousand, or not. The final uncertainty is that of the bundle's temperatures.
    """
    streams = open_streams(bundle, "cpu", precision="float")
    temperatures = Temperatures(**bundle.calibration.get("temperatures", {}))
    worst = 0.0
    for seed, cells in enumerate(PARITY_CELLS, start=1):
        image, patches, fuse_inputs = example(network, cells, seed)
        features, u, _ = LowGraph(network)(image)
        got_features, got_u = streams.low(image.numpy())
        labels, uncertainty8 = FuseGraph(network, temperatures)(*fuse_inputs)
        got_labels, got_uncertainty8 = streams.fuse(*(x.numpy() for x in fuse_inputs))
        pairs = (
            (features, got_features),
            (u, got_u),
            (HighGraph(network)(patches), streams.high(patches.numpy())),
        )
        worst = max(worst, *(float(np.abs(t.numpy() - o).max()) / max(1.0, float(t.std())) for t, o in pairs))
        steps = np.abs(uncertainty8.numpy().astype(int) - got_uncertainty8.astype(int)).max()
        worst = max(worst, float(np.mean(labels.numpy() != got_labels) > 1e-4), max(0, int(steps) - 1) / LEVELS)
    return worst
