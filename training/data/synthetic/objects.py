"""Objects in the blocks: houses, wings, towers, halls, sheds, pools; as rotated rectangles."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from training.data.synthetic.ground import BUILT_SHARE, INNER_STREET, PLOT, STRIP, lot_plan
from training.data.synthetic.layout import Kind, World, world_of
from training.data.synthetic.noise import Doubles, Integers, Mask, hash_unit, salt_of
from training.data.synthetic.style import Material, Style

_VILLA_ROOFS = (Material.ROOF_WHITE, Material.ROOF_BEIGE, Material.ROOF_SAND, Material.ROOF_RED, Material.ROOF_GREY)
_TOWN_ROOFS = (Material.ROOF_WHITE, Material.ROOF_BEIGE, Material.ROOF_BEIGE, Material.ROOF_SAND)
_TOWER_ROOFS = (Material.ROOF_WHITE, Material.ROOF_GREY, Material.ROOF_BEIGE, Material.ROOF_BROWN)
_HALL_ROOFS = (Material.ROOF_METAL, Material.ROOF_WHITE, Material.ROOF_GREY, Material.ROOF_BROWN)


class Roof(IntEnum):
    """How the upper side of an object is drawn."""

    FLAT = 0
    HIPPED = 1
    RIBBED = 2
    BASIN = 3


@dataclass(frozen=True)
class Objects:
    """Rotated rectangles, fields (n,), in pixels."""

    row: Doubles
    col: Doubles
    cos: Doubles
    sin: Doubles
    half_a: Doubles
    half_b: Doubles
    height: Doubles
    material: Integers
    roof: Integers
    draw: Doubles  # random number of the object in [0, 1)

    def reach(self, shadow: float) -> Doubles:
        """Pixels from the centre to the farthest pixel that the object or its shadow touches."""
        return np.asarray(np.hypot(self.half_a, self.half_b) + self.height * shadow + 2)


class _Plan:
    """Objects of one block while they are laid out; positions in units, `a` along and `b` across the strips."""

    def __init__(self, world: World, j: int, i: int, kind: Kind, strip: float, lot: float) -> None:
        table = world.blocks((j, j), (i, i))
        code = int(table.code[0, 0])
        lots = lot_plan(table, strip, lot)
        self.kind = kind
        self.turned = bool(lots.turned[0, 0])
        self.corner = float(table.left[0, 0]), float(table.top[0, 0])
        self.start = float(lots.start[0][0, 0]), float(lots.start[1][0, 0])
        self.pitch, self.lot = float(lots.pitch[0, 0]), float(lots.width[0, 0])
        count, rows = int(lots.counts[0][0, 0]), int(lots.counts[1][0, 0])
        grid = np.meshgrid(np.arange(rows), np.arange(2), np.arange(count), indexing="ij")
        self.row, self.far, self.index = (part.ravel() for part in grid)
        self.tag = (self.row * 2 + self.far) * 64 + self.index + code
        self.code = np.full_like(self.tag, code)
        self.parts: list[tuple[Doubles, ...]] = []

    @property
    def depth(self) -> float:
        """Units from the back fence of a lot to the pavement of the inner street."""
        return self.pitch / 2 - INNER_STREET

    def draw(self, salt: int) -> Doubles:
        """One random number in [0, 1] a lot; the ground programs draw the same for the same salt."""
        return hash_unit(self.tag, self.code, salt).astype(np.float64)

    def add(
        self,
        keep: Mask,
        place: tuple[Doubles, Doubles],
        half: tuple[Doubles, Doubles],
        height: Doubles,
        look: tuple[Doubles, int, Doubles],
    ) -> None:
        """Add one rectangle to each kept lot; place = (along, back) in the lot, look = (material, roof, draw)."""
        b = self.row * self.pitch + np.where(self.far == 1, self.pitch - place[1], place[1])
        a = self.index * self.lot + place[0]
        roof = np.full(a.shape, float(look[1]))
        columns = (a, b, half[0], half[1], height, look[0], roof, look[2])
        kept = np.flatnonzero(keep)
        self.parts.append(tuple(np.broadcast_to(column, a.shape)[kept] for column in columns))

    def finish(self, world: World) -> Objects:
        """Map the rectangles onto pixels; each turns with the warp where it stands."""
        parts = self.parts or [tuple(np.zeros(0) for _ in range(8))]
        a, b, half_a, half_b, height, material, roof, draw = (np.concatenate(column) for column in zip(*parts))
        a, b = a + self.start[0], b + self.start[1]
        u, v = (b, a) if self.turned else (a, b)
        x, y = self.corner[0] + u, self.corner[1] + v
        step = (0.0, 4.0) if self.turned else (4.0, 0.0)
        row, col = world.to_pixels(x, y)
        row2, col2 = world.to_pixels(x + step[0], y + step[1])
        loose = (draw * 7 % 1 - 0.5) * (0.07 if self.kind is Kind.VILLA else 0.0)
        angle = np.arctan2(row2 - row, col2 - col) + loose
        zoom = world.zoom
        return Objects(
            row,
            col,
            np.cos(angle),
            np.sin(angle),
            half_a * zoom,
            half_b * zoom,
            height * zoom,
            material.astype(np.int64),
            roof.astype(np.int64),
            draw,
        )


def _pick(choices: tuple[Material, ...], draw: Doubles) -> Doubles:
    return np.array(choices, dtype=np.float64)[np.minimum((draw * len(choices)).astype(np.int64), len(choices) - 1)]


def _homes(plan: _Plan, salt: int, density: float) -> None:
    villa = plan.kind is Kind.VILLA
    d = [plan.draw(salt_of(salt, stream)) for stream in range(8)]
    built = d[0] < density
    main = _pick(_VILLA_ROOFS if villa else _TOWN_ROOFS, d[1])
    style = Roof.HIPPED if villa else Roof.FLAT
    hipped = built & (main == Material.ROOF_RED) if villa else np.zeros_like(built)
    wide = plan.lot * ((0.29 + 0.1 * d[2]) if villa else (0.42 + 0.07 * d[2]))
    deep = plan.depth * ((0.24 + 0.1 * d[3]) if villa else (0.28 + 0.08 * d[3]))
    along = plan.lot / 2 + (d[4] - 0.5) * (9 if villa else 2)
    back = plan.depth * 0.55 + (d[5] - 0.5) * 7
    height = 13 + 10 * d[6]
    plan.add(built & hipped, (along, back), (wide, deep), height, (main, style, d[6]))
    plan.add(built & ~hipped, (along, back), (wide, deep), height, (main, Roof.FLAT, d[6]))
    side = np.where(d[7] < 0.5, -1.0, 1.0)
    front = np.where(d[5] < 0.5, -1.0, 1.0)
    wing = built & (d[3] < 0.75)
    at = along + side * wide * 0.48, back + front * deep * 0.85
    plan.add(wing, at, (wide * 0.45, deep * 0.45), height - 5, (main, Roof.FLAT, d[7]))
    stair = built & (d[2] > 0.35)
    at = along - side * wide * 0.4, back - front * deep * 0.3
    plan.add(stair, at, (wide * 0.24, deep * 0.3), height + 5, (main, Roof.FLAT, d[4]))
    pool = built & (d[1] * 5 % 1 < (0.32 if villa else 0.05))
    at = plan.lot * (0.3 + 0.3 * d[7]), 9.5 + 0 * d[0]
    plan.add(pool, at, (6 + 4 * d[4], 3 + d[5]), 0 * d[0], (0 * d[0] + Material.POOL, Roof.BASIN, d[0]))
    shed = (d[7] * 9 % 1 < 0.4) & ~pool
    at = plan.lot * 0.86 + 0 * d[0], 7.5 + 0 * d[0]
    plan.add(shed, at, (2.4 + 2 * d[1], 1.6 + 1.2 * d[2]), 5 + 0 * d[0], (main, Roof.FLAT, d[3]))


def _plots(plan: _Plan, salt: int, density: float) -> None:
    tower = plan.kind is Kind.TOWER
    use = plan.draw(salt + 1)
    d = [plan.draw(salt_of(salt, stream)) for stream in range(20, 27)]
    built = (use < BUILT_SHARE) & (d[0] < density)
    roof = _pick(_TOWER_ROOFS if tower else _HALL_ROOFS, d[1])
    usable = plan.depth - 10
    along, back = plan.lot / 2 + (d[2] - 0.5) * 6, 8 + usable / 2 + 0 * d[0]
    wide, deep = plan.lot * (0.36 + 0.09 * d[3]), usable * (0.38 + 0.09 * d[4])
    if not tower:
        plan.add(built, (along, back), (wide, deep), 18 + 12 * d[5], (roof, Roof.RIBBED, d[6]))
        office = built & (d[2] < 0.5)
        plan.add(
            office,
            (along - wide * 0.7, back),
            (wide * 0.2, deep * 0.5),
            34 + 9 * d[3],
            (roof * 0 + Material.ROOF_WHITE, 0, d[5]),
        )
        return
    plan.add(built, (along, back), (wide, deep), 12 + 10 * d[5], (roof, Roof.FLAT, d[6]))
    court = built & (d[6] < 0.4)
    plan.add(
        court,
        (along - wide * 0.45, back),
        (wide * 0.22, deep * 0.42),
        0 * d[0],
        (roof * 0 + Material.POOL, Roof.BASIN, d[1]),
    )
    tall = built & (d[5] > 0.25)
    at = along + wide * 0.35, back + (d[4] - 0.5) * deep * 0.5
    second = _pick(_TOWER_ROOFS, d[6])
    plan.add(tall, at, (wide * 0.42, deep * 0.5), 45 + 75 * d[2], (second, Roof.FLAT, d[3]))


def _huts(plan: _Plan, salt: int, density: float) -> None:
    d = [plan.draw(salt_of(salt, stream)) for stream in range(40, 46)]
    at = plan.lot * (0.2 + 0.6 * d[0]), plan.depth * (0.2 + 0.6 * d[1])
    roof = _pick(_HALL_ROOFS, d[2])
    few = d[3] < (0.16 if plan.kind is Kind.DESERT else 0.09) * density
    plan.add(few, at, (3 + 12 * d[4] ** 2, 2.5 + 5 * d[5] ** 2), 6 + 4 * d[4], (roof, Roof.FLAT, d[5]))


_PLANS: dict[Kind, Callable[[_Plan, int, float], None]] = {
    Kind.VILLA: _homes,
    Kind.TOWN: _homes,
    Kind.TOWER: _plots,
    Kind.HALL: _plots,
    Kind.DESERT: _huts,
    Kind.FIELD: _huts,
}


@functools.lru_cache(maxsize=256)
def block_objects(seed: int, style: Style, j: int, i: int) -> Objects | None:
    """Objects of the block in lattice row j and column i; None where its kind has none."""
    world = world_of(seed, style)
    kind = Kind(int(world.kinds(np.array([j]), np.array([i]))[0]))
    program = _PLANS.get(kind)
    if program is None:
        return None
    strip, lot = STRIP.get(kind, (2 * PLOT.get(kind, 60.0), PLOT.get(kind, 60.0)))
    plan = _Plan(world, j, i, kind, strip, lot)
    program(plan, world.salt(41), style.building_density)
    return plan.finish(world)


def shadow_factor(style: Style) -> float:
    """Length of a shadow over the height of what casts it."""
    return math.hypot(*style.shadow_vector())
