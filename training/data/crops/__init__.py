"""Crops of scenes, their order and their augmentation."""

from training.data.crops.augment import NumberRange, Photometric, colour_places
from training.data.crops.degrade import Degrade
from training.data.crops.freed_memory import keep_freed_memory
from training.data.crops.published_crops import PublishedCrops
from training.data.crops.random_crops import RandomCrops
from training.data.crops.sampling import CropLoader, CropOrder, SceneOrder
from training.data.crops.whole_scenes import SceneLoader, WholeScenes, scene_loading, scenes_ahead

__all__ = [
    "CropLoader",
    "CropOrder",
    "Degrade",
    "NumberRange",
    "Photometric",
    "PublishedCrops",
    "RandomCrops",
    "SceneLoader",
    "SceneOrder",
    "WholeScenes",
    "colour_places",
    "keep_freed_memory",
    "scene_loading",
    "scenes_ahead",
]
