"""The Laplacian pyramid: what an image loses at each halving of its size."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

_BINOMIAL = (1.0, 4.0, 6.0, 4.0, 1.0)


def blur(image: Tensor) -> Tensor:
    """(N, B, H, W) smoothed by the 5x5 binomial kernel, mirrored at the borders; H and W are at least 3."""
    row = image.new_tensor(_BINOMIAL) / sum(_BINOMIAL)
    kernel = torch.outer(row, row).expand(image.shape[1], 1, 5, 5)
    return F.conv2d(F.pad(image, (2, 2, 2, 2), mode="reflect"), kernel, groups=image.shape[1])


def halve(image: Tensor) -> Tensor:
    """(N, B, H, W) -> (N, B, H/2, W/2): every second row and column of the smoothed image."""
    return blur(image)[:, :, ::2, ::2]


def double(image: Tensor) -> Tensor:
    """(N, B, h, w) -> (N, B, 2h, 2w): zeros between the pixels, smoothed; the factor makes up for the zeros."""
    spread = image.new_zeros(*image.shape[:2], 2 * image.shape[2], 2 * image.shape[3])
    spread[:, :, ::2, ::2] = image
    return 4 * blur(spread)


def residuals(image: Tensor, levels: int) -> tuple[list[Tensor], Tensor]:
    """What `double` cannot bring back, level by level, and what is left at the end.

    `image` is residual 0 + double(residual 1 + double(... the rest)).

    Args:
        image: (N, B, H, W) float; H and W are multiples of 2 ** levels, at least 3 at the last level.
        levels: how often to halve.

    Returns:
        residuals (N, B, H / 2 ** i, W / 2 ** i), and the rest (N, B, H / 2 ** levels, W / 2 ** levels).

    Reference: Burt and Adelson, "The Laplacian Pyramid as a Compact Image Code" (1983).
    """
    found = []
    with torch.autocast(image.device.type, enabled=False):  # small differences of large numbers: not in half precision
        rest = image.float()
        for _ in range(levels):
            small = halve(rest)
            found.append(rest - double(small))
            rest = small
    return found, rest
