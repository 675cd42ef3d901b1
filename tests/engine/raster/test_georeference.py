"""Rasters that are placed in other ways than by a geotransform, masks per band, and a CRS that is given."""

import numpy as np
import pytest

from tests.engine.raster_cases import HAS_GDAL, valid_of
from uhrs_qgis_plugin.engine.errors import OptionsError, RasterError
from uhrs_qgis_plugin.engine.raster.georeference.bounds import window_from_bounds
from uhrs_qgis_plugin.engine.raster.georeference.crs import with_crs
from uhrs_qgis_plugin.engine.raster.opening import open_raster

RPC = {
    "HEIGHT_OFF": "0", "HEIGHT_SCALE": "500", "LAT_OFF": "25", "LAT_SCALE": "0.1", "LONG_OFF": "55",
    "LONG_SCALE": "0.1", "LINE_OFF": "24", "LINE_SCALE": "24", "SAMP_OFF": "32", "SAMP_SCALE": "32",
    "LINE_NUM_COEFF": " ".join(["0", "0", "-1", *["0"] * 17]), "LINE_DEN_COEFF": " ".join(["1", *["0"] * 19]),
    "SAMP_NUM_COEFF": " ".join(["0", "1", *["0"] * 18]), "SAMP_DEN_COEFF": " ".join(["1", *["0"] * 19]),
}  # fmt: skip


def place(path, kind):
    """Give a raster ground control points or RPCs."""
    points = [(0, 0), (64, 0), (0, 48), (64, 48)]
    if HAS_GDAL:
        from osgeo import gdal, osr

        dataset = gdal.Open(path, gdal.GA_Update)
        if kind == "points":
            reference = osr.SpatialReference()
            reference.ImportFromEPSG(32640)
            gcps = [gdal.GCP(500000 + col, 2800000 - row, 0, col, row) for col, row in points]
            dataset.SetGCPs(gcps, reference.ExportToWkt())
        else:
            dataset.SetMetadata(RPC, "RPC")
        dataset = None
        return
    import rasterio
    from rasterio.control import GroundControlPoint

    with rasterio.open(path, "r+") as dataset:
        if kind == "points":
            gcps = [GroundControlPoint(row, col, 500000 + col, 2800000 - row, 0) for col, row in points]
            dataset.gcps = gcps, rasterio.crs.CRS.from_epsg(32640)
        else:
            dataset.update_tags(ns="RPC", **RPC)


@pytest.mark.parametrize(
    ("kind", "words"), [("points", "4 ground control points"), ("rpc", "rational polynomial coefficients")]
)
def test_rasters_that_are_placed_otherwise_say_so(tmp_path, make_raster, backend, kind, words):
    path = make_raster(transform=(), crs="")
    place(path, kind)
    with open_raster(path, backend) as reader:
        info = reader.info
    assert words in info.placed_by
    assert not info.has_transform
    with pytest.raises(OptionsError, match=f"is placed on the map by {words}.*gdalwarp"):
        window_from_bounds(info, (500010, 2799960, 500030, 2799990))
    with pytest.raises(RasterError, match=f"is placed by {words}"):
        open_raster(tmp_path, backend)


def test_ordinary_rasters_are_placed_by_their_geotransform(make_raster, backend):
    for options in ({}, {"transform": ()}, {"transform": (), "crs": ""}):
        with open_raster(make_raster(**options), backend) as reader:
            assert reader.info.placed_by == ""


def write_band_masks(path, masks):
    """Put a .msk file with a mask per band beside a raster."""
    count, height, width = masks.shape
    items = {f"INTERNAL_MASK_FLAGS_{band}": "0" for band in range(1, count + 1)}
    if HAS_GDAL:
        from osgeo import gdal

        dataset = gdal.GetDriverByName("GTiff").Create(path + ".msk", width, height, count, gdal.GDT_Byte)
        dataset.SetMetadata(items)
        dataset.WriteArray(masks)
        dataset = None
        return
    import rasterio

    profile = {"driver": "GTiff", "width": width, "height": height, "count": count, "dtype": "uint8"}
    with rasterio.open(path + ".msk", "w", **profile) as dataset:
        dataset.update_tags(**items)
        dataset.write(masks)


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_masks_per_band_are_heeded(tmp_path, make_raster, backend):
    path = make_raster(width=12, height=10, count=3)
    masks = np.random.default_rng(0).integers(0, 2, (3, 10, 12)).astype(np.uint8) * 255
    write_band_masks(path, masks)
    with open_raster(path, backend) as reader:
        assert reader.info.has_own_mask
        assert reader.info.has_band_masks
    for bands in ([1], [2], [3, 1], [1, 2, 3]):
        expected = (masks[[band - 1 for band in bands]] > 0).any(axis=0)
        np.testing.assert_array_equal(valid_of(path, backend, bands), expected)
    (tmp_path / (path + ".msk")).rename(tmp_path / "raster_0.tif.msk")
    with pytest.raises(RasterError, match="mask of its own for each band"):
        open_raster(tmp_path, backend)


@pytest.mark.parametrize(
    ("crs", "unit"),
    [("EPSG:32640", 1.0), ("EPSG:2263", 0.3048006), ("EPSG:4326", None), ("+proj=laea +lat_0=25 +lon_0=55", 1.0)],
)
def test_a_crs_that_is_given_replaces_that_of_the_file(make_raster, backend, crs, unit):
    with open_raster(make_raster(crs=""), backend) as reader:
        info = with_crs(reader.info, crs)
    assert info.crs_wkt
    assert info.unit_m == (None if unit is None else pytest.approx(unit, rel=1e-6))
    assert with_crs(info, None) is info


@pytest.mark.parametrize("crs", ["", "EPSG:999999", "nonsense", "http://example.org/crs"])
def test_a_crs_that_is_none_is_refused(make_raster, backend, crs):
    with open_raster(make_raster(), backend) as reader, pytest.raises(OptionsError, match="is no coordinate reference"):
        with_crs(reader.info, crs)
