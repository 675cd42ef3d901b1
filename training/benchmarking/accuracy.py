"""mIoU of trained networks at the scales and K whose speed is measured."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from training.benchmarking.jobs import Subject
from training.data.datasets import DATASETS
from training.errors import DatasetError
from training.evaluation import (
    NetworkSegmenter,
    Segmenter,
    TestTimeSegmenter,
    count_pixels,
    rule_classes,
    score,
    setting,
)
from training.weights import load_start


def measure_miou(
    subjects: Sequence[Subject], options: argparse.Namespace, rule: str
) -> dict[tuple[str, float, float | None], float | None]:
    """IoU by a rule in per cent, by network, scale and K (None for networks without K).

    Args:
        options: data, root, split, device, scales and ratios as the command line gives them.

    Raises:
        DatasetError: When the data are not what they should be, or not what a network was trained for.
    """
    dataset = DATASETS[options.data]
    names, colours = dataset.classes(options.root)
    rule_classes(rule, names)  # fails before hours of computing
    scenes = dataset.load(options.root, options.split)
    found: dict[tuple[str, float, float | None], float | None] = {}
    for subject in subjects:
        trained = load_start(str(subject.weights))
        if trained.class_names != list(names):
            raise DatasetError(
                f"The classes of '{subject.weights}' are {trained.class_names}, those of '{options.data}' are "
                f"{list(names)}; measure it on the dataset it was trained for, or leave --data out"
            )
        plain = NetworkSegmenter(trained, device=options.device)
        for scale in options.scales:
            segmenter: Segmenter = plain if scale == 1 else TestTimeSegmenter(plain, [scale])
            counted = count_pixels(
                segmenter, scenes, options.ratios, dict(zip(names, colours, strict=True)), dilation=0
            )
            for ratio in options.ratios if subject.takes_ratio else [None]:
                found[subject.name, scale, ratio] = score(counted[setting(ratio)], rule, names)
    return found
