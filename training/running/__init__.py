"""What keeps a training run safe, repeatable and spread over several processes."""

from training.running.arguments import Arguments
from training.running.budget import ProcessorBudget
from training.running.checkpoints import CheckpointWriter, check_resume
from training.running.convolutions import SearchedConvolutions
from training.running.devices import DEVICES, choose_device
from training.running.distributed import (
    STRATEGY,
    SharedNormalisation,
    joined_processes,
    normalised_together,
    process_mean,
    processes,
    several_asked,
    together,
    torchrun_settings,
)
from training.running.guards import NumberGuard
from training.running.quiet import quiet
from training.running.record import EpochLine, RunRecord, duration, whole_work
from training.running.repeatable import StepSeeds
from training.running.run_folder import claim_folder, find_checkpoint
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
    "process_mean",
    "processes",
    "quiet",
    "several_asked",
    "together",
    "torchrun_settings",
    "whole_work",
]
