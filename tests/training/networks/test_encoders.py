"""What the settings of the encoders change: the stem of ResNet-18, EfficientNet-Lite0, how weights begin."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from tests.training.conftest import TINY
from training.errors import SettingsError
from training.networks.dual_stream import DualStream
from training.networks.high_encoders import EfficientNetLite0, SameConv
from training.networks.initialise import initialise
from training.networks.registry import ARCHITECTURES
from training.networks.resnet import BasicBlock, Bottleneck, ResNet
from training.networks.settings import Settings, faithful, restored_settings, stored_settings


def test_the_7x7_stem_is_that_of_resnet_18():
    torch.manual_seed(0)
    stem = ResNet(stem="7x7").stem.eval()
    assert [tuple(p.shape) for p in stem.parameters()] == [(64, 3, 7, 7), (64,), (64,)]
    image = torch.rand(1, 3, 64, 96)
    padded = F.pad(image, (3, 3, 3, 3)).unfold(2, 7, 2).unfold(3, 7, 2)  # windows around every second pixel
    expected = torch.einsum("nchwij,fcij->nfhw", padded, stem[0][0].weight) / (1 + 1e-5) ** 0.5
    torch.testing.assert_close(stem(image), expected.relu(), atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("name", ["dual_stream", "low_stream", "isdnet", "deeplabv3plus"])
def test_every_network_with_a_resnet_takes_the_stem(name):
    network = ARCHITECTURES[name](Settings(classes=3, low_stem="7x7", **TINY))
    (encoder,) = (m for m in network.modules() if isinstance(m, ResNet))
    assert encoder.stem[0][0].kernel_size == (7, 7)


def test_published_and_older_networks_have_the_deep_stem_and_stdc():
    assert (faithful(2, 0.7, 20).low_stem, faithful(2, 0.7, 20).high_encoder) == ("deep", "stdc")
    stored = stored_settings(Settings(classes=2))
    for key in ("low_stem", "high_encoder", "estimator"):
        del stored[key]
    assert restored_settings(2, stored) == Settings(classes=2)


@pytest.mark.parametrize(("kernel", "stride"), [(1, 1), (3, 1), (5, 1), (3, 2), (5, 2)])
def test_padding_is_that_of_tensorflow(kernel, stride):
    """SAME: ceil(n / s) values; the padding that this needs is shared, and what is odd goes below and to the right."""
    torch.manual_seed(0)
    unit, image = SameConv(2, 4, kernel, stride), torch.rand(1, 2, 12, 16)
    total = [max((-(-n // stride) - 1) * stride + kernel - n, 0) for n in image.shape[-2:]]
    (top, left), (bottom, right) = ([t // 2 for t in total], [t - t // 2 for t in total])
    expected = F.conv2d(F.pad(image, (left, right, top, bottom)), unit.weight, stride=stride)
    torch.testing.assert_close(unit(image), expected)


@pytest.mark.parametrize("name", ["dual_stream", "high_stream"])
def test_efficientnet_sees_the_patches(name):
    torch.manual_seed(0)
    network = ARCHITECTURES[name](Settings(classes=3, high_encoder="efficientnet_lite0", **TINY)).eval()
    assert isinstance(network.high_encoder, EfficientNetLite0)
    f8, f16 = network.high_encoder(torch.rand(2, 3, 32, 64))
    assert (f8.shape, f16.shape) == ((2, 40, 4, 8), (2, 112, 2, 4))
    output = network(torch.rand(1, 3, 70, 40) * 255)
    assert network.full_logits(output).shape == (1, 3, 70, 40)


def test_efficientnet_has_as_many_parameters_as_published():
    """4,652,008 in all; 2,258,080 of them are in blocks 11 to 15, 1,693,160 in the head and the classifier."""
    assert sum(p.numel() for p in EfficientNetLite0().parameters()) == 4_652_008 - 2_258_080 - 1_693_160


def test_kaiming_keeps_the_spread_and_begins_with_the_identity():
    torch.manual_seed(0)
    network = DualStream(Settings(classes=3, low_stem="7x7", high_encoder="efficientnet_lite0"))
    classifier = network.deep_head[1].weight.clone()
    initialise(network, "kaiming")
    assert torch.equal(network.deep_head[1].weight, classifier)
    for module in network.modules():
        if isinstance(module, nn.Conv2d) and module.bias is None and module.weight.numel() > 5_000:
            fan_out = module.weight.shape[2] * module.weight.shape[3] * module.out_channels / module.groups
            assert float(module.weight.detach().std()) == pytest.approx((2 / fan_out) ** 0.5, rel=0.1)
    block = next(m for m in network.modules() if isinstance(m, BasicBlock))
    image = torch.rand(1, 64, 8, 8)
    assert torch.equal(block.eval()(image), image)


def test_published_initialisation_draws_the_classifiers_of_the_low_stream_too():
    torch.manual_seed(0)
    network = DualStream(Settings(classes=8))
    before = network.segmentation_head[2].weight.clone()
    initialise(network, "published")
    for classifier in (network.deep_head[1], network.auxiliary_head[2]):
        assert float(classifier.weight.detach().std()) == pytest.approx(0.01, rel=0.1)
        assert not classifier.bias.any()
    assert torch.equal(network.segmentation_head[2].weight, before)  # drawn by torch there, too


def test_resnet_50_has_as_many_parameters_as_published():
    """torchvision's ResNet-50 has 25,557,032; 2,049,000 of them are the classifier's."""
    assert sum(p.numel() for p in ResNet(stem="7x7", depth=50).parameters()) == 25_557_032 - 2_049_000
    assert sum(p.numel() for p in ResNet(stem="7x7").parameters()) == 11_689_512 - 513_000


def test_resnet_50_has_the_strides_and_dilations_of_resnet_18():
    torch.manual_seed(0)
    network = ResNet(widths=(8, 12, 16, 20), depth=50).eval()
    shapes = [tuple(f.shape[1:]) for f in network(torch.rand(1, 3, 64, 96))]
    assert shapes == [(32, 16, 24), (48, 8, 12), (64, 8, 12), (80, 8, 12)]
    assert [len(stage) for stage in (network.stage1, network.stage2, network.stage3, network.stage4)] == [3, 4, 6, 3]
    dilated = [block.conv2.dilation[0] for stage in (network.stage3, network.stage4) for block in stage]
    assert dilated == [1, 2, 2, 2, 2, 2, 2, 4, 4]
    initialise(network, "kaiming")
    block = next(
        m for m in network.stage2.modules() if isinstance(m, Bottleneck) and not len(list(m.shortcut.children()))
    )
    image = torch.rand(1, 48, 8, 8)
    assert torch.equal(block(image), image)


@pytest.mark.parametrize("name", ["dual_stream", "low_stream", "isdnet", "deeplabv3plus"])
def test_every_network_with_a_resnet_takes_its_depth(name):
    network = ARCHITECTURES[name](Settings(classes=3, low_depth=50, **TINY)).eval()
    output = network(torch.rand(1, 3, 128, 96) * 255)
    assert network.full_logits(output).shape == (1, 3, 128, 96)


@pytest.mark.parametrize("given", [False, True])
def test_the_gradient_through_the_entropy_is_a_setting(given):
    """With it the final map teaches the low stream's classifier through U; without, nothing does."""
    torch.manual_seed(0)
    settings = Settings(
        classes=3, patch_grid=1, entropy_gradient=given, unselected="head", uncertainty="entropy", **TINY
    )
    network = DualStream(settings)
    network(torch.rand(2, 3, 64, 64) * 255).logits.square().sum().backward()
    assert (network.deep_head[1].weight.grad is not None) == given


def test_one_patch_is_the_whole_image():
    """Both streams see everything: the high stream's features are those of its encoder on the whole image."""
    torch.manual_seed(0)
    network = DualStream(Settings(classes=3, patch_grid=1, downsampling="nearest", **TINY)).eval()
    image = torch.rand(1, 3, 100, 76) * 255
    output = network(image)
    assert (output.grid.rows, output.grid.cols, output.grid.patch) == (1, 1, (100, 76))
    f8, f16 = network.high_encoder(network.normalise(image))
    torch.testing.assert_close(output.high, network.high_reducer(f8, f16))


@pytest.mark.parametrize("name", ["patch_grid", "test_patch_grid"])
@pytest.mark.parametrize("count", [0, -1, 2.5, 5000])
def test_a_patch_grid_that_cannot_be_is_refused(name, count):
    with pytest.raises(SettingsError, match=rf"^{name} is {count}; give a number of patches per axis from 1 to 1024"):
        Settings(classes=2, **{name: count})
