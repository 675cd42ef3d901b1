"""A map against points, polygons and rasters, compared with counting by hand."""

import numpy as np
import pytest

from tests.engine.accuracy.cases import NAMES, TRANSFORM, box, confusion, point, points_at, town, write_classes
from uhrs_qgis_plugin.engine.accuracy import AccuracyOptions, assess, reference_of_features
from uhrs_qgis_plugin.engine.errors import CancelledError, OptionsError, RasterError
from uhrs_qgis_plugin.engine.flow import Watch
from uhrs_qgis_plugin.engine.raster import crs_wkt_of, transform_points
from uhrs_qgis_plugin.engine.vectors import Features

CRS = crs_wkt_of("EPSG:32633")


@pytest.fixture
def maps():
    return town()


@pytest.fixture
def classes(tmp_path, maps):
    return write_classes(tmp_path / "classes.tif", maps[0])


def against(classes, features, field="label", **options):
    return assess(classes, reference_of_features(features, field, CRS), AccuracyOptions(**options))


def drawn(maps, count=300, seed=4):
    """Random pixels and the true names there."""
    rng = np.random.default_rng(seed)
    rows, cols = rng.integers(0, maps[0].shape[0], count), rng.integers(0, maps[0].shape[1], count)
    return rows, cols, [NAMES[value] for value in maps[1][rows, cols]]


# Rasters.


def test_raster_on_the_same_grid(tmp_path, classes, maps):
    report = assess(classes, write_classes(tmp_path / "truth.tif", maps[1]))
    matrix = confusion(*maps)
    assert report.matrix.tolist() == matrix.tolist()
    assert report.overall.value == pytest.approx(np.trace(matrix) / matrix.sum())
    for index, item in enumerate(report.classes):
        assert item.users.value == pytest.approx(matrix[index, index] / matrix[index].sum())
        assert item.producers.value == pytest.approx(matrix[index, index] / matrix[:, index].sum())
        either = matrix[index].sum() + matrix[:, index].sum() - matrix[index, index]
        assert item.iou.value == pytest.approx(matrix[index, index] / either)
        # The reference covers the map: what it says is the area, and nothing was drawn.
        assert item.area.value == pytest.approx(report.total * matrix[:, index].sum() / matrix.sum())
        assert item.area.low == item.area.high == item.area.value
        assert item.users.low < item.users.value < item.users.high
    assert report.unit == "m2"
    assert report.total == pytest.approx(matrix.sum() * 0.25, rel=2e-3)  # UTM: nearly the plane
    assert [item.name for item in report.classes] == list(NAMES)
    assert any("covers the whole map" in line for line in report.warnings)


def test_raster_on_another_grid(tmp_path, classes, maps):
    """Coarser, shifted by parts of a pixel and turned over: each pixel of the map meets what lies at its centre."""
    x, step, _, y, _, _ = TRANSFORM
    transform = (x + 3.2, 1.1, 0.0, y - 55.0, 0.0, 0.9)
    rng = np.random.default_rng(8)
    other = rng.integers(0, 3, (50, 60)).astype(np.uint8)
    report = assess(classes, write_classes(tmp_path / "other.tif", other, transform))
    truth = np.full(maps[0].shape, 255, np.uint8)
    for row, col in np.ndindex(truth.shape):
        there_col = (x + (col + 0.5) * step - transform[0]) / 1.1
        there_row = (y - (row + 0.5) * step - transform[3]) / 0.9
        if 0 <= there_row < 50 and 0 <= there_col < 60:
            truth[row, col] = other[int(there_row), int(there_col)]
    assert report.matrix.tolist() == confusion(maps[0], truth).tolist()
    assert any("of the map: figures and areas" in line for line in report.warnings)


def test_raster_in_another_crs(tmp_path, maps):
    """The same truth in degrees, fine enough that hardly a pixel changes its class."""
    classes = write_classes(tmp_path / "classes.tif", maps[0])
    height, width = maps[1].shape
    degrees = crs_wkt_of("EPSG:4326")
    corners = np.array([[0, 0], [width, 0], [0, height], [width, height]], float)
    x, y = TRANSFORM[0] + corners[:, 0] * 0.5, TRANSFORM[3] - corners[:, 1] * 0.5
    lon, lat = transform_points(CRS, degrees, x, y)
    rows = cols = 700
    transform = (lon.min(), np.ptp(lon) / cols, 0.0, lat.max(), 0.0, -np.ptp(lat) / rows)
    col, row = np.meshgrid(np.arange(cols) + 0.5, np.arange(rows) + 0.5)
    back = transform_points(
        degrees, CRS, (transform[0] + col * transform[1]).ravel(), (transform[3] + row * transform[5]).ravel()
    )
    at_col = np.floor((back[0] - TRANSFORM[0]) / 0.5).astype(int)
    at_row = np.floor((TRANSFORM[3] - back[1]) / 0.5).astype(int)
    inside = (at_col >= 0) & (at_col < width) & (at_row >= 0) & (at_row < height)
    truth = np.full(rows * cols, 255, np.uint8)
    truth[inside] = maps[1][at_row[inside], at_col[inside]]
    reference = write_classes(tmp_path / "degrees.tif", truth.reshape(rows, cols), transform, "EPSG:4326")
    matrix = assess(classes, reference).matrix
    assert np.abs(matrix - confusion(*maps)).sum() < 0.02 * maps[0].size
    assert matrix.sum() == pytest.approx((maps[0] < 255).sum(), rel=0.01)


def test_map_in_degrees_and_rotated(tmp_path, maps):
    transform = (10.0, 4e-6, 1e-6, 60.0, 1e-6, -4e-6)
    classes = write_classes(tmp_path / "classes.tif", maps[0], transform, "EPSG:4326")
    report = assess(classes, write_classes(tmp_path / "truth.tif", maps[1], transform, "EPSG:4326"))
    assert report.matrix.tolist() == confusion(*maps).tolist()
    pixel = 111_412.9 * 0.5 * 4e-6 * 111_412.2 * 4e-6  # m2 at 60 degrees, near enough
    assert report.total == pytest.approx((maps[0] < 255).sum() * pixel, rel=0.08)


def test_without_a_place_on_the_map(tmp_path, maps):
    identity = (0.0, 1.0, 0.0, 0.0, 0.0, 1.0)
    classes = write_classes(tmp_path / "classes.tif", maps[0], identity, "")
    report = assess(classes, write_classes(tmp_path / "truth.tif", maps[1], identity, ""))
    assert (report.unit, report.total) == ("pixels", (maps[0] < 255).sum())
    placed = write_classes(tmp_path / "placed.tif", maps[1])
    with pytest.raises(RasterError, match="no place on the map"):
        assess(classes, placed)


def test_classes_of_a_reference_raster_are_matched_by_name(tmp_path, classes, maps):
    turned = np.array([2, 0, 1], np.uint8)[maps[1]]  # other numbers, same names
    truth = write_classes(tmp_path / "truth.tif", turned, names=("land", "road", "water"))
    assert assess(classes, truth).matrix.tolist() == confusion(*maps).tolist()
    foreign = write_classes(tmp_path / "foreign.tif", turned, names=("soil", "street", "water"))
    with pytest.raises(OptionsError, match=r"'soil'.*'street'"):
        assess(classes, foreign)
    report = assess(classes, foreign, AccuracyOptions("soil=land; street=road"))
    assert report.matrix.tolist() == confusion(*maps).tolist()


def test_255_classes(tmp_path):
    labels = np.arange(255, dtype=np.uint8).repeat(16).reshape(60, 68)
    classes = write_classes(tmp_path / "classes.tif", labels, names=())
    truth = write_classes(tmp_path / "truth.tif", np.roll(labels, 1, axis=1), names=())
    report = assess(classes, truth)
    assert report.matrix.shape == (255, 255)
    assert report.matrix.sum() == labels.size
    assert report.overall.value == pytest.approx(np.mean(labels == np.roll(labels, 1, axis=1)))


def test_block_bootstrap_is_wider_than_pixels_would_say(tmp_path):
    """Errors in patches of 20 pixels: intervals of single pixels would hold the truth far less often than they say."""
    _, truth = town(400, 400)
    wrong = np.kron(np.random.default_rng(2).random((20, 20)) < 0.3, np.ones((20, 20), bool))
    mapped = np.where(wrong, (truth + 1) % 3, truth)
    classes = write_classes(tmp_path / "classes.tif", mapped)
    overall = assess(classes, write_classes(tmp_path / "truth.tif", truth), AccuracyOptions(block=40)).overall
    naive = 2 * 1.96 * (overall.value * (1 - overall.value) / mapped.size) ** 0.5
    patches = 2 * 1.96 * (overall.value * (1 - overall.value) / 400) ** 0.5  # what 400 independent patches give
    assert overall.high - overall.low > 8 * naive
    assert 0.6 * patches < overall.high - overall.low < 1.6 * patches


# Polygons.


def test_polygons(classes, maps):
    windows = [(20 * k, 10 * k + 5, 13, 17) for k in range(6)]
    labels = ["water", "land", "road", "land", "water", None]
    shapes = [box(*window) for window in windows]
    report = against(classes, Features(CRS, shapes, {"label": labels}, "polygons"))
    matrix = np.zeros((3, 3), int)
    for (row, col, height, width), label in zip(windows, labels):
        if label:
            found = maps[0][row : row + height, col : col + width].ravel()
            matrix[:, NAMES.index(label)] += np.bincount(found[found < 255], minlength=3)
    assert report.matrix.tolist() == matrix.tolist()
    assert report.counted == "pixels"
    assert report.overall.low is not None
    assert any("seldom drawn at random" in line for line in report.warnings)
    assert any("only 5 polygons" in line for line in report.warnings)


def test_polygons_outside_and_too_few(classes):
    shapes = [box(20, 20, 5, 5), box(-500, 0, 5, 5), box(50, 50, 0.2, 0.2)]
    report = against(classes, Features(CRS, shapes, {"label": ["land"] * 3}, "polygons"))
    assert any("2 of 3 labelled polygons hold no pixel" in line for line in report.warnings)
    assert any("too few for intervals" in line for line in report.warnings)
    assert report.overall.low is None


def test_lines_are_refused(classes):
    line = b"\x01\x02\x00\x00\x00\x02\x00\x00\x00" + np.zeros(4).tobytes()
    with pytest.raises(OptionsError, match="Feature 1 of 'lines'"):
        against(classes, Features(CRS, [line], {"label": ["land"]}, "lines"))


# Points.


def test_points_by_field(classes, maps):
    rows, cols, labels = drawn(maps)
    report = against(classes, points_at(rows, cols, label=labels))
    keep = maps[0][rows, cols] < 255
    matrix = np.zeros((3, 3), int)
    np.add.at(matrix, (maps[0][rows, cols][keep], maps[1][rows, cols][keep]), 1)
    assert report.matrix.tolist() == matrix.tolist()
    # Without a design the classes of the map are the strata: Olofsson's equations 2 and 4.
    weights = np.bincount(maps[0][maps[0] < 255], minlength=3) / (maps[0] < 255).sum()
    shares = weights[:, None] * matrix / matrix.sum(axis=1, keepdims=True)
    assert report.overall.value == pytest.approx(np.trace(shares), rel=1e-4)
    for index, item in enumerate(report.classes):
        assert item.area.value == pytest.approx(report.total * shares[:, index].sum(), rel=1e-4)
    assert any("how its points were chosen" in line for line in report.warnings)
    assert any("0 lie outside of the map" in line for line in report.warnings)


def test_points_in_another_crs(classes, maps):
    rows, cols, labels = drawn(maps)
    x, y = TRANSFORM[0] + (cols + 0.5) * 0.5, TRANSFORM[3] - (rows + 0.5) * 0.5
    degrees = crs_wkt_of("EPSG:4326")
    lon, lat = transform_points(CRS, degrees, x, y)
    features = Features(degrees, [point(*place) for place in zip(lon, lat)], {"label": labels}, "p")
    assert (
        against(classes, features).matrix.tolist()
        == against(classes, points_at(rows, cols, label=labels)).matrix.tolist()
    )


def test_points_outside_and_on_no_data_are_counted(classes):
    report = against(classes, points_at([5, 5, 500, 60, 61], [5, 100, 3, 60, 60], label=["land"] * 5))
    assert any("1 lie outside of the map and 1 where it has no data" in line for line in report.warnings)
    assert report.matrix.sum() == 3


def test_no_point_on_the_map_at_all(classes):
    with pytest.raises(OptionsError, match="No labelled point lies on a class of the map"):
        against(classes, points_at([-5, 900], [3, 3], label=["land", "road"]))


def judged(maps, status, new_name, seen=None, **more):
    rows, cols, _ = drawn(maps, len(status))
    rows = np.maximum(rows, 20)
    columns = {"status": status, "new_name": new_name, "new_class": [None] * len(status)}
    columns["class"] = [NAMES[value] for value in maps[0][rows, cols]] if seen is None else seen
    return points_at(rows, cols, **columns, **more), rows, cols


def test_judgements(classes, maps):
    status = ["right", "wrong", "unsure", "open", "wrong", None, "right"]
    features, rows, cols = judged(maps, status, [None, "road", None, None, None, None, None])
    report = against(classes, features, "")
    assert report.matrix.sum() == 3
    assert report.matrix[maps[0][rows[1], cols[1]], 2] >= 1
    text = " ".join(report.warnings)
    assert "2 of 7 are not judged yet" in text
    assert "1 were judged 'unsure'" in text
    assert "1 judgements name no class" in text


def test_nothing_is_judged(classes, maps):
    features, _, _ = judged(maps, ["open", "open"], [None, None])
    with pytest.raises(OptionsError, match="2 have no class"):
        against(classes, features, "")


def test_the_design_of_a_sample_is_used(classes, maps):
    """Strata that are not the map's classes: weights come from the sample."""
    rows, cols, labels = drawn(maps, 200)
    rows = np.maximum(rows, 20)
    labels = [NAMES[value] for value in maps[1][rows, cols]]
    strata = (cols >= 40).astype(int)
    pixels = [float((maps[0][:, :40] < 255).sum()), float((maps[0][:, 40:] < 255).sum())]
    features = points_at(rows, cols, label=labels, stratum=strata.tolist(), stratum_pixels=[pixels[h] for h in strata])
    report = against(classes, features)
    right = maps[0][rows, cols] == maps[1][rows, cols]
    wanted = sum(pixels[h] * right[strata == h].mean() for h in (0, 1)) / sum(pixels)
    assert report.overall.value == pytest.approx(wanted)
    assert not any("how its points were chosen" in line for line in report.warnings)
    assert dict(report.facts)["Sample"].startswith("200 points: stratified, 2 strata")


def test_strata_of_two_sizes_are_refused(maps):
    features, _, _ = judged(maps, ["right"] * 2, [None] * 2, stratum=[1, 1], stratum_pixels=[5, 6])
    with pytest.raises(OptionsError, match="gives stratum 1 two sizes"):
        reference_of_features(features, "", CRS)


def test_a_stratum_without_judged_points(classes, maps):
    features, _, _ = judged(
        maps, ["right"] * 5 + ["open"], [None] * 6, stratum=[1] * 5 + [2], stratum_pixels=[18_000] * 5 + [1000]
    )
    report = against(classes, features, "")
    assert any("No judged point lies in 2 (5.3% of the area)" in line for line in report.warnings)
    assert report.total == pytest.approx(18_000 / 19_000 * (maps[0] < 255).sum() * 0.25, rel=2e-3)


# Bad input.


def test_fields_and_crs(classes, maps):
    features = points_at([30], [30], label=["land"])
    with pytest.raises(OptionsError, match="has no field 'klass'"):
        reference_of_features(features, "klass", CRS)
    with pytest.raises(OptionsError, match="holds no judgements"):
        reference_of_features(features, "", CRS)
    with pytest.raises(OptionsError, match="the map has no coordinate reference system"):
        reference_of_features(features, "label", "")
    with pytest.raises(OptionsError, match="holds no features"):
        reference_of_features(Features(CRS, [], {}, "none"), "label", CRS)


def test_an_empty_map(tmp_path, maps):
    empty = write_classes(tmp_path / "empty.tif", np.full((40, 40), 255))
    with pytest.raises(RasterError, match="holds no pixel with a class"):
        against(empty, points_at([3], [3], label=["land"]))
    with pytest.raises(OptionsError, match="no pixel with a class in common"):
        assess(empty, write_classes(tmp_path / "truth.tif", maps[1]))


def test_cancel(classes, maps, tmp_path):
    truth = write_classes(tmp_path / "truth.tif", maps[1])
    with pytest.raises(CancelledError):
        assess(classes, truth, watch=Watch(is_cancelled=lambda: True))
