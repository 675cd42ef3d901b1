"""Losses for unbalanced classes, against slow formulas of their definitions."""

import itertools
import logging
from types import SimpleNamespace

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from tests.training.tiny_runs import configuration, fit, logged, write_folder
from training.data.arrays.scenes import IGNORE
from training.errors import SettingsError
from training.learning.criteria import Criterion, balanced_weights, dice, lovasz
from training.learning.losses import Complementer
from training.learning.objectives import LossSettings, dual_stream
from training.networks.layers import resize

CLASSES = 3
EVERY = ("cross_entropy", "focal", "ohem", "dice", "lovasz")


@pytest.fixture
def case():
    """Logits, labels with unknown pixels, weights of the pixels."""
    generator = torch.Generator().manual_seed(4)
    logits = torch.randn(2, CLASSES, 6, 5, generator=generator, dtype=torch.float64)
    labels = torch.randint(0, CLASSES, (2, 6, 5), generator=generator)
    labels[:, :2, :3] = IGNORE
    return logits, labels, 0.5 + torch.rand(2, 6, 5, generator=generator, dtype=torch.float64)


def pixels(logits, labels, weight):
    """Known pixels one by one: probabilities (C,), label, weight, place."""
    for n, y, x in itertools.product(*map(range, labels.shape)):
        if labels[n, y, x] != IGNORE:
            yield logits[n, :, y, x].softmax(0).numpy(), int(labels[n, y, x]), float(weight[n, y, x]), (n, y, x)


def test_cross_entropy_with_weights_and_smoothing(case):
    logits, labels, weight = case
    of_class, smooth = (0.5, 2.0, 1.0), 0.1
    above = below = 0.0
    for p, label, w, _ in pixels(*case):
        target = np.full(CLASSES, smooth / CLASSES)
        target[label] += 1 - smooth
        above += w * of_class[label] * -(target * np.log(p)).sum()
        below += w * of_class[label]
    found = Criterion(class_weights=of_class, label_smoothing=smooth)(logits, labels, weight)
    assert float(found) == pytest.approx(above / below)
    published = Criterion(class_weights=of_class, label_smoothing=smooth)(logits, labels, weight, normalise=False)
    assert float(published) == pytest.approx(above / labels.numel())


def test_class_weights_are_torchs(case):
    logits, labels, _ = case
    expected = F.cross_entropy(logits, labels, torch.tensor([0.5, 2.0, 1.0]).double(), ignore_index=IGNORE)
    assert float(Criterion(class_weights=(0.5, 2.0, 1.0))(logits, labels)) == pytest.approx(float(expected))


@pytest.mark.parametrize("gamma", [0.0, 2.0, 3.5])
def test_focal(case, gamma):
    logits, labels, weight = case
    above = sum(w * (1 - p[label]) ** gamma * -np.log(p[label]) for p, label, w, _ in pixels(*case))
    below = sum(w for _, _, w, _ in pixels(*case))
    assert float(Criterion(("focal",), focusing=gamma)(logits, labels, weight)) == pytest.approx(above / below)


@pytest.mark.parametrize("share", [0.1, 0.5, 1.0])
def test_ohem_counts_the_hardest_pixels_of_each_image(case, share):
    logits, labels, weight = case
    above = below = 0.0
    for image in range(len(labels)):
        losses = [(-np.log(p[label]), w) for p, label, w, (n, _, _) in pixels(*case) if n == image]
        losses.sort(key=lambda pair: -pair[0])
        kept = losses[: int(np.ceil(share * len(losses)))]
        above, below = above + sum(loss * w for loss, w in kept), below + sum(w for _, w in kept)
    assert float(Criterion(("ohem",), hardest=share)(logits, labels, weight)) == pytest.approx(above / below)


def test_dice(case):
    logits, labels, weight = case
    terms = []
    for c in range(CLASSES):
        both = sum(w * p[c] * (label == c) for p, label, w, _ in pixels(*case))
        either = sum(w * (p[c] + (label == c)) for p, label, w, _ in pixels(*case))
        terms.append(1 - 2 * both / either)
    assert float(dice(logits.softmax(1), labels, weight * (labels != IGNORE))) == pytest.approx(np.mean(terms))


def test_lovasz_is_the_jaccard_loss_of_hard_answers(case):
    """On answers of 0 and 1 the extension equals 1 - IoU itself, weighted or not."""
    logits, labels, weight = case
    guess = logits.argmax(1)
    hard = F.one_hot(guess, CLASSES).movedim(-1, 1).double()
    known = (labels != IGNORE).double()
    for weights in (known, known * weight):
        terms = []
        for c in range(CLASSES):
            both = (weights * (guess == c) * (labels == c)).sum()
            either = (weights * ((guess == c) | (labels == c))).sum()
            terms.append(float(1 - both / either))
        assert float(lovasz(hard, labels, weights)) == pytest.approx(np.mean(terms))


def test_lovasz_is_the_sum_over_levels(case):
    """The Lovasz extension is the mean of the set function over thresholds of the errors."""
    logits, labels, weight = case
    probabilities, weights = logits.softmax(1), weight * (labels != IGNORE)
    terms = []
    for c in range(CLASSES):
        truth = (labels == c).double()
        errors = (truth - probabilities[:, c]).abs()
        levels = [0.0, *sorted(float(e) for e in errors[weights > 0])]
        total = 0.0
        for low, high in itertools.pairwise(levels):
            wrong = (errors >= high).double() * weights  # those that the Jaccard loss counts between two levels
            lost, added = (wrong * truth).sum(), (wrong * (1 - truth)).sum()
            size = (weights * truth).sum()
            total += (high - low) * float(1 - (size - lost) / (size + added))
        terms.append(total)
    assert float(lovasz(probabilities, labels, weights)) == pytest.approx(np.mean(terms))


@pytest.mark.parametrize("name", [name for name in EVERY if name != "ohem"])  # which counts pixels
def test_a_weight_of_two_is_the_pixel_twice(case, name):
    """Wherever a weight of 2 stands, the pixel might stand twice."""
    logits, labels, _ = case
    double = torch.ones_like(labels).double()
    double[:, :, :2] = 2
    twice = torch.cat((logits[..., :2], logits), -1), torch.cat((labels[..., :2], labels), -1)
    criterion = Criterion((name,))
    assert float(criterion(logits, labels, double)) == pytest.approx(float(criterion(*twice)))


@pytest.mark.parametrize("name", EVERY)
def test_each_is_less_for_better_answers_and_teaches(case, name):
    logits, labels, weight = case
    logits.requires_grad_()
    criterion = Criterion((name,))
    loss = criterion(logits, labels, weight)
    loss.backward()
    loss, slope = loss.detach(), logits.grad
    assert not logits.grad[(labels == IGNORE)[:, None].expand_as(logits)].any()
    logits = logits.detach()
    better = criterion(logits - 0.5 * slope / slope.abs().max(), labels, weight)
    assert float(better) < float(loss)
    right = 20 * F.one_hot(labels.masked_fill(labels == IGNORE, 0), CLASSES).movedim(-1, 1).double()
    assert float(criterion(right, labels, weight)) < 1e-6


@pytest.mark.parametrize("name", EVERY)
def test_nothing_known_gives_zero(name):
    labels = torch.full((1, 3, 3), IGNORE)
    assert float(Criterion((name,))(torch.randn(1, CLASSES, 3, 3), labels)) == 0


def test_the_losses_add_up(case):
    logits, labels, weight = case
    parts = sum(float(Criterion((name,))(logits, labels, weight)) for name in EVERY)
    assert float(Criterion(EVERY)(logits, labels, weight)) == pytest.approx(parts)


def test_balanced_weights():
    assert balanced_weights([100, 400, 0, 200]) == (2.0, 0.5, 0.0, 1.0)
    assert balanced_weights([100, 300]) == (2.0, pytest.approx(2 / 3))
    with pytest.raises(SettingsError, match="needs labelled pixels"):
        balanced_weights([0, 0])


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"losses": ()}, r"losses are \[\]; give one or several of cross_entropy, focal"),
        ({"losses": ("hinge",)}, "losses are .*hinge"),
        ({"losses": ("dice", "dice")}, "losses are"),
        ({"class_weights": (-1.0, 2.0)}, "class_weights are"),
        ({"class_weights": (0.0, 0.0)}, "not all 0"),
        (
            {"losses": ("dice", "lovasz"), "class_weights": (1.0, 2.0)},
            "have no part in dice and lovasz; leave them out",
        ),
        ({"losses": ("dice",), "label_smoothing": 0.1}, "have no part in dice"),
        ({"label_smoothing": 1.0}, "label_smoothing is 1.0"),
        ({"focusing": -1.0}, "focusing is -1.0"),
        ({"hardest": 0.0}, "hardest is 0.0"),
    ],
)
def test_settings_outside_their_range(settings, said):
    with pytest.raises(SettingsError, match=said):
        Criterion(**settings)


class Flat(torch.nn.Module):
    """Stands for a network whose heads answer what they are given."""

    settings = SimpleNamespace(uncertainty="both")

    def auxiliary_head(self, stage):
        return stage


def output(logits, low, u):
    low_output = SimpleNamespace(logits=low, stages=(None, None, low), residual=torch.zeros(2, 1, 6, 5))
    return SimpleNamespace(low=low_output, logits=logits, uncertainty=u, canvas=(48, 40), size=(48, 40))


@pytest.mark.parametrize("normalise", [True, False])
@pytest.mark.parametrize("names", [("cross_entropy",), ("focal", "dice")])
def test_every_loss_of_the_dual_stream_network_follows_the_criterion(names, normalise):
    """The deep, the auxiliary and the final loss, the last with the complementer's weights."""
    torch.manual_seed(0)
    logits, low, u = torch.randn(2, CLASSES, 6, 5), torch.randn(2, CLASSES, 3, 3), torch.rand(2, 1, 6, 5)
    labels = torch.randint(0, CLASSES, (2, 48, 40))
    labels[:, :9] = IGNORE
    criterion = Criterion(names, (1.0, 3.0, 0.5), 0.1)
    complementer = Complementer(2.0, normalise=normalise)
    settings = LossSettings(complementer, criterion=criterion)
    found = dual_stream(Flat(), output(logits, low, u), labels, settings)
    weight = resize((1 + u) ** 2, (48, 40))[:, 0]
    expected = criterion(resize(logits, (48, 40)), labels, weight, normalise)
    torch.testing.assert_close(found["final"], expected)
    seen = labels[:, 2::4, 2::4] if normalise else labels
    deep = criterion(resize(low, tuple(seen.shape[1:])), seen, None, normalise)
    torch.testing.assert_close(found["deep"], deep)
    torch.testing.assert_close(found["auxiliary"], 0.4 * deep)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_trained_with_measured_weights(tmp_path, caplog):
    """Through the command line: three losses, the weights of the classes from the masks, in the hyperparameters too."""
    root = write_folder(tmp_path / "data")
    options = ["--model.losses=[focal, dice, lovasz]", "--model.class_weights=measured", "--trainer.max_epochs=1"]
    with caplog.at_level(logging.INFO, "lightning.pytorch.utilities.rank_zero"):
        cli = fit(configuration(tmp_path / "run", root), *options)
    weights = cli.model.loss_settings.criterion.class_weights
    counts = cli.datamodule.class_pixels()
    assert weights == balanced_weights(counts)
    assert len(set(weights)) > 1
    assert "Weights of the classes: " in caplog.text
    assert all(np.isfinite(list(logged(tmp_path / "run").values())))


@pytest.mark.filterwarnings("ignore")
def test_weights_of_other_classes_are_refused(tmp_path, capsys):
    root = write_folder(tmp_path / "data")
    with pytest.raises(SystemExit) as stopped:
        fit(configuration(tmp_path / "run", root), "--model.class_weights=[1, 2, 3]")
    assert stopped.value.code == 2
    assert "class_weights has 3 numbers; give one for each of the 2 classes: ground, roof" in capsys.readouterr().err


def test_plain_cross_entropy_is_what_it_always_was():
    """The default takes the shorter way; both give the same number."""
    torch.manual_seed(0)
    logits, labels = torch.randn(2, CLASSES, 6, 5), torch.randint(0, CLASSES, (2, 48, 40))
    weight = torch.rand(2, 1, 6, 5)
    for normalise in (True, False):
        short = LossSettings(Complementer(normalise=normalise)).weighted(logits, labels, weight)
        long = Criterion()(resize(logits, (48, 40)), labels, resize(weight, (48, 40))[:, 0], normalise)
        torch.testing.assert_close(short, long)
