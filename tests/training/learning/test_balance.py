"""The losses between both streams, against slow formulas, and as a training takes them."""

import itertools
import math

import numpy as np
import pytest
import torch
from lightning.pytorch import Trainer

from tests.training.conftest import TINY
from tests.training.tiny_runs import configuration, fit, logged, write_folder
from training.learning.balance import Alignment, gradient_imbalance
from training.learning.task import SegmentationTask
from training.weights import load_trained


def distribution(convolution, values):
    """Softmax over the channels of a 1x1 convolution of one cell, by hand."""
    told = convolution.weight[:, :, 0, 0].detach().numpy() @ values + convolution.bias.detach().numpy()
    shares = np.exp(told - told.max())
    return shares / shares.sum()


def divergence(one, other):
    return float((one * np.log(one / other)).sum())


def test_alignment_is_the_mean_divergence_of_both_directions():
    alignment = Alignment(5, 3)
    low, high = torch.randn(2, 5, 3, 4), torch.randn(2, 3, 3, 4)
    selected = torch.rand(2, 1, 3, 4) > 0.4
    found = []
    for n, row, col in itertools.product(range(2), range(3), range(4)):
        if selected[n, 0, row, col]:
            one = distribution(alignment.low, low[n, :, row, col].numpy())
            other = distribution(alignment.high, high[n, :, row, col].numpy())
            found.append((divergence(one, other) + divergence(other, one)) / 2)
    assert alignment(low, high, selected).item() == pytest.approx(np.mean(found), rel=1e-4)


def test_alignment_is_0_for_equal_distributions_and_where_nothing_is_selected():
    alignment = Alignment(4, 4)
    alignment.high.load_state_dict(alignment.low.state_dict())
    low = torch.randn(1, 4, 3, 3)
    everywhere = torch.ones(1, 1, 3, 3, dtype=torch.bool)
    assert alignment(low, low.clone(), everywhere).item() == pytest.approx(0, abs=1e-6)
    assert float(alignment(low, -low, everywhere)) > 1e-3
    assert float(alignment(low, -low, ~everywhere)) == 0


def test_alignment_leaves_out_cells_that_the_high_stream_saw_in_part():
    """High features have four times as many cells; what is not selected is 0 and would be mixed in."""
    alignment = Alignment(4, 4)
    low = torch.randn(1, 4, 2, 4)
    high = torch.randn(1, 4, 8, 16)
    selected = torch.zeros(1, 1, 8, 16, dtype=torch.bool)
    selected[..., :8] = True
    told = alignment(low, high, selected)
    high[..., 8:] = 99.0
    assert float(alignment(low, high, selected)) == pytest.approx(float(told))


def test_imbalance_is_what_lengths_of_gradients_differ_by():
    """Of a loss whose gradients are known: d/da = 2 a, d/db = 3 b."""
    a, b = (torch.tensor(values, requires_grad=True) for values in ([3.0, 4.0], [1.0, 2.0, 2.0]))
    found = gradient_imbalance((a**2).sum() + 1.5 * (b**2).sum(), {"a": [a], "b": [b]})
    lengths = [2 * 5.0, 3 * 3.0]
    middle = sum(lengths) / 2
    assert float(found) == pytest.approx(sum(abs(length - middle) for length in lengths))
    found.backward()  # |2 |a| - 3 |b|| / 2 twice: its gradient for a is 2 a / |a|
    torch.testing.assert_close(a.grad, 2 * a.detach() / 5)
    torch.testing.assert_close(b.grad, -3 * b.detach() / 3)


def test_imbalance_of_three_parts_counts_the_distance_of_each_from_the_mean():
    parts = {name: [torch.tensor([value], requires_grad=True)] for name, value in (("a", 1.0), ("b", 2.0), ("c", 6.0))}
    loss = sum((part[0] ** 2).sum() for part in parts.values()) / 2
    assert float(gradient_imbalance(loss, parts)) == pytest.approx(2 + 1 + 3)


def task(**more):
    return SegmentationTask(3, ["a", "b", "c"], ["000000", "777777", "FFFFFF"], network=TINY, **more)


def step(made, ratio=1.0):
    torch.manual_seed(2)
    image, labels = torch.rand(2, 3, 96, 96) * 255, torch.randint(0, 3, (2, 96, 96))
    return made.losses(made(image, ratio), labels)


def test_both_losses_come_with_their_weights_and_teach_the_network():
    made = task(alignment_weight=0.1, balance_weight=0.2)
    losses = step(made)
    assert {"alignment", "balance"} < set(losses)
    torch.manual_seed(0)
    twice = task(alignment_weight=0.2, balance_weight=0.4)
    twice.load_state_dict(made.state_dict())
    for name, value in step(twice).items():
        if name in ("alignment", "balance"):
            assert float(value) == pytest.approx(2 * float(losses[name]), rel=1e-4)
    (losses["alignment"] + losses["balance"]).backward()
    for part in (made.network.low_encoder, made.network.high_encoder, made.network.low_reducer, made.alignment):
        lengths = [float(p.grad.norm()) for p in part.parameters() if p.grad is not None]
        assert lengths
        assert all(math.isfinite(length) for length in lengths)
        assert max(lengths) > 0


def test_the_balance_is_that_of_the_gradients_of_the_final_loss():
    made = task(balance_weight=1.0)
    losses = step(made)
    lengths = []
    for part in (made.network.low_reducer, made.network.high_reducer):
        gradients = torch.autograd.grad(losses["final"], list(part.parameters()), retain_graph=True)
        lengths.append(float(sum((gradient**2).sum() for gradient in gradients)) ** 0.5)
    assert float(losses["balance"]) == pytest.approx(abs(lengths[0] - lengths[1]), rel=1e-4)


def test_without_a_selected_patch_there_is_nothing_to_bring_together():
    assert not {"alignment", "balance"} & set(step(task(alignment_weight=0.1, balance_weight=0.1), ratio=0.0))


def test_left_out_they_cost_nothing():
    made = task()
    assert made.alignment is None
    assert not {"alignment", "balance"} & set(step(made))
    assert not [key for key in made.state_dict() if not key.startswith("network.")]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"architecture": "high_stream", "balance_weight": 0.1}, "are for the streams of dual_stream"),
        ({"alignment_weight": 0.1, "train_only": ["high_reducer"]}, "train_only is .*, add low_reducer"),
        ({"alignment_weight": -0.1}, "weights of losses are -0.1 and 0.0; give numbers from 0 on"),
    ],
)
def test_what_cannot_be_brought_together_is_refused(settings, said):
    with pytest.raises(Exception, match=said):
        task(**settings)


@pytest.mark.parametrize("trainer", [{"world_size": 2}, {"precision": "16-mixed"}])
def test_where_gradients_have_no_gradients_the_balance_is_refused(monkeypatch, trainer):
    made = task(balance_weight=0.1)
    made.trainer = Trainer(accelerator="cpu", logger=False, enable_checkpointing=False)
    for name, value in trainer.items():
        monkeypatch.setattr(type(made.trainer), name, value, raising=False)
    with pytest.raises(Exception, match="balance_weight needs gradients of gradients"):
        made.setup("fit")


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_trained_with_both(tmp_path):
    """Through the command line; what the losses need besides the network stays out of what is used afterwards."""
    root = write_folder(tmp_path / "data")
    options = ["--model.alignment_weight=0.1", "--model.balance_weight=0.1", "--trainer.max_epochs=1"]
    cli = fit(configuration(tmp_path / "run", root), *options)
    told = logged(tmp_path / "run")
    assert all(np.isfinite(list(told.values())))
    weights = cli.model.alignment.low.weight
    assert any(weights is p for group in cli.trainer.optimizers[0].param_groups for p in group["params"])
    load_trained(next((tmp_path / "run").rglob("*.ckpt")))
