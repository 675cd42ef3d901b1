"""Measuring on labelled scenes: how a scene is segmented, what is counted, and the scores, pictures and plots of it."""

from training.evaluation.augmented_views import TestTimeSegmenter
from training.evaluation.boundary import DILATION
from training.evaluation.calibration import (
    UNCHANGED,
    Sample,
    Temperatures,
    calibration_error,
    fit_temperatures,
    sample_pixels,
)
from training.evaluation.counting import count_pixels, judged_scenes, setting, summed
from training.evaluation.metrics import class_iou, confusion, mean_iou, mean_over
from training.evaluation.parts import SegmentedScene, sees_whole
from training.evaluation.pictures import confusion_figure, save_panels, scene_figure
from training.evaluation.predictions import (
    save_confusion_table,
    save_for_server,
    save_overlay,
    save_prediction,
    save_scene_table,
)
from training.evaluation.rules import MEAN, default_rule, rule_classes
from training.evaluation.scores import Counts, percent, score, score_summary, score_table
from training.evaluation.segmenters import BundleSegmenter, NetworkSegmenter, Segmented, Segmenter
from training.evaluation.uncertainty import study_uncertainty
from training.evaluation.uncertainty_report import save_uncertainty_plots, uncertainty_summary, uncertainty_table

__all__ = [
    "DILATION",
    "MEAN",
    "UNCHANGED",
    "BundleSegmenter",
    "Counts",
    "NetworkSegmenter",
    "Sample",
    "Segmented",
    "SegmentedScene",
    "Segmenter",
    "Temperatures",
    "TestTimeSegmenter",
    "calibration_error",
    "class_iou",
    "confusion",
    "confusion_figure",
    "count_pixels",
    "default_rule",
    "fit_temperatures",
    "judged_scenes",
    "mean_iou",
    "mean_over",
    "percent",
    "rule_classes",
    "sample_pixels",
    "save_confusion_table",
    "save_for_server",
    "save_overlay",
    "save_panels",
    "save_prediction",
    "save_scene_table",
    "save_uncertainty_plots",
    "scene_figure",
    "score",
    "score_summary",
    "score_table",
    "sees_whole",
    "setting",
    "study_uncertainty",
    "summed",
    "uncertainty_summary",
    "uncertainty_table",
]
