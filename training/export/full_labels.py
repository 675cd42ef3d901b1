"""Labels at full scale from logits on the 1/8 map, without interpolating where the answer is known beforehand."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

_STEP = 8  # pixels between the centres of neighbouring cells


def full_scale_labels(logits: Tensor) -> Tensor:
    """The class with the largest logit after bilinear upsampling by 8 (align_corners=False).

    Four neighbouring cell centres span a square of 8 x 8 pixels. Interpolation is convex: where one class wins at all
    four corners it wins everywhere between them. Only the other squares, a small part of a map, are interpolated.

    Args:
        logits: (N, C, h, w) float32.

    Returns:
        (N, 8h, 8w) uint8, equal to `resize(logits, (8h, 8w)).argmax(1)` but for ties within rounding.
    """
    batch, _, height, width = logits.shape
    # Beyond the outermost centres the map goes on as it is there.
    padded = F.pad(logits, (1, 1, 1, 1), mode="replicate")
    # Not uint8, as classes are elsewhere: onnxruntime before 1.21 cannot compare it, and Python 3.9 gets only 1.19.
    winners = padded.argmax(1).to(torch.int32)
    corners = [winners[:, row : row + height + 1, col : col + width + 1] for row in (0, 1) for col in (0, 1)]
    agreed = (corners[0] == corners[1]) & (corners[0] == corners[2]) & (corners[0] == corners[3])
    # Rows of a table: as fast as copying memory, where the runtime repeats single bytes some ten times slower.
    classes = torch.arange(logits.shape[1], device=logits.device).to(torch.uint8)
    squares = classes.unsqueeze(1).repeat(1, _STEP * _STEP)[corners[0].long()]
    image, row, col = torch.nonzero(~agreed).unbind(1)
    by_cell = padded.permute(0, 2, 3, 1)
    values = torch.stack([by_cell[image, row + down, col + right] for down in (0, 1) for right in (0, 1)], -1)
    between = torch.matmul(values, _weights(logits))  # (M, C, 64)
    squares[image, row, col] = between.argmax(1).to(torch.uint8)
    squares = squares.reshape(batch, height + 1, width + 1, _STEP, _STEP).permute(0, 1, 3, 2, 4)
    whole = squares.reshape(batch, _STEP * (height + 1), _STEP * (width + 1))
    half = _STEP // 2
    return whole[:, half:-half, half:-half]


def _weights(like: Tensor) -> Tensor:
    """Weights (4, 64) of the corners at every pixel of a square, row by row."""
    share = (torch.arange(_STEP, dtype=like.dtype, device=like.device) + 0.5) / _STEP
    along = torch.stack((1 - share, share))  # (2, 8): before, after
    return torch.einsum("ai,bj->abij", along, along).reshape(4, _STEP * _STEP)
