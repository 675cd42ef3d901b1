"""The settings of a network: each peculiarity of the published code and each ablation has a name."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, get_args, get_origin, get_type_hints

from training.errors import SettingsError

_MOST_CHANNELS = 4096  # bounds the memory that an untrusted bundle can make us allocate
_MOST_PATCHES = 1024  # an axis: patches of 16 pixels in images of 16,384
_CELL = 32  # raster pixels a cell of the low features covers


@dataclass(frozen=True)
class Settings:
    """The settings of a network. The defaults are ours; `faithful()` returns those of the published code.

    Every architecture uses the settings of its parts: the dual-stream network all but the windows.

    Attributes:
        classes: number of classes, 2 to 250.
        bands: number of input bands.
        mean: per band, subtracted from the raster's own numbers.
        std: per band, what the difference is divided by.
        data_type: numpy name of the raster's numbers.
        encoder: encoder of networks of segmentation_models_pytorch ("smp:NAME"), by its name there; None is resnet18.
        low_encoder: encoder of the low stream: "resnet" (published), or "timm:NAME", a network of timm. The settings of
            the ResNet then have no effect.
        low_depth: layers of the ResNet in the low stream: 18 (as in all published results), or 50.
        low_widths: channels of the 3x3 convolutions in the four stages of the low stream.
        low_stem: how the low stream begins: "deep", three 3x3 convolutions (published), or "7x7", one convolution, for
            which weights of ImageNet are to be had.
        low_stride: raster pixels that a cell of the low stream's logits covers: 32 (published), or 16, where a small
            head corrects them with features of stage 1; thin objects such as roads gain most.
        context: channels of DAPPM's branches and output, those of ASPP, or those of the decoder of `segformer`.
        high_encoder: what sees the patches: "stdc" (published), or "efficientnet_lite0", for which weights of ImageNet
            are to be had; a third slower.
        high_widths: channels of "stdc" at strides 2, 4, 8, 16.
        downsampling: how the low stream's input is made: "average" of 4x4 pixels, or "nearest" (published).
        selector: a patch's score is the area "mean" of U, or sampled at its centre "point" (published), or "random"
            (ablation: a new draw a training step, the same draw in every evaluation).
        uncertainty: U is the mean of "both" signs of lost resolution, or the "entropy" or the "residual" alone, or
            "constant" 1/2, which ranks no patches and goes with the "random" selector (ablations).
        ensembler: selected patches are weighted by the "uncertainty" (published), or F is the plain "sum" of both
            (ablation), or "learned": weighted by U and corrected by two 1x1 convolutions, see `Correction`.
        estimator: what tells lost detail: the "residual" of stage 1 that stage 2 cannot explain (published), or a small
            head on the low stream's "features" and logits; to be taught with an `estimator_weight`.
        estimator_kernel: side of the residual's last convolution: 3 (the paper's figure) or 1 (published).
        entropy_divisor: what scales the entropy; None is ln C. The published code has 0.7 for two classes.
        entropy_of: U takes the entropy of the low stream's logits on its own "map", where it is high between two cells
            of different classes, as the errors are; or of the "cells" of the logits, resized (published).
        entropy_gradient: let the gradient through the entropy in U, as the published heads without patches do; their
            other heads cut it, and so do we.
        uncertainty_stride: raster pixels that a cell of U covers: 8 (published), or 16.
        unselected: the classifier of unselected patches: the "low" stream's own, so that K = 0 is exactly
            the low stream, or the segmentation "head" on its features (published).
        patch_side: side of a patch in pixels, a multiple of 16.
        patch_grid: None for patches of `patch_side`, or the published fixed count of patches per axis; 1 is the whole
            image, as in the published heads without patches.
        test_patch_grid: that count outside training, where it is another (published); None is the same.
        window: side in pixels of the sliding windows of networks at full scale in larger images: `deeplabv3plus`,
            `segformer` and those of other packages.
        window_overlap: pixels that neighbouring windows share.
    """

    classes: int
    bands: int = 3
    mean: list[float] = field(default_factory=lambda: [123.675, 116.28, 103.53])
    std: list[float] = field(default_factory=lambda: [58.395, 57.12, 57.375])
    data_type: str = "uint8"
    encoder: str | None = None
    low_encoder: str = "resnet"
    low_depth: Literal[18, 50] = 18
    low_widths: tuple[int, int, int, int] = (64, 128, 256, 512)
    low_stem: Literal["deep", "7x7"] = "deep"
    low_stride: Literal[32, 16] = 16
    context: int = 128
    high_encoder: Literal["stdc", "efficientnet_lite0"] = "stdc"
    high_widths: tuple[int, int, int, int] = (32, 64, 256, 512)
    downsampling: Literal["average", "nearest"] = "average"
    selector: Literal["mean", "point", "random"] = "mean"
    uncertainty: Literal["both", "entropy", "residual", "constant"] = "both"
    ensembler: Literal["uncertainty", "sum", "learned"] = "uncertainty"
    estimator: Literal["residual", "features"] = "residual"
    estimator_kernel: Literal[1, 3] = 3
    entropy_divisor: float | None = None
    entropy_of: Literal["map", "cells"] = "map"
    entropy_gradient: bool = False
    uncertainty_stride: Literal[8, 16] = 8
    unselected: Literal["low", "head"] = "low"
    patch_side: int = 128
    patch_grid: int | None = None
    test_patch_grid: int | None = None
    window: int = 1024
    window_overlap: int = 256

    def __post_init__(self) -> None:
        """Check what the type checker cannot.

        Raises:
            SettingsError: when a value is outside its range; the text says which and what is allowed.
        """
        if not 2 <= self.classes <= 250:
            raise SettingsError(f"classes is {self.classes}; 2 to 250 are allowed")
        for name, allowed in _CHOICES.items():
            if getattr(self, name) not in allowed:
                raise SettingsError(f"{name} is {getattr(self, name)!r}; there are {', '.join(map(str, allowed))}")
        widths = (*self.low_widths, self.context, *self.high_widths)
        if not all(isinstance(width, int) and 2 <= width <= _MOST_CHANNELS for width in widths):
            raise SettingsError(f"channels are {widths}; whole numbers from 2 to {_MOST_CHANNELS} are allowed")
        if not len(self.mean) == len(self.std) == self.bands:
            raise SettingsError(
                f"{self.bands} bands need as many means and stds; got {len(self.mean)} and {len(self.std)}"
            )
        if self.low_encoder != "resnet" and not self.low_encoder.startswith("timm:"):
            raise SettingsError(
                f"low_encoder is '{self.low_encoder}'; give resnet, or timm:NAME with a name of timm.list_models()"
            )
        if self.uncertainty == "constant" and self.selector != "random":
            raise SettingsError(
                f"uncertainty 'constant' ranks no patches; selector is '{self.selector}', give 'random'"
            )
        self._check_sides()

    def _check_sides(self) -> None:
        """Check patches and windows."""
        if self.patch_side < 16 or self.patch_side % 16:
            raise SettingsError(f"patch_side is {self.patch_side}; give a multiple of 16")
        for name in ("patch_grid", "test_patch_grid"):
            count = getattr(self, name)
            if count is not None and not (isinstance(count, int) and 1 <= count <= _MOST_PATCHES):
                raise SettingsError(
                    f"{name} is {count}; give a number of patches per axis from 1 to {_MOST_PATCHES}, or null for "
                    "patches of patch_side"
                )
        if self.window < 32 or self.window % 16:
            raise SettingsError(f"window is {self.window}; give a multiple of 16, at least 32")
        if not 0 <= self.window_overlap < self.window or self.window_overlap % 16:
            raise SettingsError(
                f"window_overlap is {self.window_overlap}; give a multiple of 16 below the window's {self.window}"
            )

    @property
    def low_channels(self) -> tuple[int, int, int, int]:
        """Channels that the four stages of the low stream put out."""
        wide = 4 if self.low_depth == 50 else 1
        one, two, three, four = self.low_widths
        return wide * one, wide * two, wide * three, wide * four

    @property
    def canvas_multiple(self) -> int:
        """Images are padded to multiples of this many pixels, so that patches and low cells both fit."""
        return math.lcm(self.patch_side, _CELL)


_CHOICES = {name: get_args(kind) for name, kind in get_type_hints(Settings).items() if get_origin(kind) is Literal}


def faithful(classes: int, entropy_constant: float, patch_grid: int | None) -> Settings:
    """The settings of the published code.

    Args:
        entropy_constant: 0.7 for two classes, 1.946 for seven, 2.08 for eight.
        patch_grid: patches per axis, 10 in training and 20 in testing on Inria; None keeps patches of 128 px.
    """
    return Settings(
        classes=classes,
        low_stride=32,
        downsampling="nearest",
        selector="point",
        estimator_kernel=1,
        entropy_divisor=entropy_constant,
        entropy_of="cells",
        uncertainty_stride=8,
        unselected="head",
        patch_grid=patch_grid,
    )


def stored_settings(settings: Settings) -> dict[str, Any]:
    """The settings as files keep them, without the number of classes; `restored_settings` reads them."""
    values = asdict(settings)
    values.pop("classes")
    return values


def restored_settings(classes: int, stored: dict[str, Any]) -> Settings:
    """The settings stored in a file; those that older files lack get the value of their time."""
    return network_settings(classes, {"low_stride": 32, "entropy_of": "cells", **stored})


def network_settings(classes: int, network: dict[str, Any] | None) -> Settings:
    """Settings from plain values as YAML and checkpoints hold them (lists become tuples where needed).

    Raises:
        SettingsError: when a name is unknown or a value out of range.
    """
    values = dict(network or {})
    for key in ("low_widths", "high_widths"):
        if key in values:
            values[key] = tuple(values[key])
    try:
        return Settings(classes=classes, **values)
    except TypeError as error:
        known = ", ".join(sorted(Settings.__dataclass_fields__))
        raise SettingsError(f"Unknown network setting: {error}. There are {known}") from error
