"""Two ways to segment a labelled scene: the network in torch, and a bundle in the engine."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt
import rasterio
import torch
from rasterio.errors import NotGeoreferencedWarning
from torch import Tensor

from training.data.arrays import PixelArray, Scene, fill_values, filled, resized
from training.errors import DatasetError
from training.evaluation.kept_labels import keep_labels, put_labels
from training.evaluation.parts import SegmentedScene, as_input, sees_whole
from training.networks import Output, channels_last
from training.weights import Trained
from uhrs_qgis_plugin.engine.bundle import read_bundle
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.outputs import Outputs
from uhrs_qgis_plugin.engine.raster import open_raster
from uhrs_qgis_plugin.engine.results import LEVELS
from uhrs_qgis_plugin.engine.segmentation import Options, segment

_STRIP_ROWS = 1024  # written at a time, whole tiles: bounds memory
_NEVER = -1e9  # added to a logit, out of reach of all others; finite, so that it can be interpolated


@dataclass(frozen=True)
class Segmented:
    """A segmented scene.

    Attributes:
        labels: (H, W) uint8; those of a large scene are read when they are sliced.
        uncertainty: U (h, w) float32 in [0, 1], coarser than the labels; None where the network has none.
        low_labels: (H, W) uint8 of the low stream's own classifier; None where it is not known.
    """

    labels: PixelArray
    uncertainty: npt.NDArray[np.float32] | None = None
    low_labels: PixelArray | None = None


class Segmenter(Protocol):
    """Labels a scene with K of its patches refined; some networks have no K, some read all of a scene at once."""

    class_names: list[str]
    takes_ratio: bool
    takes_whole: bool

    def segment(self, scene: Scene, ratio: float) -> Segmented:
        """Segment the scene."""

    def segment_all(self, scene: Scene, ratios: Sequence[float]) -> Iterable[Segmented]:
        """Segment the scene at several K, which may share what they have in common."""


@dataclass(frozen=True)
class Answer:
    """The outputs of a network for an image, at the image's own size.

    Attributes:
        logits: (1, C, H, W).
        low_logits: (1, C, H, W) of the low stream's own classifier; None where the network has none.
        uncertainty: U (h, w), coarser than the image; None where the network has none.
    """

    logits: Tensor
    low_logits: Tensor | None
    uncertainty: Tensor | None


class NetworkSegmenter:
    """A checkpoint's network in torch, at the scene's own scale.

    Args:
        never: names of classes that are excluded from the predictions. The published DeepGlobe numbers exclude class 0
            ("unknown"): the published code lowers its logit by 1000.

    Raises:
        DatasetError: when a class or the device is not there.
    """

    def __init__(self, trained: Trained, never: Sequence[str] = (), device: str = "cpu") -> None:
        missing = sorted(set(never) - set(trained.class_names))
        if missing:
            raise DatasetError(f"There is no class {missing}; the model's classes are {trained.class_names}")
        self.network = channels_last(trained.network).to(device)
        self.class_names = trained.class_names
        self.takes_ratio, self.takes_whole = self.network.takes_ratio, sees_whole(self.network)
        self.device = device
        lowered = [_NEVER if name in never else 0.0 for name in trained.class_names]
        self.bias = torch.tensor(lowered, device=device).view(1, -1, 1, 1)

    @torch.inference_mode()
    def answer(self, image: Tensor, ratio: float) -> Answer:
        """Maps of an image (1, B, H, W) in the raster's own numbers, on the segmenter's device."""
        output = self.network(image.contiguous(memory_format=torch.channels_last), ratio)
        logits = self.network.full_logits(output).add_(self.bias)
        if not isinstance(output, Output):
            return Answer(logits, None, None)
        low = self.network.full_size(output, output.low.logits).add_(self.bias)
        return Answer(logits, low, output.uncertainty[0, 0])

    def pixels_of(self, scene: Scene, long_side: int | None = None) -> PixelArray:
        """The scene's image (B, H, W), filled where it holds no data; nothing is read yet.

        Args:
            scene: the scene.
            long_side: see `resized`.

        Raises:
            DatasetError: when it has other bands than the network's input, or another data type.
        """
        settings = self.network.settings
        bands = settings.bands
        if scene.image.shape[0] != bands:
            raise DatasetError(
                f"Scene '{scene.name}' has {scene.image.shape[0]} bands, the network was trained on {bands}; evaluate "
                "it on images of the kind it was trained on"
            )
        if scene.image.dtype.name != settings.data_type:
            raise DatasetError(
                f"Scene '{scene.name}' holds {scene.image.dtype.name} numbers, the network was trained on "
                f"{settings.data_type}; evaluate it on images of the kind it was trained on"
            )
        return resized(filled(scene, fill_values(settings.mean, settings.data_type)), long_side).image

    def image_of(self, scene: Scene, long_side: int | None = None) -> Tensor:
        """The whole of `pixels_of` (1, B, H, W) on the segmenter's device."""
        return as_input(np.asarray(self.pixels_of(scene, long_side)), self.network)

    def segment(self, scene: Scene, ratio: float) -> Segmented:
        """Segment the scene."""
        return self.segment_all(scene, [ratio])[0]

    def segment_all(self, scene: Scene, ratios: Sequence[float]) -> list[Segmented]:
        """Segment the scene part by part; the low stream runs once for all K."""
        made = SegmentedScene(self.network, self.pixels_of(scene), ratios, self.bias)
        kept = [keep_labels(scene.labels.shape) for _ in ratios]
        low: PixelArray | None = None
        for part in made.parts():
            for place, labels in zip(kept, part.labels, strict=True):
                put_labels(place, part.window, labels.cpu().numpy())
            if part.low_labels is not None:
                low = keep_labels(scene.labels.shape) if low is None else low
                put_labels(low, part.window, part.low_labels.cpu().numpy())
        return [Segmented(labels, made.uncertainty, low) for labels in kept]


def segmented(answer: Answer) -> Segmented:
    """The classes of the highest logits, or probabilities."""
    low = None if answer.low_logits is None else _highest(answer.low_logits)
    u = None if answer.uncertainty is None else answer.uncertainty.float().cpu().numpy()
    return Segmented(_highest(answer.logits), u, low)


def _highest(maps: Tensor) -> npt.NDArray[np.uint8]:
    """(1, C, H, W) -> (H, W)."""
    return maps.max(1).indices[0].to(torch.uint8).cpu().numpy()


class BundleSegmenter:
    """A bundle in the engine, through rasters on disk, like a user.

    Args:
        precision: "float", "int8" or "auto", as in the engine.
        device: as in the engine.
    """

    def __init__(self, path: Path, precision: str = "auto", device: str = "auto") -> None:
        self.bundle = read_bundle(path)
        self._precision, self._device = precision, device
        self.class_names = [c.name for c in self.bundle.classes]
        self.takes_ratio = self.bundle.windows is None or self.bundle.windows.has_first_look
        self.takes_whole = False

    def segment(self, scene: Scene, ratio: float) -> Segmented:
        """Segment the scene.

        Raises:
            UhrsError: when the scene does not fit the bundle.
        """
        return next(iter(self.segment_all(scene, [ratio])))

    def segment_all(self, scene: Scene, ratios: Sequence[float]) -> Iterator[Segmented]:
        """Segment the scene, K by K.

        Raises:
            UhrsError: when the scene does not fit the bundle.
        """
        with tempfile.TemporaryDirectory() as folder:
            source, classes, doubts = (str(Path(folder) / f"{n}.tif") for n in ("image", "classes", "uncertainty"))
            _write_image(source, filled(scene, self.bundle.fill))
            for ratio in ratios:
                options = Options(ratio=ratio, precision=self._precision, device=self._device)
                segment(source, self.bundle, Outputs(classes, doubts), options)
                labels = keep_labels(scene.labels.shape)
                for rows, band in _read_rows(classes):
                    put_labels(labels, rows, band)
                uncertainty = np.concatenate([band for _, band in _read_rows(doubts)])
                yield Segmented(labels, uncertainty.astype(np.float32) / np.float32(LEVELS))


def _write_image(path: str, scene: Scene) -> None:
    """Write an image and its mask as a GeoTIFF of its own data type, a strip at a time: it may lie on disk."""
    image, valid = scene.image, scene.valid
    bands, height, width = image.shape
    profile = {"driver": "GTiff", "count": bands, "height": height, "width": width, "dtype": image.dtype.name}
    profile |= {"tiled": True, "blockxsize": 512, "blockysize": 512, "BIGTIFF": "IF_SAFER"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)  # labelled scenes carry no georeference
        with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True), rasterio.open(path, "w", **profile) as file:
            for row in range(0, height, _STRIP_ROWS):
                strip = np.asarray(image[:, row : row + _STRIP_ROWS])
                window = ((row, row + strip.shape[1]), (0, width))
                file.write(strip, window=window)
                if valid is not None:
                    file.write_mask(valid[row : row + _STRIP_ROWS].astype(np.uint8) * 255, window=window)


def _read_rows(path: str) -> Iterator[tuple[Window, npt.NDArray[np.uint8]]]:
    """Rows of a raster of one band, and where they lie."""
    with open_raster(path) as reader:
        height, width = reader.info.height, reader.info.width
        for row in range(0, height, _STRIP_ROWS):
            window = Window(row, 0, min(_STRIP_ROWS, height - row), width)
            yield window, reader.read((1,), window)[0].astype(np.uint8)
