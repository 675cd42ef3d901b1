"""One tester for every architecture, through the contract that training and evaluation rely on."""

import csv
import sys
from pathlib import Path
from unittest import mock

import numpy as np
import pytest
import torch

from tests.training.conftest import TINY
from tests.training.libraries import needs_network
from tests.training.tiny_runs import last_checkpoint
from training import average_checkpoints, train
from training.data.arrays.scenes import IGNORE, Scene
from training.data.datasets import generated
from training.data.synthetic.rendering import render
from training.errors import CheckpointError, SettingsError
from training.evaluation.segmenters import NetworkSegmenter
from training.learning.objectives import LOSSES, LossSettings, losses_of
from training.networks.registry import ARCHITECTURES, find_architecture, name_of
from training.networks.settings import Settings
from training.weights.checkpoint import Trained, load_trained, save_trained
from training.weights.start import begin_with
from uhrs_qgis_plugin.engine.grid import Window

ROOT = Path(__file__).resolve().parents[3]
SMOKE = str(ROOT / "training" / "configs" / "smoke.yaml")
SPLITS = {"train": (1, 128, 1_000), "val": (1, 96, 2_000)}  # count, side, first seed: as small as crops allow
COLOURS = ["102030"] * 4
LIBRARY_NETWORKS = ("smp:Unet", "torchvision:lraspp_mobilenet_v3_large")
every_architecture = pytest.mark.parametrize("name", [*ARCHITECTURES, *LIBRARY_NETWORKS])


def build(name, **changes):
    """A small network with lively normalisation statistics."""
    needs_network(name)
    torch.manual_seed(0)
    values = {"classes": 4, **TINY, "window": 64, "window_overlap": 32, **changes}
    network = find_architecture(name)(Settings(**values))
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.2)
            module.running_var.uniform_(0.5, 1.5)
    return network.eval()


def losses(name, network, image, labels):
    settings = LossSettings(estimator_weight=0.5)
    return losses_of(name)(network, network(image), labels, settings)


@every_architecture
@pytest.mark.parametrize("bands", [1, 4])
@pytest.mark.parametrize("size", [(33, 70), (96, 64), (1, 130)])
def test_any_size_and_bands(name, bands, size):
    network = build(name, bands=bands, mean=[100.0] * bands, std=[50.0] * bands)
    image = torch.rand(2, bands, *size) * 255
    with torch.no_grad():
        logits = network.full_logits(network(image))
        alone = network.full_logits(network(image[1:]))
    assert logits.shape == (2, 4, *size)
    torch.testing.assert_close(logits[1:], alone, atol=1e-4, rtol=1e-4)  # images of a batch do not see each other


@every_architecture
@pytest.mark.parametrize("size", [(64, 96), (75, 41)])
def test_every_parameter_gets_a_finite_gradient(name, size):
    network = build(name).train()
    labels = torch.randint(0, 4, (2, *size))
    labels[:, :9] = IGNORE
    found = losses(name, network, torch.rand(2, 3, *size) * 255, labels)
    assert "final" in found
    torch.stack(list(found.values())).sum().backward()
    for key, parameter in network.named_parameters():
        assert parameter.grad is not None, key
        assert parameter.grad.isfinite().all(), key


@every_architecture
def test_nothing_known_is_no_loss_of_classification(name):
    network = build(name).train()
    found = losses(name, network, torch.rand(2, 3, 64, 64) * 255, torch.full((2, 64, 64), IGNORE))
    of_image = {"reconstruction", "affinity"}  # these need no labels
    assert {key for key, value in found.items() if value != 0} <= of_image


@every_architecture
@pytest.mark.slow
def test_loss_falls(name):
    image, labels = render(3, Window(0, 0, 64, 64))
    image = torch.from_numpy(image.astype(np.float32))[None].repeat(2, 1, 1, 1)
    labels = torch.from_numpy(labels).long()[None].repeat(2, 1, 1)
    network = build(name, classes=5).train()
    optimiser = torch.optim.Adam(network.parameters(), 1e-2)
    final = []
    for _ in range(12):
        found = losses(name, network, image, labels)
        final.append(float(found["final"].detach()))
        optimiser.zero_grad()
        torch.stack(list(found.values())).sum().backward()
        optimiser.step()
    assert np.mean(final[-3:]) < 0.8 * np.mean(final[:3])


@every_architecture
def test_checkpoint_gives_the_same_network(name, tmp_path):
    network, image = build(name), torch.rand(1, 3, 90, 70) * 255
    save_trained(tmp_path / "n.ckpt", network, list("wxyz"), COLOURS)
    trained = load_trained(tmp_path / "n.ckpt")
    assert name_of(trained.network) == name
    assert trained.network.settings == network.settings
    with torch.no_grad():
        assert torch.equal(network(image).logits, trained.network(image).logits)


@every_architecture
def test_segmenter_takes_it(name):
    scene = Scene("s", np.random.default_rng(0).integers(0, 255, (3, 90, 70), np.uint8), np.zeros((90, 70), np.uint8))
    made = NetworkSegmenter(Trained(build(name), list("wxyz"), COLOURS, {}, 0)).segment(scene, 0.5)
    assert made.labels.shape == (90, 70)
    assert (made.uncertainty is not None) == (made.low_labels is not None) == (name == "dual_stream")


@every_architecture
def test_start_takes_all_but_the_classifiers_when_classes_differ(name, tmp_path):
    network = build(name)
    for parameter in network.parameters():  # some begin at zero, old and new
        torch.nn.init.normal_(parameter)
    save_trained(tmp_path / "n.ckpt", network, list("wxyz"), COLOURS)
    same = begin_with(str(tmp_path / "n.ckpt"), name, list("wxyz"), None)
    assert same.settings == network.settings
    other = begin_with(str(tmp_path / "n.ckpt"), name, list("abcd"), None)  # as many classes, others
    more = begin_with(str(tmp_path / "n.ckpt"), name, list("abcde"), None)
    given, anew = network.state_dict(), set()
    for key, value in more.state_dict().items():
        assert torch.equal(same.state_dict()[key], given[key]), key
        if value.shape != given[key].shape:
            anew.add(key)
        else:
            assert torch.equal(value, given[key]), key
    assert anew
    for key in anew:
        assert key.endswith("bias") or not torch.equal(other.state_dict()[key], given[key]), key


@every_architecture
@pytest.mark.slow
def test_trains_through_the_command_line(name, tmp_path, monkeypatch):
    needs_network(name)
    monkeypatch.setattr(generated, "_SPLITS", SPLITS)
    fit(tmp_path, f"--model.architecture={name}")
    trained = load_trained(tmp_path / "last.ckpt")
    assert (name_of(trained.network), trained.step) == (name, 3)
    rows = list(csv.DictReader(next(tmp_path.glob("csv/**/metrics.csv")).open()))
    assert len([row for row in rows if row.get("train/final")]) == 3
    measured = {key for row in rows for key, value in row.items() if key.startswith("val/miou") and value}
    choices = {"val/miou_low", "val/miou_k0", "val/miou_k50"} if name == "dual_stream" else set()
    assert measured == {"val/miou_k100"} | choices  # what configurations choose checkpoints by is always there


def fit(folder, *more):
    """Three steps of the smoke configuration on 64 px crops."""
    arguments = [
        "fit",
        f"--config={SMOKE}",
        *last_checkpoint(folder),
        "--trainer.enable_progress_bar=false",
        "--trainer.enable_model_summary=false",
        "--trainer.log_every_n_steps=1",
        "--trainer.max_epochs=1",
        "--data.crop=64",
        "--data.batch_size=2",
        "--data.steps=3",
        *more,
    ]
    with mock.patch.object(sys, "argv", ["train.py"]):  # Lightning warns of pytest's own arguments
        return train.main(arguments)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--model.architecture=unet"], "Unknown architecture 'unet'; there are dual_stream, low_stream, high_stream"),
        (["--model.network={widths: [1]}"], "Unknown network setting"),
        (["--model.network={selector: best}"], "selector is 'best'; there are mean, point, random"),
        (["--data.batch_size=1"], "A step has 1 image, this network needs 2; give --data.batch_size 2"),
        (["--model.start_from=a", "--model.pretrained_high=b"], "start_from brings all weights; leave pretrained_low"),
        (["--model.estimator_target=gain"], "estimator_target 'gain' needs every patch in every step; ratio is None"),
        (["--model.network.high_encoder=vgg"], "high_encoder is 'vgg'; there are stdc, efficientnet_lite0"),
        (["--model.degrade=0.1", "--model.network.data_type=uint16"], "degrade is for 8-bit images, these are uint16"),
        (["--model.pretrained_low=missing.pth"], "Cannot read weights from 'missing.pth'"),
    ],
)
def test_wrong_settings_are_one_line(options, said, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(generated, "_SPLITS", SPLITS)
    with pytest.raises(SystemExit) as stop:
        fit(tmp_path, *options)
    assert stop.value.code == 2
    lines = capsys.readouterr().err.strip().splitlines()
    assert said in lines[-1]


def test_start_names_the_architecture_of_the_file(tmp_path):
    save_trained(tmp_path / "n.ckpt", build("isdnet"), list("wxyz"), COLOURS)
    with pytest.raises(CheckpointError, match=r"holds the architecture 'isdnet', .* give --model.architecture isdnet"):
        begin_with(str(tmp_path / "n.ckpt"), "dual_stream", list("wxyz"), None)


def test_checkpoints_without_architecture_are_dual_stream(tmp_path, tiny_network):
    save_trained(tmp_path / "n.ckpt", tiny_network, list("wxyz"), COLOURS)
    content = torch.load(tmp_path / "n.ckpt", weights_only=True)
    del content["hyper_parameters"]["architecture"]
    for key in ("uncertainty", "ensembler", "window", "window_overlap"):  # settings that came later
        del content["hyper_parameters"]["network"][key]
    torch.save(content, tmp_path / "old.ckpt")
    assert load_trained(tmp_path / "old.ckpt").network.settings == tiny_network.settings


def test_checkpoint_of_an_unknown_architecture_is_one_error(tmp_path, tiny_network):
    save_trained(tmp_path / "n.ckpt", tiny_network, list("wxyz"), COLOURS)
    content = torch.load(tmp_path / "n.ckpt", weights_only=True)
    content["hyper_parameters"]["architecture"] = "unet"
    torch.save(content, tmp_path / "n.ckpt")
    with pytest.raises(CheckpointError, match="Unknown architecture 'unet'"):
        load_trained(tmp_path / "n.ckpt")


def test_average_refuses_other_architectures(tmp_path, refused):
    for name in ("low_stream", "high_stream"):
        save_trained(tmp_path / f"{name}.ckpt", build(name), list("wxyz"), COLOURS)
    with refused("differ in network or classes"):
        average_checkpoints.main([str(tmp_path / f"{n}.ckpt") for n in ("low_stream", "high_stream", "out")])


def test_every_architecture_has_losses():
    assert LOSSES.keys() == ARCHITECTURES.keys()


def test_find_architecture_lists_the_names():
    with pytest.raises(SettingsError, match=", ".join(ARCHITECTURES)):
        find_architecture("")
