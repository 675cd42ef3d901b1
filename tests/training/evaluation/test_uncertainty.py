"""The study of U against hand-made networks whose answer is known."""

import json

import numpy as np
import pytest
import torch
from torchmetrics.classification import BinaryPrecisionRecallCurve, BinaryROC

from training.data.arrays.scenes import IGNORE, Scene
from training.evaluation import uncertainty
from training.evaluation.uncertainty import study_uncertainty
from training.evaluation.uncertainty_report import save_uncertainty_plots, uncertainty_summary, uncertainty_table
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
    numbers = uncertainty_summary(study_uncertainty(tiny_network, [scene], [0.25, 0.5]))
    assert set(numbers["errors_of_the_low_stream"]) == set(uncertainty.SIGNALS)
    for row in numbers["miou_by_selector"].values():
        assert list(row) == ["25", "50"]
    caught = numbers["errors_in_selected_patches"]
    assert all(0 <= row["25"] <= row["50"] <= 100 for row in caught.values())
    assert uncertainty_table(numbers).count("| oracle |") == 3
    ends = numbers["miou_without_choice"]
    assert ends["0"] == pytest.approx(ends["low stream"], abs=0.5)  # the same logits, resized twice
    for name, row in numbers["gain_by_selector"].items():
        assert row["50"] == pytest.approx(numbers["miou_by_selector"][name]["50"] - ends["0"], abs=0.011)


def test_nothing_to_select_is_no_error(tiny_network, scene, tmp_path):
    numbers = uncertainty_summary(study_uncertainty(tiny_network, [scene], []))
    assert numbers["miou_by_selector"] == {}
    assert "AUROC" in uncertainty_table(numbers)
    save_uncertainty_plots(tmp_path / "u.png", numbers)


def test_where_nothing_is_wrong_nothing_can_be_ranked(tiny_network, scene, tmp_path):
    """All of the labels are what the low stream says, or unknown."""
    image = torch.from_numpy(scene.image.astype(np.float32))[None]
    with torch.inference_mode():
        output = tiny_network(image)
        labels = tiny_network.full_size(output, output.low.logits).argmax(1)[0].numpy().astype(np.uint8)
    numbers = uncertainty_summary(study_uncertainty(tiny_network, [Scene("s", scene.image, labels)], [0.5]))
    assert numbers["low_stream_error_rate"] == 0
    assert numbers["errors_of_the_low_stream"]["U"] == {"auroc": None, "average_precision": None}
    assert numbers["errors_in_selected_patches"]["oracle"] == {"50": None}
    json.loads(json.dumps(numbers), parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
    assert "| U | - | - |" in uncertainty_table(numbers)
    save_uncertainty_plots(tmp_path / "u.png", numbers)


@pytest.mark.parametrize("highest", [1.0, 0.4])
def test_areas_equal_their_definitions(highest):
    """AUROC: how often an error has a higher signal than a hit. Average precision: mean precision at each error."""
    result = uncertainty.Study({"U": (BinaryROC(1000), BinaryPrecisionRecallCurve(1000))})
    rng = np.random.default_rng(0)
    signal, wrong = rng.integers(0, 40, 500), rng.random(500) < 0.3
    signal[wrong] = np.minimum(40, signal[wrong] + 8)
    for curve in result.curves["U"]:
        curve.update(torch.from_numpy(highest * signal / 40), torch.from_numpy(wrong))
    result.judged += torch.tensor([500, int(wrong.sum())])
    numbers = uncertainty_summary(result)
    row = numbers["errors_of_the_low_stream"]["U"]
    assert np.isfinite(list(numbers["curves"]["U"].values())).all()
    pairs = signal[wrong][:, None] - signal[~wrong][None]
    assert row["auroc"] == pytest.approx((pairs > 0).mean() + (pairs == 0).mean() / 2, abs=1e-3)
    precision = [wrong[signal >= s].mean() for s in signal[wrong]]
    assert row["average_precision"] == pytest.approx(np.mean(precision), abs=1e-3)


def test_forbidden_classes_are_not_judged(tiny_network, scene):
    free = study_uncertainty(tiny_network, [scene], [])
    common = int(free.ends["1"].sum(0).argmax())
    bias = torch.zeros(1, 4, 1, 1)
    bias[0, common] = -1e9
    bound = study_uncertainty(tiny_network, [scene], [0.5], bias=bias)
    for matrix in (*bound.ends.values(), *(m for row in bound.selected.values() for m in row.values())):
        assert matrix[:, common].sum() == 0
        assert matrix.sum() == free.ends["1"].sum()


def test_mean_follows_the_rule():
    result = uncertainty.Study(ends={"low stream": torch.tensor([[5, 5], [0, 10]]), "0": torch.eye(2)})
    assert uncertainty_summary(result)["miou_without_choice"]["low stream"] == pytest.approx(58.33)
    assert uncertainty_summary(result, [1])["miou_without_choice"]["low stream"] == pytest.approx(66.67)


def test_a_signal_that_knows_the_errors_has_auroc_one(tiny_network, scene, monkeypatch):
    """The low stream answers class 1 on bright ground, and says by U where."""

    def told(image, ratio=1.0, score=None):
        output = DualStream.forward(tiny_network, image, ratio, score)
        bright = torch.nn.functional.avg_pool2d((image[:, :1] > 128).float(), 8) > 0.5
        low32 = torch.nn.functional.avg_pool2d((image[:, :1] > 128).float(), 32) > 0.5
        logits = torch.zeros(1, output.low.logits.shape[1], *low32.shape[-2:])
        logits[:, 0], logits[:, 1] = 1.0, 2.0 * low32[:, 0]
        low = type(output.low)(*output.low.__dict__.values())
        object.__setattr__(low, "logits", logits)
        object.__setattr__(output, "low", low)
        object.__setattr__(output, "uncertainty", bright.float())
        return output

    monkeypatch.setattr(tiny_network, "forward", told)
    monkeypatch.setattr(tiny_network, "full_size", lambda output, maps: torch.nn.functional.interpolate(
        maps.float(), output.size, mode="nearest"))  # fmt: skip
    numbers = uncertainty_summary(study_uncertainty(tiny_network, [scene], [0.5]))
    assert numbers["errors_of_the_low_stream"]["U"]["auroc"] == pytest.approx(1.0, abs=1e-3)
    assert numbers["errors_of_the_low_stream"]["entropy"]["auroc"] < 0.9


def test_calibration_by_hand():
    result = uncertainty.Study()
    result.confidence[10] = torch.tensor([100.0, 70.0, 50.0])  # says 0.7, is right in half of the cases
    result.confidence[14] = torch.tensor([300.0, 291.0, 291.0])  # honest
    numbers = uncertainty_summary(result)
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
