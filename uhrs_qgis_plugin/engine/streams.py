"""What a model can do, wherever it runs: the three graphs of a bundle as one protocol."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray


class Streams(Protocol):
    """The three graphs of a model, wherever they run; B, F, G, s as in the bundle."""

    def low(self, image: NDArray[Any]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Run the low stream.

        Args:
            image: (N, B, h, w) raster numbers at 1/4 scale, h and w multiples of 8.

        Returns:
            features (N, G, h/8, w/8), and uncertainty (N, 1, 4h/s, 4w/s) in [0, 1].
        """

    def high(self, patches: NDArray[Any]) -> NDArray[np.float32]:
        """Run the high stream.

        Args:
            patches: (N, B, p, p) raster numbers at full scale.

        Returns:
            features (N, F, p/8, p/8).
        """

    def fuse(
        self,
        low_features: NDArray[np.float32],
        uncertainty: NDArray[np.float32],
        high_features: NDArray[np.float32],
        selected: NDArray[np.bool_],
    ) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """Join both streams.

        Args:
            low_features: (N, G, a, b).
            uncertainty: (N, 1, 32a/s, 32b/s) in [0, 1].
            high_features: (N, F, 4a, 4b), zeros where not selected.
            selected: (N, 1, 4a, 4b) bool.

        Returns:
            labels (N, 32a, 32b), and 254 * (U, final uncertainty) (N, 2, 4a, 4b).
        """


class Stoppable(Streams, Protocol):
    """Streams that give up when another thread says so."""

    def stop(self) -> None:
        """End the runs that go on, and refuse later ones."""
