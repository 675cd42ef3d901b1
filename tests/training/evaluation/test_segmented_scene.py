"""A scene segmented part by part is the scene segmented whole, whatever its size, in memory that does not grow."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import rasterio
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.training.conftest import TINY, randomise
from training import export_model
from training.data.arrays import Scene
from training.data.arrays.lazy import LazyArray
from training.evaluation import kept_labels, parts
from training.evaluation.counting import count_pixels
from training.evaluation.kept_labels import KeptLabels
from training.evaluation.parts import SegmentedScene, as_input
from training.evaluation.segmenters import NetworkSegmenter
from training.networks.dual_stream import DualStream
from training.networks.settings import Settings, faithful
from training.weights.checkpoint import Trained, save_trained
from uhrs_qgis_plugin.engine.bundle import read_bundle
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.outputs import Outputs
from uhrs_qgis_plugin.engine.segmentation import Options, segment

ROOT = Path(__file__).resolve().parents[3]
RATIOS = (0.0, 0.3, 1.0)


def network_with(**more):
    torch.manual_seed(3)
    return randomise(DualStream(Settings(classes=4, **{**TINY, **more}))).eval()


def image_of(height, width, seed=0, bands=3):
    """Blobs and grain, as bytes."""
    rng = np.random.default_rng(seed)
    blobs = np.kron(rng.integers(0, 200, (bands, height // 24 + 1, width // 24 + 1)), np.ones((24, 24), int))
    return (blobs[:, :height, :width] + rng.integers(0, 55, (bands, height, width))).astype(np.uint8)


def whole(network, image, ratios=RATIOS):
    """Labels at each K and of the low stream, and U, of the image in one pass."""
    labels = []
    with torch.inference_mode():
        for ratio in ratios:
            output = network(as_input(image, network), ratio)
            labels.append(network.full_logits(output).argmax(1)[0])
        low = network.low_logits(output).argmax(1)[0]
    return [*labels, low], output.uncertainty[0, 0]


def joined(made, shape, truth=None):
    """Labels at each K and of the low stream, put together; each pixel comes once."""
    count = len(made.ratios) + 1
    labels, seen = torch.full((count, *shape), 255, dtype=torch.uint8), np.zeros(shape, int)
    for part in made.parts(truth):
        place = part.window.slices()
        seen[place] += 1
        for place_of, values in zip(labels, [*part.labels, part.low_labels], strict=True):
            place_of[place] = values
        if truth is not None:
            np.testing.assert_array_equal(part.truth, truth[place])
    assert (seen == 1).all()
    return labels


variants = st.fixed_dictionaries(
    {},
    optional={
        "selector": st.sampled_from(["point", "random"]),
        "low_stride": st.just(32),
        "uncertainty_stride": st.just(16),
        "unselected": st.just("head"),
        "ensembler": st.sampled_from(["sum", "learned"]),
        "downsampling": st.just("nearest"),
        "entropy_of": st.just("cells"),
        "patch_side": st.sampled_from([16, 48, 64]),
    },
)


@settings(max_examples=25, deadline=None)
@given(variants, st.integers(1, 300), st.integers(1, 300), st.sampled_from([32, 96, 128]), st.integers(0, 9))
def test_parts_equal_the_whole(more, height, width, block, seed):
    network, image = network_with(**more), image_of(height, width, seed)
    truth = np.random.default_rng(seed).integers(0, 4, (height, width), np.uint8)
    made = SegmentedScene(network, image, RATIOS, block=block)
    found = joined(made, (height, width), truth)
    expected, u = whole(network, image)
    for labels, wanted in zip(found, expected, strict=True):
        assert (labels != wanted).float().mean() < 0.001
    np.testing.assert_allclose(made.uncertainty, u.numpy(), atol=1e-5)


def test_the_low_stream_runs_once_and_a_patch_at_most_once(monkeypatch):
    network, image = network_with(), image_of(290, 270)
    runs, patches = [], []
    low, high = network.low, network.high
    monkeypatch.setattr(network, "low", lambda small: runs.append(1) or low(small))
    monkeypatch.setattr(network, "high", lambda pixels: patches.append(len(pixels)) or high(pixels))
    joined(SegmentedScene(network, image, (0.0, 0.25, 0.5), block=96), image.shape[1:])
    assert len(runs) == 1
    assert sum(patches) == round(0.5 * 10 * 9)


def test_patches_are_chosen_over_the_whole_image_not_by_part():
    """The doubtful half gets all patches."""
    network = network_with(uncertainty="entropy")
    image = np.concatenate([np.full((3, 128, 256), 90, np.uint8), image_of(128, 256)], 1)
    made = SegmentedScene(network, image, (0.5,), block=32)
    flags = made._streams._selected(0.5)
    with torch.inference_mode():
        expected = network(as_input(image, network), 0.5).selected[0].numpy()
    np.testing.assert_array_equal(flags, expected)
    assert flags.sum() == 32


def test_more_than_one_scene_is_what_the_engine_makes_of_them(tmp_path, monkeypatch):
    network, image = network_with(), image_of(420, 380)
    monkeypatch.setattr(parts, "OVERLAP", 64)
    found = joined(SegmentedScene(network, image, (0.5,), scene=192, block=96), image.shape[1:])
    save_trained(tmp_path / "n.ckpt", network, list("abcd"), ["000000"] * 4)
    export_model.main([str(tmp_path / "n.ckpt"), str(tmp_path / "n.uhrs"), "--full-precision"])
    with rasterio.open(tmp_path / "i.tif", "w", driver="GTiff", count=3, height=420, width=380, dtype="uint8") as file:
        file.write(image)
    options = Options(ratio=0.5, scene_side=192, scene_overlap=64, resolution="native")
    outputs = Outputs(str(tmp_path / "c.tif"), str(tmp_path / "u.tif"))
    segment(str(tmp_path / "i.tif"), read_bundle(tmp_path / "n.uhrs"), outputs, options)
    with rasterio.open(tmp_path / "c.tif") as file:
        by_engine = file.read(1)
    assert np.mean(found[0].numpy() == by_engine) > 0.999
    alone, _ = whole(network, image, (0.5,))
    assert (found[0] != alone[0]).any()  # the cut is felt: the low stream sees a scene, not the image


def test_other_networks_see_the_whole_image():
    network = randomise(DualStream(faithful(3, 1.1, 4))).eval()
    image = image_of(130, 150)
    found = list(SegmentedScene(network, image, RATIOS, block=32).parts())
    assert len(found) == 1
    expected, _ = whole(network, image)
    for labels, wanted in zip([*found[0].labels, found[0].low_labels], expected, strict=True):
        assert torch.equal(labels.long(), wanted)


def test_labels_in_a_file_are_those_in_memory(monkeypatch):
    network, image = network_with(), image_of(170, 190)
    truth = np.random.default_rng(0).integers(0, 4, (170, 190), np.uint8)
    segmenter = NetworkSegmenter(Trained(network, list("abcd"), ["000000"] * 4, {}, 0))
    colours = dict.fromkeys("abcd", "000000")
    counted = []
    for limit in (1, 1 << 25):
        monkeypatch.setattr(kept_labels, "_IN_MEMORY", limit)
        made = segmenter.segment(Scene("s", image, truth), 0.5)
        assert isinstance(made.labels, KeptLabels) == (limit == 1)
        counted.append((np.asarray(made.labels), count_pixels(segmenter, [Scene("s", image, truth)], RATIOS, colours)))
    (one, these), (other, those) = counted
    np.testing.assert_array_equal(one, other)
    assert these.keys() == those.keys() == {"K = 0 %", "K = 30 %", "K = 100 %", "low stream"}
    for name, counts in these.items():
        assert torch.equal(counts.matrix, those[name].matrix)
        assert torch.equal(counts.boundary, those[name].boundary)
        assert counts.matrix.sum() == 170 * 190


@given(st.integers(1, 20), st.integers(1, 20), st.data())
@settings(max_examples=40, deadline=None)
def test_kept_labels_are_sliced_like_an_array(height, width, data):
    kept, plain = KeptLabels((height, width)), np.full((height, width), 255, np.uint8)
    for value in range(3):
        row, col = data.draw(st.integers(0, height - 1)), data.draw(st.integers(0, width - 1))
        window = Window(row, col, data.draw(st.integers(1, height - row)), data.draw(st.integers(1, width - col)))
        kept.write(window, np.full((window.height, window.width), value, np.uint8))
        plain[window.slices()] = value
    index = tuple(
        slice(*data.draw(st.tuples(st.integers(0, n), st.integers(0, n), st.integers(1, 5)))) for n in plain.shape
    )
    np.testing.assert_array_equal(kept[index], plain[index])


class Endless(LazyArray):
    """An image that is made where it is asked for."""

    def __init__(self, side):
        self.shape, self.dtype = (3, side, side), np.dtype(np.uint8)

    def part(self, bands, rows, cols):
        grid = (np.array(rows)[:, None] // 7 * 31 + np.array(cols) // 9 * 17) % 251
        return np.stack([grid + band for band in bands]).astype(np.uint8)


def peak_of(side):
    """Validate a scene of this side in a process of its own: its peak in MiB."""
    code = f"""
import json, resource, numpy as np, torch
from tests.training.evaluation.test_segmented_scene import Endless, network_with
from training.evaluation.parts import SegmentedScene
torch.set_num_threads(1)
network = network_with()
total = 0
for part in SegmentedScene(network, Endless({side}), (0.0, 0.5, 1.0), scene=1024).parts():
    total += int(part.labels[0].numel())
print(json.dumps([total, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    pixels, peak = json.loads(done.stdout.splitlines()[-1])
    assert pixels == side * side
    return peak


@pytest.mark.slow
def test_memory_does_not_grow_with_the_scene():
    """22 million pixels more, which a whole pass could not hold in ten times the difference that is allowed."""
    assert peak_of(5120) - peak_of(2048) < 100
