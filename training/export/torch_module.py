"""A torch module that this project knows nothing of: built by its owner's code, given weights, made a graph."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import torch
from torch import Tensor, nn

from training.errors import CheckpointError, SettingsError
from training.export.free_pooling import free_pooling
from training.export.graphs import to_onnx
from training.export.parity import TOLERANCE
from training.weights import read_weights

INPUT, OUTPUT = "image", "scores"
_KEYS = ("out", "logits")  # under which modules return their scores among other things
_EXAMPLE = (192, 320)  # pixels
_COMPARED = ((128, 128), (288, 160))  # none of them the example's size
_PREFIXES = ("", "model.", "network.", "net.")  # of those who train it as a part of something
_COUNTER = "num_batches_tracked"  # of normalisation; nothing is computed with it
_NAMED = 2  # names in an error, of all that do not fit
_MOST_TEXT = 200  # characters of what the code of others says


class Scores(nn.Module):
    """A module that returns its scores alone.

    Args:
        module: images (N, B, H, W) -> scores (N, C, h, w): a tensor, the first of several, or their "out" or "logits".
    """

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.module = module

    def forward(self, image: Tensor) -> Tensor:
        """(N, B, H, W) -> (N, C, h, w)."""
        found: Any = self.module(image)
        for key in _KEYS:
            if isinstance(found, Mapping) and key in found:
                return found[key]
            if not isinstance(found, Tensor) and hasattr(found, key):
                return getattr(found, key)
        return found if isinstance(found, Tensor) else found[0]


@dataclass(frozen=True)
class Numbers:
    """What numbers a module takes: normalised ones where `spread` is 1 and `middle` 0."""

    middle: float = 0.0
    spread: float = 1.0


@dataclass(frozen=True)
class ModuleGraph:
    """An exported module.

    Attributes:
        content: the ONNX file: `INPUT` (N, B, H, W) float32 -> `OUTPUT` (N, C, h, w).
        difference: largest difference to torch, in units of the scores' spread where that is above 1.
    """

    content: bytes
    difference: float


def build_module(place: str, weights: str | Path) -> nn.Module:
    """Build a module by the user's own code, and give it weights.

    Args:
        place: "package.file:factory", found from the working folder; called without arguments.
        weights: a .safetensors file or one that torch.save wrote, with the state dict.

    Returns:
        The module, in evaluation mode.

    Raises:
        SettingsError: when there is no such factory, or it makes no module.
        CheckpointError: when the weights are another network's.
    """
    name, _, factory = place.partition(":")
    if not name or not factory:
        raise SettingsError(f"--module is '{place}'; give package.file:factory, such as networks.unet:build")
    if "" not in sys.path and str(Path.cwd()) not in sys.path:
        sys.path.append(str(Path.cwd()))
    try:
        module = getattr(importlib.import_module(name), factory)()
    except Exception as error:  # the user's code raises what it likes
        raise SettingsError(
            f"--module {place} gives no network ({_said(error)}); check the name, and run where the package lies"
        ) from error
    if not isinstance(module, nn.Module):
        raise SettingsError(f"--module {place} gives a {type(module).__name__}; it must return a torch.nn.Module")
    _load(module, weights, place)
    return module.eval()


def _load(module: nn.Module, path: str | Path, place: str) -> None:
    """Give a module all of its weights.

    Raises:
        CheckpointError: when one is missing, left over or of another shape.
    """
    given, wanted = read_weights(path), module.state_dict()
    needed = {key for key in wanted if not key.endswith(_COUNTER)}
    found = max(
        ({key.removeprefix(p): value for key, value in given.items() if key.startswith(p)} for p in _PREFIXES),
        key=lambda state: len(needed & state.keys()),
    )
    shapes = [
        f"{key} {tuple(found[key].shape)} instead of {tuple(wanted[key].shape)}"
        for key in sorted(needed & found.keys())
        if found[key].shape != wanted[key].shape
    ]
    wrong = {
        "missing": sorted(needed - found.keys()),
        "unknown": sorted(found.keys() - wanted.keys()),
        "of another shape": shapes,
    }
    if any(wrong.values()):
        told = "; ".join(f"{len(names)} {what} ({_first(names)})" for what, names in wrong.items() if names)
        raise CheckpointError(
            f"'{path}' holds the weights of another network than --module {place} builds: {told}. Give the state dict "
            "of what it builds, or the settings of that network in the factory"
        )
    module.load_state_dict(found, strict=False)


def _first(names: Sequence[str]) -> str:
    """The first of some names."""
    return ", ".join((*names[:_NAMED], "...") if len(names) > _NAMED else names)


@torch.no_grad()
def export_module(module: nn.Module, bands: int, window: int | None, numbers: Numbers) -> ModuleGraph:
    """Export a module for images of any size, or where that gives other numbers, of one side.

    Args:
        module: in evaluation mode; float32 images (N, B, H, W) -> scores (N, C, h, w).
        bands: B.
        window: that side; None = only a graph for any size will do.
        numbers: What it takes.

    Raises:
        CheckpointError: when the module fails, or the graph gives other scores than torch.
    """
    graph = Scores(module).eval()
    try:
        return _export(graph, bands, None, numbers)
    except CheckpointError as error:
        if window is None:
            raise CheckpointError(
                f"{error}. Check --bands; a module that takes one size alone needs it: --window N, the side it was "
                "trained at"
            ) from error
    try:
        return _export(graph, bands, window, numbers)
    except CheckpointError as error:
        raise CheckpointError(f"{error}. Check --bands and --window, or export another network") from error


def _export(graph: Scores, bands: int, side: int | None, numbers: Numbers) -> ModuleGraph:
    """The graph for images of any size, or of one side, compared with torch.

    Raises:
        CheckpointError: with the beginning of a line: the module fails, or the graph gives other scores than torch.
    """
    size, compared, axes = _EXAMPLE, _COMPARED, ({0: "n", 2: "h", 3: "w"}, {0: "n", 2: "rows", 3: "cols"})
    if side is not None:
        size, compared, axes = (side, side), ((side, side),) * 2, ({0: "n"}, {0: "n"})
    example = _images(numbers, (1, bands, *size), seed=0)
    try:
        scores = graph(example)
    except Exception as error:  # the user's code raises what it likes
        raise CheckpointError(f"The module fails on an image of {_by(example)} ({_said(error)})") from error
    if not isinstance(scores, Tensor) or scores.ndim != len(example.shape):
        given = _by(scores) if isinstance(scores, Tensor) else type(scores).__name__
        raise CheckpointError(f"The module gives {given}, not scores (images, classes, rows, columns)")
    try:
        with free_pooling():
            content = to_onnx(graph, (example,), {INPUT: axes[0]}, {OUTPUT: axes[1]}, folded=False)
        session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
        differences = [
            _difference(graph, session, _images(numbers, (2, bands, *shape), seed))
            for seed, shape in enumerate(compared, start=1)
        ]
    except Exception as error:  # the exporter and the runtime raise a dozen unrelated types
        kind = "any size" if side is None else f"{side} x {side} pixels"
        raise CheckpointError(f"The module cannot be exported for images of {kind} ({_said(error)})") from error
    if not max(differences) <= TOLERANCE:
        kind = "other sizes than the exported one" if side is None else f"{side} x {side} pixels"
        raise CheckpointError(
            f"The exported module is not that of torch on images of {kind}: scores differ by {max(differences):.2g}, "
            f"allowed is {TOLERANCE:g}"
        )
    return ModuleGraph(content, max(differences))


def _difference(graph: Scores, session: onnxruntime.InferenceSession, images: Tensor) -> float:
    """Largest difference of the scores, in units of their spread where that is above 1."""
    wanted, (given,) = graph(images).numpy(), session.run([OUTPUT], {INPUT: images.numpy()})
    if given.shape != wanted.shape:
        return float("inf")
    return float(np.abs(given - wanted).max()) / max(1.0, float(wanted.std()))


def _images(numbers: Numbers, shape: tuple[int, ...], seed: int) -> Tensor:
    """Random images, (N, B, H, W)."""
    return numbers.middle + numbers.spread * torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def _by(tensor: Tensor) -> str:
    """A shape in words."""
    return " x ".join(map(str, tensor.shape))


def _said(error: Exception) -> str:
    """What the code of others says went wrong, in one line."""
    return " ".join(f"{type(error).__name__}: {error}".split())[:_MOST_TEXT]
