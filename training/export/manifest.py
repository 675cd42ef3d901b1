"""What the model.json of a dual-stream network says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from training.data.arrays import fill_values
from training.export.graphs import coarse_channels
from training.networks import DOWN_RATIO, FUSED_CHANNELS, Network, Settings
from training.weights import Trained


@dataclass(frozen=True)
class Told:
    """What a bundle says of its model beside the network.

    Attributes:
        name: of the model.
        ratio: K by default.
        bands: names of the input bands.
        resolution_m: pixel size in metres; None = unknown.
        training_data: a sentence about what it was trained on.
        licence: of the weights.
        metrics: numbers that evaluate.py wrote.
    """

    name: str
    ratio: float
    bands: Sequence[str]
    resolution_m: float | None
    training_data: str
    licence: str
    metrics: Mapping[str, Any]

    def optional(self) -> dict[str, Any]:
        """The keys of model.json that no bundle must have."""
        return {
            "uhrs:training_data": self.training_data,
            "uhrs:metrics": dict(self.metrics),
            "uhrs:licence": self.licence,
        }


def manifest(trained: Trained, told: Told) -> dict[str, Any]:
    """The content of model.json for a dual-stream network."""
    s = trained.network.settings
    shape = {"shape": [-1, s.bands, -1, -1], "dim_order": ["batch", "bands", "height", "width"]}
    classes = [
        {"value": value, "name": name, "color_hint": colour}
        for value, (name, colour) in enumerate(zip(trained.class_names, trained.class_colours, strict=True))
    ]
    return {
        "uhrs:format_version": 1,
        "mlm:name": told.name,
        "mlm:architecture": architecture(s),
        "mlm:tasks": ["semantic-segmentation"],
        "mlm:framework": "ONNX",
        "mlm:total_parameters": parameters(trained.network),
        "mlm:input": [
            {
                "name": "image",
                "bands": list(told.bands),
                "data_type": s.data_type,
                "input": {**shape, "data_type": s.data_type},
                "value_scaling": None,
                "raster:spatial_resolution": told.resolution_m,
            }
        ],
        "mlm:output": [
            {
                "name": "classes",
                "tasks": ["semantic-segmentation"],
                "result": {
                    "shape": [-1, -1, -1],
                    "dim_order": ["batch", "height", "width"],
                    "data_type": "uint8",
                },
                "classification:classes": classes,
            }
        ],
        "uhrs:down_ratio": DOWN_RATIO,
        "uhrs:downsampling": s.downsampling,
        "uhrs:patch_side": s.patch_side,
        "uhrs:coarse_channels": coarse_channels(s),
        "uhrs:feature_channels": FUSED_CHANNELS,
        "uhrs:uncertainty_stride": s.uncertainty_stride,
        "uhrs:default_ratio": told.ratio,
        "uhrs:fill": fill_values(s.mean, s.data_type),
        "uhrs:network": {key: value for key, value in asdict(s).items() if key != "classes"},
        **told.optional(),
    }


def architecture(settings: Settings) -> str:
    """What the network is made of, in words."""
    resnet = "ResNet-18-V1c" if settings.low_stem == "deep" else "ResNet-18"
    low = resnet if settings.low_encoder == "resnet" else settings.low_encoder
    high = "STDC1" if settings.high_encoder == "stdc" else "EfficientNet-Lite0"
    return f"dual-stream ({low}, DAPPM; {high})"


def parameters(network: Network) -> int:
    """Parameters that inference uses: all but the auxiliary heads'."""
    return sum(p.numel() for name, p in network.named_parameters() if "auxiliary_head" not in name)
