"""Crops of scenes, their order and their augmentation."""

from training.data.crops.augment import Photometric
from training.data.crops.published_crops import PublishedCrops
from training.data.crops.random_crops import RandomCrops, WholeScenes
from training.data.crops.sampling import CropLoader, CropOrder, SceneOrder

__all__ = ["CropLoader", "CropOrder", "Photometric", "PublishedCrops", "RandomCrops", "SceneOrder", "WholeScenes"]
