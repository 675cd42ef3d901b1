"""Look at, or change, what goes through a model while the engine runs, without touching the engine.

The engine opens its streams by itself; but they are of the class that `open_streams` returns, and every call of a graph
goes through its `run` (`Streams.run`). Replacing that for a while works however the engine is built inside.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.bundle import Bundle
from uhrs_qgis_plugin.engine.inference import open_streams

GRAPHS = ("low", "high", "fuse")

Intercept = Callable[..., Any]  # (original call bound to its streams, *arrays) -> result


@contextmanager
def intercepted(bundle: Bundle, device: str, **intercepts: Intercept) -> Iterator[None]:
    """Let calls of the streams go through functions of ours.

    Args:
        bundle: The model.
        device: As in `Options`.
        intercepts: "low", "high" or "fuse" -> called with the original call and its arguments; its result counts.

    Yields:
        Nothing; the methods are as before afterwards.
    """
    kind = type(open_streams(bundle, device))
    original = kind.run

    def run(self: Any, graph: str, inputs: Any) -> Any:
        if graph not in intercepts:
            return original(self, graph, inputs)
        result = intercepts[graph](lambda *arrays: _single(original(self, graph, arrays)), *inputs)
        return result if isinstance(result, (tuple, list)) else (result,)

    kind.run = run
    try:
        yield
    finally:
        kind.run = original


def _single(outputs: Any) -> Any:
    """What a graph gives: the array itself where it gives but one."""
    return outputs[0] if len(outputs) == 1 else outputs


class PatchFinder:
    """Tells where in a raster a patch lies by its pixels, whatever the order in which the engine asks for them.

    Attributes:
        shape: Rows and columns of the patch grid.
        ambiguous: Patches that were found although others look exactly the same; their places may be exchanged.
    """

    def __init__(self, image: NDArray[Any], side: int, unit: int) -> None:
        """Note all patches of a raster without nodata.

        Args:
            image: (B, H, W) raster numbers.
            side: Side of a patch in pixels.
            unit: The canvas is padded to multiples of it by edge replication.
        """
        height, width = image.shape[1:]
        self.image = np.pad(image, ((0, 0), (0, -height % unit), (0, -width % unit)), mode="edge")
        self.side = side
        self.shape = self.image.shape[1] // side, self.image.shape[2] // side
        self.ambiguous = 0
        self._places: dict[bytes, list[tuple[int, int]]] = defaultdict(list)
        for row in range(self.shape[0]):
            for col in range(self.shape[1]):
                patch = self.image[:, row * side : (row + 1) * side, col * side : (col + 1) * side]
                self._places[_digest(patch)].append((row, col))

    def find(self, patch: NDArray[Any]) -> tuple[int, int]:
        """Find a patch.

        Args:
            patch: (B, p, p); one that is larger than a patch has it in its middle.

        Returns:
            Row and column in the patch grid.

        Raises:
            LookupError: The engine showed the model something that is not a patch of this raster.
        """
        halo = (patch.shape[-1] - self.side) // 2
        places = self._places.get(_digest(patch[:, halo : halo + self.side, halo : halo + self.side]))
        if not places:
            raise LookupError("A patch is not on the patch grid: use a raster without nodata, a finder for each run.")
        if len(places) == 1:
            return places[0]
        self.ambiguous += 1
        places.append(places.pop(0))
        return places[-1]


def _digest(patch: NDArray[Any]) -> bytes:
    """A short name for the numbers of a patch."""
    return hashlib.blake2b(np.ascontiguousarray(patch).tobytes(), digest_size=16).digest()
