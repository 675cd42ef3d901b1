"""What the encoders' weights are called elsewhere, and what we call them: one place for every file that is read."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

# Published name -> ours, first match wins. A unit is (convolution 0, normalisation 1) in ours.
Rule = tuple[str, "str | Callable[[re.Match[str]], str]"]

# ResNet of torchvision and open-mmlab. Only the "V1c" variant has a stem of three convolutions.
LOW_ENCODER: tuple[Rule, ...] = (
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
UNITS: tuple[Rule, ...] = (
    (r"\.conv_list\.(\d)\.", lambda m: f".conv{int(m[1]) + 1}."),
    (r"\.avd_layer\.", ".down."),
    (r"\.conv1?\.weight$", ".0.weight"),
    (r"\.bn1?\.", ".1."),
)
# What no forward pass here uses: the classifiers, STDC's fifth stage, and its second copies (x2, x4 ... share their
# storage with `features`).
LOW_UNUSED = re.compile(r"^fc\.|num_batches_tracked$")
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
    """Our name of a weight of ResNet-18; None when the name is not of a ResNet."""
    return first_match(LOW_ENCODER, name)  # the residual blocks keep conv1, bn1, conv2, bn2


def high_encoder_name(name: str) -> str | None:
    """Our name of a weight of STDC1; None when the name is not of an STDC."""
    ours = first_match(HIGH_ENCODER, name)
    return None if ours is None else every_match(UNITS, ours)
