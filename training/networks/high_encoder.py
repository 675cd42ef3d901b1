"""The encoder of the high stream by its name."""

from __future__ import annotations

from typing import Union

from training.networks.efficientnet import EfficientNetLite0
from training.networks.settings import Settings
from training.networks.stdc import STDC

HighEncoder = Union[STDC, EfficientNetLite0]


def high_encoder(settings: Settings) -> tuple[HighEncoder, int, int]:
    """The encoder that the settings name, and its channels at strides 8 and 16."""
    if settings.high_encoder == "efficientnet_lite0":
        return EfficientNetLite0(settings.bands), *EfficientNetLite0.widths
    return STDC(settings.bands, settings.high_widths), *settings.high_widths[2:]
