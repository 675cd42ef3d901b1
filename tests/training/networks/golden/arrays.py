"""What the published network computes on its way, under the names of the golden files, and how it is compared."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch

from training.learning.losses import Complementer, cross_entropy, weighted_cross_entropy
from training.networks.dual_stream import DualStream
from training.networks.settings import faithful
from training.weights.pretrained import load_published

ATOL = 1e-4  # on logits; times the largest value of an array that passes 1, as the loss weights do, which reach 64
CLASSES, CONSTANT, TEST_GRID, TRAIN_GRID, POWER = 2, 0.7, 20, 10, 6  # as published for Inria
CASES = {"a_k100": 1.0, "a_k75": 0.75, "a_k50": 0.5, "b_k50": 0.5}  # image and K


def batch(image: np.ndarray) -> torch.Tensor:
    """(H, W, 3) uint8 -> (1, 3, H, W) float."""
    return torch.from_numpy(image).permute(2, 0, 1)[None].float()


def forward_arrays(network: DualStream, image: np.ndarray, ratio: float) -> dict[str, np.ndarray]:
    """Every intermediate array of a pass over an image (H, W, 3), with the test grid."""
    with torch.no_grad():
        output = network(batch(image), ratio)
        low = output.low
        chosen = output.selected[0].nonzero()[:, 0]
        best = [int((chosen == patch).nonzero()) for patch in output.score[0].topk(2).indices]
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
            "loss_weight": Complementer(power=POWER).weight(output.uncertainty, torch.tensor(0.0)),
            "logits8": output.logits,
            "full": network.full_logits(output)[:, :, ::5, ::5],
        }
    return {name: value.numpy() for name, value in maps.items()}


def loss_arrays(network: DualStream, image: np.ndarray, label: np.ndarray) -> dict[str, np.ndarray]:
    """The three training losses and the weight of the last one, with the train grid and all patches."""
    known = torch.from_numpy(label)[None].long()
    with torch.no_grad():
        output = network(batch(image), 1.0)
        deep = cross_entropy(output.low.logits, known)
        auxiliary = 0.4 * cross_entropy(network.auxiliary_head(output.low.stages[2]), known)
        weight = Complementer(power=POWER, normalise=False).weight(output.uncertainty, deep)
        refine = weighted_cross_entropy(output.logits, known, weight, normalise=False)
    maps = {"loss_deep": deep, "loss_aux_weighted": auxiliary, "loss_refine": refine, "train_loss_weight": weight}
    return {name: value.numpy() for name, value in maps.items()}


def every_array(checkpoint: Path, images: Mapping[str, np.ndarray], label: np.ndarray) -> dict[str, np.ndarray]:
    """All arrays of all cases, by our network with the weights of a checkpoint in the published naming.

    Args:
        checkpoint: A file that `load_published` reads.
        images: "a" and "b", (H, W, 3) uint8.
        label: Of image a.
    """
    tested = load_published(checkpoint, faithful(CLASSES, CONSTANT, TEST_GRID))
    trained = load_published(checkpoint, faithful(CLASSES, CONSTANT, TRAIN_GRID))
    found = {f"a_{name}": value for name, value in loss_arrays(trained, images["a"], label).items()}
    for case, ratio in CASES.items():
        arrays = forward_arrays(tested, images[case[0]], ratio)
        found |= {f"{case}_{name}": value for name, value in arrays.items()}
    return found


def differences(got: Mapping[str, np.ndarray], expected: Mapping[str, np.ndarray]) -> list[str]:
    """A line for each expected array that is missing, of another shape, or not equal within the tolerance."""
    lines = []
    for name, wanted in expected.items():
        if name not in got:
            lines.append(f"{name} is missing")
        elif got[name].shape != wanted.shape:
            lines.append(f"{name} has the shape {got[name].shape}, expected {wanted.shape}")
        elif name.endswith("selected"):
            missed = np.setdiff1d(wanted, got[name])
            lines += [f"{name}: {missed.size} of {wanted.size} patches are not selected"] if missed.size else []
        else:
            allowed = ATOL * max(1.0, float(np.abs(wanted).max()))
            error = float(np.abs(got[name] - wanted).max())
            lines += [] if error <= allowed else [f"{name} differs by {error:.2g}, allowed are {allowed:.2g}"]
    return lines
