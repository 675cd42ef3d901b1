"""Crops of scenes, their order and their augmentation."""

from training.data.crops.augment import NumberRange, Photometric, colour_places
from training.data.crops.degrade import Degrade
from training.data.crops.published_crops import PublishedCrops
from training.data.crops.random_crops import RandomCrops, WholeScenes
from training.data.crops.sampling import CropLoader, CropOrder, SceneOrder

__all__ = [
    "CropLoader",
    "CropOrder",
    "Degrade",
    "NumberRange",
    "Photometric",
    "PublishedCrops",
    "RandomCrops",
    "SceneOrder",
    "WholeScenes",
    "colour_places",
]
