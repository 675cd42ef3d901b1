"""Encoders of the low stream: ResNet as published, or one of timm."""

from __future__ import annotations

from typing import Union

from training.networks.libraries.timm import TimmPyramid, TimmTokens, is_timm, timm_encoder
from training.networks.resnet import ResNet
from training.networks.settings import Settings

LowEncoder = Union[ResNet, TimmPyramid, TimmTokens]


def low_encoder(settings: Settings) -> tuple[LowEncoder, tuple[int, ...]]:
    """The encoder that the settings name, and the channels of its features at strides 4, 8, 8 and 8."""
    if is_timm(settings.low_encoder):
        encoder = timm_encoder(settings.low_encoder, settings.bands)
        return encoder, encoder.channels
    resnet = ResNet(settings.bands, settings.low_widths, stem=settings.low_stem, depth=settings.low_depth)
    return resnet, settings.low_channels
