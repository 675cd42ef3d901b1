"""What the tests of training samples share: rasters, judgements, and reading a set back."""

from __future__ import annotations

import os

import numpy as np

from tests.engine.areas.test_polygons import closed, one_by_one
from tests.engine.corrections.test_apply import APPEARANCE
from uhrs_qgis_plugin.engine.areas.polygons import PixelPolygon
from uhrs_qgis_plugin.engine.corrections.judgements import Judgement, Judgements
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.raster.opening import create_raster, open_raster
from uhrs_qgis_plugin.engine.raster.types import RasterProfile
from uhrs_qgis_plugin.engine.samples.sample_set import SampleClass

CLASSES = tuple(SampleClass(value, name, APPEARANCE.colours[value]) for value, name in enumerate(APPEARANCE.names))
SHAPES = [
    (1, [[closed((100, 60), (150, 70), (120, 110))]]),
    (None, [[closed((210, 140), (280, 140), (280, 190), (210, 190))]]),
    (3, [[closed((5, 80), (60, 90), (40, 195))]]),
    (2, [[closed((230, 150), (250, 150), (250, 180), (230, 180))]]),
]
SIDE = 96


def judgements(shapes=SHAPES):
    return Judgements([Judgement(PixelPolygon.of(parts), value) for value, parts in shapes])


def write_image(path, data, transform=(500000.0, 0.5, 0.0, 5000000.0, 0.0, -0.5), wkt="", nodata=None, names=None):
    count, height, width = data.shape
    names = names or tuple(f"b{band}" for band in range(count))
    profile = RasterProfile(width, height, count, wkt, transform, nodata, names, dtype=data.dtype.name)
    with create_raster(str(path), profile) as writer:
        writer.write(data, 0, 0)
    return str(path)


def image_of(bands, height, width, dtype, seed=5):
    rng = np.random.default_rng(seed)
    return rng.integers(0, min(np.iinfo(dtype).max, 4000), (bands, height, width)).astype(dtype)


def read_all(path):
    with open_raster(str(path)) as reader:
        info = reader.info
        return reader.read(range(1, info.count + 1), Window(0, 0, info.height, info.width)), info


def write_class_raster(path, labels, transform=(500004.0, 0.5, 0.0, 4999994.0, 0.0, -0.5), names=APPEARANCE.names):
    height, width = labels.shape
    profile = RasterProfile(
        width, height, 1, "", transform, 255, ("classes",), colours=APPEARANCE.colours, categories=names
    )
    with create_raster(str(path), profile) as writer:
        writer.write(labels[None], 0, 0)
    return str(path)


def expected(labels):
    """What is known of each pixel: its class where somebody judged, else 255."""
    wanted = np.full_like(labels, 255)
    for value, parts in SHAPES:
        mask = one_by_one(parts, Window(0, 0, *labels.shape))
        wanted[mask] = labels[mask] if value is None else value
    wanted[labels == 255] = 255
    return wanted


def pairs(folder):
    """Split, name, image, its info, label, its info."""
    for split in ("train", "val"):
        names = sorted(os.listdir(folder / split / "images"))
        assert names == sorted(name for name in os.listdir(folder / split / "labels"))
        for name in names:
            yield split, name, *read_all(folder / split / "images" / name), *read_all(folder / split / "labels" / name)


def place_of(info):
    """Row and column in the class raster by the georeference."""
    return round((4999994.0 - info.transform[3]) / 0.5), round((info.transform[0] - 500004.0) / 0.5)
