"""The dual-stream network: a coarse look everywhere, a close look where that was not enough."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn

from training.networks.context import DAPPM
from training.networks.ensembler import Correction, HighReducer, ensemble
from training.networks.estimator import ErrorHead, Residual, entropy, entropy_divisor, uncertainty
from training.networks.heads import ConvHead, DeepHead, DetailHead
from training.networks.high_encoders import high_encoder
from training.networks.layers import ConvNormReLU, resize
from training.networks.libraries import low_encoder
from training.networks.network import Network, Prediction, size_of
from training.networks.selector import Grid, marked, mean_score, numbered, point_score, random_score, select
from training.networks.settings import Settings

FUSED_CHANNELS = 64


@dataclass(frozen=True)
class LowOutput:
    """Outputs of the low stream and the estimator for an image at 1/4 scale (h, w); strides in its pixels.

    Attributes:
        stages: encoder features, strides 4, 8, 8, 8.
        features: F_low (N, 64, h/8, w/8).
        logits: (N, C, h/8, w/8), or (N, C, h/4, w/4) at a low stride of 16.
        residual: (N, 1, h/4, w/4), before its sigmoid.
    """

    stages: tuple[Tensor, Tensor, Tensor, Tensor]
    features: Tensor
    logits: Tensor
    residual: Tensor

    @property
    def entropy(self) -> Tensor:
        """Entropy in nats of every cell of the logits: (N, 1, like the logits)."""
        return entropy(self.logits.float())


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
        f_high: F_high on the 1/8 map (N, 64, H/8, W/8), zero where not selected.
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
    f_high: Tensor
    size: tuple[int, int]

    @property
    def canvas(self) -> tuple[int, int]:
        """(height, width) in pixels that the maps cover: the padded images, or the images under the published grid.

        That grid drops the remainder of a division, and its maps are stretched over the images all the same.
        """
        down, across = self.grid.rows * self.grid.patch[0], self.grid.cols * self.grid.patch[1]
        return max(down, self.size[0]), max(across, self.size[1])


class DualStream(Network):
    """ResNet-18 + DAPPM on the image at 1/4 scale, STDC or another encoder on selected patches, fused by uncertainty.

    Inputs are the raster's own numbers as floats; scaling and downsampling happen inside.

    Example:
        >>> network = DualStream(Settings(classes=5)).eval()
        >>> output = network(torch.zeros(1, 3, 300, 500), ratio=0.5)
        >>> network.full_logits(output).shape
        torch.Size([1, 5, 300, 500])

    Reference: "Boosting the Dual-Stream Architecture in Ultra-High Resolution Segmentation with
        Resolution-Biased Uncertainty Estimation" (CVPR 2025).
    """

    takes_ratio: ClassVar[bool] = True
    takes_low_encoder: ClassVar[bool] = True

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        s = settings
        self.divisor = entropy_divisor(s.classes, s.entropy_divisor)
        self.low_encoder, widths = low_encoder(s)
        self.dappm = DAPPM(widths[3], s.context, s.context)
        self.deep_head = DeepHead(s.context, s.classes)
        self.detail_head = DetailHead(widths[0], s.context, s.classes) if s.low_stride == 16 else None
        self.auxiliary_head = ConvHead(widths[2], 64, s.classes, dropout=0.1)
        self.residual: Residual | ErrorHead = (
            Residual(widths[0], widths[1], s.estimator_kernel)
            if s.estimator == "residual"
            else ErrorHead(widths[0], widths[1], s.context, s.classes)
        )
        self.low_reducer = ConvNormReLU(s.context, FUSED_CHANNELS, kernel=1)
        self.high_encoder, fine, coarse = high_encoder(s)
        self.high_reducer = HighReducer(fine, coarse, FUSED_CHANNELS)
        self.correction = Correction(FUSED_CHANNELS, s.classes) if s.ensembler == "learned" else None
        self.segmentation_head = ConvHead(FUSED_CHANNELS, 32, s.classes)

    @property
    def unused_parts(self) -> tuple[str, ...]:
        """Names of the parts that these settings leave without effect on the output."""
        return ("residual",) if self.settings.uncertainty in ("entropy", "constant") else ()

    def low(self, small: Tensor) -> LowOutput:
        """The low stream and the estimator on images at 1/4 scale (N, B, h, w), raster's own numbers."""
        stages = self.low_encoder(self.normalise(small))
        context = self.dappm(stages[3])
        logits = self.deep_head(context)
        if self.detail_head is not None:
            logits = self.detail_head(logits, context, stages[0])
        return LowOutput(
            stages,
            self.low_reducer(context),
            logits,
            self.residual(stages[0], stages[1], context, logits),
        )

    def high(self, patches: Tensor) -> Tensor:
        """F_high (M, 64, p/8, p/8) of patches (M, B, p, p), raster's own numbers."""
        f8, f16 = self.high_encoder(self.normalise(patches))
        return self.high_reducer(f8, f16)

    def uncertainty(self, low: LowOutput, size8: tuple[int, int]) -> Tensor:
        """U at its own resolution, `settings.uncertainty_stride` raster pixels: *size8, or the residual's."""
        resize_first = self.settings.uncertainty_stride == 8
        size = size8 if resize_first else size_of(low.residual)
        doubt = self.entropy(low, size)
        s = self.settings
        return uncertainty(low.residual, doubt, size, self.divisor, resize_first, s.uncertainty, s.entropy_gradient)

    def entropy(self, low: LowOutput, size: tuple[int, int]) -> Tensor:
        """The entropy in nats that U of this size takes: of the logits resized to it, or of their own cells."""
        return entropy(resize(low.logits.float(), size)) if self.settings.entropy_of == "map" else low.entropy

    def fuse(
        self, f_low: Tensor, low_logits: Tensor, f_high: Tensor, u: Tensor, selected8: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Ensembler and segmentation head.

        Args:
            f_low: (N, 64, h, w) at any stride; resized to the 1/8 map.
            low_logits: (N, C, h, w) of the low stream; they stand where no patch is selected, if so set, and a learned
                ensembler sees them.
            f_high: (N, 64, H/8, W/8), zero where not selected.
            u: U (N, 1, H/8, W/8), on the 1/8 map.
            selected8: (N, 1, H/8, W/8) bool.

        Returns:
            fused features (N, 64, H/8, W/8) and logits (N, C, H/8, W/8).
        """
        size8 = (f_high.shape[-2], f_high.shape[-1])
        f_low8 = resize(f_low, size8)
        fused = ensemble(f_low8, f_high, u, selected8, weighted=self.settings.ensembler != "sum")
        if self.correction is not None:
            corrected = fused + self.correction(f_low8, f_high, u, resize(low_logits, size8))
            fused = torch.where(selected8, corrected, fused)
        logits = self.segmentation_head(fused)
        if self.settings.unselected == "low":
            logits = torch.where(selected8, logits, resize(low_logits, size8).to(logits.dtype))
        return fused, logits

    def low_logits(self, output: Prediction) -> Tensor | None:
        """See `Network`."""
        return self.full_size(output, output.low.logits) if isinstance(output, Output) else None

    def canvas(self, image: Tensor) -> tuple[Tensor, Tensor, Grid]:
        """The images padded to the canvas, the same at 1/4 scale, and the patch grid."""
        count = self.settings.patch_grid
        if count is not None:
            count = count if self.training else self.settings.test_patch_grid or count
            return image, self.downsample(image), Grid.divided(*size_of(image), count)
        image, small = self.both_scales(image, self.settings.canvas_multiple)
        return image, small, Grid.fixed(*size_of(image), self.settings.patch_side)

    def score(self, low: LowOutput, u: Tensor, grid: Grid) -> Tensor:
        """Patch scores (N, patches) from U at its own resolution; a patch is chosen by their order alone."""
        if self.settings.selector == "point":
            return point_score(low.residual, low.entropy, grid, self.divisor, self.settings.uncertainty)
        if self.settings.selector == "random":
            return random_score(grid.rows * grid.cols, u.shape[0], self.training).to(u)
        return mean_score(u, grid)

    def forward(self, image: Tensor, ratio: float = 1.0, score: Tensor | None = None) -> Output:
        """Segment images of any size.

        Args:
            image: (N, B, H, W) in the raster's own numbers.
            ratio: K, the share of patches that the high stream sees.
            score: (N, patches) by which patches are chosen; None scores them by U.
        """
        size = size_of(image)
        image, small, grid = self.canvas(image)
        low = self.low(small)
        u = self.uncertainty(low, grid.size8)
        score = self.score(low, u, grid) if score is None else score
        chosen = select(score.detach(), ratio)
        selected = marked(chosen, score.shape[1])
        u = resize(u, grid.size8)
        high = None
        f_high = low.features.new_zeros(image.shape[0], FUSED_CHANNELS, *grid.size8)
        if chosen.numel():
            numbers = numbered(chosen, score.shape[1])
            high = self.high(grid.split(image).flatten(0, 1).index_select(0, numbers))
            f_high = grid.assemble(high, numbers, len(image))
        fused, logits = self.fuse(low.features, low.logits, f_high, u, grid.mask8(selected))
        return Output(low, grid, score, selected, u, fused, logits, high, f_high, size)


def normalised_alone(network: nn.Module) -> set[str]:
    """Names of the layers that the published code normalises in each process by itself: reducers, STDC's strided units.

    All its other normalisations are shared by the processes.
    """
    return {
        name
        for name, module in network.named_modules()
        if isinstance(module, nn.BatchNorm2d) and {"low_reducer", "high_reducer", "down"} & set(name.split("."))
    }
