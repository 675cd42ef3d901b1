"""Class rasters in memory, and what is read back from files of polygons."""

from __future__ import annotations

import sqlite3
import struct
from contextlib import contextmanager

import numpy as np

from uhrs_qgis_plugin.engine.areas import rings_of_wkb
from uhrs_qgis_plugin.engine.polygons import job as job_module

FIELDS = ["class", "name", "area_m2", "pixels", "mean_u", "mean_final", "unsure_share"]


def read_rows(path):
    """The rows of a GeoPackage: a dictionary of fields each, with its rings as 'rings'."""
    base = sqlite3.connect(path)
    (table,) = base.execute("SELECT table_name FROM gpkg_contents").fetchone()
    rows = []
    for fid, blob, *values in base.execute(f'SELECT * FROM "{table}" ORDER BY fid'):
        assert blob[:3] == b"GP\0"
        wkb = blob[8 + 32 :]
        (rings,) = rings_of_wkb(wkb)
        box = struct.unpack("<4d", blob[8:40])
        rows.append({"fid": fid, "rings": rings, "box": box, **dict(zip(FIELDS, values))})
    base.close()
    return rows


@contextmanager
def strips_of(rows):
    """Read and trace so many rows at a time."""
    before = job_module.strip_rows
    job_module.strip_rows = lambda info: rows
    try:
        yield
    finally:
        job_module.strip_rows = before


def patches_by_flood(labels, nodata):
    """Patches of equal numbers that share sides, one pixel after the other: an oracle. 0 = no data."""
    found = np.zeros(labels.shape, np.int64)
    count = 0
    for start in np.argwhere(labels != nodata):
        if found[tuple(start)]:
            continue
        count += 1
        stack = [tuple(start)]
        found[tuple(start)] = count
        while stack:
            row, col = stack.pop()
            for r, c in ((row + 1, col), (row - 1, col), (row, col + 1), (row, col - 1)):
                inside = 0 <= r < labels.shape[0] and 0 <= c < labels.shape[1] and not found[r, c]
                if inside and labels[r, c] == labels[row, col]:
                    found[r, c] = count
                    stack.append((r, c))
    return found


def is_simple(rings):
    """Whether no ring meets itself, and no two rings cross: for rings along the sides of pixels, an oracle.

    Two rings may share a point, a ring may not pass through a point twice.
    """
    edges = set()
    for ring in rings:
        corners = [tuple(point) for point in ring[:-1]]
        if len(set(corners)) != len(corners):
            return False
        passed = set()
        for (x0, y0), (x1, y1) in zip(ring[:-1], ring[1:]):
            assert (x0 == x1) != (y0 == y1), "every edge is level or upright"
            steps = int(max(abs(x1 - x0), abs(y1 - y0)))
            for step in range(steps):
                at = (x0 + (x1 - x0) * step / steps, y0 + (y1 - y0) * step / steps)
                to = (x0 + (x1 - x0) * (step + 1) / steps, y0 + (y1 - y0) * (step + 1) / steps)
                edge = (min(at, to), max(at, to))
                if edge in edges or at in passed:
                    return False
                edges.add(edge)
                passed.add(at)
    return True
