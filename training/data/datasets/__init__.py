"""The datasets, in their layouts as downloaded."""

from training.data.datasets.generated import generated_scenes
from training.data.datasets.registry import DATASETS, find_dataset

__all__ = ["DATASETS", "find_dataset", "generated_scenes"]
