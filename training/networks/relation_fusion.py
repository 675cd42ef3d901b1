"""Relation-aware fusion: each stream's channels are weighted by their relation to the other's."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from training.networks.layers import ConvNormReLU, resize

_GROUPS = 16


class ChannelWeights(nn.Module):
    """Features of one stream and the mean of each of their channels, once more mixed."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.features = ConvNormReLU(inputs, outputs)
        self.mix = nn.Sequential(nn.Conv2d(outputs, outputs, 1, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """(N, inputs, h, w) -> features (N, outputs, h, w), weights before their sigmoid (N, outputs)."""
        features = self.features(x)
        return features, self.mix(features.mean((2, 3), keepdim=True)).flatten(1)


class RelationAwareFusion(nn.Module):
    """Fuses a fine map of one stream with a coarser map of the other.

    The channel weights of both streams, cut into groups, are multiplied with each other; a small network for each
    stream turns the products into corrections of its weights, scaled by a number that starts at zero.

    Args:
        fine: channels of the fine map.
        channels: channels of the coarse map and of the result.

    Reference: Guo et al., "ISDNet: Integrating Shallow and Deep Networks for Efficient Ultra-high Resolution
        Segmentation" (CVPR 2022).
    """

    def __init__(self, fine: int, channels: int) -> None:
        super().__init__()
        self.groups = math.gcd(_GROUPS, channels)
        self.fine_weights = ChannelWeights(fine, channels)
        self.coarse_weights = ChannelWeights(channels, channels)
        self.fine_relation = self._relation(self.groups**2, channels)
        self.coarse_relation = self._relation(self.groups**2, channels)
        self.fine_gain = nn.Parameter(torch.zeros(1))
        self.coarse_gain = nn.Parameter(torch.zeros(1))
        self.coarse_conv = ConvNormReLU(channels, channels)
        self.smooth = nn.Sequential(nn.Conv2d(channels, channels, 3, padding=1, bias=False), nn.BatchNorm2d(channels))

    @staticmethod
    def _relation(inputs: int, channels: int) -> nn.Sequential:
        return nn.Sequential(nn.Linear(inputs, channels), nn.ReLU(), nn.Linear(channels, channels), nn.ReLU())

    def forward(self, fine: Tensor, coarse: Tensor) -> tuple[Tensor, Tensor]:
        """(N, fine, 2h, 2w), (N, channels, h, w) -> the weighted coarse map and the fused map (N, channels, 2h, 2w)."""
        fine, fine_weight = self.fine_weights(fine)
        coarse, coarse_weight = self.coarse_weights(coarse)
        relation = self.relation(fine_weight, coarse_weight)
        fine_weight = (fine_weight + self.fine_gain * self.fine_relation(relation)).sigmoid()
        coarse_weight = (coarse_weight + self.coarse_gain * self.coarse_relation(relation)).sigmoid()
        fine = fine * fine_weight[:, :, None, None]
        coarse = resize(coarse * coarse_weight[:, :, None, None], (fine.shape[-2], fine.shape[-1]))
        coarse = self.coarse_conv(coarse)
        return coarse, self.smooth(fine + coarse)

    def relation(self, fine_weight: Tensor, coarse_weight: Tensor) -> Tensor:
        """Products of the groups of both streams' weights: (N, channels) twice -> (N, groups ** 2)."""
        shape = (len(fine_weight), self.groups, -1)
        return (fine_weight.reshape(shape) @ coarse_weight.reshape(shape).transpose(1, 2)).flatten(1)
