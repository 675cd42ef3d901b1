"""What a training step learns: the task, objectives, losses and optimisation; and what is shown of it."""

from training.learning.task import SegmentationTask
from training.learning.watching import SamplePictures

__all__ = ["SamplePictures", "SegmentationTask"]
