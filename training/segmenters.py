"""Two ways to segment a labelled scene: the network in torch, and a bundle in the engine."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt
import torch

from training.checkpoint import Trained
from training.data.scenes import Scene
from training.networks.dual_stream import channels_last
from uhrs_qgis_plugin.engine.bundle import read_bundle
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.pipeline import Options, Outputs, segment
from uhrs_qgis_plugin.engine.raster import RasterProfile, create_raster, open_raster

_UNKNOWN_PLACE = (0.0, 1.0, 0.0, 0.0, 0.0, -1.0)  # labelled scenes carry no georeference


@dataclass(frozen=True)
class Segmented:
    """What a segmenter makes of a scene.

    Attributes:
        labels: (H, W) uint8.
        uncertainty: U (h, w) float32 in [0, 1], coarser than the labels.
        low_labels: (H, W) uint8 of the low stream's own classifier; None where it is not known.
    """

    labels: npt.NDArray[np.uint8]
    uncertainty: npt.NDArray[np.float32]
    low_labels: npt.NDArray[np.uint8] | None = None


class Segmenter(Protocol):
    """Labels a scene with K of its patches refined."""

    class_names: list[str]

    def segment(self, scene: Scene, ratio: float) -> Segmented:
        """Segment the scene."""


class NetworkSegmenter:
    """A checkpoint's network in torch, the whole scene at once.

    Args:
        trained: see `load_trained`.
    """

    def __init__(self, trained: Trained) -> None:
        self.network = channels_last(trained.network)
        self.class_names = trained.class_names

    @torch.inference_mode()
    def segment(self, scene: Scene, ratio: float) -> Segmented:
        """Segment the scene."""
        image = torch.from_numpy(np.asarray(scene.image).astype(np.float32))[None]
        output = self.network(image.contiguous(memory_format=torch.channels_last), ratio)
        low = self.network.full_size(output, output.low.logits).argmax(1)[0].to(torch.uint8)
        labels = self.network.full_logits(output).argmax(1)[0].to(torch.uint8)
        return Segmented(labels.numpy(), output.uncertainty[0, 0].numpy(), low.numpy())


class BundleSegmenter:
    """A bundle in the engine, through rasters on disk, like a user.

    Args:
        path: the bundle.
    """

    def __init__(self, path: Path) -> None:
        self.bundle = read_bundle(path)
        self.class_names = [c.name for c in self.bundle.classes]

    def segment(self, scene: Scene, ratio: float) -> Segmented:
        """Segment the scene.

        Raises:
            UhrsError: when the scene does not fit the bundle.
        """
        bands, height, width = scene.image.shape
        profile = RasterProfile(width, height, bands, "", _UNKNOWN_PLACE, None, ("",) * bands)
        with tempfile.TemporaryDirectory() as folder:
            source, classes, doubts = (str(Path(folder) / f"{n}.tif") for n in ("image", "classes", "uncertainty"))
            writer = create_raster(source, profile)
            writer.write(np.asarray(scene.image).astype(np.uint8), 0, 0)
            writer.close()
            segment(source, self.bundle, Outputs(classes, doubts), Options(ratio=ratio))
            labels, uncertainty = _read_band(classes), _read_band(doubts)
        return Segmented(labels, uncertainty.astype(np.float32) / np.float32(254))


def _read_band(path: str) -> npt.NDArray[np.uint8]:
    with open_raster(path) as reader:
        whole = Window(0, 0, reader.info.height, reader.info.width)
        return reader.read((1,), whole)[0].astype(np.uint8)
