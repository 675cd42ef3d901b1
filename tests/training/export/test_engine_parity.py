"""The engine, through rasters on disk, gives the labels that torch gives."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from tests.training.conftest import TINY, randomise
from tests.training.networks.golden.arrays import CLASSES, CONSTANT
from tests.training.networks.golden.generated import image as generated_image
from tests.training.networks.golden.write import ARRAYS, CHECKPOINT
from training.data.arrays.scenes import Scene
from training.evaluation.segmenters import BundleSegmenter, NetworkSegmenter
from training.export_model import main as export
from training.networks.dual_stream import DualStream
from training.networks.settings import Settings, faithful
from training.weights.checkpoint import Trained, save_trained
from training.weights.pretrained import load_published

ALLOWED = 1e-4  # share of pixels whose label may differ


def exported(folder, network):
    """The network as torch has it, and its bundle."""
    names = [f"class{i}" for i in range(network.settings.classes)]
    colours = ["102030"] * len(names)
    save_trained(folder / "n.ckpt", network, names, colours)
    export([str(folder / "n.ckpt"), str(folder / "n.uhrs"), "--full-precision"])
    return Trained(network, names, colours, {}, 0), folder / "n.uhrs"


def both(pair, image, ratio):
    """Labels of torch and of the engine for one image (3, H, W)."""
    trained, bundle = pair
    scene = Scene("s", image, np.zeros(image.shape[1:], np.uint8))
    return NetworkSegmenter(trained).segment(scene, ratio), BundleSegmenter(bundle).segment(scene, ratio)


def published_parity(tmp_path, checkpoint, image, ratio):
    """Faithful settings on patches of 128 px.

    At K < 1 torch takes the area mean as the patch's score, as the engine does: the published point sampling needs maps
    that a bundle does not carry.
    """
    settings = replace(faithful(CLASSES, CONSTANT, None), selector="point" if ratio == 1 else "mean")
    by_torch, by_engine = both(exported(tmp_path, load_published(checkpoint, settings)), image, ratio)
    assert len(np.unique(by_torch.labels)) == 2
    assert np.mean(by_torch.labels != by_engine.labels) <= ALLOWED


@pytest.mark.parametrize("ratio", [1.0, 0.5])
def test_generated_published_network_in_faithful_settings(generated_checkpoint, tmp_path, ratio):
    """The network of the golden file, on 5 x 6 patches."""
    published_parity(tmp_path, generated_checkpoint, generated_image("parity", 640, 768).transpose(2, 0, 1), ratio)


@pytest.mark.parametrize("ratio", [1.0, 0.5])
def test_published_network_in_faithful_settings(published_golden, tmp_path, ratio):
    """20 x 20 patches of 128 px: the published test grid of an image of 2560 px, one scene for the engine."""
    image = np.load(published_golden / ARRAYS)["b_image"].transpose(2, 0, 1)
    image = np.pad(image, ((0, 0), (0, 1280), (0, 1280)), mode="symmetric")
    published_parity(tmp_path, published_golden / CHECKPOINT, image, ratio)


@pytest.fixture(
    scope="module",
    params=[
        ((352, 480), {}),
        ((130, 277), {}),
        ((20, 45), {}),
        ((130, 277), {"low_stride": 32}),
        ((352, 480), {"ensembler": "learned"}),
        ((130, 277), {"ensembler": "learned", "low_stride": 32}),
    ],
    ids=str,
)
def ours(request, tmp_path_factory):
    """A network in our settings and its bundle, exported once for every ratio, and an image of some size."""
    size, changes = request.param
    torch.manual_seed(0)
    network = randomise(DualStream(Settings(classes=4, **TINY, **changes)))
    rng = np.random.default_rng(1)
    image = rng.integers(0, 255, (3, *(n // 6 + 1 for n in size))).repeat(6, 1).repeat(6, 2)
    image = image[:, : size[0], : size[1]].astype(np.uint8)
    with torch.no_grad():  # random weights prefer one class everywhere; take the preference away
        pixels = torch.from_numpy(image)[None].float()
        network.segmentation_head[2].bias -= network(pixels, 1.0).logits.mean((0, 2, 3))
        network.deep_head[1].bias -= network(pixels, 0.0).logits.mean((0, 2, 3))
    return exported(tmp_path_factory.mktemp("ours"), network), image


@pytest.mark.parametrize("ratio", [0.0, 0.4, 1.0])
def test_our_settings_on_any_size(ours, ratio):
    by_torch, by_engine = both(*ours, ratio)
    assert len(np.unique(by_torch.labels)) > 1
    assert np.mean(by_torch.labels != by_engine.labels) <= ALLOWED
