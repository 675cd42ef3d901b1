"""The same network in torch, eager, on a whole image: what the engine is measured against besides itself."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
import yaml

from benchmarks.machine import peak_memory_mib
from benchmarks.seams.seams import read_image
from training.networks import DualStream, Settings, channels_last
from uhrs_qgis_plugin.engine.bundle import Bundle, read_bundle

CONFIGS = Path(__file__).resolve().parents[2] / "training/configs"


def torch_eager(raster: str, model_path: str, side: int, ratios: Sequence[float], repeats: int) -> dict[str, Any]:
    """Time a network of the bundle's settings with random weights on a crop, from pixels to labels.

    Args:
        raster: Path; its upper left corner is the image.
        model_path: The bundle.
        side: Rows and columns of the crop.
        ratios: K to try.
        repeats: How often, after one run to warm up.

    Returns:
        "pixels", "seconds" -> K as text -> list, "parameters", "bundle_parameters", "peak_memory_mib", "torch".
    """
    torch.set_num_threads(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)
    model = read_bundle(model_path)
    torch.manual_seed(0)
    network = channels_last(matching_network(model)).eval()
    image = torch.from_numpy(read_image(raster, len(model.bands))[None, :, :side, :side].copy())
    seconds: dict[str, list[float]] = {f"{ratio:g}": [] for ratio in ratios}
    with torch.inference_mode():
        for turn in range(repeats + 1):
            for ratio in ratios:
                start = time.perf_counter()
                network.full_logits(network(image.float(), ratio)).argmax(1).to(torch.uint8)
                if turn:
                    seconds[f"{ratio:g}"].append(time.perf_counter() - start)
    return {
        "pixels": image.shape[-1] * image.shape[-2],
        "seconds": seconds,
        "parameters": parameters(network),
        "bundle_parameters": model.total_parameters,
        "peak_memory_mib": peak_memory_mib(),
        "torch": torch.__version__,
    }


def matching_network(model: Bundle) -> DualStream:
    """Make the network whose number of parameters is nearest to the bundle's.

    A bundle does not tell the widths of its streams, but every network was trained with a file in training/configs.
    """
    common = {
        "classes": len(model.classes),
        "bands": len(model.bands),
        "mean": [127.5] * len(model.bands),
        "std": [60.0] * len(model.bands),
        "downsampling": model.downsampling,
        "uncertainty_stride": model.uncertainty_stride,
        "patch_side": model.patch_side,
        "unselected": "low" if model.coarse_channels > model.feature_channels else "head",
    }
    choices: list[dict[str, Any]] = [{}]
    for path in sorted(CONFIGS.glob("*.yaml")):
        wanted = yaml.safe_load(path.read_text(encoding="utf-8")).get("model", {}).get("network") or {}
        choices.append({key: value for key, value in wanted.items() if key not in common})
    networks = [DualStream(Settings(**common, **choice)) for choice in choices]
    return min(networks, key=lambda network: abs(parameters(network) - model.total_parameters))


def parameters(network: DualStream) -> int:
    """Parameters used in inference."""
    return sum(p.numel() for name, p in network.named_parameters() if not name.startswith("auxiliary_head"))
