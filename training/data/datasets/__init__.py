"""The datasets, in their layouts as downloaded."""

from training.data.datasets.alike import check_alike, check_labelled, label_counts, statistics
from training.data.datasets.generated import generated_scenes
from training.data.datasets.registry import DATASETS, Dataset, find_dataset
from training.data.datasets.scene_source import SceneSource
from training.data.datasets.servers import SERVER, Server, find_server

__all__ = [
    "DATASETS",
    "SERVER",
    "Dataset",
    "SceneSource",
    "Server",
    "check_alike",
    "check_labelled",
    "find_dataset",
    "find_server",
    "generated_scenes",
    "label_counts",
    "statistics",
]
