"""The settings that take one part of the method away, each against what it must then be."""

import math
from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F

from tests.training.conftest import TINY, randomise
from training import export_model
from training.errors import SettingsError
from training.learning.losses import Complementer, error_cross_entropy, known_cross_entropy
from training.learning.objectives import LossSettings, dual_stream
from training.networks import estimator
from training.networks.dual_stream import DualStream, LowOutput
from training.networks.ensembler import ensemble
from training.networks.layers import resize
from training.networks.selector import Grid, point_score
from training.networks.settings import Settings
from training.weights.checkpoint import save_trained
from training.weights.start import load_start


def network_with(**changes):
    torch.manual_seed(0)
    return randomise(DualStream(Settings(classes=4, **TINY, **changes)))


@pytest.fixture
def image():
    return torch.rand(2, 3, 128, 96, generator=torch.Generator().manual_seed(5)) * 255


def test_uncertainty_by_one_sign_alone(image):
    both, entropy, residual = (
        network_with(uncertainty=signs)(image, 1.0).uncertainty for signs in ("both", "entropy", "residual")
    )
    torch.testing.assert_close((entropy + residual) / 2, both)
    assert float(entropy.min()) >= 0
    assert float(entropy.max()) <= 1
    assert not torch.allclose(entropy, residual, atol=1e-2)


def test_residual_is_resized_before_its_sigmoid_at_8_and_after_it_at_16(image):
    output = network_with(uncertainty="residual", uncertainty_stride=8)(image, 1.0)
    torch.testing.assert_close(output.uncertainty, resize(output.low.residual, output.grid.size8).sigmoid())
    output = network_with(uncertainty="residual", uncertainty_stride=16)(image, 1.0)
    torch.testing.assert_close(output.uncertainty, resize(output.low.residual.sigmoid(), output.grid.size8))


def test_entropy_of_the_map_is_high_between_cells_of_two_classes(image):
    output = network_with(uncertainty="entropy")(image, 1.0)
    between = F.interpolate(output.low.logits, output.grid.size8, mode="bilinear", align_corners=False)
    expected = torch.distributions.Categorical(logits=between.movedim(1, -1)).entropy() / math.log(4)
    torch.testing.assert_close(output.uncertainty[:, 0], expected)
    cells = network_with(uncertainty="entropy", entropy_of="cells")(image, 1.0)
    torch.testing.assert_close(cells.uncertainty, resize(cells.low.entropy, output.grid.size8) / math.log(4))
    sure = torch.tensor([[[[9.0, -9.0]], [[-9.0, 9.0]]]])  # two cells, each sure of another class
    assert float(network_entropy(sure, "map").max()) > 0.5 > 0.01 > float(network_entropy(sure, "cells").max())


def network_entropy(logits, of):
    network = DualStream(Settings(classes=2, entropy_of=of, **TINY))
    nothing = torch.zeros(1, 1, 2, 4)
    low = LowOutput((nothing,) * 4, nothing, logits, nothing)
    return network.entropy(low, (1, 3))


@pytest.mark.parametrize("signs", ["entropy", "residual"])
def test_patches_are_ranked_by_that_sign(signs, image):
    output = network_with(uncertainty=signs)(image, 0.25)
    low = output.low
    size8 = output.grid.size8
    doubt, high_frequency = estimator.entropy(resize(low.logits, size8)), resize(low.residual, size8).sigmoid()
    ranks = doubt if signs == "entropy" else high_frequency
    cells = F.adaptive_avg_pool2d(ranks, (output.grid.rows, output.grid.cols))
    best = cells.flatten(1).topk(int(output.selected[0].sum())).indices
    assert output.selected.gather(1, best).all()


def test_point_score_by_one_sign():
    residual, doubt = torch.randn(1, 1, 8, 8), torch.rand(1, 1, 4, 4)
    grid = Grid.fixed(64, 64, 32)
    one, other = (point_score(residual, doubt, grid, math.log(4), signs) for signs in ("entropy", "residual"))
    torch.testing.assert_close(one + other, point_score(residual, doubt, grid, math.log(4)))


def assembled(output):
    """F_high on the 1/8 map."""
    return output.grid.assemble(output.high, output.selected.flatten().nonzero()[:, 0], len(output.selected))


def test_without_estimator_nothing_of_the_image_decides(image):
    network = network_with(uncertainty="constant", selector="random")
    output, other = network(image, 0.5), network(image.flip(0, 3), 0.5)
    assert (output.uncertainty == 0.5).all()
    assert torch.equal(output.selected, other.selected)
    assert not torch.equal(output.selected[0], output.selected[1])
    chosen = output.grid.mask8(output.selected).expand_as(output.fused)
    f_low = resize(output.low.features, output.grid.size8)
    f_high = assembled(output)
    torch.testing.assert_close(output.fused[chosen], ((f_low + f_high) / 2)[chosen])


def test_random_patches_of_a_smaller_ratio_are_part_of_a_larger_one(image):
    network = network_with(selector="random")
    few, many = network(image, 0.25).selected, network(image, 0.75).selected
    assert (few <= many).all()
    assert few.sum(1).tolist() == [3, 3]


def test_random_patches_are_drawn_anew_in_training(image):
    network = network_with(selector="random").train()
    drawn = {tuple(network(image, 0.5).selected.flatten().tolist()) for _ in range(6)}
    assert len(drawn) > 3


def test_constant_uncertainty_ranks_no_patches():
    with pytest.raises(SettingsError, match="ranks no patches; selector is 'mean', give 'random'"):
        Settings(classes=3, uncertainty="constant")


def test_plain_sum_by_hand():
    low, high = torch.full((1, 1, 1, 2), 10.0), torch.full((1, 1, 1, 2), 20.0)
    u = torch.full((1, 1, 1, 2), 0.3)
    selected = torch.tensor([True, False]).reshape(1, 1, 1, 2)
    assert ensemble(low, high, u, selected, weighted=False).flatten().tolist() == [30.0, 10.0]


def test_plain_sum_in_the_network(image):
    output = network_with(ensembler="sum")(image, 0.5)
    f_low = resize(output.low.features, output.grid.size8)
    torch.testing.assert_close(output.fused, f_low + assembled(output))


def learned(**changes):
    """A network with a correction that corrects."""
    network = network_with(ensembler="learned", **changes)
    torch.nn.init.normal_(network.correction.out.weight, 0, 0.1)
    return network


def test_a_new_correction_changes_nothing(image):
    network = DualStream(Settings(classes=4, ensembler="learned", **TINY)).eval()
    plain = DualStream(Settings(classes=4, **TINY)).eval()
    plain.load_state_dict({k: v for k, v in network.state_dict().items() if not k.startswith("correction.")})
    assert torch.equal(network(image, 0.5).logits, plain(image, 0.5).logits)


def test_correction_by_hand(image):
    network = learned()
    output = network(image, 1.0)
    f_low, answer = resize(output.low.features, output.grid.size8), resize(output.low.logits, output.grid.size8)
    f_high, u = assembled(output), output.uncertainty
    seen = torch.cat((f_low, f_high, u, answer.softmax(1)), 1)
    first = torch.cat((network.correction.features.weight, network.correction.answer.weight), 1)[:, :, 0, 0]
    hidden = torch.einsum("oi,nihw->nohw", first, seen) + network.correction.features.bias[:, None, None]
    last = network.correction.out
    change = torch.einsum("oi,nihw->nohw", last.weight[:, :, 0, 0], hidden.clamp(min=0)) + last.bias[:, None, None]
    expected = ensemble(f_low, f_high, u, torch.ones_like(u, dtype=torch.bool)) + change
    torch.testing.assert_close(output.fused, expected, atol=1e-4, rtol=1e-4)
    assert float(change.abs().max()) > 0.1


def test_correction_leaves_what_is_not_selected(image):
    network = learned()
    none, some = network(image, 0.0), network(image, 0.5)
    torch.testing.assert_close(none.logits, resize(none.low.logits, none.grid.size8))
    away = ~some.grid.mask8(some.selected).expand_as(some.logits)
    assert torch.equal(some.logits[away], none.logits[away])
    assert not torch.equal(some.logits[~away], none.logits[~away])


def test_power_zero_turns_the_complementer_off(image):
    network = network_with()
    labels = torch.randint(0, 4, (2, 128, 96))
    output = network(image, 1.0)
    off = dual_stream(network, output, labels, LossSettings(Complementer(power=0.0)))
    on = dual_stream(network, output, labels, LossSettings(Complementer(power=6.0)))
    torch.testing.assert_close(off["final"], known_cross_entropy(output.logits, labels, 1))
    assert not torch.isclose(on["final"], off["final"])


@pytest.mark.parametrize("stride", [1, 2])
def test_the_head_on_features_learns_where_the_low_stream_errs(stride):
    """Where everything that it calls class 0 is wrong, and nothing else; it changes nothing but itself."""
    head = estimator.ErrorHead(4, 6, 5, 3)
    f1, f2, context = torch.rand(2, 4, 12, 16), torch.rand(2, 6, 6, 8), torch.rand(2, 5, 6, 8, requires_grad=True)
    logits = (torch.randn(2, 3, 12 // stride, 16 // stride) * 4).requires_grad_()
    answer = resize(logits.detach(), (12, 16)).argmax(1)
    labels = torch.where(answer == 0, 1, answer)
    optimiser = torch.optim.Adam(head.parameters(), 1e-2)
    for _ in range(80):
        optimiser.zero_grad()
        told = head(f1, f2, context, logits)
        error_cross_entropy(told, logits, labels, 1).backward()
        optimiser.step()
    found = told.detach().sigmoid()[:, 0]
    assert found.shape == answer.shape
    assert float(found[answer == 0].mean()) > float(found[answer != 0].mean()) + 0.5
    assert logits.grad is None
    assert context.grad is not None


@pytest.mark.parametrize(("signs", "taught"), [("both", True), ("residual", True), ("entropy", False)])
def test_residual_is_taught_only_where_it_counts(signs, taught, image):
    network = network_with(uncertainty=signs)
    labels = torch.randint(0, 4, (2, 128, 96))
    losses = dual_stream(network, network(image, 1.0), labels, LossSettings(estimator_weight=0.5))
    assert ("estimator" in losses) == taught


@pytest.mark.parametrize(
    "changes",
    [
        {"uncertainty": "entropy"},
        {"uncertainty": "residual"},
        {"ensembler": "sum"},
        {"ensembler": "learned"},
        {"low_stem": "7x7", "high_encoder": "efficientnet_lite0"},
        {"estimator": "features"},
        {"estimator": "features", "low_stride": 32},
    ],
)
def test_bundles_carry_ablations_exactly(changes, tmp_path):
    network = network_with(**changes)
    save_trained(tmp_path / "n.ckpt", network, list("wxyz"), ["102030"] * 4)
    export_model.main([str(tmp_path / "n.ckpt"), str(tmp_path / "n.uhrs"), "--full-precision"])  # compares with torch
    back = load_start(tmp_path / "n.uhrs").network
    assert back.settings == replace(network.settings, mean=back.settings.mean, std=back.settings.std)
    image = torch.rand(1, 3, 64, 64) * 255
    with torch.no_grad():
        torch.testing.assert_close(back(image, 0.5).logits, network(image, 0.5).logits)


def test_export_refuses_random_patches(tmp_path, refused):
    save_trained(tmp_path / "n.ckpt", network_with(selector="random"), list("wxyz"), ["102030"] * 4)
    with refused("selects patches at random"):
        export_model.main([str(tmp_path / "n.ckpt"), str(tmp_path / "n.uhrs")])
    assert not list(tmp_path.glob("*.uhrs"))
