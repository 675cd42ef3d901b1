"""The fit of rasters: overall, by scene, as a map, and in words."""

from dataclasses import replace

import numpy as np
import pytest

from tests.engine.familiarity.cases import imagery, scene
from uhrs_qgis_plugin.engine.errors import BundleError
from uhrs_qgis_plugin.engine.familiarity import UnfamiliarMap, measure_fit, unfamiliar_map
from uhrs_qgis_plugin.engine.grid import Window

pytest.importorskip("hypothesis", reason="only in the training environment")
from hypothesis import given, settings
from hypothesis import strategies as st


def reader(image, valid=None):
    def read(window):
        place = window.slices()
        return image[(slice(None), *place)], None if valid is None else valid[place]

    return read


def fit_of(image, valid=None, scenes=(), known=None):
    return measure_fit(*image.shape[1:], reader(image, valid), known or imagery(), 3, scenes)


def test_familiar_imagery_fits():
    fit = fit_of(scene(50, 512, 512))
    assert fit.overall > 0.9
    assert fit.fits
    assert fit.message == ""
    assert fit.windows == 16


def test_the_sentence_names_what_differs():
    assert fit_of(scene(50, 512, 512)[::-1]).message == (
        "Looks unlike what this model was trained on: other colours, as if its bands were in another order. "
        "Expect errors that the uncertainty does not show."
    )
    message = fit_of(scene(50, 512, 512, light=215, soft=4)).message
    assert "brighter" in message
    assert "smoother texture" in message
    assert "darker" in fit_of(scene(50, 512, 512, light=30)).message


def test_scenes_are_judged_apart():
    image = scene(51, 512, 1024)
    image[:, :, 768:] = image[::-1, :, 768:]
    halves = [Window(0, 0, 512, 512), Window(0, 768, 512, 256), Window(0, 0, 512, 60)]
    fit = fit_of(image, scenes=halves)
    assert fit.scenes[0] > 0.9
    assert fit.scenes[1] < 0.1
    assert fit.scenes[2] is None
    assert fit.overall > 0.5
    assert fit.message.startswith("In 1 of 2 scenes: Looks unlike what this model was trained on")
    assert "as if its bands were in another order" in fit.message


def test_the_threshold_is_where_the_fit_is_half():
    image = scene(52, 512, 512)
    scores = np.log(1 / (1 / fit_of(image, known=replace(imagery(), threshold=3.0)).overall - 1)) + 3
    assert fit_of(image, known=replace(imagery(), threshold=float(scores))).overall == pytest.approx(0.5, abs=2e-3)


def test_no_data_gives_no_fit():
    image = scene(53, 512, 512)
    assert fit_of(image, np.zeros((512, 512), np.bool_)) is None
    assert fit_of(image[:, :20, :20]) is None
    valid = np.zeros((512, 512), np.bool_)
    valid[:256, :256] = True
    assert fit_of(image, valid).windows == 4


def test_statistics_of_other_descriptors_are_refused():
    with pytest.raises(BundleError, match="not of the 27 numbers that describe windows of 4 bands"):
        measure_fit(256, 256, reader(np.zeros((4, 256, 256), np.uint8)), imagery(), 4)


def test_the_map_shows_where():
    image = scene(54, 768, 1536)
    image[:, :, 768:] = image[::-1, :, 768:]
    valid = np.ones((768, 1536), np.bool_)
    valid[256:, :256] = False  # takes what is beside it
    found = unfamiliar_map(768, 1536, reader(image, valid), imagery(), 3)
    cells = found.cells(Window(0, 0, 768, 1536), 8)
    assert cells.shape == (96, 192)
    assert cells.dtype == np.uint8
    assert cells[:, :45].max() < 80
    assert cells[:, 145:].min() > 170
    assert cells.max() <= 254
    assert found.cells(Window(0, 0, 100, 60), 8).shape == (13, 8)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 99), st.integers(0, 9), st.integers(0, 12), st.sampled_from([1, 2, 4, 8]))
def test_any_cut_of_the_map_shows_the_same(seed, row, col, cell):
    rng = np.random.default_rng(seed)
    rows, cols = 64 + 256.0 * np.arange(rng.integers(1, 4)), 64 + 256.0 * np.arange(rng.integers(1, 5))
    found = UnfamiliarMap(rows, cols, rng.uniform(size=(rows.size, cols.size)))
    whole = found.cells(Window(0, 0, 640, 832), cell)
    part = Window(64 * row, 64 * col, 64, 64)
    np.testing.assert_array_equal(found.cells(part, cell), whole[part.slices(cell)])


def test_values_at_the_windows_and_between():
    found = UnfamiliarMap(np.array([64.0, 320.0]), np.array([64.0]), np.array([[0.0], [1.0]]))
    column = found.cells(Window(0, 0, 384, 8), 8)[:, 0]
    assert column[0] == 0
    assert column[-1] == 254
    middles = 8 * np.arange(48) + 4
    np.testing.assert_array_equal(column, np.round(254 * np.clip((middles - 64) / 256, 0, 1)))
