"""The selector: which patches the high stream sees at full scale."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from training.networks.estimator import Signs
from training.networks.layers import resize


@dataclass(frozen=True)
class Grid:
    """The patch grid of an image: rows x columns of patches, and the cells of the 1/8 map each one fills.

    Attributes:
        rows: patches down.
        cols: patches across.
        patch: (height, width) of a patch in pixels.
        cell: (height, width) of a patch on the 1/8 map.
    """

    rows: int
    cols: int
    patch: tuple[int, int]
    cell: tuple[int, int]

    @property
    def size8(self) -> tuple[int, int]:
        """(height, width) of the 1/8 map."""
        return self.rows * self.cell[0], self.cols * self.cell[1]

    @staticmethod
    def fixed(height: int, width: int, side: int) -> Grid:
        """Patches of `side` pixels on an image that is already padded to multiples of it."""
        return Grid(height // side, width // side, (side, side), (side // 8, side // 8))

    @staticmethod
    def divided(height: int, width: int, count: int) -> Grid:
        """The published grid: count x count patches; the remainder of the division is dropped.

        Worked example: 5000 px and count 20 give patches of 250 px, whose 1/8 maps are ceil(250 / 8) = 32
        cells, so the fused map has 640 cells and is stretched over the image.
        """
        patch = (height // count, width // count)
        return Grid(count, count, patch, (-(-patch[0] // 8), -(-patch[1] // 8)))

    def split(self, image: Tensor) -> Tensor:
        """(N, B, H, W) -> (N, rows * cols, B, *patch)."""
        n, b = image.shape[:2]
        ph, pw = self.patch
        x = image[:, :, : self.rows * ph, : self.cols * pw].reshape(n, b, self.rows, ph, self.cols, pw)
        return x.permute(0, 2, 4, 1, 3, 5).reshape(n, self.rows * self.cols, b, ph, pw)

    def assemble(self, features: Tensor, numbers: Tensor, images: int) -> Tensor:
        """Features (M, F, *cell) of the selected patches -> the 1/8 map (images, F, *size8), zero elsewhere.

        Args:
            features: in the order of `numbers`.
            numbers: (M,) int64, see `numbered`.
            images: N.
        """
        f, (ch, cw) = features.shape[1], self.cell
        x = features.new_zeros(images * self.rows * self.cols, f, ch, cw).index_copy(0, numbers, features)
        x = x.reshape(images, self.rows, self.cols, f, ch, cw).permute(0, 3, 1, 4, 2, 5)
        return x.reshape(images, f, *self.size8)

    def mask8(self, selected: Tensor) -> Tensor:
        """(N, rows * cols) bool -> (N, 1, *size8) bool."""
        x = selected.reshape(-1, 1, self.rows, self.cols)
        return x.repeat_interleave(self.cell[0], 2).repeat_interleave(self.cell[1], 3)


def point_score(residual: Tensor, entropy_nats: Tensor, grid: Grid, divisor: float, signs: Signs = "both") -> Tensor:
    """The published patch score (N, rows * cols): both maps point-sampled at the patch centres, summed.

    Bilinear resizing without antialiasing reads the four values around each centre, not the patch's mean.
    """
    size = (grid.rows, grid.cols)
    high_frequency, doubt = resize(residual, size).sigmoid(), resize(entropy_nats, size) / divisor
    if signs == "both":
        return (high_frequency + doubt).flatten(1)
    return (doubt if signs == "entropy" else high_frequency).flatten(1)


def mean_score(uncertainty_map: Tensor, grid: Grid) -> Tensor:
    """Area mean of U (N, 1, h, w) in each patch -> (N, rows * cols)."""
    return F.adaptive_avg_pool2d(uncertainty_map, (grid.rows, grid.cols)).flatten(1)


def random_score(patches: int, images: int, training: bool) -> Tensor:
    """Random scores (images, patches): new ones in training, else the same in every pass.

    The same scores at every K make the patches of a smaller K a part of those of a larger one.
    """
    generator = None if training else torch.Generator().manual_seed(0)
    return torch.rand(images, patches, generator=generator)


def select(score: Tensor, ratio: float) -> Tensor:
    """The round(ratio * patches) patches of highest score in each image.

    Numbers instead of a mask: how many there are is known without asking the device, which need not stop for it.

    Args:
        score: (N, patches).
        ratio: K, 0 to 1.

    Returns:
        (N, count) int64, ascending.
    """
    return score.topk(round(ratio * score.shape[1]), dim=1).indices.sort(1).values


def marked(chosen: Tensor, patches: int) -> Tensor:
    """Numbers of patches (N, count) -> (N, patches) bool."""
    return torch.zeros(len(chosen), patches, dtype=torch.bool, device=chosen.device).scatter_(1, chosen, True)


def numbered(chosen: Tensor, patches: int) -> Tensor:
    """Numbers of patches within each image (N, count) -> numbers over all images (N * count,), in their order."""
    return (chosen + torch.arange(0, len(chosen) * patches, patches, device=chosen.device)[:, None]).flatten()
