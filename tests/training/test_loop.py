"""The machinery of benchmarks/review/loop.py; `make bench-loop` measures what the review loop is worth."""

import pytest

from benchmarks.review.loop import ARMS, Setting, claims, close_loop

TINY = Setting(look="warm", side=512, unseen=1, unseen_side=256, crop=128, batch=2, steps=1)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_round_of_the_loop(tmp_path):
    """Regions are found, moved to random places, judged, learnt from, and the taught model segments again."""
    before, taught = close_loop(tmp_path, 11, TINY, ["random regions"])
    assert before.keys() == {"arm", "unseen", "reviewed"}
    assert taught["judged"] == pytest.approx(TINY.top, abs=0.5)
    assert sum(taught["classes"]) == pytest.approx(100)
    assert 0 < taught["wrong"] < 100
    for kind in ("unseen", "reviewed"):
        assert 0 < taught[kind] < 100


def _rows(**miou):
    return [{"arm": arm.replace("_", " "), "reviewed": value, "unseen": value} for arm, value in miou.items()]


def test_claims_are_about_means_over_scenes():
    better, worse = _rows(bundled=60, regions=72, random_regions=65), _rows(bundled=60, regions=63, random_regions=64)
    assert all(claims([better, worse]).values())
    held = claims([worse])
    assert held["regions teach the model something about reviewed scenes"]
    assert not held["regions teach more than random regions about unseen scenes"]
    assert len(held) == 6  # none about arms that were not run


def test_claims_compare_with_every_random_arm():
    assert not all(claims([_rows(bundled=60, regions=70, random_regions=65, random_cells=71)]).values())
    assert set(ARMS) == {"regions", "spread", "random regions", "random cells"}
