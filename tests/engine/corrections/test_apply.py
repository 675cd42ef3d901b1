"""A corrected class raster, against numpy on the whole array."""

from __future__ import annotations

import os
import resource
import tracemalloc

import numpy as np
import pytest

from tests.engine.areas.test_polygons import closed, one_by_one
from uhrs_qgis_plugin.engine import results
from uhrs_qgis_plugin.engine.areas.polygons import PixelPolygon
from uhrs_qgis_plugin.engine.corrections import apply as burning
from uhrs_qgis_plugin.engine.corrections.apply import apply_corrections
from uhrs_qgis_plugin.engine.corrections.judgements import Judgement, Judgements
from uhrs_qgis_plugin.engine.errors import CancelledError, OptionsError, OutputError, RasterError
from uhrs_qgis_plugin.engine.flow import Watch
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.raster import Appearance
from uhrs_qgis_plugin.engine.raster.metadata import read_categories
from uhrs_qgis_plugin.engine.raster.opening import create_raster, open_raster
from uhrs_qgis_plugin.engine.raster.types import RasterProfile

APPEARANCE = Appearance(
    colours={0: (0, 0, 255), 1: (200, 100, 0), 2: (0, 160, 0), 3: (90, 90, 90)},
    names=("water", "roof", "tree", "road"),
    metadata={"UHRS_MODEL": "m", "UHRS_CORRECTED_FROM": "classes.tif"},
)
WKT = (
    'PROJCS["WGS 84 / UTM zone 33N",GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563]],'
    'PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]],PROJECTION["Transverse_Mercator"],'
    'PARAMETER["latitude_of_origin",0],PARAMETER["central_meridian",15],PARAMETER["scale_factor",0.9996],'
    'PARAMETER["false_easting",500000],PARAMETER["false_northing",0],UNIT["metre",1],AUTHORITY["EPSG","32633"]]'
)
TRANSFORM = (500000.0, 0.4, 0.3, 5000000.0, 0.3, -0.4)  # rotated


def labels_of(height, width, seed=3):
    labels = np.kron(np.random.default_rng(seed).integers(0, 4, (-(-height // 8), -(-width // 8))), np.ones((8, 8)))
    labels = labels[:height, :width].astype(np.uint8)
    labels[: height // 3, : width // 4] = 255
    return labels


def write_classes(path, labels, nodata=255):
    height, width = labels.shape
    profile = RasterProfile(
        width, height, 1, WKT, TRANSFORM, nodata, ("classes",), colours=APPEARANCE.colours, categories=APPEARANCE.names
    )
    with create_raster(str(path), profile) as writer:
        writer.write(labels[None], 0, 0)
    return str(path)


def read(path):
    with open_raster(str(path)) as reader:
        return reader.read([1], Window(0, 0, reader.info.height, reader.info.width))[0]


@pytest.fixture
def labels():
    return labels_of(130, 170)


@pytest.fixture
def classes(tmp_path, labels):
    return write_classes(tmp_path / "classes.tif", labels)


@pytest.fixture
def small_blocks(monkeypatch):
    """Blocks that cut the small raster and the polygons."""
    monkeypatch.setattr(results, "BLOCK_ROWS", 32)
    monkeypatch.setattr(results, "BLOCK_COLS", 64)


SHAPES = [
    (1, [[closed((10, 8), (80, 20), (70, 90), (15, 60))]]),
    (None, [[closed((40, 30), (100, 30), (100, 70), (40, 70))]]),
    (3, [[closed((90, 50), (168, 40), (150, 128)), closed((110, 60), (140, 58), (135, 80))]]),
    (0, [[closed((-20, 100), (60, 90), (60, 200))], [closed((160, 0), (300, 0), (300, 25))]]),
]


def judgements():
    return Judgements([Judgement(PixelPolygon.of(parts), value) for value, parts in SHAPES])


def expected(labels):
    """Later ones win; None sets back; no data stays so."""
    wanted = labels.copy()
    for value, parts in SHAPES:
        mask = one_by_one(parts, Window(0, 0, *labels.shape))
        wanted[mask] = labels[mask] if value is None else value
    wanted[labels == 255] = 255
    return wanted


def test_burns_what_was_said(classes, labels, tmp_path, small_blocks):
    """Every pixel as by asking its centre; what is reported is what differs."""
    shares = []
    applied = apply_corrections(classes, judgements(), str(tmp_path / "out.tif"), APPEARANCE, Watch(shares.append))
    wanted = expected(labels)
    np.testing.assert_array_equal(read(tmp_path / "out.tif"), wanted)
    changed = np.zeros((256, 256), int)
    np.add.at(changed, (labels[labels != wanted], wanted[labels != wanted]), 1)
    np.testing.assert_array_equal(applied.changed, changed)
    assert applied.pixels == (labels != wanted).sum() > 1000
    inside = np.any([one_by_one(parts, Window(0, 0, *labels.shape)) for _, parts in SHAPES], axis=0)
    assert applied.judged == (inside & (labels != 255)).sum()
    moves = applied.moves()
    assert sum(move[2] for move in moves) == applied.pixels
    assert [move[2] for move in moves] == sorted((move[2] for move in moves), reverse=True)
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1)


def test_the_copy_carries_what_the_class_raster_carries(classes, tmp_path):
    """Grid, CRS, nodata, names, metadata, tiles and overviews; the class raster itself is as before."""
    before = read(classes)
    apply_corrections(classes, judgements(), str(tmp_path / "out.tif"), APPEARANCE)
    with open_raster(classes) as one, open_raster(str(tmp_path / "out.tif")) as other:
        for name in ("width", "height", "count", "dtypes", "transform", "nodata", "has_palette", "block_shape"):
            assert getattr(one.info, name) == getattr(other.info, name), name
        assert "32633" in other.info.crs_wkt
    assert read_categories(str(tmp_path / "out.tif")) == APPEARANCE.names
    np.testing.assert_array_equal(read(classes), before)
    assert sorted(os.listdir(tmp_path)) == ["classes.tif", "classes.tif.aux.xml", "out.tif", "out.tif.aux.xml"]


def test_large_copies_have_overviews(tmp_path):
    classes = write_classes(tmp_path / "large.tif", labels_of(1100, 1300))
    apply_corrections(classes, judgements(), str(tmp_path / "out.tif"), APPEARANCE)
    with open_raster(str(tmp_path / "out.tif")) as reader:
        assert reader.info.overviews
        assert reader.info.block_shape == (512, 512)
    with open(tmp_path / "out.tif", "rb") as file:
        assert b"LAYOUT=IFDS_BEFORE_DATA" in file.read(400)


def test_masked_pixels_get_nodata(make_raster, tmp_path):
    """A class raster without nodata but with a mask: what the mask hides is 255 in the copy."""
    data = np.full((1, 48, 64), 2, np.uint8)
    classes = make_raster(data=data, mask=True)
    everything = PixelPolygon.of([[closed((0, 0), (64, 0), (64, 48), (0, 48))]])
    apply_corrections(classes, Judgements([Judgement(everything, 1)]), str(tmp_path / "out.tif"), APPEARANCE)
    found = read(tmp_path / "out.tif")
    assert set(np.unique(found[:24, :32])) == {255}
    found[:24, :32] = 1
    assert (found == 1).all()


def test_without_nodata_every_number_is_a_class(make_raster, tmp_path):
    classes = make_raster(data=np.full((1, 48, 64), 255, np.uint8))
    square = Judgements([Judgement(PixelPolygon.of([[closed((8, 8), (16, 8), (16, 16), (8, 16))]]), 1)])
    assert apply_corrections(classes, square, str(tmp_path / "out.tif"), Appearance()).pixels == 64
    with open_raster(str(tmp_path / "out.tif")) as reader:
        assert reader.info.nodata == (None,)


def test_memory_does_not_follow_the_raster(tmp_path):
    """Three times the height takes no more memory."""
    peaks = []
    for height in (2048, 6144):
        classes = write_classes(tmp_path / f"{height}.tif", np.zeros((height, 2048), np.uint8))
        tracemalloc.start()
        apply_corrections(classes, judgements(), str(tmp_path / f"{height}_out.tif"), APPEARANCE)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.2 * peaks[0]
    assert peaks[1] < 40 << 20


@pytest.mark.parametrize("after", [1, 3, 8])
def test_cancelling_leaves_nothing(classes, tmp_path, small_blocks, after):
    """At every stage; an older output stays as it was."""
    (tmp_path / "out.tif").write_bytes(b"older")
    asked = []

    def cancelled():
        asked.append(None)
        return len(asked) > after

    with pytest.raises(CancelledError):
        apply_corrections(classes, judgements(), str(tmp_path / "out.tif"), APPEARANCE, Watch(is_cancelled=cancelled))
    assert sorted(os.listdir(tmp_path)) == ["classes.tif", "classes.tif.aux.xml", "out.tif"]
    assert (tmp_path / "out.tif").read_bytes() == b"older"


def test_cancelling_while_overviews_are_made(classes, tmp_path):
    share = [0.0]
    watch = Watch(lambda s: share.__setitem__(0, s), lambda: share[0] >= burning.WRITTEN)
    with pytest.raises(CancelledError):
        apply_corrections(classes, judgements(), str(tmp_path / "out.tif"), APPEARANCE, watch)
    assert sorted(os.listdir(tmp_path)) == ["classes.tif", "classes.tif.aux.xml"]


def test_outputs_that_cannot_be(classes, tmp_path):
    """One clear line each, and nothing is left."""
    for path, error, text in (
        (classes, OptionsError, "is also the class raster"),
        (str(tmp_path / "out.png"), OptionsError, "ends with .tif"),
        (str(tmp_path / "no" / "out.tif"), OutputError, "does not exist"),
    ):
        with pytest.raises(error, match=text) as caught:
            apply_corrections(classes, judgements(), path, APPEARANCE)
        assert "\n" not in str(caught.value)
    os.mkdir(tmp_path / "taken.tif")
    with pytest.raises(OutputError):
        apply_corrections(classes, judgements(), str(tmp_path / "taken.tif"), APPEARANCE)
    assert sorted(os.listdir(tmp_path)) == ["classes.tif", "classes.tif.aux.xml", "taken.tif"]


def test_a_full_disk_is_one_line(tmp_path):
    noise = np.random.default_rng(1).integers(0, 4, (1500, 1500)).astype(np.uint8)
    classes = write_classes(tmp_path / "noise.tif", noise)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, hard))
    try:
        with pytest.raises(OutputError, match="cannot be written") as caught:
            apply_corrections(classes, judgements(), str(tmp_path / "out.tif"), APPEARANCE)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert "\n" not in str(caught.value)
    assert sorted(os.listdir(tmp_path)) == ["noise.tif", "noise.tif.aux.xml"]


def test_only_class_rasters(make_raster, tmp_path):
    for raster in (make_raster(count=3), make_raster(count=1, dtype="uint16")):
        with pytest.raises(RasterError, match="a class raster has one of uint8"):
            apply_corrections(raster, judgements(), str(tmp_path / "out.tif"), APPEARANCE)
