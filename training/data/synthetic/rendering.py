"""Seeded synthetic orthophotos of an arid city, of any size, with exact labels.

`render` is a pure function of the seed, the style and the absolute pixel position: a window equals the crop of any
larger window, so that a raster of any size can be written block by block in flat memory (`write_scene`).

A pixel's material decides its label; its colour is the material's colour times relative brightness (tone, texture,
shadow, drifting illumination), then blur, haze, contrast and sensor noise as a camera would add.
"""

from __future__ import annotations

import math
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from training.data.synthetic.ground import ground_of
from training.data.synthetic.layout import PITCH, WARPS, World, world_of
from training.data.synthetic.noise import Floats, Integers, grid_noise, hash_words
from training.data.synthetic.objects import Objects, block_objects
from training.data.synthetic.paint import Canvas, paint_objects, paint_trees
from training.data.synthetic.roads import road_ground, road_mask
from training.data.synthetic.style import CLASS_OF, CLASSES, TEXTURE_OF, Style
from training.data.synthetic.trees import trees_near
from training.errors import SettingsError
from uhrs_qgis_plugin.engine.grid import Geotransform
from uhrs_qgis_plugin.engine.grid import Window as Block
from uhrs_qgis_plugin.engine.raster import RasterProfile, create_raster
from uhrs_qgis_plugin.engine.results import NODATA

__all__ = ["CLASSES", "COLOURS", "SceneOptions", "Style", "Window", "render", "write_scene"]

COLOURS = ("1F78B4", "E5D3A1", "4D4D4D", "D7301F", "33A02C")  # one per class, for maps
BLOCK = 1024  # pixels: side of the blocks of a written scene
ORIGIN = (330_000.0, 2_790_000.0)  # metres: upper left corner of written scenes
CRS_WKT = (  # EPSG:32640
    'PROJCS["WGS 84 / UTM zone 40N",GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563,'
    'AUTHORITY["EPSG","7030"]],AUTHORITY["EPSG","6326"]],PRIMEM["Greenwich",0,AUTHORITY["EPSG","8901"]],'
    'UNIT["degree",0.0174532925199433,AUTHORITY["EPSG","9122"]],AUTHORITY["EPSG","4326"]],'
    'PROJECTION["Transverse_Mercator"],PARAMETER["latitude_of_origin",0],PARAMETER["central_meridian",57],'
    'PARAMETER["scale_factor",0.9996],PARAMETER["false_easting",500000],PARAMETER["false_northing",0],'
    'UNIT["metre",1,AUTHORITY["EPSG","9001"]],AXIS["Easting",EAST],AXIS["Northing",NORTH],'
    'AUTHORITY["EPSG","32640"]]'
)
TILE = 512  # pixels: work is done in squares of this side, which stay in the processor's cache
_TALLEST = 130.0  # units: bound of object heights, for the reach of shadows
_SHADE = (np.float32(0.60), np.float32(0.57), np.float32(0.50))  # light that a shadow takes: red, green, blue


class Window(Protocol):
    """A rectangle of pixels; `uhrs_qgis_plugin.engine.grid.Window` is one."""

    @property
    def row(self) -> int:
        """First row."""

    @property
    def col(self) -> int:
        """First column."""

    @property
    def height(self) -> int:
        """Rows."""

    @property
    def width(self) -> int:
        """Columns."""


def render(
    seed: int, window: Window, style: Style | None = None
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    """Render a window of the unbounded scene of a seed.

    Args:
        window: pixels to render, anywhere (also at negative positions).
        style: the look; by default drawn from the seed.

    Returns:
        image (3, H, W) uint8 red, green, blue; labels (H, W) uint8, index into `CLASSES`.

    Raises:
        SettingsError: the window is empty.
    """
    if window.height < 1 or window.width < 1:
        raise SettingsError(f"Window of {window.height}x{window.width} pixels is empty. Ask for at least 1x1.")
    world = world_of(seed, Style.from_seed(seed) if style is None else style)
    image = np.empty((3, window.height, window.width), dtype=np.uint8)
    labels = np.empty((window.height, window.width), dtype=np.uint8)
    for top in range(0, window.height, TILE):
        for left in range(0, window.width, TILE):
            part = np.s_[top : top + TILE], np.s_[left : left + TILE]
            shape = labels[part].shape
            image[:, part[0], part[1]], labels[part] = _tile(world, window.row + top, window.col + left, shape)
    return image, labels


@dataclass(frozen=True)
class SceneOptions:
    """How a scene is written.

    Attributes:
        resolution_m: ground size of a pixel in the georeference, metres; what a pixel shows follows the style.
        nodata_corner: leave the upper left triangle (a third of the shorter side) without data, as at the edge of
            a swath: 0 in the image, whose other pixels are then at least 1, and 255 in the labels.
        style: the look; by default drawn from the seed.
    """

    resolution_m: float = 1.0  # as of the Dubai tiles, whose houses and roads are as many pixels large
    nodata_corner: bool = False
    style: Style | None = None

    def __post_init__(self) -> None:
        """Refuse a pixel size that no map can show.

        Raises:
            SettingsError: resolution_m is not a positive number.
        """
        if not (self.resolution_m > 0 and math.isfinite(self.resolution_m)):
            raise SettingsError(f"resolution_m={self.resolution_m} is not a size. Give metres per pixel, such as 1.")


def write_scene(
    path: str,
    height: int,
    width: int,
    seed: int,
    labels_path: str | None = None,
    options: SceneOptions | None = None,
) -> None:
    """Write a scene of any size as a GeoTIFF in UTM zone 40N, block by block in flat memory.

    Args:
        labels_path: labels to create, 1 band with colours and class names; None for none.

    Raises:
        SettingsError: the scene is empty.
        OutputError: a file cannot be created or written.
    """
    options = options or SceneOptions()
    with ExitStack() as stack:
        image_file = stack.enter_context(create_raster(path, _image_profile(height, width, options)))
        labels_file = None
        if labels_path is not None:
            labels_file = stack.enter_context(create_raster(labels_path, _labels_profile(height, width, options)))
        for row in range(0, height, BLOCK):
            for col in range(0, width, BLOCK):
                window = Block(row, col, min(BLOCK, height - row), min(BLOCK, width - col))
                image, labels = render(seed, window, options.style)
                if options.nodata_corner:
                    _cut_corner(image, labels, window, min(height, width) // 3)
                image_file.write(image, row, col)
                if labels_file is not None:
                    labels_file.write(labels[None], row, col)


def _transform(options: SceneOptions) -> Geotransform:
    return Geotransform(ORIGIN[0], options.resolution_m, 0.0, ORIGIN[1], 0.0, -options.resolution_m)


def _image_profile(height: int, width: int, options: SceneOptions) -> RasterProfile:
    nodata = 0 if options.nodata_corner else None
    return RasterProfile(width, height, 3, CRS_WKT, _transform(options), nodata, ("red", "green", "blue"))


def _labels_profile(height: int, width: int, options: SceneOptions) -> RasterProfile:
    colours = {value: tuple(bytes.fromhex(text)) for value, text in enumerate(COLOURS)}
    return RasterProfile(
        width,
        height,
        1,
        CRS_WKT,
        _transform(options),
        NODATA,
        ("class",),
        colours={value: (red, green, blue) for value, (red, green, blue) in colours.items()},
        categories=CLASSES,
    )


def _cut_corner(image: npt.NDArray[np.uint8], labels: npt.NDArray[np.uint8], window: Window, side: int) -> None:
    """Blank what lies in the scene's upper left triangle, in place."""
    np.maximum(image, 1, out=image)
    rows = np.arange(window.row, window.row + window.height)[:, None]
    outside = rows + np.arange(window.col, window.col + window.width) < side
    image[:, outside] = 0
    labels[outside] = NODATA


def _tile(
    world: World, top: int, left: int, shape: tuple[int, ...]
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    """Render one tile: ground, trees, objects, then light and camera. One pixel more all round for the blur."""
    rows, cols = np.arange(top - 1, top + shape[0] + 1), np.arange(left - 1, left + shape[1] + 1)
    canvas = _ground_canvas(world, rows, cols)
    cast = world.style.shadow_vector()
    paint_trees(canvas, trees_near(world, top - 1, left - 1, canvas.material.shape), cast)
    paint_objects(canvas, _objects_near(world, canvas), cast)
    image = _expose(world, rows, cols, canvas)
    return image, CLASS_OF[canvas.material[1:-1, 1:-1]]


def _ground_canvas(world: World, rows: Integers, cols: Integers) -> Canvas:
    sites = world.grid_sites(rows, cols)
    shape = (rows.size, cols.size)
    material, tone = np.empty(rows.size * cols.size, np.uint8), np.empty(rows.size * cols.size, np.float32)
    on_road = road_mask(sites).ravel()
    for index, program in ((np.flatnonzero(on_road), road_ground), (np.flatnonzero(~on_road), ground_of)):
        if index.size:
            ground = program(sites.at(index), world.salt(41))
            material[index] = ground.material
            tone[index] = ground.tone
    fine = grid_noise(rows, cols, 3, world.salt(61))
    canvas = Canvas(
        int(rows[0]), int(cols[0]), material.reshape(shape), tone.reshape(shape), np.zeros(shape, np.float32), fine
    )
    return canvas


def _objects_near(world: World, canvas: Canvas) -> Objects:
    """Objects of all blocks from which an object or a shadow may reach the canvas, blocks in row-major order."""
    height, width = canvas.material.shape
    pad = 2 + (world.style.shadow_length * _TALLEST + 110) * world.zoom
    corner_rows = np.array([canvas.top - pad, canvas.top + height + pad])[:, None]
    corner_cols = np.array([canvas.left - pad, canvas.left + width + pad])[None, :]
    rows, cols = (part.ravel() for part in np.broadcast_arrays(corner_rows, corner_cols))
    slack = sum(amplitude for _, amplitude, _ in WARPS) / 2
    x = (cols * world.cos + rows * world.sin) / world.zoom
    y = (rows * world.cos - cols * world.sin) / world.zoom
    first_i, last_i = math.floor((x.min() - slack) / PITCH) - 1, math.floor((x.max() + slack) / PITCH) + 1
    first_j, last_j = math.floor((y.min() - slack) / PITCH) - 1, math.floor((y.max() + slack) / PITCH) + 1
    found = [
        block_objects(world.seed, world.style, j, i)
        for j in range(first_j, last_j + 1)
        for i in range(first_i, last_i + 1)
    ]
    parts = [objects for objects in found if objects is not None]
    return Objects(*(np.concatenate([getattr(part, name) for part in parts]) for name in Objects.__dataclass_fields__))


def _expose(world: World, rows: Integers, cols: Integers, canvas: Canvas) -> npt.NDArray[np.uint8]:
    """Turn materials into the image (3, h - 2, w - 2) that a camera would take."""
    style, material = world.style, canvas.material
    word = hash_words(rows[:, None], cols[None, :], world.salt(62))
    half = np.float32(0.5)
    texture = TEXTURE_OF * np.float32(1)
    medium = grid_noise(rows, cols, world.period(9), world.salt(63))
    broad = grid_noise(rows, cols, world.period(330), world.salt(64))
    middle = grid_noise(rows, cols, world.period(44), world.salt(65))
    light = texture[:, 0][material] * ((word & np.uint32(255)).astype(np.float32) * np.float32(1 / 128) - np.float32(1))
    light += texture[:, 1][material] * (medium + canvas.fine - np.float32(1))
    light += texture[:, 2][material] * (broad + half * middle - np.float32(0.75))
    light += canvas.tone
    light += 1
    light *= np.float32(0.95) + np.float32(0.1) * grid_noise(rows, cols, world.period(2600), world.salt(66))
    hue = (broad - middle) * np.float32(0.05)
    palette = style.palette()
    image = np.empty((3, rows.size - 2, cols.size - 2), dtype=np.uint8)
    for band in range(3):
        colour = palette[:, band][material] * light
        colour *= np.float32(1) - _SHADE[band] * canvas.shadow
        colour *= 1 + hue * np.float32(1 - band)
        image[band] = _develop(colour, word, band, style)
    return image


def _develop(colour: Floats, word: npt.NDArray[np.uint32], band: int, style: Style) -> npt.NDArray[np.uint8]:
    """Blur slightly, add haze, contrast and sensor noise, round: one band, one pixel less all round."""
    side, middle = np.float32(0.17), np.float32(0.66)
    rows: Floats = colour[1:-1] * middle + (colour[:-2] + colour[2:]) * side
    out: Floats = rows[:, 1:-1] * middle + (rows[:, :-2] + rows[:, 2:]) * side
    gain = np.float32((1 - style.haze) * style.contrast)
    veil = np.float32((208 * style.haze - 118) * style.contrast + 118 + 0.5)
    out *= gain
    out += veil
    # The sum of two independent bytes has a triangular distribution with a standard deviation of 104.5.
    shift = np.uint32(8 * band)
    one = (word[1:-1, 1:-1] >> shift) & np.uint32(255)
    two = ((word[1:-1, 1:-1] * np.uint32(0x9E3779B1)) >> (shift + np.uint32(8))) & np.uint32(255)
    out += ((one + two).astype(np.float32) - np.float32(255)) * np.float32(style.noise / 104.5)
    return np.clip(out, 0, 255, out=out).astype(np.uint8)
