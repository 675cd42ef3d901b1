import os
import shutil
import time

import numpy as np
import pytest

from tests.engine.raster_cases import HAS_GDAL, overwrite, read_all
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.raster.opening import open_raster
from uhrs_qgis_plugin.engine.raster.stale_overviews import has_stale_overviews, open_without_stale_overviews

SIDE = 512
METHODS = ["nearest", "average", "bilinear", "cubic", "cubic_spline", "lanczos", "gauss", "mode", "rms"]


def scene(seed=0, dtype="uint8"):
    """Fields, edges and texture."""
    rng = np.random.default_rng(seed)
    fields = np.kron(rng.integers(30, 220, (3, 12, 12)), np.ones((1, 43, 43)))[:, :SIDE, :SIDE]
    texture = np.kron(rng.normal(0, 12, (3, SIDE // 2, SIDE // 2)), np.ones((1, 2, 2)))
    image = np.clip(fields + texture + rng.normal(0, 6, fields.shape), 1, 255)
    return (image * (1 if dtype == "uint8" else 40)).astype(dtype)


def build(path, method, jpeg=False, external=False, levels=(2, 4, 8)):
    if HAS_GDAL:
        from osgeo import gdal

        if jpeg:
            gdal.SetConfigOption("COMPRESS_OVERVIEW", "JPEG")
        dataset = gdal.Open(path, gdal.GA_ReadOnly if external or jpeg else gdal.GA_Update)
        dataset.BuildOverviews(method.replace("_", "").upper(), list(levels))
        dataset = None
        gdal.SetConfigOption("COMPRESS_OVERVIEW", None)
        return
    import rasterio
    from rasterio.enums import Resampling

    options = {"COMPRESS_OVERVIEW": "JPEG"} if jpeg else {}
    with rasterio.Env(TIFF_USE_OVR=external or jpeg, **options), rasterio.open(path, "r+") as dataset:
        dataset.build_overviews(list(levels), Resampling[method])


def is_stale(path, backend, reduction=4):
    with open_raster(path, backend) as reader:
        assert reader.info.overviews
        return has_stale_overviews(reader, reduction)


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
@pytest.mark.parametrize("method", METHODS)
def test_overviews_by_any_method_are_used(make_raster, backend, method, dtype):
    path = make_raster(data=scene(dtype=dtype))
    build(path, method)
    assert not is_stale(path, backend)


@pytest.mark.parametrize("reduction", [2, 3, 8, 16])
@pytest.mark.parametrize("method", METHODS)
def test_overviews_are_used_at_every_scale(make_raster, backend, method, reduction):
    """A working grid reads others than 1/4."""
    path = make_raster(data=scene())
    build(path, method)
    assert not is_stale(path, backend, reduction)


@pytest.mark.parametrize(("level", "reductions"), [(2, (2, 3)), (4, (4, 6)), (8, (8, 16))])
def test_each_scale_has_its_overview(make_raster, backend, level, reductions):
    image = scene()
    path = make_raster(data=np.ascontiguousarray(image[:, ::-1, ::-1]))
    build(path, "average", levels=[level])
    overwrite(path, image)
    assert all(is_stale(path, backend, reduction) for reduction in reductions)
    assert not is_stale(path, backend, level // 2)


def test_overviews_in_jpeg_are_used(make_raster, backend):
    path = make_raster(data=scene())
    build(path, "average", jpeg=True)
    assert not is_stale(path, backend)


@pytest.mark.parametrize("kind", [{"nodata": 0}, {"alpha": True}, {"mask": True}])
def test_overviews_of_rasters_with_holes_are_used(make_raster, backend, kind):
    image = scene()
    if "nodata" in kind:
        image[:, 100:300, 50:300] = 0
    if "alpha" in kind:
        image = np.concatenate([image, np.full((1, SIDE, SIDE), 255, np.uint8)])
        image[3, 100:300, 50:300] = 0
    path = make_raster(data=image, **kind)
    build(path, "average")
    assert not is_stale(path, backend)


@pytest.mark.parametrize("method", ["nearest", "average"])
@pytest.mark.parametrize("change", ["turned", "other", "moved", "brighter", "emptied"])
@pytest.mark.parametrize("external", [False, True])
def test_overviews_of_another_image_are_noticed(make_raster, backend, external, change, method):
    image = scene()
    old = {
        "turned": image[:, ::-1, ::-1],
        "other": scene(1),
        "moved": np.roll(image, 40, axis=2),
        "brighter": np.clip(image.astype(int) + 40, 0, 255).astype(np.uint8),
        "emptied": np.zeros_like(image),
    }[change]
    path = make_raster(data=np.ascontiguousarray(old), nodata=0 if change == "emptied" else None)
    build(path, method, external=external)
    if external:
        new = make_raster(data=image, nodata=0 if change == "emptied" else None)
        shutil.copy(new, path)
        assert os.path.exists(path + ".ovr")
    else:
        overwrite(path, image)
    assert is_stale(path, backend)


@pytest.mark.parametrize("place", [(0, 0), (0, 1), (1, 2), (2, 2), (2, 1)])
def test_a_ninth_that_was_changed_later_is_noticed(make_raster, backend, place):
    """As when one sheet of a map is flown again and written into the file."""
    old, third = np.kron(scene(), np.ones((1, 2, 2), np.uint8)), 2 * SIDE // 3
    path = make_raster(data=old)
    build(path, "average")
    assert not is_stale(path, backend)
    row, col = (index * third for index in place)
    old[:, row : row + third, col : col + third] = scene(1)[:, :third, :third]
    overwrite(path, old)
    assert is_stale(path, backend)


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_without_overviews_a_raster_reads_as_one_that_has_none(tmp_path, make_raster, kind):
    image = scene()
    plain, stale = make_raster(data=image), make_raster(data=np.ascontiguousarray(image[:, ::-1]))
    build(stale, "average")
    overwrite(stale, image)
    if kind == "folder":
        (tmp_path / "rasters").mkdir()
        stale = os.path.dirname(shutil.move(stale, tmp_path / "rasters" / "x.tif"))
    with open_without_stale_overviews(stale, lambda info: [4]) as reader:
        assert not reader.info.source.overviews
        assert reader.info.overviews == ()
        found = reader.read([1, 2, 3], Window(0, 0, SIDE, SIDE), (SIDE // 4, SIDE // 4))
        again = open_raster(reader.info.source)
    np.testing.assert_array_equal(found, read_all(plain, "auto", shape=(SIDE // 4, SIDE // 4)))
    with again:
        np.testing.assert_array_equal(again.read([2], Window(0, 0, SIDE, SIDE), (128, 128))[0], found[1])
    with open_without_stale_overviews(plain, lambda info: [4]) as reader:
        assert reader.info.source.overviews


def test_the_check_is_quick(make_raster, backend):
    path = make_raster(data=scene())
    build(path, "average")
    with open_raster(path, backend) as reader:
        has_stale_overviews(reader, 4)
        begun = time.process_time()
        has_stale_overviews(reader, 4)
    assert time.process_time() - begun < 0.5  # it takes 0.02
