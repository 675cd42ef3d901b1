"""Plan of the synthetic city: a warped, rotated lattice of roads, and what fills each block between them.

Lengths are in *units* of 0.3 m of ground. World coordinates (x, y) are units in the warped frame, where every
road is straight; pixels are reached through `World.to_world` and `World.to_pixels`.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property

import numpy as np
import numpy.typing as npt

from training.data.synthetic.noise import (
    Doubles,
    Floats,
    Integers,
    grid_noise,
    hash_unit,
    hash_words,
    point_noise,
    salt_of,
)
from training.data.synthetic.style import Style

PITCH = 560.0  # units between neighbouring lines of the lattice
JITTER = 0.26  # share of the pitch over which a line may move
WARPS = ((1500, 200.0, 11), (480, 28.0, 13))  # period, amplitude (units), noise stream
CORNER = 12.0  # radius of road corners, units
NO_ROAD = -CORNER - 1.0  # half width that leaves nothing of a road
CANAL_EDGE = -CORNER - 3.0  # half width that stands for a canal in place of a road
CANAL_HALF = 11.0  # half width of a canal, units


class Kind(IntEnum):
    """What fills a block."""

    DESERT = 0
    VILLA = 1
    TOWN = 2
    TOWER = 3
    HALL = 4
    LAKE = 5
    GOLF = 6
    FIELD = 7


# Nine neighbouring blocks share out the kinds, so that every scene holds all classes: the open ones keep their
# places (_OPEN_AT, row by row; -1 = built), the built ones are shuffled among the places that are left.
_OPEN_AT = np.array([-1, Kind.LAKE, -1, Kind.GOLF, -1, -1, -1, Kind.DESERT, Kind.LAKE], dtype=np.int64)
_BUILT_PLACE = np.array([0, 0, 1, 0, 2, 3, 4, 0, 0], dtype=np.int64)  # number among the built places
_BUILT = np.array([Kind.VILLA, Kind.TOWN, Kind.HALL, Kind.VILLA, Kind.TOWER], dtype=np.int64)
_OPEN = (Kind.DESERT, Kind.LAKE, Kind.GOLF, Kind.FIELD)


@dataclass(frozen=True)
class Blocks:
    """Tables of the blocks (j, i) of a lattice range; each (ny, nx)."""

    left: Doubles
    top: Doubles
    width: Doubles
    height: Doubles
    half: Doubles  # (4, ny, nx) half widths of the road at the left, right, top, bottom edge
    kind: Integers
    code: Integers  # hash of the block, 0..2**32-1


@dataclass(frozen=True)
class Sites:
    """Places on the ground, all fields and properties of one shape. Properties of a block are looked up on demand."""

    u: Floats  # units right of the block's left line
    v: Floats  # units below the block's top line
    block: npt.NDArray[np.int32]  # flat index into the tables
    broad: Floats  # noise, period about 200 units
    fine: Floats  # noise, period about 60 units
    table: Blocks

    def at(self, index: Integers) -> Sites:
        """Pick the sites with the given flat indices; all fields become (n,)."""
        u, v, broad, fine = (field.ravel().take(index) for field in (self.u, self.v, self.broad, self.fine))
        return Sites(u, v, self.block.ravel().take(index), broad, fine, self.table)

    @cached_property
    def size(self) -> tuple[Floats, Floats]:
        """Width and height of the site's block, units."""
        width, height = (t.astype(np.float32).ravel() for t in (self.table.width, self.table.height))
        return width.take(self.block), height.take(self.block)

    @cached_property
    def half(self) -> tuple[Floats, Floats, Floats, Floats]:
        """Half widths of the roads at the left, right, top, bottom edge of the site's block."""
        left, right, top, bottom = (side.astype(np.float32).ravel().take(self.block) for side in self.table.half)
        return left, right, top, bottom

    @cached_property
    def kind(self) -> npt.NDArray[np.uint8]:
        """Kind of the site's block."""
        return np.asarray(self.table.kind.astype(np.uint8).ravel().take(self.block))

    @cached_property
    def code(self) -> Integers:
        """Hash of the site's block."""
        return np.asarray(self.table.code.ravel().take(self.block))

    @cached_property
    def gaps(self) -> tuple[Floats, Floats]:
        """Units to the nearest road edge of the block, across (u) and down (v); negative on a road."""
        half = self.table.half.astype(np.float32).reshape(4, -1)
        right = self.table.width.astype(np.float32).ravel() - half[1]
        bottom = self.table.height.astype(np.float32).ravel() - half[3]
        across = np.minimum(self.u - half[0].take(self.block), right.take(self.block) - self.u)
        down = np.minimum(self.v - half[2].take(self.block), bottom.take(self.block) - self.v)
        return across, down

    @cached_property
    def edge(self) -> Floats:
        """Units to the nearest road edge of the block."""
        return np.asarray(np.minimum(*self.gaps))


class World:
    """Everything about one seed that does not depend on the window."""

    def __init__(self, seed: int, style: Style) -> None:
        """Derive the frame (rotation, phases) of `seed`."""
        self.seed = seed
        self.style = style
        self.zoom = style.resolution_scale
        draw = np.random.default_rng([seed & 0xFFFFFFFF, 11]).random(4)
        angle = math.radians(10 + 70 * draw[0])
        self.cos, self.sin = math.cos(angle), math.sin(angle)
        self.phase = (int(draw[1] * 24), int(draw[2] * 24))

    def salt(self, stream: int) -> int:
        """Return the salt of one stream of random numbers."""
        return salt_of(self.seed, stream)

    def period(self, units: float) -> int:
        """Convert a length in units into whole pixels, at least 1."""
        return max(1, round(units * self.zoom))

    def lines(self, axis: int, first: int, last: int) -> Doubles:
        """Positions (units) of the lines first..last of an axis: 0 = x (vertical), 1 = y."""
        index = np.arange(first, last + 1)
        shift = hash_unit(index, np.full_like(index, axis), self.salt(21)).astype(np.float64) - 0.5
        return np.asarray((index + JITTER * shift) * PITCH)

    def half_width(self, axis: int, index: Integers) -> Doubles:
        """Half width (units) of the road on each line: highway, arterial or street."""
        turn = (index + self.phase[axis]) % 8
        half = np.where(turn == 4, 17.0, 8.0)
        return np.where(turn == 0, 36.0 if axis == 0 else 17.0, half)

    def is_canal(self, axis: int, index: Integers) -> Integers:
        """1 where a line carries a canal in place of a street, else 0."""
        return ((index + self.phase[axis]) % 8 % 4 == 2).astype(np.int64) if axis else np.zeros_like(index)

    def kinds(self, rows: Integers, cols: Integers) -> Integers:
        """Kind of each block (broadcast rows, cols)."""
        rows, cols = rows + self.phase[0], cols + self.phase[1]
        shuffle = hash_words(rows // 3, cols // 3, self.salt(23)).astype(np.int64)
        place = (rows % 3) * 3 + cols % 3
        step, shift = 1 + (shuffle >> 8) % 4, (shuffle >> 16) % 5  # steps 1..4 modulo 5: a permutation each
        built = _BUILT[(_BUILT_PLACE[place] * step + shift) % 5]
        opened = _OPEN_AT[place]
        kind = np.where(opened < 0, built, opened)
        swap = (shuffle & 1 == 1) & ((kind == Kind.GOLF) | (kind == Kind.DESERT))
        kind = np.where(swap, int(Kind.GOLF) + int(Kind.DESERT) - kind, kind)
        farmed = (kind == Kind.GOLF) & (hash_words(rows, cols, self.salt(24)) % 3 == 0)
        return np.where(farmed, int(Kind.FIELD), kind)

    def blocks(self, rows: tuple[int, int], cols: tuple[int, int]) -> Blocks:
        """Tables for the blocks rows[0]..rows[1], cols[0]..cols[1] (both ends included)."""
        j = np.arange(rows[0], rows[1] + 1)[:, None]
        i = np.arange(cols[0], cols[1] + 1)[None, :]
        xs, ys = self.lines(0, cols[0], cols[1] + 1), self.lines(1, rows[0], rows[1] + 1)
        shape = (j.size, i.size)
        half = np.stack([self._edge(0, j, i), self._edge(0, j, i + 1), self._edge(1, j, i), self._edge(1, j + 1, i)])
        return Blocks(
            left=np.broadcast_to(xs[None, :-1], shape),
            top=np.broadcast_to(ys[:-1, None], shape),
            width=np.broadcast_to(np.diff(xs)[None, :], shape),
            height=np.broadcast_to(np.diff(ys)[:, None], shape),
            half=half,
            kind=self.kinds(j, i),
            code=hash_words(j, i, self.salt(25)).astype(np.int64),
        )

    def _edge(self, axis: int, j: Integers, i: Integers) -> Doubles:
        """Half width of the road on the left (axis 0) or top (axis 1) edge of each block."""
        line = i if axis == 0 else j
        before = self.kinds(j, i - 1) if axis == 0 else self.kinds(j - 1, i)
        here = self.kinds(j, i)
        width = np.broadcast_to(self.half_width(axis, line), here.shape)
        both_open = np.isin(before, _OPEN) & np.isin(here, _OPEN)
        width = np.where(both_open & (width < 10), NO_ROAD, width)
        return np.where(self.is_canal(axis, line) == 1, CANAL_EDGE, width)

    def _rotate(self, rows: Doubles, cols: Doubles) -> tuple[Doubles, Doubles]:
        c, s = self.cos / self.zoom, self.sin / self.zoom
        return cols * c + rows * s, rows * c - cols * s

    def warp_grid(self, rows: Integers, cols: Integers) -> tuple[Doubles, Doubles]:
        """World coordinates (x, y) of a pixel grid, each (H, W) float64 units."""
        x, y = self._rotate(rows[:, None].astype(np.float64), cols[None, :].astype(np.float64))
        for period, amplitude, stream in WARPS:
            pixels = self.period(period)
            x += (grid_noise(rows, cols, pixels, self.salt(stream)) - np.float32(0.5)) * np.float32(amplitude)
            y += (grid_noise(rows, cols, pixels, self.salt(stream + 1)) - np.float32(0.5)) * np.float32(amplitude)
        return x, y

    def to_world(self, rows: Doubles, cols: Doubles) -> tuple[Doubles, Doubles]:
        """World coordinates (x, y) of any pixel positions."""
        dx, dy = self._shift(rows, cols)
        x, y = self._rotate(rows, cols)
        return x + dx, y + dy

    def _shift(self, rows: Doubles, cols: Doubles) -> tuple[Doubles, Doubles]:
        dx, dy = np.zeros_like(rows), np.zeros_like(rows)
        for period, amplitude, stream in WARPS:
            pixels = self.period(period)
            dx += (point_noise(rows, cols, pixels, self.salt(stream)) - 0.5) * amplitude
            dy += (point_noise(rows, cols, pixels, self.salt(stream + 1)) - 0.5) * amplitude
        return dx, dy

    def to_pixels(self, x: Doubles, y: Doubles) -> tuple[Doubles, Doubles]:
        """Invert `to_world` by fixed-point iteration (the warp's slope is about 0.2): (rows, cols)."""
        dx, dy = np.zeros_like(x), np.zeros_like(y)
        for _ in range(9):
            a, b = x - dx, y - dy
            rows = (a * self.sin + b * self.cos) * self.zoom
            cols = (a * self.cos - b * self.sin) * self.zoom
            dx, dy = self._shift(rows, cols)
        return rows, cols

    def sites(self, x: Doubles, y: Doubles, broad: Floats, fine: Floats) -> Sites:
        """Locate world positions in their blocks."""
        cols = math.floor(float(x.min()) / PITCH) - 1, math.floor(float(x.max()) / PITCH) + 1
        rows = math.floor(float(y.min()) / PITCH) - 1, math.floor(float(y.max()) / PITCH) + 1
        table = self.blocks(rows, cols)
        i, j = np.zeros(x.shape, np.int32), np.zeros(x.shape, np.int32)
        for line in table.left[0, 1:]:
            i += x >= line
        for line in table.top[1:, 0]:
            j += y >= line
        j *= table.left.shape[1]
        j += i
        u = np.asarray(x - table.left.ravel().take(j), dtype=np.float32)
        v = np.asarray(y - table.top.ravel().take(j), dtype=np.float32)
        return Sites(u, v, j, broad, fine, table)

    def grid_sites(self, rows: Integers, cols: Integers) -> Sites:
        """Sites of every pixel of a grid, fields (H, W)."""
        x, y = self.warp_grid(rows, cols)
        broad = grid_noise(rows, cols, self.period(200), self.salt(31))
        return self.sites(x, y, broad, grid_noise(rows, cols, self.period(60), self.salt(32)))

    def point_sites(self, rows: Doubles, cols: Doubles) -> Sites:
        """Sites of any pixel positions, fields of their shape."""
        x, y = self.to_world(rows, cols)
        broad = point_noise(rows, cols, self.period(200), self.salt(31)).astype(np.float32)
        fine = point_noise(rows, cols, self.period(60), self.salt(32)).astype(np.float32)
        return self.sites(x, y, broad, fine)


@functools.lru_cache(maxsize=16)
def world_of(seed: int, style: Style) -> World:
    """Return the world of a seed and style; kept, since every window of a scene asks for it."""
    return World(seed, style)
