"""What a run will take: guessed, then measured; and what is said of the time that is left."""

from __future__ import annotations

import pytest
from qgis.core import QgsSettings

from uhrs_qgis_plugin.algorithms.segment.progress_text import RemainingTime
from uhrs_qgis_plugin.algorithms.segment.speed import SETTING, Measured, duration, estimate, remember, work_of


@pytest.fixture(autouse=True)
def empty(qgis_app):
    QgsSettings().remove(SETTING)
    yield
    QgsSettings().remove(SETTING)


def test_work_grows_with_k_and_with_what_is_read():
    assert work_of(1e6, 1e6, 0) == 1
    assert work_of(1e6, 1e6, 1) == 2
    assert work_of(1e6, 100e6, 0) > 10


def test_a_guess_is_wide_and_a_measurement_is_not():
    guess = estimate(100, 100, "auto", "m")
    assert guess.device == ""
    assert guess.high_s > 5 * guess.low_s
    remember(Measured("auto", "cpu", "m", 100, 21, 0.7))
    found = estimate(100, 100, "auto", "m")
    assert (found.device, found.memory_gb) == ("cpu", 0.7)
    assert found.low_s < 21 < found.high_s < 1.6 * 21
    # Twice the work takes about twice as long; a threshold may come to anything between.
    assert estimate(200, 200, "auto", "m").low_s > 1.6 * found.low_s
    assert estimate(100, 200, "auto", "m").high_s == estimate(200, 200, "auto", "m").high_s


def test_other_devices_and_models():
    """Another model is a hint, another device is none; of both names of a device either will do."""
    remember(Measured("auto", "cpu", "m", 100, 21))
    assert estimate(100, 100, "cuda", "m").device == ""
    assert estimate(100, 100, "cpu", "other").device == "cpu"
    remember(Measured("cuda", "cuda", "m", 100, 3))
    assert estimate(100, 100, "cuda", "m").high_s < 10


def test_range_holds_what_was_seen():
    """Runs beside other work took longer: the range says so. Tiny ones do not count."""
    for seconds in (11, 21, 31):
        remember(Measured("auto", "cpu", "m", 100, seconds))
    remember(Measured("auto", "cpu", "m", 0.1, 3))
    found = estimate(100, 100, "auto", "m")
    assert found.low_s <= 11
    assert 31 <= found.high_s <= 40


@pytest.mark.parametrize("text", ["", "no JSON", "[1]", '[{"a": 1}]', "{}"])
def test_damaged_setting(text):
    QgsSettings().setValue(SETTING, text)
    assert estimate(1, 1, "auto", "m").device == ""


def test_durations():
    words = [duration(seconds) for seconds in (0.2, 40, 89, 91, 3600, 12600)]
    assert words == ["1 s", "40 s", "89 s", "2 min", "60 min", "3.5 h"]


def test_remaining_time():
    """Not before something is known, then every ten seconds, later once a minute."""
    now, said = [0.0], []
    remaining = RemainingTime(said.append, lambda: now[0])
    for second in range(1, 301):
        now[0] = second
        remaining.report(second / 400)
    assert said[0] == "4 % done, about 6 min left"
    assert 12 <= len(said) <= 16
    remaining.report(1.0)
    assert not said[-1].startswith("100")
