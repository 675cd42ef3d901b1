"""What a wrong answer costs: cross entropy and the losses for unbalanced classes, each with a weight a pixel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import torch
import torch.nn.functional as F
from torch import Tensor

from training.data.arrays import IGNORE
from training.errors import SettingsError
from training.running import process_mean

Loss = Literal["cross_entropy", "focal", "ohem", "dice", "lovasz"]
_BY_PIXEL = ("cross_entropy", "focal", "ohem")  # the others judge a class as a whole
_SMALLEST = 1e-6


@dataclass(frozen=True)
class Criterion:
    """The sum of some losses.

    Attributes:
        losses: which; each by its name, see the functions here.
        class_weights: of each class, for the losses by pixel; None weighs all alike.
        label_smoothing: share of a pixel's label that is given to all classes evenly, for the losses by pixel.
        focusing: gamma of "focal".
        hardest: share of the known pixels that "ohem" counts, 0 to 1.

    Raises:
        SettingsError: when a value is outside its range.
    """

    losses: tuple[Loss, ...] = ("cross_entropy",)
    class_weights: tuple[float, ...] | None = None
    label_smoothing: float = 0.0
    focusing: float = 2.0
    hardest: float = 0.25

    def __post_init__(self) -> None:
        """Check what the type checker cannot."""
        known = get_args(Loss)
        if not self.losses or set(self.losses) - set(known) or len(set(self.losses)) < len(self.losses):
            raise SettingsError(f"losses are {list(self.losses)}; give one or several of {', '.join(known)}")
        if self.class_weights is not None and (min(self.class_weights) < 0 or not sum(self.class_weights)):
            raise SettingsError(f"class_weights are {list(self.class_weights)}; give numbers from 0 on, not all 0")
        if not 0 <= self.label_smoothing < 1:
            raise SettingsError(f"label_smoothing is {self.label_smoothing}; give 0 to below 1")
        if (self.class_weights or self.label_smoothing) and not set(self.losses) & set(_BY_PIXEL):
            raise SettingsError(
                f"class_weights and label_smoothing have no part in {' and '.join(self.losses)}; leave them out, or "
                "add cross_entropy, focal or ohem to losses"
            )
        if self.focusing < 0:
            raise SettingsError(f"focusing is {self.focusing}; give a number from 0 on")
        if not 0 < self.hardest <= 1:
            raise SettingsError(f"hardest is {self.hardest}; give a share above 0, at most 1")

    @property
    def is_plain(self) -> bool:
        """Whether this is cross entropy and nothing else."""
        return self.losses == ("cross_entropy",) and self.class_weights is None and not self.label_smoothing

    def __call__(self, logits: Tensor, labels: Tensor, weight: Tensor | None = None, normalise: bool = True) -> Tensor:
        """The sum of the losses.

        Args:
            logits: (N, C, H, W), float32.
            labels: (N, H, W) int64, IGNORE where unknown.
            weight: (N, H, W) of the pixels, such as the complementer's; None weighs all alike.
            normalise: losses by pixel are divided by the sum of the weights of known pixels, else by the number of all
                pixels, ignored ones included (published).
        """
        known = (labels != IGNORE).float()
        weight = known if weight is None else weight * known
        total = logits.new_zeros(())
        for name in self.losses:
            if name in _BY_PIXEL:
                total = total + self._by_pixel(name, logits, labels, weight, normalise)
            else:
                total = total + _BY_CLASS[name](logits.softmax(1), labels, weight)
        return total

    def _by_pixel(self, name: Loss, logits: Tensor, labels: Tensor, weight: Tensor, normalise: bool) -> Tensor:
        loss = F.cross_entropy(
            logits, labels, ignore_index=IGNORE, reduction="none", label_smoothing=self.label_smoothing
        )
        if self.class_weights is not None:
            weight = weight * logits.new_tensor(self.class_weights)[labels.masked_fill(labels == IGNORE, 0)]
        if name == "focal":
            loss = loss * focal_factor(logits, labels, self.focusing)
        elif name == "ohem":
            weight = weight * is_hard(loss.detach(), labels != IGNORE, self.hardest)
        below = weight.sum() if normalise else weight.new_tensor(float(labels.numel()))
        return (weight * loss).sum() / process_mean(below).clamp(min=_SMALLEST)


def focal_factor(logits: Tensor, labels: Tensor, focusing: float) -> Tensor:
    """(1 - p) ** focusing for the probability p of the true class: what is right counts less. (N, H, W).

    Reference: Lin et al., "Focal Loss for Dense Object Detection" (ICCV 2017), equation 4.
    """
    true = labels.masked_fill(labels == IGNORE, 0)[:, None]
    return (1 - logits.softmax(1).gather(1, true)[:, 0]) ** focusing


def is_hard(loss: Tensor, known: Tensor, share: float) -> Tensor:
    """Where a pixel's loss is among the largest `share` of those of the known pixels of its image. (N, H, W) bool.

    Reference: Shrivastava et al., "Training Region-based Object Detectors with Online Hard Example Mining"
        (CVPR 2016), for pixels.
    """
    losses = loss.masked_fill(~known, -1.0).flatten(1)
    order = losses.argsort(1, descending=True).argsort(1)  # the rank of each pixel
    counted = (known.flatten(1).sum(1, keepdim=True) * share).ceil()
    return ((order < counted) & known.flatten(1)).reshape(loss.shape)


def dice(probabilities: Tensor, labels: Tensor, weight: Tensor) -> Tensor:
    """1 - 2 |A and B| / (|A| + |B|), the mean over the classes that occur in the labels.

    Args:
        probabilities: (N, C, H, W).
        labels: (N, H, W) int64.
        weight: (N, H, W), 0 where the label is unknown.

    Reference: Milletari et al., "V-Net" (3DV 2016), equation 2, with sums instead of squares.
    """
    truth = _one_hot(labels, probabilities)
    weighted = weight[:, None]
    both = (weighted * probabilities * truth).sum((0, 2, 3))
    either = (weighted * (probabilities + truth)).sum((0, 2, 3))
    occurs = (weighted * truth).sum((0, 2, 3)) > 0
    return ((1 - 2 * both / either.clamp(min=_SMALLEST)) * occurs).sum() / occurs.sum().clamp(min=1)


def lovasz(probabilities: Tensor, labels: Tensor, weight: Tensor) -> Tensor:
    """The Lovasz extension of 1 - IoU, the mean over the classes that occur in the labels; arguments as for `dice`.

    The errors of a class are sorted; each counts by how much the Jaccard loss rises when it joins those above it.

    Reference: Berman et al., "The Lovasz-Softmax loss" (CVPR 2018), equations 8 and 9.
    """
    truth = _one_hot(labels, probabilities)
    losses = []
    flat = weight.flatten()
    counted = flat > 0
    for number in range(probabilities.shape[1]):
        of_class, weights = truth[:, number].flatten()[counted], flat[counted]
        errors = (of_class - probabilities[:, number].flatten()[counted]).abs()
        order = errors.argsort(descending=True)
        hit = of_class[order] * weights[order]
        miss = (1 - of_class[order]) * weights[order]
        total = hit.sum()
        jaccard = 1 - (total - hit.cumsum(0)) / (total + miss.cumsum(0)).clamp(min=_SMALLEST)
        rise = torch.diff(jaccard, prepend=jaccard.new_zeros(1))
        losses.append(torch.where(total > 0, (errors[order] * rise).sum(), 0.0))
    occurs = torch.stack([(truth[:, c] * weight).sum() > 0 for c in range(probabilities.shape[1])])
    return torch.stack(losses).sum() / occurs.sum().clamp(min=1)


_BY_CLASS = {"dice": dice, "lovasz": lovasz}


def _one_hot(labels: Tensor, like: Tensor) -> Tensor:
    """(N, H, W) -> (N, C, H, W) as `like`, all 0 where the label is unknown."""
    known = labels != IGNORE
    hot = F.one_hot(labels.masked_fill(~known, 0), like.shape[1]).movedim(-1, 1).to(like.dtype)
    return hot * known[:, None]


def balanced_weights(counts: Sequence[int]) -> tuple[float, ...]:
    """Weights of the classes from their pixels: median frequency / frequency; 0 for a class that does not occur.

    Args:
        counts: labelled pixels of each class.

    Raises:
        SettingsError: when nothing is labelled.

    Reference: Eigen and Fergus, "Predicting Depth, Surface Normals and Semantic Labels" (ICCV 2015), section 6.3.
    """
    there = sorted(count for count in counts if count)
    if not there:
        raise SettingsError("class_weights 'measured' needs labelled pixels; the training scenes have none")
    middle = (there[(len(there) - 1) // 2] + there[len(there) // 2]) / 2
    return tuple(middle / count if count else 0.0 for count in counts)
