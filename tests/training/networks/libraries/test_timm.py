"""Encoders of timm as low stream: the strides of the ResNet, any size, exported as they are, frozen or not."""

import numpy as np
import onnxruntime
import pytest
import torch

from tests.training.conftest import TINY
from tests.training.libraries import needs_library
from tests.training.tiny_runs import configuration, fit, state, write_folder
from training.errors import CheckpointError, SettingsError
from training.export.graphs import LowGraph, example, export_graphs
from training.learning.optimisation import TrainedParts
from training.networks.dual_stream import DualStream
from training.networks.libraries.timm import TimmPyramid, TimmTokens, at_stride, repeated, timm_encoder
from training.networks.settings import Settings
from training.networks.single_stream import LowStream
from training.weights.pretrained import load_encoders

PYRAMID, PLAIN, ROTARY = "timm:test_convnext", "timm:test_vit", "timm:vit_tiny_patch16_dinov3_qkvb"
ENCODERS = (PYRAMID, PLAIN, ROTARY)


def lively(network):
    """Weights and statistics that no two layers share, in evaluation mode."""
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.2)
            module.running_var.uniform_(0.5, 1.5)
    for parameter in network.parameters():
        parameter.data += 0.02 * torch.randn_like(parameter)
    return network.eval()


def build(name, kind=DualStream, **changes):
    needs_library("timm")
    return lively(kind(Settings(**{"classes": 4, **TINY, "low_encoder": name, **changes})))


@pytest.mark.parametrize("name", [*ENCODERS, "timm:test_resnet"])
@pytest.mark.parametrize("size", [(32, 32), (40, 72), (8, 24)])
def test_features_have_the_strides_of_the_resnet(name, size):
    needs_library("timm")
    encoder = timm_encoder(name, 2).eval()
    with torch.no_grad():
        features = encoder(torch.randn(1, 2, *size))
    shapes = [(encoder.channels[i], size[0] // s, size[1] // s) for i, s in enumerate((4, 8, 8, 8))]
    assert [tuple(x.shape[1:]) for x in features] == shapes
    assert isinstance(encoder, TimmPyramid if name in (PYRAMID, "timm:test_resnet") else TimmTokens)


@pytest.mark.parametrize("name", ENCODERS)
def test_the_exported_low_stream_is_that_of_torch_at_other_sizes(name):
    """Places of tokens and padding become constants in a careless export; see `PARITY_CELLS` for the sizes."""
    network = build(name)
    session = onnxruntime.InferenceSession(export_graphs(network)["low"], providers=["CPUExecutionProvider"])
    for seed, cells in enumerate(((4, 4), (9, 5), (8, 20), (1, 3))):
        image, _, _ = example(network, cells, seed)
        with torch.no_grad():
            wanted = LowGraph(network)(image)
        for one, other in zip(wanted, session.run(None, {"image": image.numpy()}), strict=True):
            assert one.shape == other.shape
            assert np.abs(one.numpy() - other).max() < 1e-3 * float(one.std())


@pytest.mark.parametrize("name", [PLAIN, "timm:test_vit3"])
def test_places_of_tokens_are_timms_own_at_the_size_of_the_table(name):
    timm = needs_library("timm")
    encoder = timm_encoder(name, 3).eval()
    encoder.load_state_dict(lively(encoder).state_dict())
    transformer = encoder.net.model
    patches = torch.randn(2, *transformer.patch_embed.grid_size, transformer.embed_dim)
    with torch.no_grad():
        ours = transformer._pos_embed(patches)
        theirs = timm.models.vision_transformer.VisionTransformer._pos_embed(transformer, patches)
    torch.testing.assert_close(ours, theirs)


@pytest.mark.parametrize("shape", [(3, 5), (1, 4), (14, 14)])
def test_rotations_of_tokens_are_timms_own(shape):
    timm = needs_library("timm")
    rope = timm_encoder(ROTARY, 3).eval().net.model.rope
    own = timm.layers.pos_embed_sincos.RotaryEmbeddingDinoV3._create_embed(rope, list(shape))
    torch.testing.assert_close(rope.get_embed(shape=shape), own)


def test_other_patches_than_16_pixels_see_the_image_resized():
    """A token of DINOv2 has 14 pixels: 16 of ours, so that cells and pixels stay in step."""
    needs_library("timm")
    encoder = timm_encoder("timm:vit_small_patch14_dinov2", 3).eval()
    assert (encoder.patch, encoder.unit) == (14, 16)
    seen = []
    encoder.net.register_forward_pre_hook(lambda module, inputs: seen.append(tuple(inputs[0].shape[-2:])))
    with torch.no_grad():
        features = encoder(torch.randn(1, 3, 40, 64))
    assert seen == [(3 * 14, 4 * 14)]
    assert tuple(features[3].shape[-2:]) == (5, 8)


def test_padding_repeats_the_border_and_is_cut_off_again():
    image = torch.arange(6.0).reshape(1, 1, 2, 3)
    padded = repeated(image, 4)
    assert padded[0, 0].tolist() == [[0, 1, 2, 2], [3, 4, 5, 5], [3, 4, 5, 5], [3, 4, 5, 5]]
    assert at_stride(padded, padded, (2, 3), 1).tolist() == image.tolist()


def test_low_stream_alone_takes_it_too():
    network = build(PYRAMID, LowStream)
    with torch.no_grad():
        assert network.full_logits(network(torch.rand(1, 3, 50, 90) * 255)).shape == (1, 4, 50, 90)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("timm:convnext_tini", "Unknown network of timm 'convnext_tini'; there are .*convnext_tiny"),
        ("timm:hf-hub:someone/something", "Unknown network of timm"),
        ("timm:local-dir:/etc", "Unknown network of timm"),
        ("timm:eva02_tiny_patch14_224", "tells its tokens their places in a way"),
        ("timm:swin_tiny_patch4_window7_224", "whose size depends on the image"),
        ("timm:vit_7b_patch16_dinov3", "parameters, 2,000,000,000 are allowed"),
        ("timm:mixer_b16_224", "a low stream needs 4 and coarser ones|gives no maps of features|tells its tokens"),
    ],
)
def test_encoders_that_do_not_do_are_one_line(name, said):
    needs_library("timm")
    with pytest.raises(SettingsError, match=said) as error:
        timm_encoder(name, 3)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("name", [PYRAMID, PLAIN])
def test_it_begins_with_the_weights_of_a_file_in_timms_names(name, tmp_path):
    timm = needs_library("timm")
    whole = lively(timm.create_model(name.removeprefix("timm:")))
    torch.save(whole.state_dict(), tmp_path / "w.pth")
    network = build(name)
    taken = load_encoders(network, str(tmp_path / "w.pth"), None)
    assert {key.split(".")[0] for key in taken} == {"low_encoder"}
    own, theirs = (sum(float(v.double().abs().sum()) for k, v in x.items() if "blocks" in k)
                   for x in (network.low_encoder.net.state_dict(), whole.state_dict()))  # fmt: skip
    assert own == pytest.approx(theirs)


def test_weights_of_another_encoder_are_one_line(tmp_path):
    timm = needs_library("timm")
    torch.save(timm.create_model("test_vit").state_dict(), tmp_path / "w.pth")
    with pytest.raises(CheckpointError, match=r"holds weights of another network \(cls_token"):
        load_encoders(build(PYRAMID), str(tmp_path / "w.pth"), None)


def test_parts_of_parts_are_trained_alone():
    """The transformer is frozen; its stem, a part of the same encoder, is not."""
    network = build(PLAIN).train()
    parts = TrainedParts(network, ["low_encoder.stem", "dappm"])
    parts.enter_training_mode()
    trained = {name.split(".")[1] if name.startswith("low_encoder") else name.split(".")[0]
               for name, parameter in network.named_parameters() if parameter.requires_grad}  # fmt: skip
    assert trained == {"stem", "dappm"}
    assert network.training
    assert network.low_encoder.stem[0][1].training
    assert not network.low_encoder.net.training
    assert not network.high_encoder.training


@pytest.mark.slow
def test_a_frozen_one_is_trained_around(tmp_path, monkeypatch):
    said = []
    monkeypatch.setattr("training.weights.library_encoders.tell", said.append)
    write_folder(tmp_path / "data")
    needs_library("timm")
    config = configuration(tmp_path / "run", tmp_path / "data", [{"filename": "end"}], low_encoder=PLAIN)
    fit(config, "--model.train_only=[low_encoder.stem, deep_head]", "--trainer.max_epochs=2")
    assert [text for text in said if "low_encoder.net is frozen with random weights" in text]
    weights = state(tmp_path / "run" / "end.ckpt")["state_dict"]
    fit(config, "--model.train_only=[low_encoder.stem, deep_head]", "--trainer.max_epochs=1", "--run=one")
    before = state(tmp_path / "one" / "end.ckpt")["state_dict"]
    changed = {name.split(".")[2] for name in before
               if name.startswith("network.low_encoder") and not torch.equal(before[name], weights[name])}  # fmt: skip
    assert changed == {"stem"}
