"""Add 8-bit graphs to a bundle: calibrate on training scenes, compare with floating point, keep what agrees."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from training.data.arrays import IGNORE, Scene, filled
from training.data.datasets import find_dataset
from training.errors import DatasetError, TrainingError
from training.evaluation import BundleSegmenter, Segmented, confusion, mean_iou, percent, setting
from training.export.int8_graphs import quantised
from uhrs_qgis_plugin.engine.bundle import Bundle, Windows, read_bundle, read_manifest, write_bundle
from uhrs_qgis_plugin.engine.grid import CELL32, DOWN_RATIO
from uhrs_qgis_plugin.engine.inference import agreement_of_int8

LEAST_AGREEMENT = 0.99  # share of equal labels, at every K
RATIOS = (0.0, 0.5, 1.0)
CALIBRATION_SCENES, CALIBRATION_PATCHES = 4, 40
CALIBRATION_SIDE = 2560  # pixels, of scenes
COMPARED_SCENES, COMPARED_SIDE = 5, 2048
SEED = 0
CHOICES = (("low", "high"), ("low",), ("high",))  # which streams to try in 8 bits, in this order
NETWORK = (("network",),)  # where there is one network in windows
CALIBRATION_WINDOWS = 12
UNKNOWN = {"agreement": 0, "uncertainty_difference": 0, "test_scene_agreement": 0}


class DisagreementError(TrainingError):
    """The 8-bit graphs of a model give too many other classes than those in floating point."""


@dataclass(frozen=True)
class LabelledScenes:
    """What 8-bit graphs are made and judged with.

    Attributes:
        train: scenes to calibrate on; never those that a model is validated or tested on.
        compared: scenes to compare both precisions on.
        train_text: one sentence about the first.
        compared_text: one sentence about the second.
    """

    train: list[Scene]
    compared: list[Scene]
    train_text: str
    compared_text: str


def load_labelled(dataset: str, root: str | Path) -> LabelledScenes:
    """The training scenes of a dataset, and its validation scenes; the training scenes twice where it has none.

    Raises:
        DatasetError: There is no such dataset, or it cannot be read.
    """
    load = find_dataset(dataset).load
    train = load(root, "train")
    try:
        compared, split = load(root, "val"), "val"
    except DatasetError:
        compared, split = [], ""
    if not compared:
        compared, split = train, "train"
    return LabelledScenes(train, compared, f"{dataset}, train", f"{dataset}, {split}")


def add_int8(source: Path, target: Path, scenes: LabelledScenes, alone: bool = False) -> Mapping[str, Any]:
    """Write a bundle with 8-bit graphs beside those in floating point: of both streams, or of the one that agrees.

    A bundle of one network in windows has one graph.

    Args:
        source: A bundle with graphs in floating point; 8-bit graphs that it has are replaced.
        target: The bundle to write; may be the same file.
        alone: leave the streams that have an 8-bit graph out in floating point; the bundle is then a third as large.

    Returns:
        What the manifest says of the 8-bit graphs, see docs/bundle.md; and "graphs", the streams that have one.

    Raises:
        DisagreementError: They agree on too few labels; nothing is written.
        DatasetError: The scenes do not fit the model.
        UhrsError: The bundle cannot be read or written, or has no graphs in floating point.
    """
    bundle = read_bundle(source)
    if "float" not in bundle.precisions:
        raise DatasetError(f"'{source}' has no graphs in floating point to start from: use the bundle it was made of")
    _check_scenes(bundle, [*scenes.train, *scenes.compared])
    choices = CHOICES if bundle.windows is None else NETWORK
    inputs = _inputs(bundle, scenes.train)
    small = {name: quantised(bundle.graphs[name], arrays) for name, arrays in inputs.items()}
    plain = dict(bundle.graphs)
    texts = {"calibrated_on": scenes.train_text, "compared_on": scenes.compared_text}
    manifest = read_manifest(source)
    manifest = {**manifest, "uhrs:format_version": max(2, manifest["uhrs:format_version"])}
    comparison = Comparison(source, scenes.compared)
    shares = []
    for chosen in choices:
        graphs = {**plain, **{f"{name}.int8": small[name] for name in chosen}}
        found = comparison.compare(manifest | {"uhrs:int8": UNKNOWN | texts}, graphs)
        if found["agreement"] >= LEAST_AGREEMENT:
            kept = {name: graph for name, graph in graphs.items() if not (alone and name in chosen)}
            write_bundle(target, {**manifest, "uhrs:int8": found | texts}, kept)
            return {**found, "graphs": chosen}
        shares.append(1 - found["agreement"])
    also = f" (the low stream alone {shares[1]:.1%}, the high stream alone {shares[2]:.1%})" if shares[1:] else ""
    raise DisagreementError(
        f"In 8 bits the model gives other classes in {shares[0]:.1%} of the pixels of {scenes.compared_text}{also}"
        f", allowed are {1 - LEAST_AGREEMENT:.0%}: the bundle stays without 8-bit graphs"
    )


def describe_int8(found: Mapping[str, Any]) -> str:
    """What `add_int8` found, in a line."""
    scores = [
        f"{name} mIoU {pair['float']} -> {pair['int8']}"
        for name, pair in found["miou"].items()
        if None not in pair.values()
    ]
    same = f"give the same class in {found['agreement']:.2%} of the pixels or more"
    u = f"U differs by {found['uncertainty_difference']:.4f} on average"
    return "; ".join((f"8-bit graphs of {' and '.join(found['graphs'])} {same}", u, *scores))


def _inputs(bundle: Bundle, scenes: Sequence[Scene]) -> dict[str, list[npt.NDArray[Any]]]:
    """Inputs of each graph that gets 8 bits, out of training scenes."""
    if bundle.windows is None:
        images, patches = calibration_inputs(bundle, scenes)
        return {"low": images, "high": patches}
    return {"network": window_inputs(bundle, bundle.windows, scenes)}


def window_inputs(bundle: Bundle, windows: Windows, scenes: Sequence[Scene]) -> list[npt.NDArray[Any]]:
    """Windows out of training scenes as the graph takes them, the same at each call; for a first look reduced ones."""
    random, side = np.random.default_rng(SEED), windows.side
    chosen = [scenes[int(index)] for index in random.permutation(len(scenes))]
    found = []
    for index in range(CALIBRATION_WINDOWS):
        scaled = DOWN_RATIO if windows.has_first_look and index % 2 else 1
        part = cut(chosen[index % len(chosen)], random, side * scaled)
        image = _padded(np.asarray(filled(part, bundle.fill).image), side * scaled)[:, : side * scaled, : side * scaled]
        found.append(_tensor(_reduced(image, bundle.downsampling) if scaled > 1 else image, windows))
    return found


def _tensor(image: npt.NDArray[Any], windows: Windows) -> npt.NDArray[Any]:
    """An image (B, h, w) in the raster's numbers, scaled and laid out as the network takes it."""
    if windows.mean:
        mean, deviation = (np.array(v, np.float32)[:, None, None] for v in (windows.mean, windows.deviation))
        image = (image.astype(np.float32) - mean) / deviation
    image = image if windows.input_axes == "NCHW" else image.transpose(1, 2, 0)
    tensor = np.ascontiguousarray(image[np.newaxis]).astype(windows.input_type)
    return tensor if windows.batch is None else np.repeat(tensor, windows.batch, 0)


def calibration_inputs(
    bundle: Bundle, scenes: Sequence[Scene]
) -> tuple[list[npt.NDArray[Any]], list[npt.NDArray[Any]]]:
    """Inputs of the low and of the high graph out of training scenes, the same at each call.

    Returns:
        Images (1, B, h, w) at 1/4 scale, and patches (1, B, p, p).
    """
    random, side = np.random.default_rng(SEED), bundle.patch_side
    chosen = [scenes[int(index)] for index in random.permutation(len(scenes))]

    def pixels(scene: Scene, most: int, multiple: int) -> npt.NDArray[Any]:
        return _padded(np.asarray(filled(cut(scene, random, most), bundle.fill).image), multiple)

    images = [pixels(scene, CALIBRATION_SIDE, CELL32) for scene in chosen[:CALIBRATION_SCENES]]
    patches = [pixels(chosen[index % len(chosen)], side, side) for index in range(CALIBRATION_PATCHES)]
    small = [_reduced(image, bundle.downsampling)[np.newaxis] for image in images]
    return small, [patch[np.newaxis] for patch in patches]


class Comparison:
    """Compares 8-bit graphs with those in floating point on scenes, on the processor."""

    def __init__(self, path: Path, scenes: Sequence[Scene]) -> None:
        """Segment the scenes in floating point, once.

        Args:
            path: The bundle.
            scenes: At most `COMPARED_SCENES` of them are taken, parts of at most `COMPARED_SIDE` pixels a side.
        """
        random = np.random.default_rng(SEED)
        chosen = sorted(int(index) for index in random.permutation(len(scenes))[:COMPARED_SCENES])
        self._parts = [cut(scenes[index], random, COMPARED_SIDE) for index in chosen]
        segmenter = BundleSegmenter(path, "float", "cpu")
        self._ratios = RATIOS if segmenter.takes_ratio else RATIOS[-1:]
        self._plain = self._segment(segmenter)

    def compare(self, manifest: Mapping[str, Any], graphs: Mapping[str, bytes]) -> dict[str, Any]:
        """Segment the scenes with the 8-bit graphs of a bundle.

        Returns:
            "agreement", "uncertainty_difference", "test_scene_agreement" and "miou", see docs/bundle.md.
        """
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "trial.uhrs"
            write_bundle(path, manifest, graphs)
            segmenter = BundleSegmenter(path, "int8", "cpu")
            small = self._segment(segmenter)
            agreement = agreement_of_int8(segmenter.bundle)
        pairs = {ratio: list(zip(self._plain[ratio], small[ratio], strict=True)) for ratio in self._ratios}
        classes = len(segmenter.class_names)
        return {
            "agreement": round(min(_share_equal(pairs[ratio]) for ratio in self._ratios), 4),
            "uncertainty_difference": round(float(np.mean([_difference(a, b) for a, b in pairs[self._ratios[0]]])), 4),
            "test_scene_agreement": round(agreement, 4),
            "miou": {
                setting(ratio): {
                    name: _score([pair[index] for pair in pairs[ratio]], self._parts, classes)
                    for index, name in enumerate(("float", "int8"))
                }
                for ratio in self._ratios
            },
        }

    def _segment(self, segmenter: BundleSegmenter) -> dict[float, list[Segmented]]:
        """All scenes at every K."""
        return {ratio: [segmenter.segment(part, ratio) for part in self._parts] for ratio in self._ratios}


def _share_equal(pairs: Sequence[tuple[Segmented, Segmented]]) -> float:
    """Share of the pixels with data that have the same label."""
    labels = [(np.asarray(one.labels), np.asarray(other.labels)) for one, other in pairs]
    known = sum(int((one != IGNORE).sum()) for one, _ in labels)
    equal = sum(int(((one == other) & (one != IGNORE)).sum()) for one, other in labels)
    return equal / max(1, known)


def cut(scene: Scene, random: np.random.Generator, side: int) -> Scene:
    """A part of a scene at random, at most `side` x `side` pixels."""
    height, width = scene.labels.shape
    row, col = (int(random.integers(0, max(1, length - side + 1))) for length in (height, width))
    part = slice(row, row + side), slice(col, col + side)
    valid = None if scene.valid is None else scene.valid[part]
    return replace(scene, image=scene.image[(slice(None), *part)], labels=scene.labels[part], valid=valid)


def _padded(image: npt.NDArray[Any], multiple: int) -> npt.NDArray[Any]:
    """Repeat the last row and column up to a multiple, as the engine does."""
    below, right = (-length % multiple for length in image.shape[1:])
    return np.pad(image, ((0, 0), (0, below), (0, right)), mode="edge")


def _reduced(image: npt.NDArray[Any], downsampling: str) -> npt.NDArray[Any]:
    """An image at 1/4 scale."""
    if downsampling != "average":
        return np.ascontiguousarray(image[:, ::DOWN_RATIO, ::DOWN_RATIO])
    bands, height, width = image.shape
    cells = image.reshape(bands, height // DOWN_RATIO, DOWN_RATIO, width // DOWN_RATIO, DOWN_RATIO)
    means = cells.mean((2, 4), dtype=np.float64)
    return (means.round() if image.dtype.kind in "iu" else means).astype(image.dtype)


def _difference(one: Segmented, other: Segmented) -> float:
    """Mean absolute difference of U where there are data."""
    if one.uncertainty is None or other.uncertainty is None:
        return 0.0
    known = one.uncertainty <= 1
    return float(np.abs(one.uncertainty - other.uncertainty)[known].mean()) if known.any() else 0.0


def _score(results: Sequence[Segmented], scenes: Sequence[Scene], classes: int) -> float | None:
    """MIoU in per cent over all scenes together."""
    matrix = torch.zeros(classes, classes, dtype=torch.int64)
    for result, scene in zip(results, scenes, strict=True):
        labels = np.asarray(scene.labels)
        found = np.asarray(result.labels)
        truth = np.where((found == IGNORE) | (labels >= classes), np.uint8(IGNORE), labels)
        matrix = matrix + confusion(torch.from_numpy(found), torch.from_numpy(truth), classes)
    return percent(mean_iou(matrix))


def _check_scenes(bundle: Bundle, scenes: Sequence[Scene]) -> None:
    """Check that scenes are of the kind that the model reads.

    Raises:
        DatasetError: Bands or data type differ, or there are none.
    """
    if not scenes:
        raise DatasetError("The dataset has no scenes; give one that has a training split")
    for scene in scenes:
        bands, dtype = scene.image.shape[0], scene.image.dtype.name
        if bands != len(bundle.bands) or dtype != bundle.data_type:
            raise DatasetError(
                f"Scene '{scene.name}' has {bands} bands of {dtype}, the model takes {len(bundle.bands)} of "
                f"{bundle.data_type}: give the data it was trained on"
            )
