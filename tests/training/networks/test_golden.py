"""The published network, reproduced: every array that it computed on two real crops."""

import numpy as np
import pytest
import torch

from training.import_checkpoint import load_published
from training.learning.losses import Complementer, cross_entropy, weighted_cross_entropy
from training.networks.settings import faithful

ATOL = 1e-4
CASES = {"a_k100": 1.0, "a_k75": 0.75, "a_k50": 0.5, "b_k50": 0.5}


def image_of(arrays, tag):
    return torch.from_numpy(arrays[f"{tag[0]}_image"]).permute(2, 0, 1)[None].float()


@pytest.fixture(scope="module")
def computed(golden):
    """All arrays of all cases, computed by our network."""
    path, arrays = golden
    network = load_published(path, faithful(2, 0.7, 20))
    found = {}
    for tag, ratio in CASES.items():
        with torch.no_grad():
            output = network(image_of(arrays, tag), ratio)
            chosen = output.selected[0].nonzero()[:, 0]
            best = [int((chosen == patch).nonzero()) for patch in output.score[0].topk(2).indices]
            low = output.low
            maps = {
                "low_logits": low.logits,
                "aux_logits": network.auxiliary_head(low.stages[2]),
                "stage1": low.stages[0][:, :8],
                "stage2": low.stages[1][:, :16],
                "stage4": low.stages[3][:, :16],
                "residual": low.residual,
                "entropy": low.entropy,
                "patch_score": output.score,
                "selected": chosen[None],
                "f_low": low.features,
                "f_high_first": output.high[best],
                "fused": output.fused,
                "loss_weight": Complementer(power=6).weight(output.uncertainty, torch.tensor(0.0)),
                "logits8": output.logits,
                "full": network.full_logits(output)[:, :, ::5, ::5],
            }
        found |= {f"{tag}_{name}": value.numpy() for name, value in maps.items()}
    return found


def test_golden_every_array_agrees(golden, computed):
    arrays = {k: v for k, v in golden[1].items() if k[:6] in CASES or k[:5] in CASES}
    assert len(arrays) >= 26
    for name, expected in arrays.items():
        got = computed[name]
        assert got.shape == expected.shape, name
        if name.endswith("selected"):
            np.testing.assert_array_equal(got, expected, err_msg=name)
        else:
            scale = max(1.0, float(np.abs(expected).max()))  # the loss weights reach 64
            np.testing.assert_allclose(got, expected, rtol=0, atol=ATOL * scale, err_msg=name)


def test_golden_three_losses_and_their_weights_agree(golden):
    path, arrays = golden
    network = load_published(path, faithful(2, 0.7, 10))
    label = torch.from_numpy(arrays["a_label"])[None].long()
    with torch.no_grad():
        output = network(image_of(arrays, "a"), 1.0)
        deep = cross_entropy(output.low.logits, label)
        auxiliary = 0.4 * cross_entropy(network.auxiliary_head(output.low.stages[2]), label)
        weight = Complementer(power=6, normalise=False).weight(output.uncertainty, deep)
        final = weighted_cross_entropy(output.logits, label, weight, normalise=False)
    assert float(deep) == pytest.approx(float(arrays["a_loss_deep"]), abs=ATOL)
    assert float(auxiliary) == pytest.approx(float(arrays["a_loss_aux_weighted"]), abs=ATOL)
    assert float(final) == pytest.approx(float(arrays["a_loss_refine"]), abs=1e-3)
    np.testing.assert_allclose(weight.numpy(), arrays["a_train_loss_weight"], atol=64 * ATOL)


def test_golden_file_holds_nothing_that_is_not_compared(golden, computed):
    losses = {"a_loss_deep", "a_loss_aux_weighted", "a_loss_refine", "a_train_loss_weight", "a_label"}
    assert set(golden[1]) <= set(computed) | losses | {"a_image", "b_image"}


def test_load_published_names_what_does_not_fit(golden):
    with pytest.raises(ValueError, match="other shape"):
        load_published(golden[0], faithful(3, 0.7, 20))
