"""The dual-stream network: a coarse look everywhere, a close look where that was not enough."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from training.networks.dappm import DAPPM
from training.networks.ensembler import HighReducer, ensemble
from training.networks.estimator import Residual, entropy, entropy_divisor, uncertainty
from training.networks.heads import ConvHead, DeepHead
from training.networks.layers import ConvNormReLU, resize
from training.networks.resnet import ResNet18V1c
from training.networks.selector import Grid, mean_score, point_score, select
from training.networks.settings import Settings
from training.networks.stdc import STDC

DOWN_RATIO = 4
FUSED_CHANNELS = 64


def channels_last(network: DualStream) -> DualStream:
    """The network with its weights in the memory layout that is fastest on CPUs and on tensor cores."""
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # missing in torch's stub
    return network


@dataclass(frozen=True)
class LowOutput:
    """What the low stream and the estimator say of an image at 1/4 scale (h, w); strides in its pixels.

    Attributes:
        stages: encoder features, strides 4, 8, 8, 8.
        features: F_low (N, 64, h/8, w/8).
        logits: (N, C, h/8, w/8).
        residual: (N, 1, h/4, w/4), before its sigmoid.
        entropy: (N, 1, h/8, w/8), nats.
    """

    stages: tuple[Tensor, Tensor, Tensor, Tensor]
    features: Tensor
    logits: Tensor
    residual: Tensor
    entropy: Tensor


@dataclass(frozen=True)
class Output:
    """One pass over images (N, B, H, W).

    Attributes:
        low: the low stream's output.
        grid: the patch grid of the (padded) image.
        score: patch scores (N, patches).
        selected: (N, patches) bool.
        uncertainty: U on the 1/8 map (N, 1, H/8, W/8).
        fused: F on the 1/8 map (N, 64, H/8, W/8).
        logits: final logits on the 1/8 map (N, C, H/8, W/8).
        high: features of the selected patches, (M, 64, *grid.cell); None when none is selected.
        size: (height, width) of the images before padding.
    """

    low: LowOutput
    grid: Grid
    score: Tensor
    selected: Tensor
    uncertainty: Tensor
    fused: Tensor
    logits: Tensor
    high: Tensor | None
    size: tuple[int, int]


class DualStream(nn.Module):
    """ResNet-18 + DAPPM on the image at 1/4 scale, STDC on selected patches, fused by uncertainty.

    Inputs are the raster's own numbers as floats; scaling and downsampling happen inside.

    Args:
        settings: see `Settings`.

    Example:
        >>> network = DualStream(Settings(classes=5)).eval()
        >>> output = network(torch.zeros(1, 3, 300, 500), ratio=0.5)
        >>> network.full_logits(output).shape
        torch.Size([1, 5, 300, 500])

    Reference: "Boosting the Dual-Stream Architecture in Ultra-High Resolution Segmentation with
        Resolution-Biased Uncertainty Estimation" (CVPR 2025).
    """

    mean: Tensor
    std: Tensor

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        s = self.settings = settings
        self.register_buffer("mean", torch.tensor(s.mean).view(1, -1, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(s.std).view(1, -1, 1, 1), persistent=False)
        self.divisor = entropy_divisor(s.classes, s.entropy_divisor)
        self.low_encoder = ResNet18V1c(s.bands, s.low_widths)
        self.dappm = DAPPM(s.low_widths[3], s.context, s.context)
        self.deep_head = DeepHead(s.context, s.classes)
        self.auxiliary_head = ConvHead(s.low_widths[2], 64, s.classes, dropout=0.1)
        self.residual = Residual(s.low_widths[0], s.low_widths[1], s.estimator_kernel)
        self.low_reducer = ConvNormReLU(s.context, FUSED_CHANNELS, kernel=1)
        self.high_encoder = STDC(s.bands, s.high_widths)
        self.high_reducer = HighReducer(s.high_widths[2], s.high_widths[3], FUSED_CHANNELS)
        self.segmentation_head = ConvHead(FUSED_CHANNELS, 32, s.classes)

    def normalise(self, image: Tensor) -> Tensor:
        """The raster's own numbers (N, B, H, W) -> zero mean and unit spread by `settings`."""
        return (image - self.mean) / self.std

    def downsample(self, image: Tensor) -> Tensor:
        """(N, B, H, W) -> (N, B, H // 4, W // 4), in the raster's own numbers; integers are rounded half up."""
        height, width = (n // DOWN_RATIO * DOWN_RATIO for n in image.shape[-2:])
        if self.settings.downsampling == "nearest":
            return image[:, :, :height:DOWN_RATIO, :width:DOWN_RATIO]
        small = F.avg_pool2d(image, DOWN_RATIO)
        return small if self.settings.data_type.startswith("float") else torch.floor(small + 0.5)

    def low(self, small: Tensor) -> LowOutput:
        """The low stream and the estimator on images at 1/4 scale (N, B, h, w), raster's own numbers."""
        stages = self.low_encoder(self.normalise(small))
        context = self.dappm(stages[3])
        logits = self.deep_head(context)
        return LowOutput(
            stages,
            self.low_reducer(context),
            logits,
            self.residual(stages[0], stages[1]),
            entropy(logits.float()),
        )

    def high(self, patches: Tensor) -> Tensor:
        """F_high (M, 64, p/8, p/8) of patches (M, B, p, p), raster's own numbers."""
        f8, f16 = self.high_encoder(self.normalise(patches))
        return self.high_reducer(f8, f16)

    def uncertainty(self, low: LowOutput, size8: tuple[int, int]) -> Tensor:
        """U at its own resolution, `settings.uncertainty_stride` raster pixels: *size8, or the residual's."""
        published = self.settings.uncertainty_stride == 8
        size = size8 if published else (low.residual.shape[-2], low.residual.shape[-1])
        return uncertainty(low.residual, low.entropy, size, self.divisor, resize_first=published)

    def fuse(
        self, f_low: Tensor, low_logits: Tensor, f_high: Tensor, u: Tensor, selected8: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Ensembler and segmentation head.

        Args:
            f_low: (N, 64, h, w) at any stride; resized to the 1/8 map.
            low_logits: (N, C, h, w) of the low stream; they stand where no patch is selected, if so set.
            f_high: (N, 64, H/8, W/8), zero where not selected.
            u: U (N, 1, H/8, W/8), on the 1/8 map.
            selected8: (N, 1, H/8, W/8) bool.

        Returns:
            fused features (N, 64, H/8, W/8) and logits (N, C, H/8, W/8).
        """
        size8 = (f_high.shape[-2], f_high.shape[-1])
        fused = ensemble(resize(f_low, size8), f_high, u, selected8)
        logits = self.segmentation_head(fused)
        if self.settings.unselected == "low":
            logits = torch.where(selected8, logits, resize(low_logits, size8).to(logits.dtype))
        return fused, logits

    def canvas(self, image: Tensor) -> tuple[Tensor, Tensor, Grid]:
        """The images padded to the canvas, the same at 1/4 scale, and the patch grid.

        Both scales are padded on their own by edge replication, the small one after downsampling: the engine
        reads a raster's overviews and cannot pad before.
        """
        if self.settings.patch_grid is not None:
            grid = Grid.divided(image.shape[-2], image.shape[-1], self.settings.patch_grid)
            return image, self.downsample(image), grid
        multiple = self.settings.canvas_multiple
        height, width = (-(-n // multiple) * multiple for n in image.shape[-2:])
        small = self.downsample(_replicate(image, DOWN_RATIO, DOWN_RATIO))
        small = _replicate(small, height // DOWN_RATIO, width // DOWN_RATIO)
        return _replicate(image, height, width), small, Grid.fixed(height, width, self.settings.patch_side)

    def score(self, low: LowOutput, u: Tensor, grid: Grid) -> Tensor:
        """Patch scores (N, patches) from U at its own resolution; a patch is chosen by their order alone."""
        if self.settings.selector == "point":
            return point_score(low.residual, low.entropy, grid, self.divisor)
        return mean_score(u, grid)

    def forward(self, image: Tensor, ratio: float = 1.0, score: Tensor | None = None) -> Output:
        """Segment images of any size.

        Args:
            image: (N, B, H, W) in the raster's own numbers.
            ratio: K, the share of patches that the high stream sees.
            score: (N, patches) by which patches are chosen; None scores them by U.
        """
        size = (image.shape[-2], image.shape[-1])
        image, small, grid = self.canvas(image)
        low = self.low(small)
        u = self.uncertainty(low, grid.size8)
        score = self.score(low, u, grid) if score is None else score
        selected = select(score.detach(), ratio)
        u = resize(u, grid.size8)
        high = None
        f_high = low.features.new_zeros(image.shape[0], FUSED_CHANNELS, *grid.size8)
        if selected.any():
            high = self.high(grid.split(image)[selected])
            f_high = grid.assemble(high, selected)
        fused, logits = self.fuse(low.features, low.logits, f_high, u, grid.mask8(selected))
        return Output(low, grid, score, selected, u, fused, logits, high, size)

    def full_size(self, output: Output, maps: Tensor) -> Tensor:
        """Bilinearly resize (N, C, h, w) maps of an output to the images' own size (N, C, H, W)."""
        if self.settings.patch_grid is not None:
            return resize(maps, output.size)
        canvas = (output.grid.rows * output.grid.patch[0], output.grid.cols * output.grid.patch[1])
        return resize(maps, canvas)[:, :, : output.size[0], : output.size[1]]

    def full_logits(self, output: Output) -> Tensor:
        """Final logits (N, C, H, W) at the images' own size."""
        return self.full_size(output, output.logits)


def _replicate(image: Tensor, height: int, width: int) -> Tensor:
    """Repeat the last row and column until (N, B, H, W) is at least `height` x `width`."""
    bottom, right = max(0, height - image.shape[-2]), max(0, width - image.shape[-1])
    return F.pad(image, (0, right, 0, bottom), mode="replicate") if bottom or right else image
