"""Reading named weights of strangers, and telling where they do not fit."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor

from training.errors import CheckpointError


def read_weights(path: str | Path) -> dict[str, Tensor]:
    """Named tensors of a .safetensors file or of one that torch.save wrote, bare or under "state_dict" or "model".

    Raises:
        CheckpointError: when it cannot be read or holds no named tensors.
    """
    try:
        content: Any = (
            load_file(path)
            if str(path).endswith(".safetensors")
            else torch.load(path, map_location="cpu", weights_only=True)
        )
    except Exception as error:  # the readers raise a dozen unrelated types for damaged files
        reason = (str(error) or type(error).__name__).splitlines()[0]
        if type(error).__name__ == "UnpicklingError":  # torch's own text advises to trust the file
            reason = "it is damaged, or holds Python objects such as a whole module (not read): save its state_dict()"
        raise CheckpointError(f"Cannot read weights from '{path}': {reason}. Give a .safetensors or .pth") from error
    for key in ("state_dict", "model"):
        content = content.get(key, content) if isinstance(content, Mapping) else content
    if not isinstance(content, Mapping) or not any(isinstance(value, Tensor) for value in content.values()):
        raise CheckpointError(f"'{path}' holds no named weights; give the file of a network's state dict")
    return {str(name).removeprefix("module."): value for name, value in content.items() if isinstance(value, Tensor)}


def mismatch(wanted: Mapping[str, Tensor], given: Mapping[str, Tensor]) -> str | None:
    """The first names that are missing, unknown or of another shape, in words; None when all fit."""
    missing, unknown = sorted(wanted.keys() - given.keys()), sorted(given.keys() - wanted.keys())
    shapes = [
        f"{name} {tuple(given[name].shape)} instead of {tuple(wanted[name].shape)}"
        for name in sorted(wanted.keys() & given.keys())
        if wanted[name].shape != given[name].shape
    ]
    if not (missing or unknown or shapes):
        return None
    return f"missing {missing[:3]}, unknown {unknown[:3]}, other shape {shapes[:3]}"
