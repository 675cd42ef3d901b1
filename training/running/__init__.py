"""What keeps a training run safe, repeatable and spread over several processes."""

from training.running.checkpoints import CheckpointWriter, check_resume
from training.running.distributed import (
    STRATEGY,
    SharedNormalisation,
    normalised_together,
    process_mean,
    several_asked,
    torchrun_settings,
)
from training.running.guards import NumberGuard
from training.running.repeatable import StepSeeds
from training.running.run_folder import claim_folder, find_checkpoint
from training.running.speed import Speed

__all__ = [
    "STRATEGY",
    "CheckpointWriter",
    "NumberGuard",
    "SharedNormalisation",
    "Speed",
    "StepSeeds",
    "check_resume",
    "claim_folder",
    "find_checkpoint",
    "normalised_together",
    "process_mean",
    "several_asked",
    "torchrun_settings",
]
