"""Two QGIS on one GeoPackage: nobody overwrites anybody, and everybody sees what the other has said."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from osgeo import gdal
from qgis.core import QgsVectorLayer
from qgis.PyQt.QtGui import QColor

from tests.qgis.review.cases import OURS, drop_elsewhere, make_regions, table, write_elsewhere
from uhrs_qgis_plugin.review.class_choices import ClassChoice
from uhrs_qgis_plugin.review.data.retry_locked import WriteFailedError, write_when_unlocked
from uhrs_qgis_plugin.review.errors import ReviewError
from uhrs_qgis_plugin.review.panel.region_model import FILTERS, RegionModel

ROOT = Path(__file__).resolve().parents[3]
MOST_S = 3  # patience of a second, and what a busy machine adds
SQLITE_S = 5  # of waiting in newer GDAL's own call, once
ROOF = ClassChoice(2, "roof", QColor(1, 2, 3))


def test_the_second_word_does_not_overwrite_the_first(open_session, path):
    """Ben has not seen Anna's judgement when he judges: his is refused, and he sees hers; then he may overrule."""
    anna, ben = open_session(path, "Anna"), open_session(path, "Ben")
    anna.judge(1, "right")
    said = table(path)[1]
    assert ben.region(1).judgement.is_open
    text = "Anna has judged this region meanwhile (right): nothing was changed. Judge again to overrule."
    with pytest.raises(ReviewError, match=f"^{re.escape(text)}$"):
        ben.judge(1, "wrong", ROOF)
    assert table(path)[1] == said
    assert ben.region(1).judgement.reviewer == "Anna"
    ben.judge(1, "wrong", ROOF)
    assert table(path)[1][:4] == ("wrong", 2, "roof", "Ben")


def test_undo_leaves_the_other_ones_word(open_session, path):
    anna, ben = open_session(path, "Anna"), open_session(path, "Ben")
    anna.judge(1, "right")
    ben.refresh()
    ben.judge(1, "unsure")
    with pytest.raises(ReviewError, match="Ben has judged this region meanwhile"):
        anna.undo()
    assert table(path)[1][:4] == ("unsure", None, None, "Ben")
    assert not anna.can_undo()
    assert ben.undo().fid == 1
    assert table(path)[1][:4] == ("right", None, None, "Anna")


def test_both_judge_in_turns(open_session, path):
    """Neither reads all again; every judgement of both is there."""
    anna, ben = open_session(path, "Anna"), open_session(path, "Ben")
    for first, second in ((1, 2), (3, 4), (5, 6)):
        anna.judge(first, "right")
        ben.judge(second, "unsure")
    assert [row[3] for row in table(path).values()] == ["Anna", "Ben"] * 3
    assert anna.refresh()
    assert ben.refresh()
    assert anna.progress() == ben.progress()
    assert anna.progress().share == 1
    assert not anna.refresh()


def test_refresh_reads_only_what_has_changed(open_session, path, monkeypatch):
    """Nothing is read while the file rests, nor after one's own judgements."""
    session = open_session(path)
    reads = []
    judgements = session._store.judgements
    monkeypatch.setattr(session._store, "judgements", lambda: reads.append(1) or judgements())
    assert not session.refresh()
    session.judge(1, "right")
    assert not session.refresh()
    assert reads == []
    write_elsewhere(path, 2, status="right", reviewer="Ben")
    assert session.refresh()
    assert reads == [1]
    assert session.region(2).judgement.reviewer == "Ben"


def test_only_the_own_columns_of_the_own_row_change(open_session, path):
    """Another program has changed another column of the row, and another row, since they were read."""
    session = open_session(path)
    write_elsewhere(path, 1, mean_u=0.123)
    write_elsewhere(path, 2, status="right", reviewer="Ben")
    session.judge(1, "right")
    rows = table(path, ("mean_u", "status", "reviewer"))
    assert rows[1] == (0.123, "right", "Anna")
    assert rows[2] == (0.5, "right", "Ben")
    assert {rows[fid][1] for fid in (3, 4, 5, 6)} == {"open"}


def test_a_deleted_region(open_session, path):
    session = open_session(path)
    session.judge(2, "right")
    drop_elsewhere(path, 1)
    drop_elsewhere(path, 2)
    assert session.reread(1) is None
    for action in (lambda: session.judge(1, "right"), session.undo):
        with pytest.raises(ReviewError, match=r"^The region is gone: somebody has deleted it\.$"):
            action()
    assert not session.can_undo()
    assert set(table(path)) == {3, 4, 5, 6}


class Lock:
    """Another program in the middle of writing."""

    def __init__(self, path):
        self.dataset = gdal.OpenEx(path, gdal.OF_UPDATE | gdal.OF_VECTOR)
        self.dataset.StartTransaction()
        layer = self.dataset.GetLayerByName("regions")
        feature = layer.GetFeature(6)
        feature.SetField("status", "unsure")
        layer.SetFeature(feature)

    def release(self):
        self.dataset.CommitTransaction()
        self.dataset = None


HELD_S = 0.5
HOLDER = f"""
import sys, time
sys.path[0:0] = sys.argv[2:]
from tests.qgis.review.test_two_people import Lock
lock = Lock(sys.argv[1])
print("locked", flush=True)
time.sleep({HELD_S})
print(time.monotonic(), flush=True)
lock.release()
"""


def test_a_locked_file_is_waited_for(open_session, path):
    """By another process: newer GDAL waits inside its own call, older one fails at once and is called again."""
    session = open_session(path)
    command = [sys.executable, "-c", HOLDER, path, str(ROOT)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout.readline() == "locked\n"
        session.judge(1, "right")
        assert time.monotonic() > float(holder.stdout.readline())
    assert holder.returncode == 0
    rows = table(path)
    assert (rows[1][0], rows[6][0]) == ("right", "unsure")


def test_a_file_that_stays_locked(open_session, path):
    """The person is told within seconds, for the window stands still; and nothing pretends to be judged."""
    session = open_session(path)
    lock, start = Lock(path), time.monotonic()
    with pytest.raises(ReviewError, match=r"The judgement is NOT saved: .*locked"):
        session.judge(1, "right")
    assert time.monotonic() - start < SQLITE_S + MOST_S
    assert session.region(1).judgement.is_open
    assert not session.can_undo()
    lock.release()
    session.judge(1, "right")
    assert table(path)[1][0] == "right"


def test_a_file_that_nobody_else_may_open(qgis_app, path):
    """QGIS cannot begin to write then, and SQLite would wait 5 seconds for every try."""
    layer = QgsVectorLayer(path, "regions", "ogr")
    provider, column = layer.dataProvider(), layer.fields().lookupField("status")
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("BEGIN EXCLUSIVE")
    tries, start = [], time.monotonic()

    def write():
        tries.append(1)
        return provider.changeAttributeValues({1: {column: "right"}})

    with pytest.raises(WriteFailedError, match="locked"):
        write_when_unlocked(provider, write)
    assert time.monotonic() - start < MOST_S
    assert len(tries) > 1
    connection.execute("ROLLBACK")
    connection.close()
    assert gdal.GetThreadLocalConfigOption("SQLITE_BUSY_TIMEOUT") is None
    write_when_unlocked(provider, write)
    assert table(path)[1][0] == "right"


def test_two_processes(open_session, path):
    """A second QGIS judges every other region while this one judges the rest."""
    session = open_session(path)
    code = (
        "import sys\n"
        "from osgeo import gdal\n"
        "dataset = gdal.OpenEx(sys.argv[1], gdal.OF_UPDATE | gdal.OF_VECTOR)\n"
        "layer = dataset.GetLayerByName('regions')\n"
        "for fid in (2, 4, 6):\n"
        "    feature = layer.GetFeature(fid)\n"
        "    feature.SetField('status', 'wrong')\n"
        "    assert layer.SetFeature(feature) == 0\n"
    )
    other = subprocess.Popen([sys.executable, "-c", code, path])
    for fid in (1, 3, 5):
        session.judge(fid, "right")
    assert other.wait(60) == 0
    assert [row[0] for row in table(path).values()] == ["right", "wrong"] * 3


def test_parts_split_the_list(open_session, tmp_path):
    """Every region is in exactly one part, and all parts hold important ones."""
    fields = {**OURS, "rank": (OURS["rank"][0], tuple(range(1, 12)))}
    session = open_session(make_regions(tmp_path / "eleven.gpkg", fields, count=11))
    model = RegionModel()
    parts = []
    for part in (1, 2, 3):
        model.show(session, "all", part, 3)
        parts.append([model.fid(row) for row in range(model.rowCount())])
    assert parts == [[1, 4, 7, 10], [2, 5, 8, 11], [3, 6, 9]]


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ("all", [6, 5, 4, 3, 2, 1]),
        ("open", [6, 1]),
        ("mine", [5, 4]),
        ("right", [5, 2]),
        ("wrong", [4]),
        ("unsure", [3]),
    ],
)
def test_filters(open_session, path, chosen, expected):
    anna, ben = open_session(path, "Anna"), open_session(path, "Ben")
    anna.judge(5, "right")
    anna.judge(4, "wrong", ROOF)
    ben.judge(3, "unsure")
    ben.judge(2, "right")
    anna.refresh()
    model = RegionModel()
    model.show(anna, chosen)
    assert [model.fid(row) for row in range(model.rowCount())] == expected
    assert len(FILTERS) == 6


def test_going_on_skips_what_the_other_has_judged(review, path):
    """Without waiting for the next refresh."""
    write_elsewhere(path, 5, status="right", reviewer="Ben")
    assert review.region().fid == 6
    assert review.judge("right")
    assert review.region().fid == 4
    assert review.session.region(5).judgement.reviewer == "Ben"


def test_the_panel_shows_what_the_other_says(review, path):
    write_elsewhere(path, 5, status="wrong", new_name="roof", reviewer="Ben")
    review.timer.timeout.emit()
    model = review.panel.model
    assert model.data(model.index(model.row(5), 4)) == "is roof"
    assert review.progress_text() == "1 of 6, 10 % of the doubtful area"
    assert not review.panel.buttons["undo"].isEnabled()


def test_regions_that_go_and_come(review, path):
    """Somebody deletes the region that is shown, and another one: the list follows."""
    drop_elsewhere(path, 6)
    drop_elsewhere(path, 2)
    review.timer.timeout.emit()
    assert review.panel.model.rowCount() == 4
    assert review.region().fid == 5
    assert review.progress_text().startswith("0 of 4")


def test_corrections_of_both_are_kept(open_session, path):
    """Both draw before either has seen the other's table."""
    anna, ben = open_session(path, "Anna"), open_session(path, "Ben")
    shape = anna.reread(1)
    anna.draw(shape, ROOF, 1)
    ben.draw(shape, ROOF, 1)
    anna.draw(shape, ROOF, None)
    rows = table(path, ("class", "name", "region", "reviewer"), "corrections")
    assert list(rows.values()) == [(2, "roof", 1, "Anna"), (2, "roof", 1, "Ben"), (2, "roof", None, "Anna")]
    assert QgsVectorLayer(f"{path}|layername=corrections", "c", "ogr").featureCount() == 3
