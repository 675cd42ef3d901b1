"""What the settings of the encoders change: the stem of ResNet-18, EfficientNet-Lite0, how weights begin."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from tests.training.conftest import TINY
from training.networks.dual_stream import DualStream
from training.networks.high_encoders import EfficientNetLite0, SameConv
from training.networks.initialise import initialise
from training.networks.registry import ARCHITECTURES
from training.networks.resnet import BasicBlock, ResNet18
from training.networks.settings import Settings, faithful, restored_settings, stored_settings


def test_the_7x7_stem_is_that_of_resnet_18():
    torch.manual_seed(0)
    stem = ResNet18(stem="7x7").stem.eval()
    assert [tuple(p.shape) for p in stem.parameters()] == [(64, 3, 7, 7), (64,), (64,)]
    image = torch.rand(1, 3, 64, 96)
    padded = F.pad(image, (3, 3, 3, 3)).unfold(2, 7, 2).unfold(3, 7, 2)  # windows around every second pixel
    expected = torch.einsum("nchwij,fcij->nfhw", padded, stem[0][0].weight) / (1 + 1e-5) ** 0.5
    torch.testing.assert_close(stem(image), expected.relu(), atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("name", ["dual_stream", "low_stream", "isdnet", "deeplabv3plus"])
def test_every_network_with_a_resnet_takes_the_stem(name):
    network = ARCHITECTURES[name](Settings(classes=3, low_stem="7x7", **TINY))
    (encoder,) = (m for m in network.modules() if isinstance(m, ResNet18))
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
    initialise(network)
    assert torch.equal(network.deep_head[1].weight, classifier)
    for module in network.modules():
        if isinstance(module, nn.Conv2d) and module.bias is None and module.weight.numel() > 5_000:
            fan_out = module.weight.shape[2] * module.weight.shape[3] * module.out_channels / module.groups
            assert float(module.weight.detach().std()) == pytest.approx((2 / fan_out) ** 0.5, rel=0.1)
    block = next(m for m in network.modules() if isinstance(m, BasicBlock))
    image = torch.rand(1, 64, 8, 8)
    assert torch.equal(block.eval()(image), image)
