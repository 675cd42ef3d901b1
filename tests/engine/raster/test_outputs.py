import os

import numpy as np
import pytest

from tests.engine.output_cases import (
    CATEGORIES,
    CLASSES,
    COLOURS,
    inspect,
    labels_of,
    profile_of,
    read_back,
    write_plain,
)
from tests.engine.raster_cases import HAS_GDAL, NORTH_UP, ROTATED, SOUTH_UP
from uhrs_qgis_plugin.engine.raster.metadata import sidecar_path
from uhrs_qgis_plugin.engine.raster.opening import create_raster

pytestmark = pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning") if not HAS_GDAL else []


def test_create_writes_a_tiled_file_with_everything_inside(tmp_path, backend):
    path = tmp_path / "plain.tif"
    profile = profile_of(**CLASSES)
    image = labels_of(profile)
    write_plain(path, profile, image, backend)
    info, pixels = read_back(path, backend)
    np.testing.assert_array_equal(pixels, image)
    assert info.transform == pytest.approx(NORTH_UP)
    found = inspect(path)
    assert (found["block"], found["compression"], found["nodata"]) == ((512, 512), "DEFLATE", [255])
    assert (found["names"], found["crs"]) == (["classes"], "32633")
    assert found["colours"] == COLOURS
    assert found["categories"] == list(CATEGORIES)
    assert found["metadata"]["CLASS_2"] == "Straße"
    assert found["metadata"]["UHRS_OPTIONS"] == '{"ratio": 0.5}'


@pytest.mark.parametrize(("width", "height"), [(1, 1), (511, 513), (1024, 30)])
@pytest.mark.parametrize("count", [1, 2])
def test_create_takes_any_size(tmp_path, backend, width, height, count):
    profile = profile_of(count, width=width, height=height)
    image = labels_of(profile)
    write_plain(tmp_path / "plain.tif", profile, image, backend, side=300)
    np.testing.assert_array_equal(read_back(tmp_path / "plain.tif", backend)[1], image)


@pytest.mark.parametrize("transform", [NORTH_UP, ROTATED, SOUTH_UP])
def test_create_keeps_the_geotransform(tmp_path, backend, transform):
    profile = profile_of(width=20, height=10, transform=transform)
    write_plain(tmp_path / "plain.tif", profile, labels_of(profile), backend)
    info, _ = read_back(tmp_path / "plain.tif", backend)
    assert info.transform == pytest.approx(transform, abs=1e-9)


def test_create_without_georeference_and_nodata(tmp_path, backend):
    profile = profile_of(width=20, height=10, transform=(0, 1, 0, 0, 0, 1), crs_wkt="", nodata=None)
    write_plain(tmp_path / "plain.tif", profile, labels_of(profile), backend)
    info, _ = read_back(tmp_path / "plain.tif", backend)
    assert (info.has_transform, info.crs_wkt, info.has_mask) == (False, "", False)


def test_create_replaces_an_older_file_and_its_sidecar(tmp_path, backend):
    path = tmp_path / "plain.tif"
    older = profile_of(width=40, height=30, **CLASSES)
    write_plain(path, older, labels_of(older), backend)
    assert os.path.exists(sidecar_path(str(path)))
    newer = profile_of(width=20, height=10)
    write_plain(path, newer, labels_of(newer), backend)
    assert inspect(path)["categories"] is None
    assert read_back(path, backend)[0].width == 20


@pytest.mark.parametrize(
    ("array", "row", "col", "text"),
    [
        (np.zeros((1, 5, 5), np.uint8), 6, 0, "does not lie inside"),
        (np.zeros((1, 5, 5), np.uint8), 0, 16, "does not lie inside"),
        (np.zeros((1, 5, 5), np.uint8), -1, 0, "does not lie inside"),
        (np.zeros((1, 0, 5), np.uint8), 0, 0, "does not lie inside"),
        (np.zeros((2, 5, 5), np.uint8), 0, 0, r"Expected \(1, h, w\) uint8, got \(2, 5, 5\) uint8"),
        (np.zeros((5, 5), np.uint8), 0, 0, "Expected"),
        (np.zeros((1, 5, 5), np.int16), 0, 0, "int16"),
    ],
)
def test_write_refuses_blocks_that_do_not_fit(tmp_path, backend, array, row, col, text):
    profile = profile_of(width=20, height=10)
    with create_raster(str(tmp_path / "x.tif"), profile, backend) as writer, pytest.raises(ValueError, match=text):
        writer.write(array, row, col)


def test_write_takes_views_that_are_not_contiguous(tmp_path, backend):
    profile = profile_of(width=20, height=10)
    image = np.arange(200, dtype=np.uint8).reshape(1, 20, 10).transpose(0, 2, 1)
    with create_raster(str(tmp_path / "x.tif"), profile, backend) as writer:
        writer.write(image, 0, 0)
    np.testing.assert_array_equal(read_back(tmp_path / "x.tif", backend)[1], image)


def test_write_after_close_is_an_error(tmp_path, backend):
    writer = create_raster(str(tmp_path / "x.tif"), profile_of(width=20, height=10), backend)
    writer.close()
    writer.close()
    with pytest.raises(ValueError, match="has been closed"):
        writer.write(np.zeros((1, 5, 5), np.uint8), 0, 0)


@pytest.mark.parametrize(
    "changes",
    [
        {"width": 0},
        {"count": 0, "band_names": ()},
        {"band_names": ("one", "too many")},
        {"nodata": 256},
        {"colours": {300: (0, 0, 0)}},
        {"colours": {0: (0, -1, 0)}},
        {"transform": (0.0, 1.0)},
        {"categories": ("x",) * 257},
    ],
)
def test_profile_refuses_what_a_uint8_raster_cannot_hold(changes):
    with pytest.raises(ValueError, match=r"cannot be created|are numbers in 0\.\.255|is no uint8"):
        profile_of(**changes)
