"""The statistics of a model's training imagery, by which the engine tells whether a raster fits."""

from training.imagery.changes import band_orders, change_window, hazy, resampled_pixels
from training.imagery.scenes import imagery_scenes
from training.imagery.statistics import TooFewWindowsError, describe_scenes, scene_scores
from training.imagery.study import Study, auroc, study_fit, study_table

__all__ = [
    "Study",
    "TooFewWindowsError",
    "auroc",
    "band_orders",
    "change_window",
    "describe_scenes",
    "hazy",
    "imagery_scenes",
    "resampled_pixels",
    "scene_scores",
    "study_fit",
    "study_table",
]
