"""Class rasters and references for the tests beside."""

import numpy as np

from uhrs_qgis_plugin.engine.raster import RasterProfile, create_raster, crs_wkt_of
from uhrs_qgis_plugin.engine.vectors import Features

TRANSFORM = (500000.0, 0.5, 0.0, 5000000.0, 0.0, -0.5)
NAMES = ("water", "land", "road")
COLOURS = {0: (0, 0, 255), 1: (200, 180, 120), 2: (80, 80, 80)}


def write_classes(path, labels, transform=TRANSFORM, crs="EPSG:32633", names=NAMES, nodata=255):
    height, width = labels.shape
    profile = RasterProfile(
        width=width,
        height=height,
        count=1,
        crs_wkt=crs_wkt_of(crs) if crs else "",
        transform=transform,
        nodata=nodata,
        band_names=("classes",),
        colours=COLOURS if names else {},
        categories=names,
    )
    with create_raster(str(path), profile) as writer:
        writer.write(labels[None].astype(np.uint8), 0, 0)
    return str(path)


def town(height=120, width=160, seed=1, share=0.2):
    """A map and the truth: patches of classes 0..2, a share of which is wrong, and a hole of no data in the map."""
    rng = np.random.default_rng(seed)
    truth = np.kron(rng.integers(0, 3, (height // 10, width // 10)), np.ones((10, 10), int)).astype(np.uint8)
    wrong = np.kron(rng.random((height // 5, width // 5)) < share, np.ones((5, 5), bool))
    mapped = np.where(wrong, (truth + 1) % 3, truth).astype(np.uint8)
    mapped[:10, :20] = 255
    return mapped, truth


def confusion(mapped, truth, keep=None):
    """(3, 3) pixels, counted one by one."""
    keep = np.ones(mapped.shape, bool) if keep is None else keep
    matrix = np.zeros((3, 3), int)
    for i, j in zip(mapped[keep].tolist(), truth[keep].tolist()):
        if i < 3 and j < 3:
            matrix[i, j] += 1
    return matrix


def point(x, y):
    return b"\x01\x01\x00\x00\x00" + np.array([x, y], "<f8").tobytes()


def polygon(*corners):
    ring = np.array([*corners, corners[0]], "<f8")
    return b"\x01\x03\x00\x00\x00\x01\x00\x00\x00" + np.uint32(len(ring)).tobytes() + ring.tobytes()


def box(row, col, height, width, transform=TRANSFORM):
    """The outline of pixels."""
    x, step, _, y, _, down = transform
    left, right, top, bottom = x + col * step, x + (col + width) * step, y + row * down, y + (row + height) * down
    return polygon((left, top), (right, top), (right, bottom), (left, bottom))


def points_at(rows, cols, crs="EPSG:32633", **columns):
    """Points at the centres of pixels."""
    x, step, _, y, _, down = TRANSFORM
    shapes = [point(x + (col + 0.5) * step, y + (row + 0.5) * down) for row, col in zip(rows, cols)]
    return Features(crs_wkt_of(crs), shapes, columns, "points")
