"""Bundles of one network: every architecture but ours, as torch computes it, in windows, back again to train on."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from tests.training.libraries import needs_network
from tests.training.tiny_runs import write_folder
from training import export_model
from training.data.arrays import Scene
from training.evaluation.segmenters import BundleSegmenter, NetworkSegmenter
from training.export import int8_bundle
from training.export.free_pooling import free_pooling, pooled
from training.networks.registry import find_architecture
from training.networks.settings import Settings
from training.weights.checkpoint import Trained, save_trained
from training.weights.start import load_start
from uhrs_qgis_plugin.engine.bundle import read_bundle

NAMES, COLOURS = ["ground", "roof", "road"], ["BEBEBE", "D7301F", "101010"]
TINY = {"low_widths": (8, 12, 16, 16), "context": 8, "high_widths": (8, 8, 16, 32), "window": 128, "window_overlap": 64}
ALLOWED = 1e-3  # share of pixels whose label may differ: ties within rounding
OURS = ("low_stream", "high_stream", "isdnet", "deeplabv3plus", "segformer")


def build(name, **changes):
    needs_network(name)
    torch.manual_seed(0)
    network = find_architecture(name)(Settings(**{"classes": 3, **TINY, **changes}))
    for part in network.modules():
        if isinstance(part, torch.nn.BatchNorm2d):
            part.running_mean.normal_(0, 0.2)
            part.running_var.uniform_(0.5, 1.5)
    return network.eval()


def export(network, folder, *options):
    save_trained(folder / "n.ckpt", network, NAMES, COLOURS)
    export_model.main([str(folder / "n.ckpt"), str(folder / "n.uhrs"), "--float-only", "--full-precision", *options])
    return folder / "n.uhrs"


@pytest.mark.parametrize("name", [*OURS, "smp:Unet", "smp:PSPNet", "torchvision:lraspp_mobilenet_v3_large"])
def test_every_architecture_is_exported_and_comes_back(name, tmp_path):
    network = build(name)
    bundle = read_bundle(export(network, tmp_path, "--name", "mine"))
    assert (bundle.windows.side, bundle.windows.margin, bundle.windows.patch_side) == (128, 32, 64)
    assert (bundle.windows.is_fixed, bundle.windows.has_first_look) == (False, False)
    assert [entry.name for entry in bundle.classes] == NAMES
    again = load_start(tmp_path / "n.uhrs").network
    image = torch.rand(1, 3, 96, 128) * 255
    with torch.no_grad():
        assert torch.equal(again(image).logits, network(image).logits)


@pytest.mark.parametrize("name", ["smp:Unet", "segformer"])
def test_the_engine_gives_the_labels_of_torch(name, tmp_path):
    """A raster of one window, so that both see the same surroundings."""
    network = build(name)
    rng = np.random.default_rng(1)
    image = rng.integers(0, 255, (3, 16, 16)).repeat(8, 1).repeat(8, 2).astype(np.uint8)
    scene = Scene("s", image, np.zeros((128, 128), np.uint8))
    by_torch = NetworkSegmenter(Trained(network, NAMES, COLOURS, {}, 0)).segment(scene, 1.0)
    segmenter = BundleSegmenter(export(network, tmp_path, "--margin", "0"))
    assert not segmenter.takes_ratio
    by_engine = segmenter.segment(scene, 1.0)
    assert len(np.unique(by_torch.labels)) > 1
    assert np.mean(np.asarray(by_torch.labels) != np.asarray(by_engine.labels)) <= ALLOWED


def test_seams_are_told_of_where_a_network_looks_beyond_its_windows(tmp_path, capsys):
    export(build("segformer"), tmp_path)
    assert "windows of 128 pixels have a margin of 32: seams between windows may show" in capsys.readouterr().out
    network = build("high_stream")
    with torch.no_grad():
        for part in network.modules():
            if isinstance(part, torch.nn.Conv2d):
                part.weight.zero_()
    export(network, tmp_path)
    assert "seams between" not in capsys.readouterr().out


def test_a_first_look_makes_k_a_choice(tmp_path):
    segmenter = BundleSegmenter(export(build("segformer"), tmp_path, "--first-look", "same", "--ratio", "0.25"))
    assert segmenter.takes_ratio
    assert segmenter.bundle.default_ratio == 0.25


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--window", "100"], "--window is 100; this network takes multiples of 32 pixels"),
        (["--window", "128", "--margin", "64"], "do not fit"),
        (["--window", "32"], "do not fit"),
        (["--calibrate"], "--calibrate is for dual_stream"),
        (["--first-look", "none", "--ratio", "0.5"], "ratio"),
    ],
)
def test_what_does_not_fit_is_one_line(options, said, tmp_path, refused):
    network = build("segformer")
    with refused(said):
        export(network, tmp_path, *options)
    assert not (tmp_path / "n.uhrs").exists()


def test_ours_takes_no_windows(tmp_path, tiny_network, refused):
    save_trained(tmp_path / "n.ckpt", tiny_network, list("abcd"), ["102030"] * 4)
    with refused("--window, --margin and --first-look are for other networks than dual_stream"):
        export_model.main([str(tmp_path / "n.ckpt"), str(tmp_path / "n.uhrs"), "--window", "256"])


@pytest.mark.parametrize("length", [5, 7, 12, 13])
@pytest.mark.parametrize("cells", [2, 3, 6])
def test_pooling_for_any_size_is_torchs_own(length, cells):
    x = torch.rand(2, 3, length, length + 3)
    wanted = F.adaptive_avg_pool2d(x, cells)
    torch.testing.assert_close(pooled(x, (cells, cells)), wanted)
    own = F.adaptive_avg_pool2d
    with free_pooling():
        torch.testing.assert_close(torch.nn.AdaptiveAvgPool2d(cells)(x), wanted)
        assert F.adaptive_avg_pool2d is not own
    assert F.adaptive_avg_pool2d is own


@pytest.mark.parametrize("look", ["none", "same"])
def test_8_bits_are_made_of_windows_and_compared(look, tmp_path, monkeypatch):
    monkeypatch.setattr(int8_bundle, "LEAST_AGREEMENT", 0.0)  # random weights are unsure of everything
    save_trained(tmp_path / "n.ckpt", build("high_stream", classes=2), ["ground", "roof"], COLOURS[:2])
    root = write_folder(tmp_path / "data")
    data = ["--data", "folder", "--root", str(root), "--first-look", look]
    export_model.main([str(tmp_path / "n.ckpt"), str(tmp_path / "n.uhrs"), *data])
    bundle = read_bundle(tmp_path / "n.uhrs")
    assert set(bundle.int8_graphs) == {"network"}
    assert bundle.windows.has_first_look == (look == "same")
