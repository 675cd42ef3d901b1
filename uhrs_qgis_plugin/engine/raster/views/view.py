"""What the views of a raster share: they pass on what they do not change."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.raster.types import RasterInfo, RasterReader

View = TypeVar("View", bound="RasterView")  # `typing.Self` is newer than Python 3.9


class RasterView:
    """Base of a `RasterReader` over another one, which is closed with it; a view says how it reads pixels.

    Attributes:
        info: What the view presents.
    """

    def __init__(self, reader: RasterReader, info: RasterInfo) -> None:
        self.info = info
        self._reader = reader

    @property
    def unreadable(self) -> list[Window]:
        """Blocks that do not read, in pixels of the raster itself; see `RasterReader.unreadable`."""
        return self._reader.unreadable

    def expect(self, bands: Sequence[int], windows: Sequence[Window]) -> None:
        """Tell that windows will be read soon; see `RasterReader.expect`."""
        self._reader.expect(bands, windows)

    def read_valid(
        self, bands: Sequence[int], window: Window, shape: tuple[int, int] | None = None
    ) -> NDArray[np.bool_]:
        """Tell which pixels hold data, by the raster's own numbers; see `RasterReader.read_valid`."""
        return self._reader.read_valid(bands, window, shape)

    def may_hold_data(self, window: Window, bands: Sequence[int] | None = None) -> bool:
        """Ask cheaply whether a window is worth reading; see `RasterReader.may_hold_data`."""
        return self._reader.may_hold_data(window, bands)

    def close(self) -> None:
        """Close the raster."""
        self._reader.close()

    def __enter__(self: View) -> View:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
