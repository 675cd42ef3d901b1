"""The parts of `training/benchmark.py`.

Names are loaded on first use: the worker measures the memory of its own process and must not load torch or matplotlib
through this door.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from training.benchmarking.accuracy import measure_miou
    from training.benchmarking.frontier import Point, Scores, frontier_page, point_of, scene_matrices, summary
    from training.benchmarking.jobs import BUNDLE_MODES, PRESETS, Job, Subject, check_mode, plan_jobs
    from training.benchmarking.plot import label, save_bubbles, save_frontier
    from training.benchmarking.published import Published, load_published
    from training.benchmarking.runner import describe_machine, measured
    from training.benchmarking.tables import memory_text, report, speed

_FILES = {
    "accuracy": ("measure_miou",),
    "frontier": ("Point", "Scores", "frontier_page", "point_of", "scene_matrices", "summary"),
    "jobs": ("BUNDLE_MODES", "PRESETS", "Job", "Subject", "check_mode", "plan_jobs"),
    "plot": ("label", "save_bubbles", "save_frontier"),
    "published": ("Published", "load_published"),
    "runner": ("describe_machine", "measured"),
    "tables": ("memory_text", "report", "speed"),
}
__all__ = [
    "BUNDLE_MODES",
    "PRESETS",
    "Job",
    "Point",
    "Published",
    "Scores",
    "Subject",
    "check_mode",
    "describe_machine",
    "frontier_page",
    "label",
    "load_published",
    "measure_miou",
    "measured",
    "memory_text",
    "plan_jobs",
    "point_of",
    "report",
    "save_bubbles",
    "save_frontier",
    "scene_matrices",
    "speed",
    "summary",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401
    for file, names in _FILES.items():
        if name in names:
            return getattr(importlib.import_module(f"{__name__}.{file}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
