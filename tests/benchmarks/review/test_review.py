"""benchmarks/review/run.py: labels at the model's pixels, choices, comparisons, a round with one step of training."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import rasterio
from hypothesis import given, settings
from hypothesis import strategies as st
from rasterio.transform import from_origin

from benchmarks.review import run as review
from benchmarks.review.choices import ARMS, SIDE, Place
from benchmarks.review.reviewing import CELL, count_cells, judge
from uhrs_qgis_plugin.engine.grid import Window


def write(path, pixels, size_m):
    path.parent.mkdir(parents=True, exist_ok=True)
    shape = {"count": len(pixels), "height": pixels.shape[1], "width": pixels.shape[2]}
    transform = from_origin(330_000, 2_790_000, size_m, size_m)
    with rasterio.open(
        path, "w", driver="GTiff", dtype="uint8", crs="EPSG:32640", transform=transform, **shape
    ) as file:
        file.write(pixels)


def a_place(folder, rng, rows=40, cols=50, top=4.0):
    """A place of random numbers; the class is found in its left half."""
    shape = (rows * CELL, cols * CELL)
    found = np.zeros(shape, np.uint8)
    found[:, : shape[1] // 2] = 1
    doubt = rng.integers(0, 255, (2, rows, cols), np.uint8)
    write(folder / "uncertainty.tif", doubt, CELL)
    write(folder / "image.tif", rng.integers(0, 255, (3, *shape), np.uint8), 1)
    return Place("here", folder, found, rng.integers(0, 2, shape, np.uint8), doubt, top)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 999), value=st.integers(0, 1), ratio=st.integers(2, 5))
def test_labels_are_the_class_where_it_has_most_of_what_is_known(tmp_path_factory, seed, value, ratio):
    """Compared with every block counted by itself."""
    folder = tmp_path_factory.mktemp("labels")
    given = np.random.default_rng(seed).choice(
        np.array([0, 1, 255], np.uint8), (6 * ratio, 7 * ratio), p=[0.4, 0.3, 0.3]
    )
    write(folder / "labels.tif", given[None], 1)
    write(folder / "classes.tif", np.zeros((1, 6, 7), np.uint8), ratio)
    review.bring_labels(folder / "labels.tif", folder / "classes.tif", folder / "truth.tif", value)
    with rasterio.open(folder / "truth.tif") as file:
        truth = file.read(1)
    for row, col in np.ndindex(6, 7):
        block = given[row * ratio : (row + 1) * ratio, col * ratio : (col + 1) * ratio]
        known, of_class = int((block != 255).sum()), int((block == 1).sum())
        if 2 * known == block.size or 2 * of_class == known:
            continue  # a tie, which rounding decides
        wanted = 255 if 2 * known < block.size else value if 2 * of_class > known else 1 - value
        assert truth[row, col] == wanted


@pytest.mark.parametrize("arm", sorted(set(ARMS) - {"whole"}))
def test_every_choice_takes_its_share(tmp_path, arm):
    """The same share of the area, inside the place, no cell twice; random ones follow their seed."""
    place = a_place(tmp_path, np.random.default_rng(3))
    chosen = ARMS[arm](place, np.random.default_rng(1))
    judged = judge(chosen).apply(place.truth.copy(), Window(0, 0, *place.truth.shape), None)
    assert int(judged.sum()) == count_cells(chosen) * CELL**2
    share = 100 * judged.mean()
    assert share < 4 if arm == "large regions" else share == pytest.approx(4, abs=1)
    again, other = (ARMS[arm](place, np.random.default_rng(seed)) for seed in (1, 2))
    assert all(np.array_equal(*pair) for pair in zip(chosen, again, strict=True))
    if "random" in arm:
        assert not all(np.array_equal(*pair) for pair in zip(chosen, other, strict=True))


def test_squares_are_the_most_uncertain_ones(tmp_path):
    place = a_place(tmp_path, np.random.default_rng(4))
    chosen = {(int(runs[0, 0]) // SIDE, int(runs[0, 1]) // SIDE) for runs in ARMS["squares"](place, None)}
    whole = (
        place.doubt[1][:, : place.grid[1] // SIDE * SIDE].astype(float).reshape(10, SIDE, -1, SIDE).mean(axis=(1, 3))
    )
    assert chosen == {divmod(int(at), whole.shape[1]) for at in np.argsort(-whole.ravel())[: place.squares]}


def test_differences_are_on_what_neither_judged(tmp_path):
    """By hand: 10 pixels of the class; one arm judged and mended two, the other found one less."""
    truth = np.zeros((8, 8), np.uint8)
    truth[:2, :5] = 1
    first, second, third = truth.copy(), truth.copy(), truth.copy()
    first[0, :4], second[0, 0], third[:] = 0, 0, 0
    judged = [np.zeros((8, 8), bool) for _ in range(2)]
    judged[0][0, :2], judged[1][7] = True, True
    place = Place("here", Path(), first, truth, np.zeros((2, 1, 1), np.uint8), 2.0)
    outcomes = {
        ("here", "regions", 1): review.Outcome(truth, judged[0]),
        ("here", "random regions", 1): review.Outcome(second, judged[1]),
    }
    item = review.compare([place], outcomes, "regions", "random regions", 1)
    assert item["parts"] == {"here": 0.0}  # the pixel that differs was judged by one of them
    assert item["map"][0] == pytest.approx(100 - 90)
    against = review.compare([place], outcomes, "regions", review.BEFORE, 1)
    assert against["parts"]["here"] == pytest.approx(100 - 100 * 6 / 8)
    assert review.compare([place], outcomes, "squares", "random squares", 1) is None
    (row, *_) = review.table([place], outcomes, 1)
    assert (row["arm"], row["wrong"], row["of_class"]) == ("regions", 100, 100)
    mean, half = review.interval([1.0, 2.0, 3.0])
    assert (mean, half) == (2.0, pytest.approx(4.303 / 3**0.5))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_round(tmp_path):
    """The bundled model of buildings, one step of training; what is done is not done again."""
    rng = np.random.default_rng(0)
    image = rng.integers(60, 120, (3, 256, 256), np.uint8)
    labels = np.zeros((256, 256), np.uint8)
    for row, col in ((30, 40), (150, 180), (180, 20)):
        image[:, row : row + 40, col : col + 30] += 110
        labels[row : row + 40, col : col + 30] = 1
    write(tmp_path / "town.tif", image, 0.3)
    write(tmp_path / "town_labels.tif", labels[None], 0.3)
    arguments = [str(tmp_path / "town.tif"), "--out", str(tmp_path / "out"), "--seeds", "1", "--top", "20"]
    arguments += ["--arms", "random squares", "whole", "--crop", "128", "--set", "data.steps", "1"]
    found = review.main([*arguments, "--picture", str(tmp_path / "town.png")])
    assert [row["arm"] for row in found["arms"]] == ["random squares", "whole"]
    assert found["arms"][0]["judged"] == pytest.approx(20, abs=3)
    kept = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "out").glob("*.npz")}
    assert set(kept) == {"town_0 random squares 1.npz", "town_0 whole 1.npz"}
    assert review.main(arguments)["arms"] == found["arms"]
    assert kept == {path.name: path.stat().st_mtime_ns for path in (tmp_path / "out").glob("*.npz")}
    with rasterio.open(tmp_path / "town.png") as picture:
        assert picture.height == 256
