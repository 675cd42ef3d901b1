"""The parts of ISDNet against cases worked by hand."""

import pytest
import torch

from tests.training.conftest import TINY
from training.learning.losses import affinity_difference
from training.networks.isdnet import ISDNet, RelationAwareFusion, SuperResolution, blur, double, halve, residuals
from training.networks.settings import Settings


def count(module):
    return sum(p.numel() for p in module.parameters())


def test_blur_of_a_point_is_the_binomial_kernel():
    image = torch.zeros(1, 1, 7, 7)
    image[..., 3, 3] = 256.0
    row = torch.tensor([1.0, 4.0, 6.0, 4.0, 1.0])
    assert torch.equal(blur(image)[0, 0, 1:6, 1:6], torch.outer(row, row))


def test_flat_image_has_no_residual():
    flat = torch.full((2, 3, 32, 48), 7.0)
    torch.testing.assert_close(halve(flat), flat[:, :, :16, :24])
    torch.testing.assert_close(double(flat[:, :, :16, :24]), flat)
    found, rest = residuals(flat, 2)
    assert all(float(residual.abs().max()) < 1e-5 for residual in found)
    torch.testing.assert_close(rest, flat[:, :, :8, :12])


@pytest.mark.parametrize("size", [(16, 16), (64, 20), (12, 100)])
def test_image_comes_back_from_its_residuals(size):
    image = torch.rand(2, 4, *size)
    (fine, coarse), rest = residuals(image, 2)
    assert fine.shape == image.shape
    assert coarse.shape[-2:] == (size[0] // 2, size[1] // 2)
    torch.testing.assert_close(fine + double(coarse + double(rest)), image)


def test_residuals_keep_full_precision_under_autocast():
    image = 1000 + torch.rand(1, 3, 32, 32)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        (fine, _), _ = residuals(image, 2)
    assert fine.dtype == torch.float32
    torch.testing.assert_close(fine, residuals(image, 2)[0][0])


def test_affinity_by_hand():
    """Two channels at two places. Deep: one channel each -> likeness is the identity; fine: all alike -> halves."""
    deep = torch.tensor([[1.0, 0.0], [0.0, 1.0]]).reshape(1, 2, 1, 2)
    fine = torch.ones(1, 2, 1, 2)  # each channel scaled to (1, 1) / sqrt 2: every likeness is 2 * 1/2 = 1
    expected = (0 + 1 + 1 + 0) / 4
    assert float(affinity_difference(deep, fine)) == pytest.approx(expected)


def test_affinity_is_zero_for_equal_features_whatever_their_scale():
    deep = torch.rand(2, 6, 4, 5) + 0.1
    assert float(affinity_difference(deep, deep)) == 0
    scaled = deep * torch.tensor([0.5, 1, 2, 3, 4, 5]).view(1, 6, 1, 1)
    assert float(affinity_difference(deep, scaled)) < 1e-6
    assert float(affinity_difference(deep, deep.flip(3))) > 1e-3


def test_affinity_teaches_the_deep_features_alone():
    deep, fine = (torch.rand(1, 3, 4, 4, requires_grad=True) for _ in range(2))
    affinity_difference(deep, torch.nn.functional.interpolate(fine, scale_factor=4)).backward()
    assert deep.grad.abs().sum() > 0
    assert fine.grad is None


def test_relation_is_the_product_of_the_groups():
    fusion = RelationAwareFusion(8, 4)
    assert fusion.groups == 4
    fine, coarse = torch.tensor([[1.0, 2, 3, 4]]), torch.tensor([[5.0, 6, 7, 8]])
    assert torch.equal(fusion.relation(fine, coarse), torch.outer(fine[0], coarse[0]).flatten()[None])
    wide = RelationAwareFusion(8, 32)  # 16 groups of 2
    a, b = torch.rand(3, 32), torch.rand(3, 32)
    expected = torch.einsum("nig,njg->nij", a.view(3, 16, 2), b.view(3, 16, 2)).flatten(1)
    torch.testing.assert_close(wide.relation(a, b), expected)


def test_relation_starts_without_effect():
    torch.manual_seed(0)
    fusion = RelationAwareFusion(8, 16).eval()
    fine, coarse = torch.rand(2, 8, 6, 10), torch.rand(2, 16, 3, 5)
    before = fusion(fine, coarse)[1]
    for part in (fusion.fine_relation, fusion.coarse_relation):
        part[0].bias.data += 1.0
    assert torch.equal(fusion(fine, coarse)[1], before)
    fusion.fine_gain.data.fill_(1.0)
    assert not torch.equal(fusion(fine, coarse)[1], before)


def test_super_resolution_draws_at_half_the_raster():
    features, detail = SuperResolution(8, bands=5)(torch.rand(2, 8, 3, 4))
    assert features.shape == (2, 8, 48, 64)
    assert detail.shape == (2, 5, 48, 64)


def test_training_parts_are_away_in_evaluation():
    network = ISDNet(Settings(classes=3, **TINY)).eval()
    image = torch.rand(1, 3, 64, 64) * 255
    before = network(image)
    assert before.maps is None
    for part in (network.super_resolution, network.context_head8, network.context_head16, network.auxiliary_head):
        for parameter in part.parameters():
            parameter.data.zero_()
    assert torch.equal(network(image).logits, before.logits)


def test_parameter_counts_follow_from_the_published_shapes():
    """Layer by layer from the public configuration (ResNet-18, 128 channels, 7 classes, 3 bands)."""
    network = ISDNet(Settings(classes=7))
    conv, unit = (lambda i, o, k: i * o * k * k), (lambda i, o, k: i * o * k * k + 2 * o)
    aspp = unit(512, 128, 1) * 2 + 3 * unit(512, 128, 3) + unit(640, 128, 3)
    head = unit(128, 64, 3) + 64 * 7 + 7
    mlp = 256 * 128 + 128 + 128 * 128 + 128
    weights = {fine: unit(fine, 128, 3) + conv(128, 128, 1) + 256 for fine in (128, 256, 512)}
    fusion = {fine: weights[fine] + weights[128] + 2 * mlp + 2 + 2 * unit(128, 128, 3) for fine in (256, 512)}
    sr = unit(128, 64, 3) + unit(64, 64, 3) + unit(64, 128, 3) + unit(128, 64, 3) + 64 * 3 + 3
    assert count(network.low_encoder) == 11_195_744
    assert count(network.aspp) == aspp
    assert count(network.high_encoder) == 1_278_112 + 3 * 32 * 9  # three more bands
    assert (count(network.fuse8), count(network.fuse16)) == (fusion[256], fusion[512])
    assert count(network.super_resolution) == sr
    assert {count(h) for h in (network.segmentation_head, network.context_head8, network.context_head16)} == {head}
    parts = 11_195_744 + aspp + 1_278_976 + sum(fusion.values()) + sr + 3 * head + (128 * 7 + 7) + 148_039
    assert count(network) == parts
