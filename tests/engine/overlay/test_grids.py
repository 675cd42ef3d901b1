import numpy as np
import pytest

from tests.engine.accuracy.cases import write_classes
from uhrs_qgis_plugin.engine.errors import RasterError
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.overlay import GridLink, grids, read_at, to_pixels
from uhrs_qgis_plugin.engine.raster import crs_wkt_of, open_raster, transform_points

UTM = (500000.0, 10.0, 0.0, 5000000.0, 0.0, -10.0)
ROTATED = (500100.0, 8.0, 3.0, 4999900.0, 3.0, -8.0)


@pytest.fixture
def labels():
    return np.random.default_rng(0).integers(0, 200, (90, 110)).astype(np.uint8)


def by_hand(link_crs, ours, theirs, shape, labels):
    """What lies at each centre, one by one, by exact transformation."""
    row, col = (grid.ravel() + 0.5 for grid in np.mgrid[: shape[0], : shape[1]])
    x, y = ours[0] + col * ours[1] + row * ours[2], ours[3] + col * ours[4] + row * ours[5]
    if link_crs is not None:
        x, y = transform_points(*link_crs, x, y)
    matrix = np.array([[theirs[1], theirs[2]], [theirs[4], theirs[5]]])
    there = np.linalg.solve(matrix, np.stack([x - theirs[0], y - theirs[3]]))
    at = np.floor(np.round(there, 6)).astype(int)
    inside = (at[1] >= 0) & (at[1] < labels.shape[0]) & (at[0] >= 0) & (at[0] < labels.shape[1])
    values = np.zeros(len(row), int)
    values[inside] = labels[at[1][inside], at[0][inside]]
    return values.reshape(shape), inside.reshape(shape)


@pytest.mark.parametrize("theirs", [UTM, ROTATED, (500003.0, 4.0, 0.0, 4999500.0, 0.0, 4.0)])
def test_same_crs(tmp_path, labels, theirs):
    grid = write_classes(tmp_path / "grid.tif", np.zeros((60, 70)), UTM)
    other = write_classes(tmp_path / "other.tif", labels, theirs)
    with open_raster(grid) as one, open_raster(other) as two:
        link = GridLink(one.info, two.info)
        found = link.read(two, Window(5, 7, 40, 50))
    values, inside = by_hand(None, UTM, theirs, (60, 70), labels)
    assert (found.valid == inside[5:45, 7:57]).all()
    assert (found.values[found.valid] == values[5:45, 7:57][found.valid]).all()
    assert inside.any()


def test_another_crs(tmp_path, labels):
    """Interpolated places agree with exact ones but for centres that lie on an edge."""
    mercator = crs_wkt_of("EPSG:3857")
    left, top = (
        float(part[0])
        for part in transform_points(crs_wkt_of("EPSG:32633"), mercator, *np.array([[500000.0], [5000000.0]]))
    )
    theirs = (left - 40, 14.0, 0.0, top + 30, 0.0, -14.0)
    grid = write_classes(tmp_path / "grid.tif", np.zeros((80, 75)), UTM)
    other = write_classes(tmp_path / "other.tif", labels, theirs, "EPSG:3857")
    with open_raster(grid) as one, open_raster(other) as two:
        link = GridLink(one.info, two.info)
        assert not link.is_same_grid
        found = link.read(two, Window(0, 0, 80, 75))
        crs = one.info.crs_wkt, two.info.crs_wkt
    values, inside = by_hand(crs, UTM, theirs, (80, 75), labels)
    assert (found.valid == inside).all()
    assert np.mean(found.values[inside] != values[inside]) < 1e-3


def test_a_finer_raster_is_read_in_parts(tmp_path, labels, monkeypatch):
    monkeypatch.setattr(grids, "MOST_PIXELS", 500)
    grid = write_classes(tmp_path / "grid.tif", np.zeros((20, 30)), UTM)
    other = write_classes(tmp_path / "other.tif", labels, (500000.0, 2.0, 0.0, 5000000.0, 0.0, -2.0))
    with open_raster(grid) as one, open_raster(other) as two:
        found = GridLink(one.info, two.info).read(two, Window(0, 0, 20, 30))
    assert (found.values[:18, :22] == labels[2::5, 2::5]).all()
    assert found.valid.sum() == 18 * 22


def test_no_data_stays_no_data(tmp_path, labels):
    labels[10:20] = 255
    path = write_classes(tmp_path / "same.tif", labels, UTM)
    with open_raster(path) as one, open_raster(path) as two:
        link = GridLink(one.info, two.info)
        found = link.read(two, Window(0, 0, 90, 110))
    assert link.is_same_grid
    assert (found.valid == (labels < 255)).all()


def test_rasters_that_cannot_be_brought_together(tmp_path, labels):
    one = write_classes(tmp_path / "one.tif", labels, UTM)
    other = write_classes(tmp_path / "other.tif", labels, UTM, "")
    with (
        open_raster(one) as first,
        open_raster(other) as second,
        pytest.raises(RasterError, match=r"other\.tif' has no"),
    ):
        GridLink(first.info, second.info)


def test_points(tmp_path, labels):
    labels[0, 0] = 255
    path = write_classes(tmp_path / "r.tif", labels, ROTATED)
    row, col = np.array([0, 5, 89, 40, 0]), np.array([0, 100, 109, 3, 1])
    x = ROTATED[0] + (col + 0.3) * ROTATED[1] + (row + 0.8) * ROTATED[2]
    y = ROTATED[3] + (col + 0.3) * ROTATED[4] + (row + 0.8) * ROTATED[5]
    x, y = np.append(x, [0.0, np.nan]), np.append(y, [0.0, 1.0])
    with open_raster(path) as reader:
        places = to_pixels(reader.info, x, y)
        values, valid = read_at(reader, places)
    assert places.rows.tolist() == [*row, -1, -1]
    assert places.cols.tolist() == [*col, -1, -1]
    assert valid.tolist() == [False, True, True, True, True, False, False]
    assert values[1:5].tolist() == labels[row, col][1:5].tolist()
