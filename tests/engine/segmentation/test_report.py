import pytest

from uhrs_qgis_plugin.engine.raster import open_raster
from uhrs_qgis_plugin.engine.segmentation.report import _pixel_area_m2, peak_memory_bytes


@pytest.mark.parametrize(
    ("crs", "transform", "expected"),
    [
        ("EPSG:32633", (10, 0.5, 0, 20, 0, -0.5), 0.25),
        ("EPSG:32633", (10, 2, 0, 20, 0, 3), 6),
        ("EPSG:32633", (10, 3, 4, 20, 4, -3), 25),  # rotated
        ("EPSG:32633+5773", (10, 2, 0, 20, 0, -2), 4),  # heights have a unit of their own
        ("EPSG:2263", (10, 1, 0, 20, 0, -1), 0.0929034),  # US survey feet
        ("EPSG:2263+5703", (10, 1, 0, 20, 0, -1), 0.0929034),  # and heights in metres
        ("EPSG:4326", (10, 1, 0, 20, 0, -1), None),
        ("", (10, 1, 0, 20, 0, 1), None),
        ("EPSG:32633", (), None),
    ],
)
def test_pixel_area(make_raster, backend, crs, transform, expected):
    with open_raster(make_raster(crs=crs, transform=transform), backend) as reader:
        assert _pixel_area_m2(reader.info) == (None if expected is None else pytest.approx(expected, rel=1e-5))


def test_peak_memory_is_that_of_a_python_process():
    peak = peak_memory_bytes()
    assert peak is None or 10**7 < peak < 10**12
