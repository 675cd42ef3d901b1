"""Encoders of timm as low stream: pyramids (ConvNeXt, EfficientNet) and plain vision transformers (ViT, DINOv3).

Both give features at strides 4, 8, 8 and 8 of their input, like the ResNet that they replace. Sizes are free, in
exported graphs too.
"""

from __future__ import annotations

import re
from types import MethodType
from typing import Any, Union

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from training.errors import SettingsError
from training.networks.layers import ConvNormReLU, resize
from training.networks.libraries.required import check_name, required
from training.networks.network import size_of

_PACKAGE = "timm"
_PREFIX = "timm:"
_NAME = re.compile(r"[\w.-]+")  # not a place: such names make timm read folders or ask servers
_MOST_PARAMETERS = 2_000_000_000  # bounds the memory that an untrusted bundle can make us allocate
_FINE, _COARSE = 4, 8  # strides of the features
_STEM = 64  # channels of a transformer's stem
_LEVELS = 4


def is_timm(encoder: str) -> bool:
    """Whether a setting names an encoder of timm."""
    return encoder.startswith(_PREFIX)


def check_timm_name(name: str) -> Any:  # noqa: ANN401 (a module)
    """Check that timm has a network of that name; returns timm.

    Raises:
        SettingsError: when it has not, or is missing.
    """
    timm = required(_PACKAGE, f"timm:{name}")
    if not _NAME.fullmatch(name) or not timm.is_model(name):
        check_name("network of timm", name.partition(".")[0], timm.list_models())
        raise SettingsError(f"'{name}' is no name of timm; give one of timm.list_models(), such as convnext_tiny")
    return timm


def timm_encoder(encoder: str, bands: int) -> TimmEncoder:
    """The encoder with random weights.

    Args:
        encoder: "timm:NAME".

    Raises:
        SettingsError: when timm is missing or has no such network, or the network cannot be a low stream.
    """
    name = encoder.removeprefix(_PREFIX)
    timm = check_timm_name(name)
    with torch.device("meta"):  # shapes alone, no memory
        try:
            drawn = create(timm, name, bands)
        except Exception as error:  # networks without maps of features refuse by several types
            reason = " ".join(str(error).split())
            raise SettingsError(
                f"'{encoder}' gives no maps of features ({reason}); give a convolutional network or a ViT, such as "
                "timm:convnext_tiny or timm:vit_small_patch16_dinov3"
            ) from error
    count = sum(parameter.numel() for parameter in drawn.parameters())
    if count > _MOST_PARAMETERS:
        raise SettingsError(
            f"'{encoder}' has {count:,} parameters, {_MOST_PARAMETERS:,} are allowed; give a smaller one"
        )
    strides = drawn.feature_info.reduction()
    kind = TimmTokens if len(set(strides)) == 1 and len(strides) > 1 else TimmPyramid
    return kind(name, bands)


def create(timm: Any, name: str, bands: int, **options: Any) -> Any:  # noqa: ANN401
    """A network of timm that returns its maps of features; `options` are those of timm.create_model."""
    options = {"pretrained": False, "features_only": True, "in_chans": bands, **options}
    try:
        return timm.create_model(name, dynamic_img_size=True, **options)
    except TypeError:  # convolutional networks do not know this option
        return timm.create_model(name, **options)


class TimmPyramid(nn.Module):
    """Features of a network that halves its maps step by step; those coarser than stride 8 are enlarged to it.

    Attributes:
        channels: of the four features.
    """

    def __init__(self, name: str, bands: int) -> None:
        super().__init__()
        self.name, self.bands = name, bands
        self.net = create(required(_PACKAGE, f"timm:{name}"), name, bands)
        if any("relative_position" in key for key, _ in self.net.named_parameters()):
            raise SettingsError(
                f"'timm:{name}' cuts its maps into windows whose size depends on the image, which exported graphs "
                "cannot follow; give a convolutional network or a plain ViT, such as timm:convnext_tiny"
            )
        strides, widths = self.net.feature_info.reduction(), self.net.feature_info.channels()
        levels = [level for level, stride in enumerate(strides) if stride >= _FINE]
        if len(levels) < 2 or strides[levels[0]] != _FINE:
            raise SettingsError(
                f"'timm:{name}' has features at strides {', '.join(map(str, strides))}; a low stream needs {_FINE} "
                "and coarser ones. Give another encoder, such as timm:convnext_tiny"
            )
        self.levels = [*levels, *levels[-1:] * _LEVELS][:_LEVELS]
        self.channels = tuple(int(widths[level]) for level in self.levels)
        self.unit = max(_COARSE, *strides)
        self.last = getattr(self.net, "output_fmt", None) == "NHWC"

    def downloaded(self) -> dict[str, Tensor]:
        """Weights of ImageNet, fetched by timm; it raises what it likes."""
        return _downloaded(self.name, self.bands)

    def forward(self, image: Tensor) -> tuple[Tensor, ...]:
        """Features of a normalised image (N, B, h, w), whose sides are multiples of 8, at strides 4, 8, 8, 8."""
        size = size_of(image)
        padded = repeated(image, self.unit)
        maps = self.net(padded)
        maps = [x.permute(0, 3, 1, 2) for x in maps] if self.last else maps
        strides = (_FINE, *[_COARSE] * (_LEVELS - 1))
        return tuple(at_stride(maps[level], padded, size, s) for level, s in zip(self.levels, strides, strict=True))


class TimmTokens(nn.Module):
    """Features of a plain vision transformer, and of a convolutional stem that sees what is finer than a token.

    A token stands for 16 pixels of the input: networks with other patches (14) see it resized. Their maps, after a
    quarter, a half, three quarters and all of the blocks, are enlarged to stride 8; the first one is the stem's.

    Attributes:
        channels: of the four features.

    Reference: Chen et al., "Vision Transformer Adapter for Dense Predictions" (ICLR 2023), for the stem.
    """

    def __init__(self, name: str, bands: int) -> None:
        super().__init__()
        self.name, self.bands = name, bands
        self.stem = nn.Sequential(
            ConvNormReLU(bands, _STEM // 2, stride=2),
            ConvNormReLU(_STEM // 2, _STEM, stride=2),
            ConvNormReLU(_STEM, _STEM),
        )
        timm = required(_PACKAGE, f"timm:{name}")
        blocks = len(create(timm, name, bands).feature_info)
        self.quarters = [max(0, round(blocks * part / _LEVELS) - 1) for part in range(2, _LEVELS + 1)]
        self.net = create(timm, name, bands, out_indices=self.quarters)
        _let_sizes_vary(self.net, name)
        self.patch = int(self.net.feature_info.reduction()[0])
        self.unit = 1 << (self.patch - 1).bit_length()
        self.channels = (_STEM, *map(int, self.net.feature_info.channels()))

    def downloaded(self) -> dict[str, Tensor]:
        """Weights that timm fetches; it raises what it likes."""
        return _downloaded(self.name, self.bands, out_indices=self.quarters)

    def forward(self, image: Tensor) -> tuple[Tensor, ...]:
        """Features of a normalised image (N, B, h, w), whose sides are multiples of 8, at strides 4, 8, 8, 8."""
        size = size_of(image)
        padded = repeated(image, self.unit)
        seen = padded
        if self.patch != self.unit:
            height, width = size_of(padded)
            seen = resize(padded, (height // self.unit * self.patch, width // self.unit * self.patch))
        maps = (at_stride(x, padded, size, _COARSE) for x in self.net(seen))
        return (self.stem(image), *maps)


TimmEncoder = Union[TimmPyramid, TimmTokens]


def _downloaded(name: str, bands: int, **options: Any) -> dict[str, Tensor]:  # noqa: ANN401
    """The weights of timm's own network."""
    return dict(create(required(_PACKAGE, f"timm:{name}"), name, bands, pretrained=True, **options).state_dict())


def repeated(image: Tensor, multiple: int) -> Tensor:
    """Repeat the last row and column of (N, B, h, w) up to multiples; in operators that take any size when exported."""
    for axis in (2, 3):
        length = image.shape[axis]
        places = torch.arange((length + multiple - 1) // multiple * multiple, device=image.device)
        image = image.index_select(axis, places.clamp(max=length - 1))
    return image


def at_stride(x: Tensor, padded: Tensor, size: tuple[int, int], stride: int) -> Tensor:
    """A map (N, F, *) of a padded image -> of the image of `size`, one cell for `stride` pixels."""
    height, width = size_of(padded)
    return resize(x, (height // stride, width // stride))[:, :, : size[0] // stride, : size[1] // stride]


def let_tables_vary(net: nn.Module) -> None:
    """Exchange the interpolation of tables of places for one that exported graphs can do too, in place."""
    for part in net.modules():
        if type(part).__name__ == "VisionTransformer":
            part._pos_embed = MethodType(_placed, part)  # type: ignore[assignment]


def _let_sizes_vary(net: nn.Module, name: str) -> None:
    """Exchange the places of tokens for such as are computed from the image's size in exported graphs too, in place.

    timm's own ones become constants when a graph is exported: the network would run at every size, and be wrong.

    Raises:
        SettingsError: when the network tells its tokens their places in yet another way.
    """
    transformer: Any = next((part for part in net.modules() if hasattr(part, "_pos_embed")), None)
    rope: Any = getattr(transformer, "rope", None)
    if transformer is not None and rope is None and type(transformer).__name__ == "VisionTransformer":
        let_tables_vary(transformer)
    elif type(rope).__name__ == "RotaryEmbeddingDinoV3" and transformer.pos_embed is None:
        rope._create_embed = MethodType(_rotations, rope)
    else:
        raise SettingsError(
            f"'timm:{name}' tells its tokens their places in a way that this low stream does not know; give a ViT "
            "with a table of places or one of DINOv3, such as timm:vit_small_patch16_dinov3"
        )


def _placed(transformer: Any, x: Tensor) -> Tensor:  # noqa: ANN401 (timm's VisionTransformer)
    """Patches (N, h, w, F) -> all tokens (N, T, F), the table of places being interpolated to h x w."""
    batch, height, width, channels = x.shape
    first = [
        token.expand(batch, -1, -1) for token in (transformer.cls_token, transformer.reg_token) if token is not None
    ]
    table = transformer.pos_embed
    if table is not None:
        apart = 0 if transformer.no_embed_class else transformer.num_prefix_tokens
        rows, cols = transformer.patch_embed.grid_size
        grid = table[:, apart:].reshape(1, rows, cols, channels).permute(0, 3, 1, 2)
        grid = F.interpolate(grid, size=(height, width), mode="bicubic", align_corners=False)
        x = x + grid.permute(0, 2, 3, 1)
        if first and apart:
            first = [torch.cat(first, 1) + table[:, :apart]]
    tokens = torch.cat([*first, x.reshape(batch, height * width, channels)], 1)
    placed: Tensor = transformer.pos_drop(tokens)
    return placed


def _rotations(rope: Any, feat_shape: tuple[int, int], no_aug: bool = False) -> Tensor:  # noqa: ANN401
    """Sine and cosine (h w, 2 D) by which DINOv3 turns the tokens of an h x w grid, as timm's RotaryEmbeddingDinoV3."""
    height, width = feat_shape
    down, across = (
        (torch.arange(length, device=rope.periods.device) + 0.5) / length * 2 - 1 for length in (height, width)
    )
    places = torch.stack((down[:, None].expand(height, width), across[None].expand(height, width)), -1)
    sine, cosine = rope._get_pos_embed_from_coords(places.reshape(-1, 2))
    return torch.cat((sine, cosine), -1)
