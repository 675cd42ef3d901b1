"""The arithmetic of the published ISDNet, written down once more: functions of weights under their published names.

Derived from github.com/cedricgsh/ISDNet, `isdhead.py`, `stdc_head.py`, `aspp_refine_head.py`,
`encoder_decoder_refine.py` and the configuration `isdnet_r18-d8_1224x1224_80k_DeepGlobe.py`, and from the units of mmcv
and mmseg that these use. It shares no code with training/networks.
"""

import re

import torch
import torch.nn.functional as F

_BLOCKS = {  # layer: stride and dilation of the first block, dilation of the second
    1: (1, 1, 1),
    2: (2, 1, 1),
    3: (1, 1, 2),
    4: (1, 2, 4),
}


class Published:
    """Weights by published name; remembers which were used."""

    def __init__(self, weights):
        self.weights, self.used = weights, set()

    def __getitem__(self, name):
        self.used.add(name)
        return self.weights[name]

    def has(self, name):
        return name in self.weights

    def conv(self, name, x, stride=1, dilation=1, groups=1):
        weight = self[f"{name}.weight"]
        bias = self[f"{name}.bias"] if self.has(f"{name}.bias") else None
        return F.conv2d(x, weight, bias, stride, (weight.shape[-1] - 1) // 2 * dilation, dilation, groups)

    def norm(self, name, x):
        mean, variance = self[f"{name}.running_mean"], self[f"{name}.running_var"]
        scale = self[f"{name}.weight"] / torch.sqrt(variance + 1e-5)
        return (x - mean.view(1, -1, 1, 1)) * scale.view(1, -1, 1, 1) + self[f"{name}.bias"].view(1, -1, 1, 1)

    def unit(self, name, x, act=True, **how):
        """mmcv's ConvModule, and ConvX of STDC."""
        y = self.norm(f"{name}.bn", self.conv(f"{name}.conv", x, **how))
        return F.relu(y) if act else y


def bilinear(x, size):
    return F.interpolate(x, size, mode="bilinear", align_corners=False)


def resnet(w, x):
    """mmseg's ResNetV1c, depth 18, contracted dilations; the features of its layers 3 and 4."""
    for conv, norm, stride in ((0, 1, 2), (3, 4, 1), (6, 7, 1)):
        x = F.relu(w.norm(f"backbone.stem.{norm}", w.conv(f"backbone.stem.{conv}", x, stride)))
    x = F.max_pool2d(x, 3, 2, 1)
    features = []
    for layer, (stride, first, second) in _BLOCKS.items():
        for block, (step, dilation) in enumerate(((stride, first), (1, second))):
            at = f"backbone.layer{layer}.{block}"
            short = x
            if w.has(f"{at}.downsample.0.weight"):
                short = w.norm(f"{at}.downsample.1", w.conv(f"{at}.downsample.0", x, step))
            y = F.relu(w.norm(f"{at}.bn1", w.conv(f"{at}.conv1", x, step, dilation)))
            x = F.relu(w.norm(f"{at}.bn2", w.conv(f"{at}.conv2", y)) + short)
        features.append(x)
    return features[2], features[3]


def aspp(w, x):
    pooled = w.unit("decode_head.image_pool.1", x.mean((2, 3), keepdim=True))
    parts = [pooled.expand(-1, -1, *x.shape[-2:])]
    parts += [w.unit(f"decode_head.aspp_modules.{n}", x, dilation=d) for n, d in enumerate((1, 12, 24, 36))]
    return w.unit("decode_head.bottleneck", torch.cat(parts, 1))


def stdc(w, x):
    at = "refine_head.stdc_net.features"
    x = w.unit(f"{at}.1", w.unit(f"{at}.0", x, stride=2), stride=2)
    found = []
    for number, strided in ((2, True), (3, False), (4, True), (5, False)):
        here = f"{at}.{number}"
        first = x = w.unit(f"{here}.conv_list.0", x)
        if strided:
            down = f"{here}.avd_layer"
            x = w.norm(f"{down}.1", w.conv(f"{down}.0", x, 2, groups=x.shape[1]))
            first = F.avg_pool2d(first, 3, 2, 1)
        parts = [first]
        for step in (1, 2, 3):
            x = w.unit(f"{here}.conv_list.{step}", x)
            parts.append(x)
        x = torch.cat(parts, 1)
        found.append(x)
    return found[1], found[3]


def pyramid(image):
    """Both residuals of the Laplacian pyramid, the second one at full size."""
    row = torch.tensor([1.0, 4, 6, 4, 1], dtype=image.dtype)
    kernel = (torch.outer(row, row) / 256).repeat(image.shape[1], 1, 1, 1)

    def smooth(x, factor=1):
        return F.conv2d(F.pad(x, (2, 2, 2, 2), mode="reflect"), factor * kernel, groups=x.shape[1])

    found, now = [], image
    for _ in range(2):
        small = smooth(now)[:, :, ::2, ::2]
        spread = torch.zeros_like(now)
        spread[:, :, ::2, ::2] = small
        found.append(now - smooth(spread, 4))
        now = small
    return found[0], bilinear(found[1], image.shape[-2:])


def fusion(w, at, fine, coarse):
    """RelationAwareFusion: the weighted context features and the fused ones."""
    found = {}
    for name, x in (("spatial", fine), ("context", coarse)):
        feature = w.unit(f"{at}.{name}_att.conv_bn_relu", x)
        found[name] = feature, w.unit(f"{at}.{name}_att.conv_1x1", feature.mean((2, 3), keepdim=True), act=False)
    products = []
    for n in range(len(fine)):  # 16 groups of both, each with each
        one, other = (found[name][1][n].flatten().view(16, -1) for name in ("spatial", "context"))
        products.append((one @ other.T).flatten())
    weighted = {}
    for name, gain in (("spatial", "g1"), ("context", "g2")):
        feature, attention = found[name]
        hidden = F.relu(torch.stack(products) @ w[f"{at}.{name}_mlp.0.weight"].T + w[f"{at}.{name}_mlp.0.bias"])
        told = F.relu(hidden @ w[f"{at}.{name}_mlp.2.weight"].T + w[f"{at}.{name}_mlp.2.bias"])
        weighted[name] = feature * torch.sigmoid(attention + w[f"{at}.{gain}"] * told[:, :, None, None])
    context = w.unit(f"{at}.context_head", bilinear(weighted["context"], weighted["spatial"].shape[-2:]))
    return context, w.unit(f"{at}.smooth", weighted["spatial"] + context, act=False)


def head(w, at, x):
    return w.conv(f"{at}.conv_out", w.unit(f"{at}.conv_bn_relu", x))


def super_resolution(w, deep):
    x, at = deep, "refine_head.sr_decoder"
    for number, factor in ((1, 4), (2, 2), (3, 2)):
        x = w.unit(f"{at}.conv{number}", F.interpolate(x, scale_factor=factor))
    return x, head(w, f"{at}.conv_sr", x)


def affinity(deep, fine):
    """feature_affinity_loss."""

    def likeness(x):
        flat = x.flatten(2)
        flat = flat / (flat.norm(dim=2, keepdim=True) + 1e-6)
        return flat.transpose(1, 2) @ flat

    return (likeness(deep) - likeness(bilinear(fine, deep.shape[-2:]))).abs().mean()


def forward(w, image):
    """Everything that training looks at, of a normalised image whose sides are multiples of 32."""
    stage3, stage4 = resnet(w, F.interpolate(image, [n // 4 for n in image.shape[-2:]]))
    deep = aspp(w, stage4)
    residuals = pyramid(image)
    f8, f16 = stdc(w, torch.cat(residuals, 1))
    context16, fused16 = fusion(w, "refine_head.fuse16", f16, deep)
    context8, fused8 = fusion(w, "refine_head.fuse8", f8, fused16)
    features, detail = super_resolution(w, deep)
    return {
        "final": head(w, "refine_head.conv_seg", fused8),
        "deep": w.conv("decode_head.conv_seg", deep),
        "auxiliary": w.conv("auxiliary_head.conv_seg", w.unit("auxiliary_head.convs.0", stage3)),
        # The published names of these two are the other way round: conv_seg_aux_16 sees the features at 1/8.
        "context8": head(w, "refine_head.conv_seg_aux_16", context8),
        "context16": head(w, "refine_head.conv_seg_aux_8", context16),
        "reconstruction": 0.1 * F.mse_loss(bilinear(detail, image.shape[-2:]), residuals[0] + residuals[1]),
        "affinity": affinity(deep, features),
    }


_NAMES = (  # ours, theirs; the first that fits counts
    (r"low_encoder\.stem\.(\d)\.(\d)", lambda m: f"backbone.stem.{3 * int(m[1]) + int(m[2])}"),
    (r"low_encoder\.stage(\d)\.(\d)\.shortcut", r"backbone.layer\1.\2.downsample"),
    (r"low_encoder\.stage(\d)", r"backbone.layer\1"),
    (r"aspp\.image_pool\.1", "decode_head.image_pool.1.conv"),
    (r"aspp\.image_pool\.2", "decode_head.image_pool.1.bn"),
    (r"aspp\.branches\.(\d)", r"decode_head.aspp_modules.\1"),
    (r"aspp\.project", "decode_head.bottleneck"),
    (r"deep_head\.1", "decode_head.conv_seg"),
    (r"auxiliary_head\.0", "auxiliary_head.convs.0"),
    (r"auxiliary_head\.2", "auxiliary_head.conv_seg"),
    (r"high_encoder\.stem\.(\d)", r"refine_head.stdc_net.features.\1"),
    (r"high_encoder\.stage(\d)\.(\d)", lambda m: f"refine_head.stdc_net.features.{2 * int(m[1]) - 4 + int(m[2])}"),
    (r"(fuse\d+)\.fine_weights\.features", r"refine_head.\1.spatial_att.conv_bn_relu"),
    (r"(fuse\d+)\.coarse_weights\.features", r"refine_head.\1.context_att.conv_bn_relu"),
    (r"(fuse\d+)\.fine_weights\.mix", r"refine_head.\1.spatial_att.conv_1x1"),
    (r"(fuse\d+)\.coarse_weights\.mix", r"refine_head.\1.context_att.conv_1x1"),
    (r"(fuse\d+)\.fine_relation", r"refine_head.\1.spatial_mlp"),
    (r"(fuse\d+)\.coarse_relation", r"refine_head.\1.context_mlp"),
    (r"(fuse\d+)\.fine_gain", r"refine_head.\1.g1"),
    (r"(fuse\d+)\.coarse_gain", r"refine_head.\1.g2"),
    (r"(fuse\d+)\.coarse_conv", r"refine_head.\1.context_head"),
    (r"(fuse\d+)\.smooth", r"refine_head.\1.smooth"),
    (r"super_resolution\.features\.(\d)", lambda m: f"refine_head.sr_decoder.conv{(int(m[1]) + 1) // 2}"),
    (r"super_resolution\.detail", "refine_head.sr_decoder.conv_sr"),
    (r"context_head16", "refine_head.conv_seg_aux_8"),
    (r"context_head8", "refine_head.conv_seg_aux_16"),
    (r"segmentation_head", "refine_head.conv_seg"),
)
_INSIDE = (  # what the parts are called within a unit
    (r"(conv_seg(?:_aux_\d+)?|conv_sr)\.0\.(\d)", r"\1.conv_bn_relu.\2"),
    (r"(refine_head\.conv_seg(?:_aux_\d+)?|conv_sr)\.2\.", r"\1.conv_out."),
    (r"(stdc_net\.features\.\d)\.conv(\d)", lambda m: f"{m[1]}.conv_list.{int(m[2]) - 1}"),
    (r"(stdc_net\.features\.\d)\.down", r"\1.avd_layer"),
)
# Units in which a number says convolution or normalisation; elsewhere the published names are numbers as well.
_NUMBERED = r"(backbone\.stem|downsample|_mlp|avd_layer)\.\d+\.\w+$"


def published_name(name):
    """Our name of a weight -> the published one."""
    for pattern, theirs in _NAMES:
        found, count = re.subn(f"^{pattern}(?=\\.|$)", theirs, name)
        if count:
            name = found
            break
    for pattern, theirs in _INSIDE:
        name = re.sub(pattern, theirs, name)
    if re.search(_NUMBERED, name) or name.startswith("backbone.layer"):
        return name
    name = re.sub(r"\.0\.(\w+)$", r".conv.\1", name)
    return re.sub(r"\.1\.(\w+)$", r".bn.\1", name)
