"""What is measured: sizes of the datasets, ways to run a network, and one measurement as a job for a process."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from training.errors import SettingsError


@dataclass(frozen=True)
class Preset:
    """The images of a dataset as its published speed is measured.

    Attributes:
        height: of an image, pixels.
        width: of an image, pixels.
        classes: outputs of the networks.
        grid: patches per axis of the published network in testing; None where none is published, then patches are ours.
        divisor: entropy divisor of the published network.
    """

    height: int
    width: int
    classes: int
    grid: int | None
    divisor: float


# ISIC images differ in size: the published recipe resizes their longer side to 2000; the square is the largest they
# become. The published code cannot run on images that are not square, such as those of Cityscapes.
PRESETS = {
    "deepglobe": Preset(2448, 2448, 7, 8, 1.946),
    "inria": Preset(5000, 5000, 2, 20, 0.7),
    "urur": Preset(5120, 5120, 8, 20, 2.08),
    "isic": Preset(2000, 2000, 2, 8, 0.7),
    "crag": Preset(1512, 1516, 2, 8, 0.7),
    "cityscapes": Preset(1024, 2048, 19, None, 2.944),
}

# Parts of a mode; several are joined by "+", such as channels_last+bf16.
MODE_PARTS = {
    "eager": "32-bit floats, operation by operation, as published",
    "channels_last": "weights and image with the channels innermost",
    "bf16": "autocast to bfloat16",
    "fp16": "autocast to half precision",
    "compile": "torch.compile",
    "onnxruntime": "the same pass exported to one graph and run by onnxruntime; stands alone",
}

# Ways to run a bundle's own three graphs, and their precision; see `bundle_pass`.
BUNDLE_MODES = {"bundle": "float", "bundle_int8": "int8"}


def check_mode(mode: str) -> str:
    """The mode itself.

    Raises:
        SettingsError: When a part is unknown, or parts exclude each other.
    """
    parts = mode.split("+")
    if not set(parts) <= set(MODE_PARTS) or len(set(parts)) < len(parts):
        raise SettingsError(f"Unknown mode '{mode}'; give {', '.join(MODE_PARTS)}, or several joined by +")
    if {"bf16", "fp16"} <= set(parts) or ("onnxruntime" in parts and len(parts) > 1):
        raise SettingsError(f"Mode '{mode}' contradicts itself: one precision at a time, and onnxruntime stands alone")
    return mode


@dataclass(frozen=True)
class Subject:
    """A network to measure.

    Attributes:
        name: what it is called in the results.
        architecture: name of a registered architecture; its weights are random.
        settings: of that architecture, see `Settings`.
        weights: a checkpoint or a bundle instead of architecture and settings; None for random weights.
        takes_ratio: whether it has a K.
        bands: of its images.
    """

    name: str
    architecture: str
    settings: dict[str, Any]
    weights: str | None
    takes_ratio: bool
    bands: int


@dataclass(frozen=True)
class Job:
    """One measurement, done in a process of its own so that peaks of memory do not mix.

    Attributes:
        subject: the network.
        height: of the images, pixels, after scaling.
        width: of the images, pixels, after scaling.
        scale: what the size was multiplied by; for the record.
        ratio: K.
        mode: see MODE_PARTS and BUNDLE_MODES.
        device: "cpu" or "cuda".
        batch: images at a time.
        warmup: warm-up passes.
        timed: timed passes.
        limit_s: time limit in seconds of the warm-up, and of the timed passes; None sets no limit.
        threads: CPU threads; None = the library's default.
        graph: where the exported graph lies, for onnxruntime.
        image: a .npy file (B, H, W) that a bundle is run on; None is noise. Other passes cost the same on any image.
        kind: "time", "count" (parameters and multiply-adds) or "export" (write `graph`).
    """

    subject: Subject
    height: int
    width: int
    scale: float = 1.0
    ratio: float = 1.0
    mode: str = "eager"
    device: str = "cpu"
    batch: int = 1
    warmup: int = 100
    timed: int = 300
    limit_s: float | None = None
    threads: int | None = None
    graph: str | None = None
    image: str | None = None
    kind: str = "time"

    def to_json(self) -> str:
        """As text for the process that does it."""
        return json.dumps(asdict(self))

    @staticmethod
    def from_json(text: str) -> Job:
        """The job from its text."""
        values = json.loads(text)
        return Job(**{**values, "subject": Subject(**values["subject"])})

    def lasting(self, warmup: int, timed: int, limit_s: float | None, threads: int | None) -> Job:
        """The same pass with these numbers of repetitions."""
        return replace(self, warmup=warmup, timed=timed, limit_s=limit_s, threads=threads)

    def of_kind(self, kind: str, folder: Path | None = None) -> Job:
        """The same pass, counted or exported instead of timed."""
        return replace(self, kind=kind, graph=str(folder / "pass.onnx") if folder else self.graph)


def scaled(height: int, width: int, scale: float) -> tuple[int, int]:
    """A size at a scale, rounded down as the published script does: 0.8 x 2448 is 1958."""
    return int(height * scale), int(width * scale)


def plan_jobs(
    subjects: Sequence[Subject], like: Job, scales: Sequence[float], ratios: Sequence[float], modes: Sequence[str]
) -> list[Job]:
    """Every combination; a network without K is measured once a scale and mode.

    Args:
        like: a job with what all have in common; its size is that at scale 1.
        scales: what the size is multiplied by.
        modes: see MODE_PARTS.
    """
    made = []
    for subject in subjects:
        for scale in scales:
            height, width = scaled(like.height, like.width, scale)
            for mode in modes:
                for ratio in ratios if subject.takes_ratio else [1.0]:
                    made.append(
                        replace(like, subject=subject, height=height, width=width, scale=scale, ratio=ratio, mode=mode)
                    )
    return made
