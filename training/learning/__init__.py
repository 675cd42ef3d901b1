"""What a training step learns: the task, objectives, losses and optimisation."""

from training.learning.task import SegmentationTask

__all__ = ["SegmentationTask"]
