"""Painting of objects and trees into the buffers of one window: materials, tones, shadows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from training.data.synthetic.noise import Doubles, Floats, Integers, hash_unit
from training.data.synthetic.objects import Objects, Roof
from training.data.synthetic.style import Material
from training.data.synthetic.trees import Trees


@dataclass(frozen=True)
class Canvas:
    """Buffers (h, w) of a window whose upper left pixel is (top, left)."""

    top: int
    left: int
    material: npt.NDArray[np.uint8]
    tone: Floats
    shadow: Floats  # 0 = lit, 1 = full shadow
    fine: Floats  # noise of a few pixels, [0, 1]

    def box(self, row: float, col: float, reach: tuple[float, float, float, float]) -> tuple[slice, slice] | None:
        """Slices of the part of the window from (row - up, col - left) to (row + down, col + right)."""
        height, width = self.material.shape
        up, down, left, right = reach
        r0, r1 = max(int(row - up) - 1 - self.top, 0), min(int(row + down) + 2 - self.top, height)
        c0, c1 = max(int(col - left) - 1 - self.left, 0), min(int(col + right) + 2 - self.left, width)
        return (slice(r0, r1), slice(c0, c1)) if r0 < r1 and c0 < c1 else None

    def local(self, box: tuple[slice, slice], row: float, col: float) -> tuple[Floats, Floats]:
        """Offsets (h, 1), (1, w) of the pixels of a box from a point."""
        dy = np.arange(self.top + box[0].start, self.top + box[0].stop) - row
        dx = np.arange(self.left + box[1].start, self.left + box[1].stop) - col
        return dy.astype(np.float32)[:, None], dx.astype(np.float32)[None, :]


def _slab(position: Floats, half: float, speed: float) -> tuple[Floats, Floats]:
    """Interval of t for which |position + t * speed| < half."""
    if abs(speed) < 1e-3:
        speed = 1e-3
    middle = position * np.float32(-1 / speed)
    half_t = np.float32(half / abs(speed))
    return middle - half_t, middle + half_t


def _cast(canvas: Canvas, objects: Objects, k: int, cast: tuple[float, float]) -> None:
    """Darken the shadow of object k: every pixel whose way to the sun, as long as the shadow, meets it."""
    row, col = float(objects.row[k]), float(objects.col[k])
    cos, sin = float(objects.cos[k]), float(objects.sin[k])
    half_a, half_b = float(objects.half_a[k]), float(objects.half_b[k])
    down, right = cast[0] * float(objects.height[k]), cast[1] * float(objects.height[k])
    high = abs(sin) * half_a + abs(cos) * half_b
    wide = abs(cos) * half_a + abs(sin) * half_b
    reach = (high - min(down, 0.0), high + max(down, 0.0), wide - min(right, 0.0), wide + max(right, 0.0))
    box = canvas.box(row, col, reach)
    if box is None:
        return
    dy, dx = canvas.local(box, row, col)
    a0, a1 = _slab(dx * np.float32(cos) + dy * np.float32(sin), half_a, -(right * cos + down * sin))
    b0, b1 = _slab(dy * np.float32(cos) - dx * np.float32(sin), half_b, -(down * cos - right * sin))
    np.maximum(np.maximum(a0, b0, out=a0), 0, out=a0)
    np.minimum(np.minimum(a1, b1, out=a1), 1, out=a1)
    canvas.shadow[box][a0 < a1] = 1


def _roof_tone(objects: Objects, k: int, a: Floats, b: Floats, light: tuple[float, float]) -> Floats:
    """Relative brightness of a roof; a, b = offsets along its sides, light = direction to the sun (a, b)."""
    half_a, half_b = np.float32(objects.half_a[k]), np.float32(objects.half_b[k])
    draw = float(objects.draw[k])
    base = np.float32((draw * 17 % 1 - 0.5) * 0.24)
    inner_a, inner_b = half_a - np.abs(a), half_b - np.abs(b)
    roof = int(objects.roof[k])
    if roof == Roof.HIPPED:
        towards = np.where(inner_a < inner_b, np.sign(a) * np.float32(light[0]), np.sign(b) * np.float32(light[1]))
        return np.asarray(towards * np.float32(0.2) + base)
    if roof == Roof.BASIN:
        return np.asarray(np.where(np.minimum(inner_a, inner_b) < 1.3, np.float32(0.2), np.float32(0)) + base)
    if roof == Roof.RIBBED:
        rib = a * np.float32(1 / 9)
        wave = np.abs(rib - np.floor(rib) - np.float32(0.5)) * np.float32(0.16)
        skylight = (np.abs(rib - np.floor(rib)) < 0.16) & (np.abs(b) < half_b * np.float32(0.7))
        wave = np.where(skylight & (draw < 0.5), np.float32(-0.2), wave)
        return np.asarray(wave + np.sign(b) * np.float32(0.06 * light[1]) + base)
    tone = np.where(np.minimum(inner_a, inner_b) < 1.4, np.float32(0.1), np.float32(-0.02)) + base
    cell_a, cell_b = np.floor(a / 5).astype(np.int64), np.floor(b / 5).astype(np.int64)
    unit = hash_unit(cell_a + int(draw * 1e6), cell_b, 81)
    within = (a - cell_a * 5 > 1.2) & (b - cell_b * 5 > 1.2) & (inner_a > 4) & (inner_b > 4) & (unit < 0.1)
    return np.asarray(tone + np.where(within, (unit - np.float32(0.06)) * 6, np.float32(0)), dtype=np.float32)


def _fill(canvas: Canvas, objects: Objects, k: int, sun: tuple[float, float]) -> None:
    """Paint the upper side of object k; it lies in light itself."""
    row, col = float(objects.row[k]), float(objects.col[k])
    cos, sin = np.float32(objects.cos[k]), np.float32(objects.sin[k])
    half_a, half_b = float(objects.half_a[k]), float(objects.half_b[k])
    high, wide = abs(sin) * half_a + abs(cos) * half_b, abs(cos) * half_a + abs(sin) * half_b
    box = canvas.box(row, col, (float(high), float(high), float(wide), float(wide)))
    if box is None:
        return
    dy, dx = canvas.local(box, row, col)
    a, b = dx * cos + dy * sin, dy * cos - dx * sin
    inside = (np.abs(a) < half_a) & (np.abs(b) < half_b)
    light = (float(sun[1] * cos + sun[0] * sin), float(sun[0] * cos - sun[1] * sin))
    canvas.material[box][inside] = objects.material[k]
    canvas.tone[box][inside] = _roof_tone(objects, k, a, b, light)[inside]
    if objects.height[k] > 0:
        canvas.shadow[box][inside] = 0


def paint_objects(canvas: Canvas, objects: Objects, cast: tuple[float, float]) -> None:
    """Paint objects from low to high, so that the shadows of the high fall onto the low.

    Args:
        objects: any objects; those out of reach are skipped.
        cast: shadow of an object of height 1, (rows, cols).
    """
    length = float(np.hypot(*cast))
    height, width = canvas.material.shape
    reach = objects.reach(length)
    near = (objects.row + reach > canvas.top) & (objects.row - reach < canvas.top + height)
    near &= (objects.col + reach > canvas.left) & (objects.col - reach < canvas.left + width)
    index = np.flatnonzero(near)
    sun = (-cast[0] / length, -cast[1] / length)
    for k in index[np.argsort(objects.height[index], kind="stable")].tolist():
        if objects.height[k] > 0:
            _cast(canvas, objects, k, cast)
        _fill(canvas, objects, k, sun)


def _stamp(canvas: Canvas, trees: Trees, pick: Integers, shift: tuple[float, float]) -> tuple[Integers, ...]:
    """Flat pixel index and tree index of every pixel in the squares around the shifted trees."""
    side = int(np.ceil(trees.radius[pick].max())) + 1
    span = np.arange(-side, side + 1)
    rows = np.floor(trees.row[pick] + shift[0] * trees.radius[pick]).astype(np.int64)
    cols = np.floor(trees.col[pick] + shift[1] * trees.radius[pick]).astype(np.int64)
    height, width = canvas.material.shape
    r = rows[:, None, None] - canvas.top + span[:, None]
    c = cols[:, None, None] - canvas.left + span[None, :]
    inside = (r >= 0) & (r < height) & (c >= 0) & (c < width)
    which = np.broadcast_to(pick[:, None, None], inside.shape)[inside]
    return np.broadcast_to(r, inside.shape)[inside], np.broadcast_to(c, inside.shape)[inside], which


def _round(canvas: Canvas, trees: Trees, at: tuple[Integers, ...], shift: tuple[float, float]) -> tuple[Doubles, ...]:
    r, c, which = at
    radius = trees.radius[which]
    dy = (r + canvas.top - trees.row[which]) / radius - shift[0]
    dx = (c + canvas.left - trees.col[which]) / radius - shift[1]
    return dy, dx, dy * dy + dx * dx


def paint_trees(canvas: Canvas, trees: Trees, cast: tuple[float, float]) -> None:
    """Paint the trees' shadows, then their crowns, with ragged outlines; palms as stars."""
    if trees.row.size == 0:
        return
    everything = np.arange(trees.row.size)
    shift = (cast[0] * 1.3, cast[1] * 1.3)
    for pick in (everything[trees.radius < 4.5], everything[trees.radius >= 4.5]):
        if pick.size:
            at = _stamp(canvas, trees, pick, shift)
            _, _, square = _round(canvas, trees, at, shift)
            dark = square < 0.9
            canvas.shadow[at[0][dark], at[1][dark]] = 1
    for pick in (everything[trees.radius < 4.5], everything[trees.radius >= 4.5]):
        if pick.size:
            at = _stamp(canvas, trees, pick, (0.0, 0.0))
            dy, dx, square = _round(canvas, trees, at, (0.0, 0.0))
            crown = square < 0.55 + 0.6 * canvas.fine[at[0], at[1]]
            star = np.minimum(np.minimum(np.abs(dy), np.abs(dx)), np.abs(np.abs(dy) - np.abs(dx))) < 0.2
            palm = trees.palm[at[2]] == 1
            crown &= ~palm | (star & (square < 1))
            r, c, which = at[0][crown], at[1][crown], at[2][crown]
            canvas.material[r, c] = np.where(palm[crown], int(Material.PALM), int(Material.TREE)).astype(np.uint8)
            lit = -(dy * cast[0] + dx * cast[1])[crown] * 0.35
            canvas.tone[r, c] = (lit + (trees.draw[which] * 5 % 1 - 0.5) * 0.35).astype(np.float32)
            canvas.shadow[r, c] = 0
