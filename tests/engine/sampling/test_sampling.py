"""Strata, shares and places of sample points."""

import numpy as np
import pytest

from tests.engine.accuracy.cases import NAMES, TRANSFORM, town, write_classes
from uhrs_qgis_plugin.engine.accuracy import assess, reference_of_features
from uhrs_qgis_plugin.engine.areas import counting
from uhrs_qgis_plugin.engine.cli import main
from uhrs_qgis_plugin.engine.errors import CancelledError, OptionsError, RasterError
from uhrs_qgis_plugin.engine.flow import Watch
from uhrs_qgis_plugin.engine.raster import RasterProfile, create_raster, crs_wkt_of
from uhrs_qgis_plugin.engine.sampling import SampleOptions, columns_of, draw_sample
from uhrs_qgis_plugin.engine.sampling.allocation import allocate
from uhrs_qgis_plugin.engine.vectors import points_of_wkb, read_features

CRS = crs_wkt_of("EPSG:32633")


@pytest.fixture
def maps():
    return town(120, 160)


@pytest.fixture
def classes(tmp_path, maps):
    return write_classes(tmp_path / "classes.tif", maps[0])


@pytest.fixture
def uncertainty(tmp_path):
    """Two bands on cells of 8 pixels: rising from the left to the right, with a column that is unknown."""
    x, step, _, y, _, down = TRANSFORM
    levels = np.broadcast_to(np.linspace(0, 254, 20).astype(np.uint8), (15, 20)).copy()
    levels[:, 3] = 255
    profile = RasterProfile(20, 15, 2, CRS, (x, 8 * step, 0, y, 0, 8 * down), 255, ("U", "final"), scale=1 / 254)
    with create_raster(str(tmp_path / "uncertainty.tif"), profile) as writer:
        writer.write(np.stack([levels, levels]), 0, 0)
    return str(tmp_path / "uncertainty.tif")


def pixels_of(sample):
    return (
        np.floor((TRANSFORM[3] - sample.y) / 0.5).astype(int),
        np.floor((sample.x - TRANSFORM[0]) / 0.5).astype(int),
    )


# Shares.


def test_proportional_shares():
    sizes, pixels = np.array([70.0, 20.0, 10.0]), np.array([700, 200, 100])
    assert allocate(100, sizes, pixels, "proportional", 0).tolist() == [70, 20, 10]
    assert allocate(100, sizes, pixels, "proportional", 25).tolist() == [50, 25, 25]
    assert allocate(30, sizes, pixels, "equal", 0).tolist() == [10, 10, 10]
    assert allocate(1000, sizes, pixels, "proportional", 5).tolist() == pixels.tolist()


def test_optimal_shares():
    """Neyman: in proportion to area times sqrt(p (1 - p))."""
    shares = allocate(110, np.array([50.0, 50.0]), np.array([10**6] * 2), "optimal", 0, np.array([0.5, 0.9]))
    assert shares.tolist() == [69, 41]
    with pytest.raises(OptionsError, match="needs to know how right"):
        allocate(10, np.ones(2), np.array([9, 9]), "optimal", 0)


@pytest.mark.parametrize("allocation", ["proportional", "equal", "optimal"])
@pytest.mark.parametrize("seed", range(5))
def test_shares_sum_to_what_was_asked(allocation, seed):
    rng = np.random.default_rng(seed)
    pixels = np.concatenate([rng.integers(1, 10**6, 20), [1, 1, 3]])
    found = allocate(500, pixels * 0.25, pixels, allocation, 10, rng.random(23))
    assert found.sum() == 500
    assert (found <= pixels).all()
    assert (found >= np.minimum(10, pixels)).all()


def test_too_few_points_for_the_strata():
    with pytest.raises(OptionsError, match="10 points are too few for 3 strata of at least 5"):
        allocate(10, np.ones(3), np.full(3, 100), "equal", 5)


# Places.


@pytest.mark.parametrize("strata", ["class", "none"])
def test_points_are_valid_distinct_and_tell_the_truth(classes, maps, strata):
    sample = draw_sample(classes, None, SampleOptions(points=300, strata=strata, least=5))
    rows, cols = pixels_of(sample)
    assert len(set(zip(rows.tolist(), cols.tolist()))) == 300
    assert (maps[0][rows, cols] == sample.classes).all()
    assert (sample.classes < 255).all()
    assert np.modf((sample.x - TRANSFORM[0]) / 0.5)[0] == pytest.approx(0.5)
    assert sum(item.points for item in sample.strata) == 300
    if strata == "class":
        assert [item.name for item in sample.strata] == list(NAMES)
        assert [item.pixels for item in sample.strata] == np.bincount(maps[0][maps[0] < 255]).tolist()
        assert (sample.stratum == sample.classes).all()
        assert sample.strata[0].area_m2 == pytest.approx(sample.strata[0].pixels * 0.25, rel=2e-3)


@pytest.mark.once
def test_each_pixel_has_the_same_chance(tmp_path):
    """2000 samples of 4 from 16 valid pixels: each about 500 times, whatever the window that it lies in."""
    labels = np.array([[0, 1, 255, 0, 0, 1], [0, 0, 1, 255, 1, 1], [1, 0, 0, 1, 0, 1]])
    path = write_classes(tmp_path / "c.tif", labels)
    counts = np.zeros(labels.shape, int)
    for seed in range(600):
        rows, cols = pixels_of(draw_sample(path, None, SampleOptions(points=4, strata="none", least=0, seed=seed)))
        counts[rows, cols] += 1
    assert (counts[labels == 255] == 0).all()
    expected = 600 * 4 / 16
    assert (np.abs(counts[labels < 255] - expected) < 5 * (expected * 0.75) ** 0.5).all()


def test_a_seed_fixes_the_points(classes):
    one, same, other = (draw_sample(classes, None, SampleOptions(points=50, least=1, seed=n)) for n in (3, 3, 4))
    assert (one.x == same.x).all()
    assert (one.y == same.y).all()
    assert (one.x != other.x).any()


def test_windows_are_joined(classes, maps, monkeypatch):
    """Many small windows: the same checks hold."""
    monkeypatch.setattr(counting, "BLOCK_ROWS", 7)
    monkeypatch.setattr(counting, "BLOCK_PIXELS", 300)
    sample = draw_sample(classes, None, SampleOptions(points=200, least=3))
    rows, cols = pixels_of(sample)
    assert len(set(zip(rows.tolist(), cols.tolist()))) == 200
    assert (maps[0][rows, cols] == sample.classes).all()


def test_strata_of_uncertainty(classes, uncertainty, maps):
    sample = draw_sample(classes, uncertainty, SampleOptions(points=200, strata="uncertainty", allocation="equal"))
    _, cols = pixels_of(sample)
    levels = np.linspace(0, 254, 20).astype(int)[cols // 8]
    known = cols // 8 != 3
    assert np.isnan(sample.uncertainty[~known]).all()
    assert sample.uncertainty[known] == pytest.approx(levels[known] / 254)
    assert sample.strata[-1].name == "U unknown"
    assert {sample.strata[index].name for index in sample.stratum[~known]} == {"U unknown"}
    whole = (maps[0] < 255).sum()
    assert sum(item.pixels for item in sample.strata) == whole
    share = sample.strata[0].pixels / sum(item.pixels for item in sample.strata[:-1])
    assert 0.5 <= share < 0.56  # the surest half, to a level
    ends = [(float(item.name.split()[1]), float(item.name.split()[3])) for item in sample.strata[:-1]]
    assert all(one[1] <= other[0] for one, other in zip(ends, ends[1:]))


def test_one_level_of_uncertainty_is_one_stratum(tmp_path, classes):
    profile = RasterProfile(20, 15, 1, CRS, (500000, 4, 0, 5000000, 0, -4), 255, ("U",), scale=1 / 254)
    with create_raster(str(tmp_path / "u.tif"), profile) as writer:
        writer.write(np.full((1, 15, 20), 40, np.uint8), 0, 0)
    sample = draw_sample(classes, str(tmp_path / "u.tif"), SampleOptions(strata="uncertainty"))
    assert [item.points for item in sample.strata] == [200]


def test_255_classes_and_single_pixels(tmp_path):
    labels = np.full((40, 40), 3)
    labels.ravel()[: 254 * 2 : 2] = np.arange(254)
    sample = draw_sample(write_classes(tmp_path / "c.tif", labels, names=()), None, SampleOptions(points=300, least=1))
    assert len(sample.strata) == 254
    assert min(item.points for item in sample.strata) == 1
    assert sample.strata[0].name == "class 0"


def test_what_cannot_be_drawn(tmp_path, classes):
    with pytest.raises(RasterError, match="holds no pixel with a class"):
        draw_sample(write_classes(tmp_path / "empty.tif", np.full((9, 9), 255)), None)
    with pytest.raises(OptionsError, match="need an uncertainty raster"):
        draw_sample(classes, None, SampleOptions(strata="uncertainty"))
    with pytest.raises(OptionsError, match="needs to know how right"):
        draw_sample(classes, None, SampleOptions(allocation="optimal"))
    with pytest.raises(OptionsError, match="'tree', which is no stratum"):
        draw_sample(classes, None, SampleOptions(allocation="optimal", expected="tree=0.5"))
    with pytest.raises(CancelledError):
        draw_sample(classes, None, watch=Watch(is_cancelled=lambda: True))


@pytest.mark.parametrize(
    "options", [{"points": 0}, {"strata": "klass"}, {"allocation": "fair"}, {"least": -1}, {"expected": "road=2"}]
)
def test_bad_options(options):
    with pytest.raises(OptionsError) as caught:
        SampleOptions(**options)
    assert "\n" not in str(caught.value)


def test_fewer_pixels_than_points(tmp_path):
    sample = draw_sample(write_classes(tmp_path / "c.tif", np.zeros((5, 6))), None, SampleOptions(points=99))
    assert len(sample.x) == 30


def test_blind_points_do_not_tell_the_class(classes):
    sample = draw_sample(classes, None, SampleOptions(points=60))
    columns = columns_of(sample, True)
    assert set(columns["class"]) == set(columns["stratum_name"]) == {None}
    assert set(columns_of(sample, False)["class"]) == set(NAMES)


# From sample to accuracy.


@pytest.mark.once
def test_judged_samples_cover_the_truth(tmp_path, maps):
    """Draw, judge by the truth, estimate: about 95 % of the intervals of the corrected areas hold the true area."""
    mapped, truth = town(200, 200, seed=7, share=0.25)
    classes = write_classes(tmp_path / "classes.tif", mapped)
    valid = mapped < 255
    hits = total = 0
    for seed in range(40):
        path = str(tmp_path / "points.gpkg")
        assert main(["samplepoints", classes, path, "--points", "150", "--seed", str(seed), "--quiet"]) == 0
        features = read_features(path)
        x, y = points_of_wkb(features.shapes)
        at = np.floor((TRANSFORM[3] - y) / 0.5).astype(int), np.floor((x - TRANSFORM[0]) / 0.5).astype(int)
        features.columns["truth"] = [NAMES[value] for value in truth[at]]
        report = assess(classes, reference_of_features(features, "truth", CRS))
        for index, item in enumerate(report.classes):
            area = (truth[valid] == index).mean() * report.total
            hits += item.area.low <= area <= item.area.high
            total += 1
    assert total == 120
    assert 0.88 * total <= hits <= 0.995 * total


def test_points_that_were_judged_in_another_map(tmp_path, maps):
    """Points of one map judge another one: the strata stay those of the sample."""
    first, second = write_classes(tmp_path / "a.tif", maps[0]), write_classes(tmp_path / "b.tif", maps[1])
    path = str(tmp_path / "points.gpkg")
    assert main(["samplepoints", first, path, "--points", "120", "--quiet"]) == 0
    features = read_features(path)
    x, y = points_of_wkb(features.shapes)
    at = np.floor((TRANSFORM[3] - y) / 0.5).astype(int), np.floor((x - TRANSFORM[0]) / 0.5).astype(int)
    features.columns["status"] = ["right" if one == two else "wrong" for one, two in zip(maps[0][at], maps[1][at])]
    features.columns["new_name"] = [NAMES[value] for value in maps[1][at]]
    report = assess(second, reference_of_features(features, "", CRS))
    assert report.overall.value == pytest.approx(1)


def test_command_line(tmp_path, classes, uncertainty, capsys):
    path = str(tmp_path / "p.gpkg")
    call = ["samplepoints", classes, path, "--uncertainty", uncertainty, "--strata", "uncertainty", "--blind"]
    assert main([*call, "--points", "120"]) == 0
    assert "points of" in capsys.readouterr().out
    columns = read_features(path).columns
    assert list(columns) == list(columns_of(draw_sample(classes, None, SampleOptions(points=60)), True))
    assert main(["samplepoints", classes, str(tmp_path / "p.shp"), "--quiet"]) == 2
    assert main(["samplepoints", classes, path, "--points", "10", "--quiet"]) == 2
    said = capsys.readouterr().err
    assert "ends with .gpkg" in said
    assert "too few for 3 strata" in said
