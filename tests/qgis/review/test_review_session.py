"""Judgements: what is said is in the file at once, and can be taken back."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from qgis.PyQt.QtGui import QColor

from tests.qgis.review.cases import AREAS, OURS, make_regions, table, write_elsewhere
from uhrs_qgis_plugin.algorithms.uncertain_regions import features as uncertain_regions_features
from uhrs_qgis_plugin.layers import region_fields as review_fields
from uhrs_qgis_plugin.layers import region_styles as review_styling
from uhrs_qgis_plugin.review.class_choices import ClassChoice
from uhrs_qgis_plugin.review.data.session import ReviewProgress
from uhrs_qgis_plugin.review.errors import ReviewError
from uhrs_qgis_plugin.review.panel.facts import progress_text

ROOT = Path(__file__).resolve().parents[3]
ROOF = ClassChoice(2, "roof", QColor(1, 2, 3))
EMPTY = ("open", None, None, None, None)


def test_words_are_those_of_the_layer_and_its_style():
    assert review_fields.OPEN == uncertain_regions_features.OPEN
    assert set(review_styling.STATUSES) == {review_fields.OPEN, *review_fields.JUDGED}


def test_regions_come_by_rank(open_session, path):
    session = open_session(path)
    assert [region.rank for region in session.regions] == [1, 2, 3, 4, 5, 6]
    assert [region.fid for region in session.regions] == [6, 5, 4, 3, 2, 1]
    assert [region.area for region in session.regions] == list(AREAS)
    first = session.regions[0]
    assert (first.mean_u, first.max_u, first.first, first.second) == (0.9, 0.95, "trees", "water")
    assert session.region(5).second == "roof"
    assert session.region(2).second is None
    assert session.region(77) is session.region(None) is None


def test_judgements_are_in_the_file_at_once(open_session, path):
    """Each with class, name and time; all other values and rows stay as they were."""
    others = [name for name in OURS if name != "status"]
    before, facts = datetime.now(timezone.utc), table(path, others)
    session = open_session(path)
    session.judge(1, "right")
    session.judge(2, "wrong", ROOF)
    session.judge(3, "unsure")
    session.judge(4, "wrong")
    rows = table(path)
    assert [rows[fid][:4] for fid in range(1, 6)] == [
        ("right", None, None, "Anna"),
        ("wrong", 2, "roof", "Anna"),
        ("unsure", None, None, "Anna"),
        ("wrong", None, None, "Anna"),
        ("open", None, None, None),
    ]
    times = [datetime.fromisoformat(rows[fid][4]) for fid in (1, 2, 3, 4)]
    assert all(before - timedelta(seconds=1) <= time <= datetime.now(timezone.utc) for time in times)
    assert table(path, others) == facts


def test_only_wrong_regions_get_a_class(open_session, path):
    """An unsure or right one with a class would be burnt."""
    session = open_session(path)
    session.judge(3, "unsure", ROOF)
    session.judge(4, "right", ROOF)
    assert table(path)[3][:3] == ("unsure", None, None)
    assert table(path)[4][:3] == ("right", None, None)


def test_closing_and_opening_again(open_session, path):
    session = open_session(path)
    session.judge(2, "wrong", ROOF)
    said = session.region(2).judgement
    del session
    again = open_session(path, "Ben")
    assert again.region(2).judgement == said
    assert again.progress().judged == 1
    assert not again.can_undo()


def test_a_crash_loses_nothing(path):
    """QGIS is killed right after the judgement, in a process of its own."""
    code = (
        "import os, signal\n"
        "from qgis.core import QgsApplication, QgsVectorLayer\n"
        "application = QgsApplication([], False); application.initQgis()\n"
        "from uhrs_qgis_plugin.review.data import ReviewSession, open_store\n"
        "from uhrs_qgis_plugin.layers.region_fields import add_fields\n"
        f"layer = QgsVectorLayer({path!r}, 'regions', 'ogr'); add_fields(layer)\n"
        "session = ReviewSession(open_store(layer), 'Anna')\n"
        "session.judge(5, 'right')\n"
        "session.judge(6, 'unsure')\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == -signal.SIGKILL, done.stderr
    rows = table(path)
    assert [rows[fid][0] for fid in range(1, 7)] == ["open"] * 4 + ["right", "unsure"]


def test_undo_brings_back_every_byte(open_session, path):
    """A chain of judgements, also of one region twice, undone one by one."""
    session = open_session(path)
    states = [table(path)]
    for fid, status, choice in ((1, "right", None), (1, "wrong", ROOF), (4, "unsure", None), (1, "open", None)):
        session.judge(fid, status, choice)
        states.append(table(path))
    assert table(path)[1] == EMPTY
    for fid, state in zip((1, 4, 1, 1), reversed(states[:-1])):
        assert session.can_undo()
        assert session.undo().fid == fid
        assert table(path) == state
    assert not session.can_undo()
    with pytest.raises(ReviewError, match=r"^There is nothing to undo\.$"):
        session.undo()


def test_progress_against_another_count(open_session, tmp_path):
    """Forty regions with random areas and judgements, some of words that are none."""
    rng = random.Random(4)
    areas = tuple(rng.uniform(1, 500) for _ in range(40))
    statuses = tuple(rng.choice(["open", "right", "wrong", "unsure", "checked", None]) for _ in range(40))
    fields = {**OURS, "rank": (OURS["rank"][0], tuple(range(1, 41)))}
    fields["area_m2"] = (OURS["area_m2"][0], areas)
    fields["status"] = (OURS["status"][0], statuses)
    session = open_session(make_regions(tmp_path / "many.gpkg", fields, count=40))
    judged = [area for area, status in zip(areas, statuses) if status in ("right", "wrong", "unsure")]
    progress = session.progress()
    assert (progress.judged, progress.total) == (len(judged), 40)
    assert progress.share == pytest.approx(sum(judged) / sum(areas))
    fid = next(fid for fid, status in enumerate(statuses, 1) if status == "checked")
    session.judge(fid, "right")
    assert session.progress().judged == len(judged) + 1
    assert session.progress().share == pytest.approx((sum(judged) + areas[fid - 1]) / sum(areas))
    assert session.undo().fid == fid
    assert table(str(tmp_path / "many.gpkg"))[fid][0] == "checked"
    some = session.progress([fid])
    assert (some.judged, some.total, some.share) == (0, 1, 0)


@pytest.mark.parametrize(
    ("judged", "total", "share", "text"),
    [
        (37, 120, 0.612, "37 of 120, 61 % of the doubtful area"),
        (0, 120, 0, "0 of 120, 0 % of the doubtful area"),
        (1, 9000, 0.0001, "1 of 9,000, <1 % of the doubtful area"),
        (119, 120, 0.9999, "119 of 120, >99 % of the doubtful area"),
        (120, 120, 1, "120 of 120, 100 % of the doubtful area"),
        (0, 0, 0, "no regions"),
    ],
)
def test_progress_in_words(qgis_app, judged, total, share, text):
    """100 % only when all is judged, 0 % only when nothing is."""
    assert progress_text(ReviewProgress(judged, total, share)) == text


def test_unknown_region(open_session, path):
    session = open_session(path)
    with pytest.raises(ReviewError, match=r"^Choose a region first\.$"):
        session.judge(99, "right")
    assert {row for row in table(path).values()} == {EMPTY}


def test_without_a_name(open_session, path):
    session = open_session(path, "")
    session.judge(1, "right")
    assert table(path)[1][:4] == ("right", None, None, None)


def test_a_value_the_file_does_not_take_is_told(open_session, path, monkeypatch):
    """The row is read again after each judgement: no silence when the file has something else."""
    session = open_session(path)

    class Forgetful:
        """A provider that says yes and writes nothing."""

        def __getattr__(self, name):
            return getattr(session.layer.dataProvider(), name)

        def changeAttributeValues(self, values):  # noqa: N802 (QGIS)
            return True

    class Layer:
        def __getattr__(self, name):
            return getattr(session.layer, name)

        def dataProvider(self):  # noqa: N802 (QGIS)
            return Forgetful()

    monkeypatch.setattr(session._store, "layer", Layer())
    with pytest.raises(ReviewError, match=r"^The judgement is NOT saved: the file took other values\. Try again\.$"):
        session.judge(1, "right")
    assert session.region(1).judgement.is_open
    assert not session.can_undo()


def test_changed_tells_which_regions(open_session, path):
    session = open_session(path)
    changes = []
    session.changed.connect(changes.append)
    session.judge(2, "right")
    write_elsewhere(path, 3, status="unsure")
    assert session.refresh()
    session.undo()
    assert changes == [[2], [3], [2]]
