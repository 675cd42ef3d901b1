"""Arrays that are computed on demand, part by part: scenes of any size are made of them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

_SAMPLE = 128  # pixels a side of a window of `samples`


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


def samples(array: PixelArray) -> npt.NDArray[Any]:
    """Pixels (B, n), or (1, n) of (H, W), of up to nine windows spread over an array: cheap, however large it is."""
    height, width = array.shape[-2:]
    starts = [sorted({max(0, n * part // 4 - _SAMPLE // 2) for part in (1, 2, 3)}) for n in (height, width)]
    windows = [np.s_[row : row + _SAMPLE, col : col + _SAMPLE] for row in starts[0] for col in starts[1]]
    axes = (slice(None),) * (array.ndim - 2)
    return np.concatenate([array[(*axes, *window)].reshape(*array.shape[:-2] or (1,), -1) for window in windows], 1)


def spanning(places: range) -> slice:
    """The slice of an array that holds `places` and nothing outside them, each in between included."""
    return slice(places[0], places[-1] + 1)
