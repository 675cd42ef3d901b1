"""Roads of the lattice: which sites lie on one, their surface, markings, medians and cars."""

from __future__ import annotations

import numpy as np

from training.data.synthetic.ground import Ground, bare, paint_cars
from training.data.synthetic.layout import CORNER, Sites
from training.data.synthetic.noise import Floats, Integers, Mask, hash_unit
from training.data.synthetic.style import Material

LANE = np.float32(11)  # units: lane width
MEDIAN = np.float32(2.4)  # units: half width of the strip between the carriageways of an arterial


def road_mask(sites: Sites) -> Mask:
    """True on roads, corners rounded; any shape."""
    r = np.float32(CORNER)
    a, b = (np.maximum(r - gap, 0) for gap in sites.gaps)
    return np.asarray(a * a + b * b > r * r)


def _lateral(near: Floats, size: Floats, first: Floats, second: Floats) -> tuple[Floats, Floats]:
    """Signed distance to the closer of a block's two parallel lines, and the half width of its road."""
    close = near - first < size - near - second
    return np.where(close, near, near - size), np.where(close, first, second)


def road_ground(sites: Sites, salt: int) -> Ground:
    """Surface of road sites (n,)."""
    left, right, top, bottom = sites.half
    lateral_x, half_x = _lateral(sites.u, sites.size[0], left, right)
    lateral_y, half_y = _lateral(sites.v, sites.size[1], top, bottom)
    on_x, on_y = np.abs(lateral_x) < half_x, np.abs(lateral_y) < half_y
    lateral = np.where(on_x, lateral_x, lateral_y)
    half = np.where(on_x, half_x, half_y)
    x = sites.table.left.ravel().take(sites.block) + sites.u
    y = sites.table.top.ravel().take(sites.block) + sites.v
    along = np.where(on_x, y, x)
    single = on_x ^ on_y
    ground = bare(sites, Material.ASPHALT)
    widest = np.maximum(np.where(on_x, half_x, 0), np.where(on_y, half_y, 0))
    ground.put(widest < 12, Material.STREET)
    _furnish(ground, lateral, half, along - np.floor(along / 5040) * 5040, single, salt)
    return ground


def _furnish(ground: Ground, lateral: Floats, half: Floats, along: Floats, single: Mask, salt: int) -> None:
    """Median, markings, wheel tracks and cars, away from junctions."""
    along = np.asarray(along, dtype=np.float32)
    distance = np.abs(lateral)
    major = half > 12
    start = np.where(half > 12, MEDIAN, 0).astype(np.float32)
    lane: Floats = np.floor((distance - start) / LANE)
    offset = distance - start - lane * LANE
    dash = along - np.floor(along / 24) * 24 < 9
    line = (np.minimum(offset, LANE - offset) < 0.6) & dash & major & single & (lane >= 0)
    ground.tone[:] = (np.abs(np.abs(offset - LANE / 2) - 2.8) - np.float32(1.4)) * np.float32(0.022)
    ground.put(line, Material.MARK)
    ground.put((np.abs(half - distance - 1.6) < 0.6) & major & single, Material.MARK)
    cell = np.floor(along / 42).astype(np.int64)
    planted = hash_unit(cell, np.zeros_like(cell), salt) > 0.3
    median = (distance < MEDIAN) & major & single
    ground.put(median, Material.SAND)
    ground.put(median & planted & (half < 30) & (distance < 1.6), Material.HEDGE)
    ground.put(median & (half > 30), Material.PATH)
    _traffic(ground, np.sign(lateral) * (lane + 1), offset, along, single & (distance < half - 1) & ~median)


def _traffic(ground: Ground, lane: Floats, offset: Floats, along: Floats, where: Mask) -> None:
    """At most one car to every 30 units of a lane, at a random place in it."""
    cell = np.floor(along / 30)
    key: Integers = cell.astype(np.int64)
    draw = hash_unit(key, lane.astype(np.int64), 79)
    place = along - cell * 30 - 8 - 14 * hash_unit(key, lane.astype(np.int64), 80)
    body = (np.abs(place) < 7) & (np.abs(offset - LANE / 2) < 2.9) & (draw < 0.24) & where
    side = np.sign(lane)
    paint_cars(ground, body, draw / np.float32(0.24), np.abs(place - side * 2))
