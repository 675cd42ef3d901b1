"""Which pixels of a basemap are read, and how many tiles that asks the service for; nothing is fetched here."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from qgis.core import Qgis, QgsCoordinateTransformContext, QgsGeometry, QgsRasterLayer, QgsRectangle

from uhrs_qgis_plugin.engine.errors import OptionsError, RasterError
from uhrs_qgis_plugin.layers import Ground

TILE = 256  # pixels along the side of a tile where a service does not say it, and of a piece of what it draws
_ROW = re.compile(r"<tr>((?:<td>[-+.e\d]+</td>){13})</tr>")
PICTURES = (Qgis.DataType.ARGB32, Qgis.DataType.ARGB32_Premultiplied)
# A boundary that two tiles share would ask for both.
INSET = 1e-3  # pixels
TRIFLE = 1e-5  # of a side
SAME = 1e-4  # pixels of a level, as they are told twice


@dataclass(frozen=True)
class BasemapGrid:
    """Pixels of a basemap, counted from the upper left corner of its tiles, or of its layer where it has none.

    Attributes:
        x: Of that corner, in units of the map.
        y: Of that corner.
        pixel: Side of a pixel, in units of the map.
        row: First row.
        col: First column.
        height: Rows.
        width: Columns.
        ground_m: Side of a pixel on the ground, in metres, in the middle.
        side: Pixels along the side of a tile.
        has_tiles: Whether the service has tiles; else it draws what is asked for.
    """

    x: float
    y: float
    pixel: float
    row: int
    col: int
    height: int
    width: int
    ground_m: float
    side: int = TILE
    has_tiles: bool = False

    @property
    def tiles(self) -> int:
        """Tiles that hold the pixels."""
        rows = (self.row + self.height - 1) // self.side - self.row // self.side + 1
        cols = (self.col + self.width - 1) // self.side - self.col // self.side + 1
        return rows * cols

    @property
    def transform(self) -> tuple[float, float, float, float, float, float]:
        """GDAL's geotransform of the pixels."""
        return self.x + self.col * self.pixel, self.pixel, 0.0, self.y - self.row * self.pixel, 0.0, -self.pixel

    def rectangle(self, row: int, col: int, height: int, width: int) -> QgsRectangle:
        """The place of some pixels on the map, drawn in by a thousandth of a pixel."""
        return self._rectangle(row + INSET, col + INSET, row + height - INSET, col + width - INSET)

    def wider(self, row: int, col: int, height: int, width: int) -> QgsRectangle:
        """The place of some pixels on the map and a trifle around them."""
        above, beside = height * TRIFLE, width * TRIFLE
        return self._rectangle(row - above, col - beside, row + height + above, col + width + beside)

    def _rectangle(self, row: float, col: float, row_end: float, col_end: float) -> QgsRectangle:
        left, right = self.x + col * self.pixel, self.x + col_end * self.pixel
        return QgsRectangle(left, self.y - row_end * self.pixel, right, self.y - row * self.pixel)


def check_basemap(layer: QgsRasterLayer) -> None:
    """Check that a layer is drawn by a service.

    Raises:
        RasterError: It cannot be read, comes from a file, or holds numbers.
    """
    if not layer.isValid():
        raise RasterError(f"Layer '{layer.name()}' cannot be read: repair its connection or load it again.")
    provider = layer.dataProvider()
    if layer.providerType() == "gdal" or provider.dataType(1) not in PICTURES:
        raise RasterError(
            f"Layer '{layer.name()}' ('{layer.providerType()}' provider) is no basemap that a service draws (XYZ, WMS, "
            "WMTS): segment files as they are, export others (right click on the layer > Export > Save As... > Raw "
            "data)."
        )


def plan_grid(
    layer: QgsRasterLayer,
    bounds: tuple[float, float, float, float],
    pixel_m: float,
    transforms: QgsCoordinateTransformContext,
) -> BasemapGrid:
    """Find the pixels of an extent: those of the zoom level that is nearest, where the service has levels.

    Args:
        layer: The basemap.
        bounds: Left, bottom, right, top in its coordinate reference system.
        pixel_m: Side of a pixel on the ground, metres.
        transforms: Of the project.

    Raises:
        OptionsError: The extent lies outside the layer, or pixels have no size on the ground there.
    """
    whole = layer.extent()
    box = QgsRectangle(*bounds).intersect(whole)
    if box.isEmpty():
        raise OptionsError(
            f"EXTENT lies outside layer '{layer.name()}', which covers {whole.toString(0)}: choose one that overlaps."
        )
    unit_m = _ground_side(layer, box, transforms)
    pixel = pixel_m / unit_m
    tiles = TileLevel(pixel, whole.xMinimum(), whole.yMaximum(), TILE)
    levels = levels_of(layer)
    if levels:
        tiles = min(levels, key=lambda level: abs(math.log(level.pixel / pixel)))
    pixel, left, top = tiles.pixel, tiles.x, tiles.y
    row, col = _floor((top - box.yMaximum()) / pixel), _floor((box.xMinimum() - left) / pixel)
    row_end = -_floor(-(top - box.yMinimum()) / pixel)
    col_end = -_floor(-(box.xMaximum() - left) / pixel)
    return BasemapGrid(
        left, top, pixel, row, col, row_end - row, col_end - col, pixel * unit_m, tiles.side, bool(levels)
    )


@dataclass(frozen=True)
class TileLevel:
    """A zoom level of a service.

    Attributes:
        pixel: Side of a pixel, in units of the map.
        x: Of the upper left corner of its tiles, in units of the map.
        y: Of that corner.
        side: Pixels along the side of a tile.
    """

    pixel: float
    x: float
    y: float
    side: int


def levels_of(layer: QgsRasterLayer) -> list[TileLevel]:
    """Find the zoom levels of a basemap; none where its service draws what is asked for.

    QGIS tells programs the sizes of pixels, and where tiles begin and how large they are it tells people alone: in the
    page of the layer's properties, in numbers whose places do not depend on the language.
    """
    provider, whole = layer.dataProvider(), layer.extent()
    told = []
    for found in _ROW.finditer(provider.htmlMetadata()):
        numbers = [float(cell) for cell in re.findall(r"<td>([^<]+)</td>", found[1])]
        tile_width, tile_height, matrix_width, extent_width, top, left = (numbers[n] for n in (1, 2, 5, 7, 9, 10))
        if tile_width == tile_height >= 1 and matrix_width >= 1 and extent_width > 0:
            told.append(TileLevel(extent_width / (matrix_width * tile_width), left, top, int(tile_width)))
    levels = []
    for size in provider.nativeResolutions():
        same = [level for level in told if abs(level.pixel / size - 1) < SAME] if size > 0 else []
        if size > 0:
            corner = (same[0].x, same[0].y, same[0].side) if same else (whole.xMinimum(), whole.yMaximum(), TILE)
            levels.append(TileLevel(size, *corner))
    return levels


def check_tiles(grid: BasemapGrid, most: int) -> None:
    """Check that no more is asked for than allowed.

    Raises:
        OptionsError: It is more.
    """
    if grid.tiles > most:
        raise OptionsError(
            f"{grid.width:,} x {grid.height:,} pixels of {grid.ground_m:.3g} m would ask the service for "
            f"{grid.tiles:,} tiles, MAX_TILES allows {most:,}: choose a smaller extent or larger pixels; or allow "
            "more, if the terms of the service do."
        )


def _floor(place: float) -> int:
    """Whole pixels before a place; a thousandth of a pixel is rounding."""
    return math.floor(place + INSET)


def _ground_side(layer: QgsRasterLayer, box: QgsRectangle, transforms: QgsCoordinateTransformContext) -> float:
    """Metres on the ground that a unit of the map is, in the middle of a box."""
    side = min(box.width(), box.height()) / 1000
    middle = box.center()
    corner = QgsRectangle(middle.x(), middle.y(), middle.x() + side, middle.y() + side)
    area = Ground(layer.crs(), transforms).area_m2(QgsGeometry.fromRect(corner))
    if area is None:
        raise OptionsError(
            "The size of pixels on the ground is unknown: set the coordinate reference system of layer "
            f"'{layer.name()}'."
        )
    return math.sqrt(area) / side
