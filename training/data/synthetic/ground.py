"""What lies on the ground inside each kind of block: a material and a tone for every site."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from training.data.synthetic.layout import CANAL_EDGE, CANAL_HALF, Blocks, Kind, Sites
from training.data.synthetic.noise import Doubles, Floats, Integers, Mask, hash_unit
from training.data.synthetic.style import Material

STRIP = {Kind.VILLA: (150.0, 68.0), Kind.TOWN: (124.0, 46.0)}  # units: lot - street - lot across, lot width
PLOT = {Kind.TOWER: 118.0, Kind.HALL: 190.0}  # units: side of the plots of the other built-up kinds
BUILT_SHARE = 0.7  # share of the plots that carry a hall or a tower
PARKED_SHARE = 0.07  # share of the plots that are car parks
INNER_STREET = 5.5  # half width of the street inside a strip, units


@dataclass(frozen=True)
class Ground:
    """Result of a ground program, fields (n,): material codes uint8 and relative brightness float32."""

    material: npt.NDArray[np.uint8]
    tone: Floats

    def put(self, where: Mask, material: Material) -> None:
        """Set the material where the mask is true; the tone stays."""
        self.material[where] = material


def bare(sites: Sites, material: Material) -> Ground:
    """Ground of one material and even tone."""
    return Ground(np.full(sites.u.shape, material, np.uint8), np.zeros(sites.u.shape, np.float32))


@dataclass(frozen=True)
class Lots:
    """Lots of a built-up block seen from each site, fields (n,)."""

    along: Floats  # units from the start of the lot
    width: Floats  # width of the lot
    back: Floats  # units from the back fence towards the inner street
    depth: Floats  # from the back fence to the middle of the inner street
    tag: Integers  # hash key of the lot


@dataclass(frozen=True)
class LotPlan:
    """How blocks are cut into strips (two rows of lots, a street between); fields (ny, nx), like `Blocks`."""

    turned: Mask  # strips run down instead of across
    start: tuple[Doubles, Doubles]  # units from the block's lines to the first lot: along, across the strips
    counts: tuple[Integers, Integers]  # lots along a strip, strips
    pitch: Doubles  # units from strip to strip
    width: Doubles  # units along a strip that a lot takes


def lot_plan(table: Blocks, strip: float, lot: float) -> LotPlan:
    """Plan the lots of blocks; sizes differ from block to block by 0.88..1.28.

    Args:
        strip: usual pitch of the strips, units.
        lot: usual width of a lot, units.
    """
    free = np.maximum(table.half, 0) + np.where(table.half == CANAL_EDGE, CANAL_HALF + 4, 6)
    wide, high = table.width - free[0] - free[1], table.height - free[2] - free[3]
    turned = (table.code & 1) == 1
    length, breadth = np.where(turned, high, wide), np.where(turned, wide, high)
    scale = 0.88 + 0.4 * ((table.code >> 8) & 255) / 255
    count = np.maximum(np.rint(length / (lot * scale)), 1).astype(np.int64)
    strips = np.maximum(np.rint(breadth / (strip * scale)), 1).astype(np.int64)
    start = np.where(turned, free[2], free[0]), np.where(turned, free[0], free[2])
    return LotPlan(turned, start, (count, strips), breadth / strips, length / count)


def lots_of(sites: Sites, strip: float, lot: float) -> Lots:
    """Find the lot of each site; see `lot_plan`."""
    plan = lot_plan(sites.table, strip, lot)

    def look_up(table: npt.NDArray[np.generic]) -> Floats:
        return np.asarray(table.astype(np.float32).ravel().take(sites.block))

    turned = plan.turned.ravel().take(sites.block)
    a = np.where(turned, sites.v, sites.u) - look_up(plan.start[0])
    b = np.where(turned, sites.u, sites.v) - look_up(plan.start[1])
    pitch, width = look_up(plan.pitch), look_up(plan.width)
    index, row = np.floor(a / width), np.floor(b / pitch)
    t = b - row * pitch
    pitch *= np.float32(0.5)
    far = t > pitch
    tag = ((row * 2 + far) * 64 + index).astype(np.int64) + sites.code
    return Lots(a - index * width, width, np.where(far, 2 * pitch - t, t), pitch, tag)


def _homes(sites: Sites, salt: int, kind: Kind) -> Ground:
    lots = lots_of(sites, *STRIP[kind])
    ground = bare(sites, Material.YARD)
    draw = hash_unit(lots.tag, sites.code, salt)
    ground.tone[:] = (draw - np.float32(0.5)) * np.float32(0.22)
    ground.put((draw < 0.3) & (lots.back > 4), Material.SAND)
    lawn = (draw > 0.62) & (lots.back < 4 + 30 * draw) & (sites.fine > 0.3)
    ground.put(lawn, Material.GRASS)
    fence = np.minimum(lots.along, lots.width - lots.along)
    near = (fence < 1.6) & (lots.back < lots.depth - 10)
    ground.tone[near & (draw > 0.5)] -= np.float32(0.25)
    ground.put(near & (draw < 0.5), Material.HEDGE)
    back = lots.back < 1.1
    ground.tone[back] = 0
    ground.put(back, Material.PATH)
    ground.put((lots.back > 3) & (lots.back < 5) & (draw > 0.35), Material.HEDGE)
    street = lots.back > lots.depth - np.float32(INNER_STREET)
    ground.tone[street] = 0
    ground.put(street, Material.STREET)
    parked = (lots.back > lots.depth - 5) & street
    _park(ground, lots.along, lots.depth - lots.back - 3, parked, sites.code + lots.tag, 0.22)
    return ground


def _park(ground: Ground, along: Floats, across: Floats, where: Mask, key: Integers, share: float) -> None:
    """Put cars of 14 x 6 units, one to a cell of 18 units along, where the mask is true."""
    cell = np.floor(along / 18)
    draw = hash_unit(cell.astype(np.int64), key, 77)
    fits = (np.abs(along - cell * 18 - 9) < 7) & (np.abs(across) < 2.7) & (draw < share) & where
    paint_cars(ground, fits, draw / np.float32(share), np.abs(along - cell * 18 - 10))


def paint_cars(ground: Ground, where: Mask, draw: Floats, middle: Floats) -> None:
    """Paint car bodies; `draw` in [0, 1] picks the colour, `middle` = units from the windscreen."""
    choice = np.array([Material.CAR_WHITE] * 6 + [Material.CAR_DARK] * 3 + [Material.CAR_RED, Material.CAR_BLUE])
    body = choice.astype(np.uint8)[np.minimum((draw[where] * 11).astype(np.int64), 10)]
    glass = middle[where] < 1.4
    body[glass] = Material.CAR_DARK
    ground.material[where] = body
    ground.tone[where] = 0


def parking(ground: Ground, a: Floats, b: Floats, where: Mask, key: Integers) -> None:
    """Car park: rows of bays 9 units wide along `a`, aisles between, marked and about half full."""
    ground.put(where, Material.PARKING)
    ground.tone[where] = 0
    row = np.floor(b / 46)
    inside = b - row * 46
    second = inside > 18
    depth = np.where(second, inside - 18, inside)
    bay = np.floor(a / 9)
    offset = a - bay * 9
    in_bay = (inside < 36) & where
    ground.put(in_bay & (offset < 1), Material.MARK)
    draw = hash_unit((bay + 1000 * (2 * row + second)).astype(np.int64), key, 78)
    fits = in_bay & (np.abs(offset - 5) < 2.8) & (np.abs(depth - 9) < 7) & (draw < 0.55)
    paint_cars(ground, fits, draw / np.float32(0.55), np.abs(depth - 10))


def _plots(sites: Sites, salt: int, kind: Kind) -> Ground:
    pitch = PLOT[kind]
    lots = lots_of(sites, 2 * pitch, pitch)
    draw = hash_unit(lots.tag, sites.code, salt + 1)
    ground = bare(sites, Material.YARD)
    ground.tone[:] = (draw - np.float32(0.6)) * np.float32(0.3)
    ground.put(draw < 0.25, Material.SOIL)
    lane = lots.back > lots.depth - 6
    inner = (np.minimum(lots.along, lots.width - lots.along) > 8) & (lots.back > 6) & ~lane
    share = PARKED_SHARE
    parking(ground, lots.along, lots.back, inner & (draw > 1 - share), sites.code)
    green = inner & (draw > BUILT_SHARE) & (draw < BUILT_SHARE + 0.08) & (sites.fine > 0.3)
    ground.put(green, Material.GRASS)
    frame = (np.abs(lots.back - 4) < 1.3) & (lots.along > 5) & (draw > 0.4)
    ground.put(frame, Material.HEDGE)
    ground.tone[lane] = 0
    ground.put(lane, Material.STREET)
    return ground


def _desert(sites: Sites, salt: int) -> Ground:
    ground = bare(sites, Material.SAND)
    phase = np.asarray(sites.v * np.float32(1 / 21) + sites.broad * 5 + sites.fine * np.float32(2.2))
    ripple = np.abs(phase - np.floor(phase) - np.float32(0.5))
    ground.tone[:] = (ripple - np.float32(0.25)) * (sites.broad - np.float32(0.15)) * np.float32(0.34)
    ground.put(np.abs(sites.broad - 0.5) < 0.009, Material.TRACK)
    works = (sites.code % 2 == 0) & (sites.edge > 70 + 25 * sites.fine) & (sites.u > 0.42 * sites.size[0])
    ground.put(works, Material.SOIL)
    path = np.abs(sites.v - sites.size[1] * np.float32(0.36) - 150 * (sites.broad - np.float32(0.5))) < 1.7
    ground.put(path, Material.STREET)
    return ground


def _lake(sites: Sites, salt: int) -> Ground:
    ground = bare(sites, Material.SAND)
    shore = sites.edge + 130 * (sites.broad - np.float32(0.55)) + 34 * (sites.fine - np.float32(0.5))
    ground.put((shore > 28) & (sites.fine > 0.42), Material.GRASS)
    ground.put((shore > 47) & (shore < 50.5), Material.PATH)
    water = shore > 61
    ground.put(water, Material.LAKE)
    depth = np.minimum((shore - 61) * np.float32(1 / 110), 1)
    ground.tone[water] = (np.float32(0.55) - depth * np.float32(0.75))[water]
    return ground


def _golf(sites: Sites, salt: int) -> Ground:
    ground = bare(sites, Material.SAND)
    wave = sites.broad * np.float32(2.4) + sites.fine * np.float32(0.5)
    bend = np.abs(wave - np.floor(wave) - np.float32(0.5))  # 0 in the middle of a fairway, 0.5 between
    ground.put(bend < 0.36, Material.GRASS)
    fairway = bend < 0.21
    ground.put(fairway, Material.FAIRWAY)
    stripes = (np.floor(sites.u / 9).astype(np.int64) & 1).astype(np.float32)
    ground.tone[fairway] = stripes[fairway] * np.float32(0.05)
    ground.put((sites.fine > 0.84) & (bend < 0.3), Material.TRACK)
    shore = np.minimum((sites.edge - 30) * np.float32(0.01), 1) * sites.broad
    pond = shore > 0.62
    ground.put((shore > 0.585) & ~pond, Material.PATH)
    ground.put(pond, Material.LAKE)
    ground.tone[pond] = np.float32(-0.1)
    ground.put((np.abs(sites.fine - 0.33) < 0.013) & ~pond, Material.PATH)
    return ground


def _field(sites: Sites, salt: int) -> Ground:
    lots = lots_of(sites, 210, 96)
    ground = bare(sites, Material.CROP)
    draw = hash_unit(lots.tag, sites.code, salt + 2)
    ground.tone[:] = (draw - np.float32(0.5)) * np.float32(0.3)
    furrow = np.floor(lots.along / 3).astype(np.int64) & 1
    ground.tone[furrow == 1] += np.float32(0.12)
    ground.put(draw < 0.2, Material.SOIL)
    ground.put(draw > 0.82, Material.GRASS)
    ground.put((lots.back < 2.2) | (lots.along < 1.8), Material.CANAL)
    ground.put(lots.back > lots.depth - 4, Material.TRACK)
    outside = sites.edge < 5
    ground.put(outside, Material.SAND)
    return ground


_PROGRAMS: dict[Kind, Callable[[Sites, int], Ground]] = {
    Kind.DESERT: _desert,
    Kind.VILLA: lambda sites, salt: _homes(sites, salt, Kind.VILLA),
    Kind.TOWN: lambda sites, salt: _homes(sites, salt, Kind.TOWN),
    Kind.TOWER: lambda sites, salt: _plots(sites, salt, Kind.TOWER),
    Kind.HALL: lambda sites, salt: _plots(sites, salt, Kind.HALL),
    Kind.LAKE: _lake,
    Kind.GOLF: _golf,
    Kind.FIELD: _field,
}


def _verges(sites: Sites, ground: Ground) -> None:
    """Strips along the road edges: pavement, hedge, and canals that run in place of a road."""
    edge = sites.edge
    built = (sites.kind >= Kind.VILLA) & (sites.kind <= Kind.HALL)
    bed = edge < 6
    ground.put(bed & built, Material.SAND)
    ground.tone[bed & built] = 0
    ground.put((edge > 1.8) & (edge < 3.1) & built, Material.PATH)
    broad_road = (sites.table.half.max(axis=0) > 12).ravel().take(sites.block)
    gap = np.floor((sites.u + sites.v) / 34).astype(np.int64) % 4 == 0
    ground.put((edge > 4) & (edge < 6) & broad_road & ~gap, Material.HEDGE)
    if not (sites.table.half == CANAL_EDGE).any():
        return
    canal = np.full(edge.shape, 99, dtype=np.float32)
    for half, distance in ((sites.half[2], sites.v), (sites.half[3], sites.size[1] - sites.v)):
        canal = np.where(half == CANAL_EDGE, np.minimum(canal, distance), canal)
    quay = canal < CANAL_HALF + 3
    ground.put(quay, Material.PATH)
    ground.tone[quay] = 0
    water = canal < CANAL_HALF
    ground.put(water, Material.CANAL)
    ground.tone[water] = (np.float32(0.16) - canal * np.float32(0.02))[water]


def ground_of(sites: Sites, salt: int) -> Ground:
    """Run the program of each site's block; sites (n,), none of them on a road.

    Args:
        sites: places, one-dimensional.
    """
    ground = bare(sites, Material.SAND)
    for kind, program in _PROGRAMS.items():
        index = np.flatnonzero(sites.kind == kind)
        if index.size:
            part = program(sites.at(index), salt)
            ground.material[index] = part.material
            ground.tone[index] = part.tone
    _verges(sites, ground)
    return ground
