"""The study of U against hand-made networks whose answer is known."""

import numpy as np
import pytest
import torch

from training import uncertainty
from training.data.scenes import IGNORE, Scene
from training.networks.dual_stream import DualStream
from training.networks.settings import Settings


@pytest.fixture
def scene():
    """A network is right where the image is dark and wrong where it is bright; the left third is unknown."""
    rng = np.random.default_rng(0)
    image = rng.integers(0, 255, (3, 4, 6)).repeat(32, 1).repeat(32, 2).astype(np.uint8)
    labels = np.zeros(image.shape[1:], np.uint8)
    labels[:, :64] = IGNORE
    return Scene("s", image, labels)


def test_study_of_a_random_network(tiny_network, scene):
    numbers = uncertainty.summary(uncertainty.study(tiny_network, [scene], [0.25, 0.5]))
    assert set(numbers["errors_of_the_low_stream"]) == set(uncertainty.SIGNALS)
    for row in numbers["miou_by_selector"].values():
        assert list(row) == ["25", "50"]
    caught = numbers["errors_in_selected_patches"]
    assert all(0 <= row["25"] <= row["50"] <= 100 for row in caught.values())
    assert uncertainty.table(numbers).count("| oracle |") == 2


def test_a_signal_that_knows_the_errors_has_auroc_one(tiny_network, scene, monkeypatch):
    """The low stream answers class 1 on bright ground, and says by U where."""

    def told(image, ratio=1.0, score=None):
        output = DualStream.forward(tiny_network, image, ratio, score)
        bright = torch.nn.functional.avg_pool2d((image[:, :1] > 128).float(), 8) > 0.5
        low32 = torch.nn.functional.avg_pool2d((image[:, :1] > 128).float(), 32) > 0.5
        logits = torch.zeros_like(output.low.logits)
        logits[:, 0], logits[:, 1] = 1.0, 2.0 * low32[:, 0]
        low = type(output.low)(*output.low.__dict__.values())
        object.__setattr__(low, "logits", logits)
        object.__setattr__(output, "low", low)
        object.__setattr__(output, "uncertainty", bright.float())
        return output

    monkeypatch.setattr(tiny_network, "forward", told)
    monkeypatch.setattr(tiny_network, "full_size", lambda output, maps: torch.nn.functional.interpolate(
        maps.float(), output.size, mode="nearest"))  # fmt: skip
    numbers = uncertainty.summary(uncertainty.study(tiny_network, [scene], [0.5]))
    assert numbers["errors_of_the_low_stream"]["U"]["auroc"] == pytest.approx(1.0, abs=1e-3)
    assert numbers["errors_of_the_low_stream"]["entropy"]["auroc"] < 0.9


def test_calibration_by_hand():
    result = uncertainty.Study()
    result.confidence[10] = torch.tensor([100.0, 70.0, 50.0])  # says 0.7, is right in half of the cases
    result.confidence[14] = torch.tensor([300.0, 291.0, 291.0])  # honest
    numbers = uncertainty.summary(result)
    assert numbers["ece"] == pytest.approx(100 * 0.2 * 100 / 400)
    assert numbers["reliability"][0] == {"pixels": 100, "confidence": 0.7, "accuracy": 0.5}


def test_scores_decide_which_patches_are_chosen():
    torch.manual_seed(0)
    network = DualStream(
        Settings(classes=2, low_widths=(8, 8, 8, 8), context=8, high_widths=(8, 8, 8, 16), patch_side=32)
    )
    image = torch.rand(1, 3, 64, 64) * 255
    output = network.eval()(image, 0.25, torch.tensor([[0.1, 0.9, 0.2, 0.3]]))
    assert output.selected.tolist() == [[False, True, False, False]]
