import pytest

from tests.engine.raster_cases import (
    NORTH_UP,
    ROTATED,
    SOUTH_UP,
)
from uhrs_qgis_plugin.engine.errors import OptionsError
from uhrs_qgis_plugin.engine.grid import Geotransform, Window
from uhrs_qgis_plugin.engine.raster.georeference.bounds import window_from_bounds
from uhrs_qgis_plugin.engine.raster.types import RasterInfo


def info_of(transform, width=100, height=80):
    return RasterInfo("given.tif", width, height, 1, ("uint8",), "", transform, True, (), False)


@pytest.mark.parametrize(
    ("bounds", "expected"),
    [
        ((500000, 4999960, 500050, 5000000), Window(0, 0, 80, 100)),  # the whole
        ((500010, 4999980, 500020, 4999990), Window(20, 20, 20, 20)),  # inside, on pixel edges
        ((500010.1, 4999980.1, 500019.9, 4999989.9), Window(20, 20, 20, 20)),  # touched pixels count
        ((500010.0000001, 4999979.9999999, 500020.0000001, 4999990.0), Window(20, 20, 20, 20)),  # decimals of texts
        ((400000, 4999990, 500010, 6000000), Window(0, 0, 20, 20)),  # clipped left and top
        ((500040, 4000000, 600000, 4999970), Window(60, 80, 20, 20)),  # clipped right and bottom
        ((500010.2, 4999989.6, 500010.3, 4999989.7), Window(20, 20, 1, 1)),  # within one pixel
    ],
)
def test_window_from_bounds_of_a_north_up_raster(bounds, expected):
    assert window_from_bounds(info_of(NORTH_UP), bounds) == expected


def test_window_from_bounds_of_a_south_up_raster():
    assert window_from_bounds(info_of(SOUTH_UP), (500010, 4000005, 500020, 4000015)) == Window(10, 20, 20, 20)


def test_window_from_bounds_of_a_raster_without_transform_is_in_pixels():
    assert window_from_bounds(info_of((0, 1, 0, 0, 0, 1)), (10, 20, 30, 50)) == Window(20, 10, 30, 20)


@pytest.mark.parametrize(
    ("transform", "bounds", "text"),
    [
        (ROTATED, (500000, 4999990, 500010, 5000000), "is rotated: process it whole, or warp"),
        (NORTH_UP, (600000, 4999990, 600010, 5000000), r"lie outside 'given.tif', which covers \(500000.0, 4999960.0"),
        (NORTH_UP, (500050, 4999960, 500060, 5000000), "lie outside"),  # only touches the edge
        (NORTH_UP, (499990, 4999960, 500000, 5000000), "lie outside"),
        (NORTH_UP, (500020, 4999980, 500010, 4999990), "left < right and bottom < top"),
        (NORTH_UP, (500010, 4999990, 500020, 4999990), "are empty"),
        (NORTH_UP, (float("nan"), 4999980, 500010, 4999990), "are empty"),
        (NORTH_UP, (500010, 4999980, float("inf"), 4999990), "are empty"),
    ],
)
def test_window_from_bounds_refuses(transform, bounds, text):
    with pytest.raises(OptionsError, match=text):
        window_from_bounds(info_of(transform), bounds)


def test_window_from_bounds_inverts_transform_of_window():
    window = Window(13, 57, 21, 8)
    x, dx, _, y, _, dy = Geotransform(*NORTH_UP).of_window(window)
    bounds = (x, y + dy * window.height, x + dx * window.width, y)
    assert window_from_bounds(info_of(NORTH_UP), bounds) == window


@pytest.mark.parametrize("transform", [NORTH_UP, ROTATED, SOUTH_UP])
def test_transform_of_window_puts_pixels_where_they_were(transform):
    x, dx_col, dx_row, y, dy_col, dy_row = Geotransform(*transform).of_window(Window(16, 24, 8, 8), scale=8)
    # The far corner of new pixel (row 1, column 2) is the corner of old pixel (16 + 8, 24 + 16).
    old = transform
    assert x + 2 * dx_col + dx_row == pytest.approx(old[0] + 40 * old[1] + 24 * old[2], abs=1e-9)
    assert y + 2 * dy_col + dy_row == pytest.approx(old[3] + 40 * old[4] + 24 * old[5], abs=1e-9)
