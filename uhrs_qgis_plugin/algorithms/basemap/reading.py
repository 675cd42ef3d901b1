"""Reading a basemap through QGIS's own provider, block by block, into a GeoTIFF. Runs in a worker thread."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from osgeo import gdal
from qgis.core import (
    QgsNetworkAccessManager,
    QgsNetworkReplyContent,
    QgsRasterBlockFeedback,
    QgsRasterDataProvider,
    QgsRectangle,
)
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtGui import QImage
from qgis.PyQt.QtNetwork import QNetworkRequest

from uhrs_qgis_plugin.algorithms.basemap.plan import BasemapGrid
from uhrs_qgis_plugin.engine.errors import RasterError
from uhrs_qgis_plugin.engine.files import cannot_write, replacing

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from qgis.core import QgsProcessingFeedback

BLOCK = 1024  # pixels along a side of what is read at once, if tiles are not larger: 4 MB
CREATION = ["TILED=YES", "BLOCKXSIZE=512", "BLOCKYSIZE=512", "COMPRESS=DEFLATE", "PREDICTOR=2", "BIGTIFF=IF_SAFER"]
PICTURE = ["PHOTOMETRIC=RGB", "ALPHA=NON-PREMULTIPLIED"]
REFUSALS = (401, 403, 429)  # HTTP: not for you, and not now; asking on would be rude


@dataclass
class Traffic:
    """What a reading asked for and missed.

    Attributes:
        requests: Answers of services, those of the cache included.
        failures: Why requests failed -> how often.
        refusal: HTTP status of a service that refuses; None = it does not.
        empty_tiles: Tiles of the grid without a pixel.
        tiles: Tiles of the grid that were read.
    """

    requests: int = 0
    failures: Counter[str] = field(default_factory=Counter)
    refusal: int | None = None
    empty_tiles: int = 0
    tiles: int = 0

    def note(self, reply: QgsNetworkReplyContent) -> None:
        """Note an answer."""
        self.requests += 1
        status = reply.attribute(QNetworkRequest.Attribute.HttpStatusCodeAttribute)
        if isinstance(status, int) and status >= 400:
            self.failures[f"HTTP {status}"] += 1
            self.refusal = status if status in REFUSALS else self.refusal
        elif not isinstance(status, int) and reply.errorString():
            self.failures[str(reply.errorString())] += 1

    def reasons(self) -> str:
        """Word why requests failed."""
        return ", ".join(f"{reason} ({count:,} times)" for reason, count in self.failures.most_common(3))


def read_basemap(
    provider: QgsRasterDataProvider,
    grid: BasemapGrid,
    path: str,
    crs_wkt: str,
    metadata: Mapping[str, str],
    feedback: QgsProcessingFeedback,
    check: Any,  # noqa: ANN401 (raises to stop)
) -> Traffic:
    """Read the pixels of a grid into a GeoTIFF: red, green, blue, and alpha: 0 = no data.

    Args:
        provider: A clone for this thread.
        path: File to write; it appears when all is read.
        check: Called before each block; raises to stop.

    Returns:
        What was asked for. Tiles that did not come are without data.

    Raises:
        RasterError: The service refuses, or nothing came.
        OutputError: The file cannot be written.
        CancelledError: From `check`.
    """
    traffic = Traffic()
    inner = QgsRasterBlockFeedback()
    feedback.canceled.connect(inner.cancel, Qt.ConnectionType.DirectConnection)
    network = QgsNetworkAccessManager.instance()  # that of this thread
    finished = network.finished[QgsNetworkReplyContent]
    finished.connect(traffic.note)
    try:
        with replacing(path) as part:
            dataset = _create(str(part), path, grid, crs_wkt, metadata)
            for row, col, height, width in _blocks(grid):
                check()
                feedback.setProgress(100 * ((row - grid.row) / grid.height))
                picture = _read(provider, grid.rectangle(row, col, height, width), (height, width), inner)
                if grid.has_tiles:
                    _read_tiles(provider, grid, picture, (row, col), inner)
                check()  # what was cancelled in between is not whole
                _count_empty(picture, row, col, grid.side, traffic)
                if traffic.refusal is not None:
                    raise RasterError(
                        f"The service refuses to be read (HTTP {traffic.refusal}) after {traffic.requests:,} requests: "
                        "look up its terms, wait, or ask for less."
                    )
                _do(path, dataset.WriteArray, picture, col - grid.col, row - grid.row)
            if traffic.empty_tiles == traffic.tiles:
                why = traffic.reasons() or "the service shows nothing there"
                raise RasterError(
                    f"None of {traffic.tiles:,} tiles came: {why}. Look whether the map shows the layer there."
                )
            _do(path, dataset.FlushCache)
            del dataset
    finally:
        finished.disconnect(traffic.note)
    return traffic


def _blocks(grid: BasemapGrid) -> Iterator[tuple[int, int, int, int]]:
    """Cut the grid into blocks of whole tiles, so that each tile is asked for once: row, column, height, width."""
    side = grid.side * max(1, BLOCK // grid.side)
    for top in range(grid.row // side * side, grid.row + grid.height, side):
        row, row_end = max(top, grid.row), min(top + side, grid.row + grid.height)
        for left in range(grid.col // side * side, grid.col + grid.width, side):
            col, col_end = max(left, grid.col), min(left + side, grid.col + grid.width)
            yield row, col, row_end - row, col_end - col


def _read(
    provider: QgsRasterDataProvider,
    place: QgsRectangle,
    shape: tuple[int, int],
    feedback: QgsRasterBlockFeedback,
) -> NDArray[np.uint8]:
    """Read a block: (4, height, width), red, green, blue, alpha."""
    import numpy as np

    height, width = shape
    block = provider.block(1, place, width, height, feedback)
    image = block.image().convertToFormat(QImage.Format.Format_RGBA8888) if block.isValid() else QImage()
    if (image.width(), image.height()) != (width, height):
        return np.zeros((4, height, width), np.uint8)
    bits = image.constBits()
    bits.setsize(image.sizeInBytes())
    lines = np.frombuffer(bits, np.uint8).reshape(height, image.bytesPerLine())[:, : 4 * width]
    return np.ascontiguousarray(np.moveaxis(lines.reshape(height, width, 4), -1, 0))


def _read_tiles(
    provider: QgsRasterDataProvider,
    grid: BasemapGrid,
    picture: NDArray[np.uint8],
    corner: tuple[int, int],
    feedback: QgsRasterBlockFeedback,
) -> None:
    """Read the tiles of a block once more, each for itself, where they came; QGIS has kept them.

    Newer QGIS (its pull request 61591) stretches each tile outwards to whole pixels of what is asked for, and rounding
    makes that a pixel too many on some sides. Where a tile's own border is not asked for, and what is asked for is a
    trifle wider than pixels are, its edges come to lie a trifle inside theirs, and are stretched to them: all of a tile
    but its outermost pixels is then exactly as it was sent. Tiles that did not come lose what others have spread there.
    """
    (row, col), (_, height, width) = corner, picture.shape
    for tile in _tiles_of(row, col, height, width, grid.side):
        first_row, first_col = max(tile.top + 1, row), max(tile.left + 1, col)
        rows = min(tile.top + grid.side - 1, row + height) - first_row
        cols = min(tile.left + grid.side - 1, col + width) - first_col
        if rows <= 0 or cols <= 0:
            continue
        inner = picture[:, first_row - row :, first_col - col :][:, :rows, :cols]
        if inner[3].any():
            inner[:] = _read(provider, grid.wider(first_row, first_col, rows, cols), (rows, cols), feedback)
        else:
            picture[(slice(None), *tile.within)] = 0


class _Tile(NamedTuple):
    """A tile, or what of it lies in a block.

    Attributes:
        top: Row of the whole tile.
        left: Column of the whole tile.
        within: Slices of the block.
    """

    top: int
    left: int
    within: tuple[slice, slice]


def _tiles_of(row: int, col: int, height: int, width: int, side: int) -> Iterator[_Tile]:
    """The tiles of a block."""
    for top in range(row // side * side, row + height, side):
        for left in range(col // side * side, col + width, side):
            rows = slice(max(top - row, 0), min(top + side - row, height))
            yield _Tile(top, left, (rows, slice(max(left - col, 0), min(left + side - col, width))))


def _count_empty(picture: NDArray[np.uint8], row: int, col: int, side: int, traffic: Traffic) -> None:
    """Count the tiles of a block, and those without a pixel."""
    _, height, width = picture.shape
    for tile in _tiles_of(row, col, height, width, side):
        traffic.tiles += 1
        traffic.empty_tiles += not picture[3][tile.within].any()


def _create(part: str, path: str, grid: BasemapGrid, crs_wkt: str, metadata: Mapping[str, str]) -> gdal.Dataset:
    """Create the file under a temporary name."""
    driver, options = gdal.GetDriverByName("GTiff"), [*CREATION, *PICTURE]
    dataset = _do(path, lambda: driver.Create(part, grid.width, grid.height, 4, gdal.GDT_Byte, options))
    dataset.SetGeoTransform(grid.transform)
    dataset.SetProjection(crs_wkt)
    dataset.SetMetadata(dict(metadata))
    return dataset


def _do(path: str, call: Callable[..., Any], *given: object) -> Any:  # noqa: ANN401 (osgeo is untyped)
    """Call into GDAL, and find out whether it could write."""
    from uhrs_qgis_plugin.engine.raster.gdal_backend.calls import attempt

    result, reason = attempt(call, *given)
    if reason:
        raise cannot_write(path, reason)
    return result
