"""The scenes that a training reads, for the statistics of its imagery."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from training.data import SceneData
from training.data.arrays import Scene
from training.data.datasets import generated_scenes

_SIDE, _SCENES, _SEED = 1024, 4, 2_000  # of the generated validation scenes; none of these is a training scene


def imagery_scenes(data: Mapping[str, Any]) -> tuple[list[Scene], list[Scene]]:
    """Read the scenes of a training.

    Args:
        data: Settings of `SceneData`, such as a checkpoint has them.

    Returns:
        Training scenes, generated ones included, and validation scenes.

    Raises:
        DatasetError: A scene cannot be read.
    """
    module = SceneData(**data)
    module.setup("fit")
    extra = generated_scenes(_SCENES, _SIDE, _SEED) if module.hparams["generated"] else []
    return module.train_scenes, [*module.whole["val"], *extra]
