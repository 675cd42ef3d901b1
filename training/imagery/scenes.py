"""The scenes that a training reads, for the statistics of its imagery."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from training.data.arrays import Scene
from training.data.datasets import generated_scenes

_SIDE, _SCENES, _SEED = 1024, 4, 2_000  # of the generated validation scenes; none of these is a training scene


def imagery_scenes(data: Mapping[str, Any]) -> tuple[list[Scene], list[Scene]]:
    """Read the scenes of a training.

    Args:
        data: Settings of `SceneData`, such as a checkpoint has them; what it does not know is left out.

    Returns:
        Training scenes, generated ones included, and validation scenes.

    Raises:
        DatasetError: A scene cannot be read.
    """
    from training.data import SceneData  # Lightning takes seconds to load

    known = inspect.signature(SceneData).parameters  # a checkpoint also holds notes of Lightning's command line
    module = SceneData(**{name: value for name, value in data.items() if name in known})
    module.setup("fit")
    extra = generated_scenes(_SCENES, _SIDE, _SEED) if module.hparams["generated"] else []
    return module.train_scenes, [*module.whole["val"], *extra]
