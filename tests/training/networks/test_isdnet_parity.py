"""ISDNet against the arithmetic of its published code, which is written down once more in isdnet_published.py.

There are no arrays of the published network. What is compared is every map and loss that its published forward pass
makes, by formulas taken from there, under the published names of the weights.
"""

import pytest
import torch

from tests.training.networks import isdnet_published as published
from training.learning.objectives import LossSettings, isdnet
from training.networks.isdnet import ISDNet
from training.networks.layers import resize
from training.networks.settings import Settings

CLASSES = 7


@pytest.fixture(scope="module")
def network():
    """Of the published widths, with lively statistics and weights; it gives the maps of training, but drops nothing."""
    torch.manual_seed(3)
    made = ISDNet(Settings(CLASSES, downsampling="nearest")).eval()
    for module in made.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.2)
            module.running_var.uniform_(0.3, 1.5)
            module.weight.data.uniform_(0.5, 1.5)
            module.bias.data.normal_(0, 0.2)
        elif isinstance(module, torch.nn.Conv2d):
            torch.nn.init.kaiming_normal_(module.weight)
    for fusion in (made.fuse8, made.fuse16):
        fusion.fine_gain.data.fill_(0.7)
        fusion.coarse_gain.data.fill_(-0.4)
    made.training = True  # itself, not its parts
    return made


@pytest.fixture(scope="module")
def weights(network):
    state = {k: v for k, v in network.state_dict().items() if not k.endswith("num_batches_tracked")}
    named = {published.published_name(key): value for key, value in state.items()}
    assert len(named) == len(state)
    return published.Published(named)


@pytest.fixture(scope="module")
def image():
    return torch.rand(2, 3, 96, 64, generator=torch.Generator().manual_seed(5)) * 255


@torch.no_grad()
def test_every_map_and_loss_is_the_published_one(network, weights, image):
    expected = published.forward(weights, network.normalise(image))
    assert set(weights.weights) == weights.used  # no weight of ours is without a part in the published pass
    output = network(image)
    maps = output.maps
    found = {
        "final": output.logits,
        "deep": maps.deep_logits,
        "auxiliary": network.auxiliary_head(maps.stage3),
        "context8": network.context_head8(maps.context8),
        "context16": network.context_head16(maps.context16),
    }
    for name, value in found.items():
        assert float(expected[name].std()) > 1e-3  # something that can differ
        torch.testing.assert_close(value, expected[name], rtol=1e-4, atol=1e-4)
    labels = torch.randint(0, CLASSES, (2, 96, 64), generator=torch.Generator().manual_seed(1))
    losses = isdnet(network, output, labels, LossSettings())
    for name in ("reconstruction", "affinity"):
        assert float(losses[name]) == pytest.approx(float(expected[name]), rel=1e-4)


@torch.no_grad()
def test_the_published_output_is_at_an_eighth_and_resized(network, weights, image):
    expected = published.forward(weights, network.normalise(image))["final"]
    torch.testing.assert_close(network.full_logits(network(image)), resize(expected, (96, 64)), rtol=1e-4, atol=1e-4)


@torch.no_grad()
@pytest.mark.parametrize(
    "part", ["low_encoder.stage4.0.conv1", "aspp.branches.2.0", "high_encoder.stage3.0.down.0", "fuse16.smooth.0",
             "fuse8.coarse_relation.2", "segmentation_head.0.0"]
)  # fmt: skip
def test_a_changed_weight_is_seen(network, weights, image, part):
    before = network(image).logits
    weight = network.get_parameter(f"{part}.weight")
    kept = weight.data.clone()
    weight.data = weight.data.flip(0)
    after = network(image).logits
    weight.data = kept
    assert float((after - before).abs().max()) > 1e-4
