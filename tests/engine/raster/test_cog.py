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
    write_cog,
    write_plain,
)
from tests.engine.raster_cases import HAS_GDAL, NORTH_UP
from uhrs_qgis_plugin.engine.errors import CancelledError, OptionsError
from uhrs_qgis_plugin.engine.raster.metadata import sidecar_path
from uhrs_qgis_plugin.engine.raster.opening import finish_cog

pytestmark = pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning") if not HAS_GDAL else []


def test_cog_keeps_everything(tmp_path, backend):
    path, image = write_cog(tmp_path, backend, **CLASSES)
    info, pixels = read_back(path, backend)
    np.testing.assert_array_equal(pixels, image)
    assert info.transform == pytest.approx(NORTH_UP)
    found = inspect(path)
    assert (found["layout"], found["block"], found["compression"]) == ("COG", (512, 512), "DEFLATE")
    assert found["overviews"] == [650, 325]
    assert (found["names"], found["nodata"], found["crs"]) == (["classes"], [255], "32633")
    assert found["colours"] == COLOURS
    assert {key: found["metadata"][key] for key in CLASSES["metadata"]} == CLASSES["metadata"]
    assert [found["metadata"][f"CLASS_{n}"] for n in range(3)] == list(CATEGORIES)


def test_cog_shows_class_names_from_the_sidecar_beside_it(tmp_path, backend):
    path, _ = write_cog(tmp_path, backend, **CLASSES)
    assert inspect(path)["categories"] == list(CATEGORIES)
    # A publisher renames the file and its sidecar together.
    for old, new in ((path, path + ".final.tif"), (sidecar_path(path), sidecar_path(path + ".final.tif"))):
        os.replace(old, new)
    assert inspect(path + ".final.tif")["categories"] == list(CATEGORIES)


def test_cog_is_laid_out_for_the_cloud(tmp_path, backend):
    path, _ = write_cog(tmp_path, backend, **CLASSES)
    with open(path, "rb") as file:
        head = file.read(1000)
    assert b"LAYOUT=IFDS_BEFORE_DATA" in head
    assert b"KNOWN_INCOMPATIBLE_EDITION=NO" in head
    if HAS_GDAL:
        from osgeo_utils.samples import validate_cloud_optimized_geotiff as validator

        warnings, errors, _ = validator.validate(path, full_check=True)
        assert (warnings, errors) == ([], [])


def test_cog_of_quantities_has_scale_and_averaged_overviews(tmp_path, backend):
    path, image = write_cog(tmp_path, backend, "average", count=2, scale=1 / 254)
    found = inspect(path)
    assert found["scales"] == pytest.approx([1 / 254] * 2)
    assert found["names"] == ["classes", "final uncertainty"]
    assert found["nodata"] == [255, 255]
    _, half = read_back(path, backend, (550, 650), "nearest")  # exactly the first overview
    cells = np.where(image == 255, np.nan, image.astype(float)).reshape(2, 550, 2, 650, 2)
    count = np.isfinite(cells).sum(axis=(2, 4))
    mean = np.nansum(cells, axis=(2, 4)) / np.maximum(count, 1)
    np.testing.assert_array_equal(half, np.where(count > 0, np.floor(mean + 0.5), 255))


def test_cog_of_classes_has_overviews_that_invent_no_classes(tmp_path, backend):
    path, image = write_cog(tmp_path, backend, "mode", **CLASSES)
    _, quarter = read_back(path, backend, (275, 325), "nearest")
    assert set(np.unique(quarter)) == {0, 1, 2, 255}
    agrees = quarter == image[:, ::4, ::4]
    assert agrees.mean() > 0.8


def test_cog_of_a_small_raster_and_without_names(tmp_path, backend):
    path, image = write_cog(
        tmp_path, backend, width=30, height=20, nodata=None, transform=(0, 1, 0, 0, 0, 1), crs_wkt=""
    )
    info, pixels = read_back(path, backend)
    np.testing.assert_array_equal(pixels, image)
    assert not info.has_transform
    found = inspect(path)
    assert (found["layout"], found["categories"], found["colours"], found["nodata"]) == ("COG", None, None, [None])


def test_cog_replaces_what_is_there(tmp_path, backend):
    write_cog(tmp_path, backend, width=30, height=20, **CLASSES)
    path, _ = write_cog(tmp_path, backend, width=20, height=30)
    assert read_back(path, backend)[0].width == 20
    assert inspect(path)["categories"] is None


def test_cog_reports_progress(tmp_path, backend):
    write_plain(tmp_path / "plain.tif", profile_of(), labels_of(profile_of()), backend)
    seen = []
    finish_cog(
        str(tmp_path / "plain.tif"),
        str(tmp_path / "cog.tif"),
        "mode",
        backend,
        seen.append,
    )
    assert seen == sorted(seen)
    assert seen[-1] == pytest.approx(1)


def test_cog_is_cancelled_and_leaves_nothing(tmp_path, backend):
    write_plain(tmp_path / "plain.tif", profile_of(**CLASSES), labels_of(profile_of()), backend)

    def cancel(fraction):
        raise CancelledError

    with pytest.raises(CancelledError):
        finish_cog(str(tmp_path / "plain.tif"), str(tmp_path / "cog.tif"), "mode", backend, cancel)
    assert sorted(os.listdir(tmp_path)) == ["plain.tif", "plain.tif.aux.xml"]


def test_cog_lets_errors_of_the_callback_through(tmp_path, backend):
    write_plain(tmp_path / "plain.tif", profile_of(), labels_of(profile_of()), backend)

    def fail(fraction):
        raise KeyError("from the caller")

    with pytest.raises(KeyError, match="from the caller"):
        finish_cog(str(tmp_path / "plain.tif"), str(tmp_path / "cog.tif"), "mode", backend, fail)
    assert os.listdir(tmp_path) == ["plain.tif"]


def test_cog_refuses_unknown_resampling(tmp_path, backend):
    with pytest.raises(OptionsError, match="'cubic' is unknown: use one of"):
        finish_cog("a.tif", str(tmp_path / "cog.tif"), "cubic", backend)
