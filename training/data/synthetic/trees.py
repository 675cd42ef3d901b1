"""Trees, palms and bushes: a jittered lattice, thinned by what the ground at each trunk is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from training.data.synthetic.ground import ground_of
from training.data.synthetic.layout import Kind, World
from training.data.synthetic.noise import Doubles, Floats, Integers, hash_unit
from training.data.synthetic.roads import road_mask
from training.data.synthetic.style import Material

SPACING = 15.0  # units between the places where a tree may stand
LARGEST = 8.0  # units: radius of the largest crown

# Chance that a place on this ground carries a tree.
_CHANCE = {
    Material.GRASS: 0.36,
    Material.FAIRWAY: 0.02,
    Material.YARD: 0.13,
    Material.SAND: 0.06,
    Material.SOIL: 0.02,
    Material.HEDGE: 0.5,
    Material.CROP: 0.01,
}
_CHANCES = np.array([_CHANCE.get(m, 0.0) for m in Material], dtype=np.float32)


@dataclass(frozen=True)
class Trees:
    """Crowns, fields (n,): centre and radius in pixels, palm or not."""

    row: Doubles
    col: Doubles
    radius: Doubles
    palm: Integers
    draw: Floats


def trees_near(world: World, top: int, left: int, shape: tuple[int, int]) -> Trees:
    """All trees whose crown or shadow may touch the window, in an order that no window changes."""
    period = world.period(SPACING)
    reach = int(LARGEST * world.zoom * 2.5) + 2
    rows = np.arange((top - reach) // period, (top + shape[0] + reach) // period + 1)
    cols = np.arange((left - reach) // period, (left + shape[1] + reach) // period + 1)
    j, i = (part.ravel() for part in np.meshgrid(rows, cols, indexing="ij"))
    draw = [hash_unit(j, i, world.salt(50 + stream)) for stream in range(4)]
    likely = np.flatnonzero(draw[0] < _CHANCES.max() * np.float32(1.6))
    j, i, draw = j[likely], i[likely], [part[likely] for part in draw]
    row = (j + 0.1 + 0.8 * draw[1].astype(np.float64)) * period
    col = (i + 0.1 + 0.8 * draw[2].astype(np.float64)) * period
    sites = world.point_sites(row, col)
    chance = _CHANCES[ground_of(sites, world.salt(41)).material] * (np.float32(0.3) + np.float32(1.3) * sites.fine)
    open_sand = (sites.kind == Kind.DESERT) | (sites.kind == Kind.LAKE) | (sites.kind == Kind.GOLF)
    size = np.where(sites.kind == Kind.DESERT, 1.3 + 2.2 * draw[3] ** 2, 3 + 5 * draw[3] ** 1.5)
    clear = ~road_mask(sites) & (sites.edge > size * np.float32(0.7))
    chance *= np.where((sites.kind == Kind.GOLF) & open_sand, np.float32(1.3), np.float32(1))
    keep = np.flatnonzero((draw[0] < chance) & clear)
    palm = ((draw[3] * 13 % 1 < 0.35) & (size > 3)).astype(np.int64)
    return Trees(row[keep], col[keep], size[keep].astype(np.float64) * world.zoom, palm[keep], draw[3][keep])
