"""What keeps a training run safe, repeatable and spread over several processes.

Measuring and exporting need a part of it. What hangs on Lightning is loaded by its name, for Lightning takes seconds.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from training.running.devices import DEVICES, choose_device
from training.running.distributed import (
    STRATEGY,
    joined_processes,
    process_mean,
    processes,
    several_asked,
    together,
    torchrun_settings,
)
from training.running.quiet import quiet
from training.running.run_folder import claim_folder, find_checkpoint
from training.running.work import duration, whole_work

if TYPE_CHECKING:
    from training.running.arguments import Arguments
    from training.running.budget import ProcessorBudget, planned_steps
    from training.running.checkpoints import CheckpointWriter, check_resume
    from training.running.convolutions import SearchedConvolutions
    from training.running.guards import NumberGuard
    from training.running.normalisation import SharedNormalisation, normalised_together
    from training.running.record import EpochLine, RunRecord
    from training.running.repeatable import StepSeeds
    from training.running.speed import Speed

__all__ = [
    "DEVICES",
    "STRATEGY",
    "Arguments",
    "CheckpointWriter",
    "EpochLine",
    "NumberGuard",
    "ProcessorBudget",
    "RunRecord",
    "SearchedConvolutions",
    "SharedNormalisation",
    "Speed",
    "StepSeeds",
    "check_resume",
    "choose_device",
    "claim_folder",
    "duration",
    "find_checkpoint",
    "joined_processes",
    "normalised_together",
    "planned_steps",
    "process_mean",
    "processes",
    "quiet",
    "several_asked",
    "together",
    "torchrun_settings",
    "whole_work",
]

_BY_LIGHTNING = {
    "Arguments": "arguments",
    "CheckpointWriter": "checkpoints",
    "EpochLine": "record",
    "NumberGuard": "guards",
    "ProcessorBudget": "budget",
    "RunRecord": "record",
    "SearchedConvolutions": "convolutions",
    "SharedNormalisation": "normalisation",
    "Speed": "speed",
    "StepSeeds": "repeatable",
    "check_resume": "checkpoints",
    "normalised_together": "normalisation",
    "planned_steps": "budget",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401
    """Load what hangs on Lightning when it is asked for."""
    if name in _BY_LIGHTNING:
        return getattr(importlib.import_module(f"training.running.{_BY_LIGHTNING[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
