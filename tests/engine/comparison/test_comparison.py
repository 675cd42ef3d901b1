"""Two maps compared, beside counting by hand."""

import csv
import io
import json
import os

import numpy as np
import pytest

from tests.engine.accuracy.cases import NAMES, TRANSFORM, town, write_classes
from uhrs_qgis_plugin.engine.cli import main
from uhrs_qgis_plugin.engine.comparison import (
    COLUMNS,
    ComparisonOptions,
    ComparisonOutputs,
    compare,
    to_csv,
    to_json,
)
from uhrs_qgis_plugin.engine.errors import CancelledError, OptionsError, OutputError, RasterError
from uhrs_qgis_plugin.engine.flow import Watch
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.raster import RasterProfile, create_raster, crs_wkt_of, open_raster, read_class_table
from uhrs_qgis_plugin.engine.vectors import read_features

CRS = crs_wkt_of("EPSG:32633")


@pytest.fixture
def maps():
    return town(120, 160)


@pytest.fixture
def paths(tmp_path, maps):
    return write_classes(tmp_path / "a.tif", maps[0]), write_classes(tmp_path / "b.tif", maps[1])


def write_uncertainty(path, levels, cell=8):
    x, step, _, y, _, down = TRANSFORM
    height, width = levels.shape
    profile = RasterProfile(
        width, height, 2, CRS, (x, cell * step, 0, y, 0, cell * down), 255, ("U", "final"), scale=1 / 254
    )
    with create_raster(str(path), profile) as writer:
        writer.write(np.stack([np.zeros_like(levels), levels]), 0, 0)
    return str(path)


def read_all(path):
    with open_raster(path) as reader:
        return reader.read([1], Window(0, 0, reader.info.height, reader.info.width))[0]


def by_hand(before, after):
    keep = (before < 255) & (after < 255)
    return np.bincount(before[keep].astype(int) * 3 + after[keep], minlength=9).reshape(3, 3)


def test_pairs_are_those_of_the_pixels(paths, maps):
    found = compare(paths)
    matrix = by_hand(*maps)
    assert {(item.before, item.after): item.pixels for item in found.transitions} == {
        (i, j): matrix[i, j] for i, j in np.argwhere(matrix).tolist()
    }
    assert found.changed == pytest.approx(1 - np.trace(matrix) / matrix.sum())
    assert found.surely_changed is None
    for value, name, before, after, both in found.by_class():
        assert name == NAMES[value]
        assert before == pytest.approx(matrix[value].sum() * 0.25, rel=2e-3)
        assert after == pytest.approx(matrix[:, value].sum() * 0.25, rel=2e-3)
        assert both == pytest.approx(matrix[value, value] * 0.25, rel=2e-3)
    assert found.unit == "m2"


def test_raster_of_transitions(paths, maps, tmp_path):
    out = str(tmp_path / "changes.tif")
    found = compare(paths, outputs=ComparisonOutputs(raster=out))
    codes = read_all(out)
    keep = maps[0] < 255
    assert (codes[~keep] == 255).all()
    assert ((codes == 0) == (maps[0] == maps[1]))[keep].all()
    names = read_class_table(out, 255).names
    for item in found.transitions:
        if item.differs:
            where = codes == item.code
            assert where.sum() == item.pixels
            assert set(maps[0][where]) == {item.before}
            assert set(maps[1][where]) == {item.after}
            assert names[item.code] == f"{item.before_name} \u2192 {item.after_name}"
    assert names[0] == "same class"


def test_raster_that_only_tells_where(paths, maps, tmp_path):
    out = str(tmp_path / "changes.tif")
    compare(paths, outputs=ComparisonOutputs(raster=out), options=ComparisonOptions(kind="differs"))
    expected = np.where(maps[0] == 255, 255, maps[0] != maps[1])
    assert (read_all(out) == expected).all()


def test_unsure_changes_are_set_apart(paths, maps, tmp_path):
    rng = np.random.default_rng(0)
    levels = [rng.integers(0, 254, (15, 20)).astype(np.uint8) for _ in range(2)]
    levels[1][4] = 255  # unknown
    doubts = [write_uncertainty(tmp_path / f"u{index}.tif", array) for index, array in enumerate(levels)]
    out = str(tmp_path / "changes.tif")
    found = compare(paths, tuple(doubts), ComparisonOutputs(raster=out), ComparisonOptions(threshold=0.7))
    fine = [np.kron(array, np.ones((8, 8), np.uint8)) for array in levels]
    unsure = (fine[0] >= 178) | ((fine[1] >= 178) & (fine[1] < 255))
    differs = (maps[0] < 255) & (maps[0] != maps[1])
    codes = read_all(out)
    assert ((codes == 254) == (differs & unsure)).all()
    for item in found.transitions:
        where = (maps[0] == item.before) & (maps[1] == item.after)
        assert item.unsure == pytest.approx((where & unsure).sum() * 0.25, rel=2e-3)
    assert found.surely_changed == pytest.approx((differs & ~unsure).sum() / (maps[0] < 255).sum(), rel=1e-3)
    one = compare(paths, (doubts[0], None))
    assert any("Only one map's uncertainty" in line for line in one.warnings)


def test_another_grid_and_crs(tmp_path, maps):
    """The second map is coarser and in degrees: it is read at the centres of the first one's pixels."""
    first = write_classes(tmp_path / "a.tif", maps[0])
    rng = np.random.default_rng(4)
    transform = (14.9999, 2e-5, 0.0, 45.1537, 0.0, -1.5e-5)
    second = write_classes(tmp_path / "b.tif", rng.integers(0, 3, (80, 80)), transform, "EPSG:4326")
    found = compare((first, second))
    assert 0.5 < found.changed < 0.8
    assert sum(item.pixels for item in found.transitions) <= (maps[0] < 255).sum()
    assert dict(found.facts)["Grid"].startswith("of the first map")


def test_classes_are_matched_by_name(tmp_path, maps):
    first = write_classes(tmp_path / "a.tif", maps[0])
    turned = np.array([2, 0, 1], np.uint8)[maps[1]]
    names = ("land", "street", "water")
    second = write_classes(tmp_path / "b.tif", turned, names=names)
    found = compare((first, second))
    assert any("Only the second map has street" in line for line in found.warnings)
    mapped = compare((first, second), options=ComparisonOptions("street=road"))
    matrix = by_hand(*maps)
    assert mapped.changed == pytest.approx(1 - np.trace(matrix) / matrix.sum())
    assert found.changed > mapped.changed
    without = compare((first, second), options=ComparisonOptions("street="))
    assert without.total == pytest.approx(matrix[:, :2].sum() * 0.25, rel=2e-3)
    with pytest.raises(OptionsError, match="leaves out every class"):
        compare((first, second), options=ComparisonOptions("street=;land=;water="))


def test_too_many_transitions_for_a_raster(tmp_path):
    labels = np.arange(255, dtype=np.uint8).repeat(16).reshape(60, 68)
    paths = (
        write_classes(tmp_path / "a.tif", labels, names=()),
        write_classes(tmp_path / "b.tif", np.roll(labels, 1, axis=1), names=()),
    )
    out = ComparisonOutputs(raster=str(tmp_path / "c.tif"))
    with pytest.raises(OptionsError, match="more than a raster of bytes holds"):
        compare(paths, outputs=out)
    assert not os.path.exists(out.raster)
    compare(paths, outputs=out, options=ComparisonOptions(kind="differs"))
    assert (read_all(out.raster) == (labels != np.roll(labels, 1, axis=1))).all()


def test_polygons_cover_what_changed(paths, maps, tmp_path):
    out = str(tmp_path / "changes.gpkg")
    options = ComparisonOptions(min_area=0, smoothing=0)
    found = compare(paths, outputs=ComparisonOutputs(polygons=out), options=options)
    features = read_features(out)
    pixels = {item.code: item.pixels for item in found.transitions if item.differs}
    sums = dict.fromkeys(pixels, 0)
    for code, number in zip(features.columns["class"], features.columns["pixels"]):
        sums[code] += number
    assert sums == pixels
    assert "\u2192" in features.columns["name"][0]
    assert sorted(os.listdir(tmp_path)) == ["a.tif", "a.tif.aux.xml", "b.tif", "b.tif.aux.xml", "changes.gpkg"]


def test_maps_that_are_the_same(tmp_path, maps):
    paths = write_classes(tmp_path / "a.tif", maps[0]), write_classes(tmp_path / "b.tif", maps[0])
    said = []
    outputs = ComparisonOutputs(str(tmp_path / "c.tif"), str(tmp_path / "c.gpkg"))
    found = compare(paths, outputs=outputs, watch=Watch(notify=said.append))
    assert found.changed == 0
    assert not os.path.exists(outputs.polygons)
    assert any("Nothing differs" in event.text for event in said)
    assert set(np.unique(read_all(outputs.raster))) == {0, 255}


def test_what_cannot_be_compared(tmp_path, paths, maps):
    away = write_classes(tmp_path / "away.tif", maps[1], (600000, 0.5, 0, 5000000, 0, -0.5))
    with pytest.raises(OptionsError, match="no pixel with a class in common"):
        compare((paths[0], away))
    nowhere = write_classes(tmp_path / "nowhere.tif", maps[1], crs="")
    with pytest.raises(RasterError, match="no coordinate reference system"):
        compare((paths[0], nowhere))
    with pytest.raises(OptionsError, match="also a raster that is read"):
        compare(paths, outputs=ComparisonOutputs(raster=paths[1]))
    with pytest.raises(OptionsError, match="kind='x'"):
        ComparisonOptions(kind="x")
    with pytest.raises(CancelledError):
        compare(paths, watch=Watch(is_cancelled=lambda: True))


def test_nothing_is_left_of_a_full_disk(tmp_path, small_files):
    rng = np.random.default_rng(0)
    labels = [rng.integers(0, 3, (140, 140)).astype(np.uint8) for _ in range(2)]
    paths = tuple(write_classes(tmp_path / f"{index}.tif", array) for index, array in enumerate(labels))
    before = sorted(os.listdir(tmp_path))
    outputs = ComparisonOutputs(str(tmp_path / "c.tif"), str(tmp_path / "c.gpkg"))
    with pytest.raises(OutputError):
        compare(paths, outputs=outputs, options=ComparisonOptions(min_area=0))
    assert sorted(os.listdir(tmp_path)) == before


def test_table_and_json(paths):
    found = compare(paths)
    rows = list(csv.DictReader(io.StringIO(to_csv(found))))
    assert tuple(rows[0]) == COLUMNS
    assert sum(float(row["share"]) for row in rows) == pytest.approx(1)
    content = json.loads(to_json(found))
    assert content["changed"] == found.changed
    assert len(content["transitions"]) == len(rows)


def test_command_line(paths, tmp_path, capsys):
    out = tmp_path / "out"
    out.mkdir()
    names = {"--raster": "c.tif", "--polygons": "c.gpkg", "--csv": "c.csv", "--json": "c.json"}
    options = [part for flag, name in names.items() for part in (flag, str(out / name))]
    assert main(["compare", *paths, *options, "--min-area", "1"]) == 0
    assert sorted(os.listdir(out)) == sorted([*names.values(), "c.tif.aux.xml"])
    said = capsys.readouterr().out
    assert "% differs" in said
    assert "water: " in said
    assert main(["compare", paths[0], str(tmp_path / "none.tif"), "--quiet"]) == 2
    assert capsys.readouterr().err.count("\n") == 1
