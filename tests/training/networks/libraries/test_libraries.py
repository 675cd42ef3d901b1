"""Networks of other packages: found by name, built from settings, begun with weights that are their own."""

import subprocess
import sys

import pytest
import torch

from tests.training.libraries import needs_library, needs_network
from training.errors import CheckpointError, SettingsError
from training.networks.dual_stream import DualStream
from training.networks.libraries import required as importing
from training.networks.libraries.required import required
from training.networks.registry import find_architecture, name_of
from training.networks.settings import Settings
from training.weights.checkpoint import load_trained, save_trained
from training.weights.pretrained import load_encoders

SMALL = {"classes": 3, "window": 128, "window_overlap": 32}


def build(name, **changes):
    needs_network(name)
    return find_architecture(name)(Settings(**{**SMALL, **changes}))


def test_nothing_imports_them_unasked():
    """torchmetrics would import torchvision wherever it finds it: the folder that holds it is not searched before."""
    code = (
        "import sys, training.train, training.export_model, training.evaluate\n"
        "print([m for m in ('torchvision', 'timm', 'segmentation_models_pytorch') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_missing_package_is_one_line(monkeypatch):
    def missing(name):
        raise ModuleNotFoundError(f"No module named '{name}'")

    monkeypatch.setattr(importing.importlib, "import_module", missing)
    with pytest.raises(SettingsError) as error:
        required("timm", "timm:convnext_tiny")
    text = str(error.value)
    assert "'timm:convnext_tiny' needs the package timm" in text
    assert "-r requirements-networks.txt" in text
    assert "\n" not in text


@pytest.mark.parametrize(
    ("name", "changes", "said"),
    [
        ("smp:unet", {}, "Unknown architecture of segmentation_models_pytorch 'unet'; there are Unet, "),
        ("smp:Unet", {"encoder": "resnet19"}, "Unknown encoder 'resnet19'; there are resnet18, "),
        ("smp:Unet", {"encoder": "tu-hf-hub:a/b"}, "Unknown network of timm"),
        ("smp:DPT", {"encoder": "resnet18"}, "'smp:DPT' cannot be built on the encoder 'resnet18'"),
        ("torchvision:fcn", {}, "Unknown segmentation network of torchvision 'fcn'; there are fcn_resnet"),
    ],
)
def test_wrong_names_list_the_right_ones(name, changes, said):
    with pytest.raises(SettingsError) as error:
        build(name, **changes)
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_settings_that_would_have_no_effect_are_refused():
    with pytest.raises(SettingsError, match="encoder is 'resnet18'; only networks named smp"):
        DualStream(Settings(classes=2, encoder="resnet18"))
    with pytest.raises(SettingsError, match="low_encoder is 'timm:a'; only dual_stream and low_stream"):
        find_architecture("isdnet")(Settings(classes=2, low_encoder="timm:a"))
    with pytest.raises(SettingsError, match="give resnet, or timm:NAME"):
        Settings(classes=2, low_encoder="convnext_tiny")


def test_encoder_and_bands_are_those_of_the_settings(tmp_path):
    network = build("smp:FPN", encoder="tu-test_convnext", bands=5, mean=[100.0] * 5, std=[50.0] * 5).eval()
    save_trained(tmp_path / "n.ckpt", network, list("abc"), ["102030"] * 3)
    again = load_trained(tmp_path / "n.ckpt").network
    assert (name_of(again), again.settings) == ("smp:FPN", network.settings)
    image = torch.rand(1, 5, 70, 45) * 255
    with torch.no_grad():
        assert torch.equal(again.full_logits(again(image)), network.full_logits(network(image)))


def test_a_window_is_what_the_network_sees_at_once():
    """Outside the overlap of windows the logits are those of a window alone."""
    network = build("smp:Unet").eval()
    image = torch.rand(1, 3, 128, 224) * 255
    with torch.no_grad():
        whole, first = network(image).logits, network(image[..., :128]).logits
    torch.testing.assert_close(whole[..., :96], first[..., :96])


@pytest.mark.parametrize(("name", "bands"), [("smp:Unet", 3), ("smp:Unet", 4), ("torchvision:fcn_resnet50", 3)])
def test_an_encoder_begins_with_the_weights_of_a_file(name, bands, tmp_path):
    models = needs_library("torchvision").models
    resnet = (models.resnet18 if name == "smp:Unet" else models.resnet50)(weights=None)
    torch.save(resnet.state_dict(), tmp_path / "resnet.pth")
    network = build(name, bands=bands, mean=[100.0] * bands, std=[50.0] * bands)
    taken = load_encoders(network, None, None, str(tmp_path / "resnet.pth"))
    encoder = network.net.get_submodule(network.encoder_name)
    assert torch.equal(encoder.layer3[0].conv1.weight, resnet.layer3[0].conv1.weight)
    assert f"net.{network.encoder_name}.layer1.0.conv1.weight" in taken
    grey = torch.rand(1, 1, 32, 32)
    torch.testing.assert_close(encoder.conv1(grey.repeat(1, bands, 1, 1)), resnet.conv1(grey.repeat(1, 3, 1, 1)))


def test_weights_of_another_network_are_one_line(tmp_path):
    models = needs_library("torchvision").models
    torch.save(models.resnet34(weights=None).state_dict(), tmp_path / "resnet34.pth")
    network = build("smp:Unet", encoder="resnet50")
    before = {name: value.clone() for name, value in network.state_dict().items()}
    with pytest.raises(
        CheckpointError, match=r"holds weights of another network .* weights are missing, such as"
    ) as error:
        load_encoders(network, None, None, str(tmp_path / "resnet34.pth"))
    assert "\n" not in str(error.value)
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())


def test_what_cannot_be_downloaded_is_one_line(monkeypatch):
    network = build("smp:Unet")
    monkeypatch.setattr(type(network), "downloaded", lambda self: (_ for _ in ()).throw(OSError("no way\nout")))
    with pytest.raises(CheckpointError, match=r"cannot be downloaded: no way out\. Give a file instead of 'download'"):
        load_encoders(network, None, None, "download")


def test_only_networks_of_other_packages_have_such_an_encoder(tiny_network):
    with pytest.raises(CheckpointError, match="leave pretrained_encoder out"):
        load_encoders(tiny_network, None, None, "any.pth")
