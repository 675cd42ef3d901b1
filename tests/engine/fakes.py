"""Stand-ins for trained models: numpy streams here, a tiny real bundle in `tiny_bundle`."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.engine.tiny_bundle import CHANNELS, manifest, write_tiny_bundle
from uhrs_qgis_plugin.engine.bundle.bundle import Bundle, ClassInfo

__all__ = ["CHANNELS", "NeighbourStreams", "PixelStreams", "fake_bundle", "manifest", "write_tiny_bundle"]


def fake_bundle(**changes: Any) -> Bundle:
    """Return a bundle that only the fakes below can run."""
    description = manifest(**changes)
    source = description["mlm:input"][0]
    return Bundle(
        path="fake.uhrs",
        sha256="0" * 64,
        name="fake",
        architecture="fake",
        total_parameters=0,
        bands=tuple(source["bands"]),
        data_type=source["data_type"],
        resolution_m=None,
        classes=tuple(
            ClassInfo(item["value"], item["name"], (item["value"], 10, 20))
            for item in description["mlm:output"][0]["classification:classes"]
        ),
        downsampling="average",
        patch_side=description["uhrs:patch_side"],
        coarse_channels=CHANNELS,
        feature_channels=CHANNELS,
        uncertainty_stride=description["uhrs:uncertainty_stride"],
        default_ratio=description["uhrs:default_ratio"],
        fill=tuple(description["uhrs:fill"]),
        network={},
        training_data="",
        licence="",
        metrics={},
        graphs={},
    )


def pool(array: np.ndarray, size: int) -> np.ndarray:
    """Average `size` x `size` squares of the last two axes."""
    *lead, height, width = array.shape
    squares = array.astype(np.float32).reshape(*lead, height // size, size, width // size, size)
    # Two steps in a fixed order, so that a cell's last bit does not depend on the array around it.
    return squares.sum(axis=-1).sum(axis=-2) / np.float32(size * size)


def repeat(array: np.ndarray, size: int) -> np.ndarray:
    """Repeat each cell of the last two axes `size` x `size` times."""
    return array.repeat(size, axis=-2).repeat(size, axis=-1)


class PixelStreams:
    """Streams in which every cell depends on its own pixels only.

    Features are the means of the first band and simple functions of it; U grows with the mean; labels follow from
    the fused features. Calls are recorded for tests.
    """

    device = "fake"
    batch_size = 16
    lanes = 1
    scenes = 1
    idle_cores = None
    keeps_features = False
    version = "0"
    precision = "float"

    def __init__(self, stride: int = 16, classes: int = 3):
        self.stride = stride
        self.classes = classes
        self.messages: list[str] = []
        self.low_shapes: list[tuple[int, ...]] = []
        self.high_batches: list[int] = []
        self.patches: list[np.ndarray] = []
        self.fuse_shapes: list[tuple[int, ...]] = []
        self.forgotten: list[tuple[str, int]] = []  # and how many batches ran before

    def run(self, graph, inputs):
        outputs = getattr(self, graph)(*inputs)
        return (outputs,) if graph == "high" else outputs

    def low(self, image):
        self.low_shapes.append(image.shape)
        features = self._features(pool(image, 8))
        uncertainty = pool(image, self.stride // 4).mean(axis=1, keepdims=True) / 255
        return features, np.clip(uncertainty, 0, 1).astype(np.float32)

    def high(self, patches):
        self.high_batches.append(len(patches))
        self.patches.extend(patch.copy() for patch in patches)
        return self._features(pool(patches, 8) + np.float32(37))

    def fuse(self, low_features, uncertainty, high_features, selected):
        self.fuse_shapes.append(low_features.shape)
        low = repeat(low_features, 4)
        weight = pool(repeat(uncertainty, self.stride // 8), 1)
        fused = self.mix(np.where(selected, (1 - weight) * low + weight * high_features, low))
        labels = (fused[:, 0].astype(np.int64) // 8 % self.classes).astype(np.uint8)
        final = (fused[:, 1].astype(np.int64) % 255).astype(np.uint8)
        u8 = np.round(254 * weight[:, 0]).astype(np.uint8)
        return repeat(labels, 8), np.stack([u8, final], axis=1)

    def stop(self):
        pass

    def forget(self, graph):
        self.forgotten.append((graph, len(self.high_batches)))

    def mix(self, fused):
        """Let cells see their neighbours; here they do not."""
        return fused

    @staticmethod
    def _features(means):
        first = means[:, :1]
        return np.concatenate([first, first * 2, means.sum(axis=1, keepdims=True), first + 1], axis=1)


class NeighbourStreams(PixelStreams):
    """Streams whose fuse looks at neighbours as a real graph does, so that block margins matter."""

    def fuse(self, low_features, uncertainty, high_features, selected):
        self.fuse_shapes.append(low_features.shape)
        low = bilinear(low_features, 4)
        weight = bilinear(uncertainty, self.stride // 8)
        fused = mean3x3(np.where(selected, (1 - weight) * low + weight * high_features, low))
        full = bilinear(fused, 8)
        labels = (full[:, 0].astype(np.int64) // 4 % self.classes).astype(np.uint8)
        final = (fused[:, 1].astype(np.int64) % 255).astype(np.uint8)
        return labels, np.stack([np.round(254 * weight[:, 0]).astype(np.uint8), final], axis=1)


def mean3x3(array: np.ndarray) -> np.ndarray:
    """Mean over 3x3 cells, zeros outside."""
    padded = np.pad(array, ((0, 0), (0, 0), (1, 1), (1, 1)))
    height, width = array.shape[2:]
    total = np.zeros_like(array)
    for row in range(3):
        for col in range(3):
            total += padded[:, :, row : row + height, col : col + width]
    return total / np.float32(9)


def bilinear(array: np.ndarray, size: int) -> np.ndarray:
    """Upsample by linear interpolation between cell centres, clamped at the border (align_corners=False)."""
    if size == 1:
        return array
    for axis in (2, 3):
        count = array.shape[axis]
        # Per output cell of one input cell the offset to the two centres around it: equal for all input cells.
        offset = (np.arange(size) + 0.5) / size - 0.5
        base = np.arange(count)[:, None]
        first = np.clip(base + np.floor(offset).astype(int), 0, count - 1).ravel()
        second = np.clip(base + np.floor(offset).astype(int) + 1, 0, count - 1).ravel()
        share = np.tile(offset - np.floor(offset), count).astype(np.float32)
        shape = [1, 1, 1, 1]
        shape[axis] = count * size
        share = share.reshape(shape)
        array = array.take(first, axis) * (1 - share) + array.take(second, axis) * share
    return array
