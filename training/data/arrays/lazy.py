"""Arrays that are computed on demand, part by part: scenes of any size are made of them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt


class PixelArray(Protocol):
    """What scenes are made of: a numpy array, or a `LazyArray` on files. Either slices, and `numpy.asarray` reads all.

    Attributes:
        shape: (H, W) or (B, H, W).
        dtype: of the elements.
        size: number of elements.
        ndim: number of axes.
    """

    @property
    def shape(self) -> tuple[int, ...]: ...  # noqa: D102

    @property
    def dtype(self) -> np.dtype[Any]: ...  # noqa: D102

    @property
    def size(self) -> int: ...  # noqa: D102

    @property
    def ndim(self) -> int: ...  # noqa: D102

    def __getitem__(self, index: Any, /) -> npt.NDArray[Any]:  # noqa: ANN401 (a slice, or a tuple of slices)
        """A part, in memory."""


class LazyArray(ABC):
    """Slices like a numpy array of two or three axes, and is in memory only where it is sliced.

    Understands `array[rows, cols]` and `array[bands, rows, cols]` with slices whose steps are positive, and
    `numpy.asarray`.

    Attributes:
        shape: (H, W) or (B, H, W).
        dtype: of the elements.
    """

    shape: tuple[int, ...]
    dtype: np.dtype[Any]

    @abstractmethod
    def part(self, bands: range, rows: range, cols: range) -> npt.NDArray[Any]:
        """Compute (bands, rows, cols), none of them empty; one band for an array of two axes."""

    @property
    def size(self) -> int:
        """Number of elements."""
        return int(np.prod(self.shape))

    @property
    def ndim(self) -> int:
        """Number of axes: 2 or 3."""
        return len(self.shape)

    def __getitem__(self, index: Any) -> npt.NDArray[Any]:  # noqa: ANN401 (a slice, or a tuple of slices)
        """Compute a part.

        Raises:
            DatasetError: The files behind it cannot be read, or hold what they must not.
        """
        parts = index if isinstance(index, tuple) else (index,)
        parts = (*parts, *(slice(None),) * (self.ndim - len(parts)))
        ranges = [range(*part.indices(n)) for part, n in zip(parts, self.shape, strict=True)]
        if not all(ranges):
            return np.zeros([len(places) for places in ranges], self.dtype)
        if self.ndim == 2:
            return self.part(range(1), *ranges)[0]
        return self.part(*ranges)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> npt.NDArray[Any]:  # noqa: ANN401 (numpy's protocol)
        """Compute all."""
        values = self[:]
        return values if dtype is None else values.astype(dtype)

    def astype(self, dtype: Any) -> npt.NDArray[Any]:  # noqa: ANN401 (numpy's own)
        """Compute all, as another type."""
        return self[:].astype(dtype)


def spanning(places: range) -> slice:
    """The slice of an array that holds `places` and nothing outside them, each in between included."""
    return slice(places[0], places[-1] + 1)
