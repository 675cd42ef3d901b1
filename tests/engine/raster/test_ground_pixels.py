"""How large pixels are on the ground, in any coordinate reference system."""

import math

import pytest

from uhrs_qgis_plugin.engine.raster.georeference.ground_pixels import ground_pixel
from uhrs_qgis_plugin.engine.raster.opening import open_raster

FOOT = 1200 / 3937  # US survey
DEGREE = 111_319.49  # metres at the equator
LOCAL = 'LOCAL_CS["site",LOCAL_DATUM["site",0],UNIT["metre",1],AXIS["E",EAST],AXIS["N",NORTH]]'


@pytest.mark.parametrize(
    ("crs", "transform", "expected"),
    [
        ("EPSG:32633", (500000, 0.5, 0, 5e6, 0, -0.5), (0.5002, 0.5002)),
        ("EPSG:32633", (500000, 0.5, 0, 5e6, 0, 0.5), (0.5002, 0.5002)),  # south-up
        ("EPSG:32633", (500000, 0.3, 0.4, 5e6, 0.4, -0.3), (0.5002, 0.5002)),  # rotated
        ("EPSG:2263", (980000, 1.0, 0, 200000, 0, -1.0), (FOOT, FOOT)),  # feet
        ("EPSG:4326", (55.0, 1e-5, 0, 0.0, 0, -1e-5), (1.1057, DEGREE * 1e-5)),
        ("EPSG:4326", (55.0, 1e-5, 0, 60.0, 0, -1e-5), (1.1141, 0.5580)),
        ("EPSG:4326", (55.0, 1e-5, 0, -60.0, 0, -1e-5), (1.1141, 0.5580)),
        ("EPSG:3857", (6e6, 1.0, 0, 0, 0, -1.0), (0.9933, 1.0)),
        ("EPSG:3857", (6e6, 1.0, 0, 8399737.9, 0, -1.0), (0.5004, 0.5013)),  # 60 degrees north
        ("EPSG:3035", (4321000, 2.0, 0, 3210000, 0, -2.0), (2.0, 2.0)),
    ],
)
def test_pixels_in_metres(make_raster, backend, crs, transform, expected):
    with open_raster(make_raster(crs=crs, transform=transform), backend) as reader:
        assert ground_pixel(reader.info, backend) == pytest.approx(expected, rel=2e-3)


@pytest.mark.parametrize("kind", [{"crs": ""}, {"transform": ()}, {"crs": LOCAL}])
def test_unknown_sizes(make_raster, backend, kind):
    with open_raster(make_raster(**kind), backend) as reader:
        assert ground_pixel(reader.info, backend) is None


def test_outside_of_the_earth_the_map_counts(make_raster, backend):
    far = make_raster(crs="EPSG:3035", transform=(9e12, 2.0, 0, 9e12, 0, -2.0))
    with open_raster(far, backend) as reader:
        size = ground_pixel(reader.info, backend)
    assert size is not None
    assert all(math.isfinite(side) for side in size)
