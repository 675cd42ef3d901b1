"""Labels in files, decoded window by window: numbers or colours that stand for classes."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from training.data.arrays.lazy import LazyArray
from training.data.arrays.raster import RasterArray, colour_bands, raster_info, valid_array
from training.data.arrays.scenes import IGNORE
from training.errors import DatasetError

_UNKNOWN = 254  # stands for numbers and colours that mean no class, until they are reported; labels end at 249
_BITS = 5  # bits of each colour channel that are used: colours are distinguished in steps of 8
_STEPS = np.arange(256, dtype=np.uint16) >> (8 - _BITS)
_RED, _GREEN, _BLUE = _STEPS << 2 * _BITS, _STEPS << _BITS, _STEPS  # what a channel adds to the place in a table

Colour = tuple[int, int, int]


class LabelRule(Protocol):
    """How a dataset writes its labels.

    Attributes:
        bands: how many bands a mask has, alpha left out.
        dtypes: numpy names of the numbers that a mask may hold.
        expected: hint for the error about undefined values: which values are defined, or what to do.
    """

    @property
    def bands(self) -> int: ...  # noqa: D102

    @property
    def dtypes(self) -> tuple[str, ...]: ...  # noqa: D102

    @property
    def expected(self) -> str: ...  # noqa: D102

    def decode(self, pixels: npt.NDArray[Any]) -> tuple[npt.NDArray[np.uint8], str]:
        """Labels (H, W) of pixels (bands, H, W), and the undefined values as a text, "" without any."""


@dataclass(frozen=True)
class ValueRule:
    """A mask of one band whose numbers stand for classes.

    Attributes:
        labels: number in the file -> label.
        expected: see `LabelRule`.
        others: label of every number that is not listed; None: there must be none.
        dtypes: see `LabelRule`.
    """

    labels: Mapping[int, int]
    expected: str
    others: int | None = None
    dtypes: tuple[str, ...] = ("uint8",)
    bands: int = field(default=1, init=False)

    def decode(self, pixels: npt.NDArray[Any]) -> tuple[npt.NDArray[np.uint8], str]:
        """See `LabelRule`."""
        rest = _UNKNOWN if self.others is None else self.others
        if pixels.dtype == np.uint8:
            table = np.full(256, rest, np.uint8)
            for value, label in self.labels.items():
                table[value] = label
            # The standard library looks bytes up three times as fast as numpy, which widens them to indices.
            found = bytearray(np.ascontiguousarray(pixels[0])).translate(table.tobytes())
            labels = np.frombuffer(found, np.uint8).reshape(pixels.shape[1:])
        else:
            labels = np.full(pixels.shape[1:], rest, np.uint8)
            for value, label in self.labels.items():
                labels[pixels[0] == value] = label
        unknown = labels == _UNKNOWN
        if not unknown.any():
            return labels, ""
        return labels, f"the values {np.unique(pixels[0][unknown])[:10].tolist()}"


class ColourRule:
    """A mask of three bands whose colours stand for classes; the nearest colour counts, as masks may be slightly off.

    Args:
        colours: (r, g, b) of label 0, 1, ...
        foreign: colours that no class has; what is nearest to them becomes label 0.
        reach: a colour that differs more than this in a channel from its nearest class colour is stray, and so are
            foreign colours.
        most_stray: share of a window that may be stray, such as blurred edges.
        stray_label: label of stray colours; None: that of the nearest colour.
        ignored: colours of pixels that are IGNORE.
    """

    bands, dtypes = 3, ("uint8",)

    def __init__(
        self,
        colours: Sequence[Colour],
        expected: str,
        foreign: Sequence[Colour] = (),
        reach: int = 64,
        most_stray: float = 0.1,
        stray_label: int | None = None,
        ignored: Sequence[Colour] = (),
    ) -> None:
        self.expected, self.most_stray = expected, most_stray
        steps = (np.arange(2**_BITS) << (8 - _BITS)) + (1 << (7 - _BITS))  # the middle of each step of a channel
        every = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), -1).reshape(-1, 1, 3)
        difference = np.abs(every - np.array([*colours, *foreign, *ignored]))
        nearest = (difference**2).sum(-1).argmin(1)
        left_out = nearest >= len(colours) + len(foreign)
        alien = (nearest >= len(colours)) & ~left_out
        self._labels = np.where(alien, 0, nearest).astype(np.uint8)
        self._stray = alien | (difference.max(-1)[np.arange(len(every)), nearest] > reach)
        self._labels[left_out] = IGNORE
        if stray_label is not None:
            self._labels[self._stray] = stray_label

    def decode(self, pixels: npt.NDArray[Any]) -> tuple[npt.NDArray[np.uint8], str]:
        """See `LabelRule`."""
        place = _RED.take(pixels[0])
        place |= _GREEN.take(pixels[1])
        place |= _BLUE.take(pixels[2])
        stray = self._stray.take(place)
        if np.count_nonzero(stray) <= self.most_stray * stray.size:
            return self._labels.take(place), ""
        shown = np.unique(pixels[:, stray][:, :100_000], axis=1)[:, :3].T.tolist()
        colours = ", ".join(str(tuple(colour)) for colour in shown)
        return self._labels.take(place), f"colours of no class, such as {colours}"


class MaskArray(LazyArray):
    """Labels (H, W) uint8 of a mask file. Values that mean no class are an error: they would vanish otherwise.

    Args:
        rule: What its values mean.
        keeps_nodata: Pixels that the mask itself calls no data (a no-data value, alpha) are IGNORE, whatever they hold.

    Raises:
        DatasetError: The file cannot be read, or has other bands or another data type than the rule says.
    """

    def __init__(self, path: str | Path, rule: LabelRule, keeps_nodata: bool = False) -> None:
        bands, dtype = colour_bands(path), raster_info(path).dtypes[0]
        if len(bands) != rule.bands:
            raise DatasetError(f"'{path}' has {len(bands)} bands, a mask has {rule.bands}; {rule.expected}")
        if dtype not in rule.dtypes:
            convert = f"gdal_translate -ot Byte {shlex.quote(os.fspath(path))} NEW.tif"
            raise DatasetError(
                f"'{path}' holds {dtype} numbers; masks must be {' or '.join(rule.dtypes)}: convert it ({convert})"
            )
        self._raster, self.rule = RasterArray(path, bands), rule
        self._valid = valid_array(path, bands) if keeps_nodata else None
        self.shape, self.dtype = self._raster.shape[1:], np.dtype(np.uint8)

    def part(self, bands: range, rows: range, cols: range) -> npt.NDArray[np.uint8]:
        """Decode a window."""
        pixels = self._raster.part(range(self.rule.bands), rows, cols)
        valid = None if self._valid is None else self._valid.part(bands, rows, cols)[0]
        if valid is None or valid.all():
            return self._decoded(pixels)[None]
        labels = np.full(valid.shape, IGNORE, np.uint8)
        if valid.any():
            labels[valid] = self._decoded(pixels[:, valid][:, None])[0]
        return labels[None]

    def _decoded(self, pixels: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
        labels, unknown = self.rule.decode(pixels)
        if unknown:
            raise DatasetError(f"'{self._raster.path}' holds {unknown}; {self.rule.expected}")
        return labels
