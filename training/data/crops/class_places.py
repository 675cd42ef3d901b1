"""Where in a scene each class stands, so that crops can be drawn around rare ones."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from training.data.arrays.scenes import IGNORE, Scene

_STEP = 8  # places lie on every 8th row and column: dense enough, small enough
_MOST_PLACES = 8_000_000  # in all scenes together, 4 bytes each; larger datasets are seen less densely


class ClassPlaces:
    """For each scene and class some of the places where it stands; looked for when a scene is first asked about.

    Args:
        scenes: the scenes.
    """

    def __init__(self, scenes: Sequence[Scene]) -> None:
        self.scenes = scenes
        pixels = sum(int(scene.labels.size) for scene in scenes)
        self.step = max(_STEP, int(np.ceil((pixels / _MOST_PLACES) ** 0.5)))
        self._found: dict[int, list[tuple[npt.NDArray[np.uint32], int]]] = {}

    def draw(self, number: int, rng: np.random.Generator) -> tuple[int, int] | None:
        """Row and column of a place of a class drawn uniformly from those of a scene; None where nothing is labelled.

        Args:
            number: of the scene.
            rng: draws the class, then the place.
        """
        if number not in self._found:
            self._found[number] = self._look(self.scenes[number])
        if not self._found[number]:
            return None
        places, width = self._found[number][int(rng.integers(len(self._found[number])))]
        row, col = divmod(int(places[int(rng.integers(len(places)))]), width)
        return row * self.step, col * self.step

    def _look(self, scene: Scene) -> list[tuple[npt.NDArray[np.uint32], int]]:
        """For each class its places, numbered row by row on the coarse grid, and the width of that grid."""
        seen = scene.labels[:: self.step, :: self.step]
        values = [value for value in np.unique(seen) if value != IGNORE]
        return [(np.flatnonzero(seen == value).astype(np.uint32), seen.shape[1]) for value in values]
