"""Which device a command computes on."""

from __future__ import annotations

import torch

from training.errors import SettingsError

DEVICES = ("auto", "cpu", "cuda", "mps")


def choose_device(asked: str) -> str:
    """Choose: "auto" is "cuda" where there is a card, else "cpu"; any other name stays.

    Args:
        asked: one of `DEVICES`.

    Raises:
        SettingsError: the device is not there.
    """
    there = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if asked == "auto":
        return "cuda" if there["cuda"] else "cpu"
    if not there.get(asked, False):
        reason = " (or torch was installed without CUDA)" if asked == "cuda" else ""
        raise SettingsError(f"There is no {asked.upper()} device here{reason}; use --device cpu")
    return asked
