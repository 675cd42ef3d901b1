import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from uhrs_qgis_plugin.engine.errors import OutputError
from uhrs_qgis_plugin.engine.files import (
    check_unused,
    hidden,
    identity,
    replacing,
    together,
    unique_mark,
    write_together,
)

ROOT = Path(__file__).resolve().parents[2]


def test_file_gets_its_name_when_the_block_ends(tmp_path):
    path = tmp_path / "a.json"
    path.write_text("old")
    with replacing(path) as part:
        part.write_text("new")
        assert path.read_text() == "old"
        assert part.parent == tmp_path
        assert part.suffix == ".json"
        assert part.name.startswith(".a.")
    assert path.read_text() == "new"
    assert os.listdir(tmp_path) == ["a.json"]


@pytest.mark.parametrize("error", [ValueError("x"), KeyboardInterrupt()])
def test_error_in_the_block_leaves_what_was_there(tmp_path, error):
    (tmp_path / "a").write_text("old")

    def fail():
        with replacing(tmp_path / "a") as part:
            part.write_text("half")
            raise error

    with pytest.raises(type(error)):
        fail()
    assert (tmp_path / "a").read_text() == "old"
    assert os.listdir(tmp_path) == ["a"]


def test_system_errors_are_one_line_that_says_what_to_do(tmp_path):
    with pytest.raises(OutputError) as caught, replacing(tmp_path / "no" / "a.txt") as part:
        part.write_text("x")
    line = f"'{tmp_path / 'no' / 'a.txt'}' cannot be written: No such file or directory. Free disk space, "
    assert str(caught.value).startswith(line)
    (tmp_path / "b").mkdir()
    with (
        pytest.raises(OutputError, match=r"b' cannot be written: .*\. Free disk space"),
        replacing(tmp_path / "b") as part,
    ):
        part.write_text("x")
    assert os.listdir(tmp_path) == ["b"]


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs a kill that a process cannot catch")
def test_kill_leaves_no_half_file_under_the_final_name(tmp_path):
    """Killed in the middle of writing: the old file is whole, and the next attempt is not disturbed."""
    path = tmp_path / "result.json"
    path.write_text("old")
    code = (
        "import os, signal, sys\n"
        "from uhrs_qgis_plugin.engine.files import replacing\n"
        "with replacing(sys.argv[1], sys.argv[2]) as part, open(part, 'w') as file:\n"
        "    file.write('half'); file.flush()\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    for _ in range(2):
        killed = subprocess.run([sys.executable, "-c", code, str(path), "one"], cwd=ROOT, check=False)
        assert killed.returncode == -signal.SIGKILL
        assert path.read_text() == "old"
        assert sorted(os.listdir(tmp_path)) == [".result.one.part.json", "result.json"]  # one, however many kills
    with replacing(path, "one") as part:
        part.write_text("new")
    assert path.read_text() == "new"
    assert os.listdir(tmp_path) == ["result.json"]


def test_texts_together_or_none(tmp_path):
    """Where one cannot be written, and where what belongs to them fails."""
    fine, missing = str(tmp_path / "a.txt"), str(tmp_path / "no" / "b.txt")
    with pytest.raises(OutputError, match="cannot be written"):
        write_together({fine: "new", missing: "new"})
    assert os.listdir(tmp_path) == []

    def fail():
        with together({fine: "new"}):
            raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011 (it has no text)
        fail()
    assert os.listdir(tmp_path) == []
    with together({fine: "new"}):
        assert not os.path.exists(fine)
    assert (tmp_path / "a.txt").read_text() == "new"


@pytest.mark.parametrize("journal", ["delete", "wal"])
def test_a_geopackage_in_use(tmp_path, journal):
    """Locked by a writer in either way of writing; free when it only lies there, or is read."""
    path = str(tmp_path / "a.gpkg")
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as base:
        base.execute(f"PRAGMA journal_mode = {journal}")
        base.execute("CREATE TABLE t (a)")
        base.execute("BEGIN EXCLUSIVE")
        with pytest.raises(OutputError, match=r"a\.gpkg' is open in another program \(.*\): close the layer there"):
            check_unused(path)
        base.execute("ROLLBACK")
        if journal == "delete":  # else the journal stays until the last one closes the file
            base.execute("BEGIN")
            base.execute("SELECT * FROM t").fetchall()  # a reader
            check_unused(path)
    check_unused(path)
    assert os.listdir(tmp_path) == ["a.gpkg"], "looking leaves nothing"


def test_a_journal_without_its_geopackage(tmp_path):
    """Of a program that was killed: SQLite would take it for the new file's."""
    (tmp_path / "a.gpkg-wal").write_bytes(b"x")
    with pytest.raises(OutputError, match=r"a\.gpkg-wal' is there"):
        check_unused(str(tmp_path / "a.gpkg"))


def test_what_is_no_geopackage_is_not_looked_at(tmp_path):
    """Whoever writes them tells what is wrong with them."""
    (tmp_path / "text.gpkg").write_text("no database")
    (tmp_path / "folder.gpkg").mkdir()
    for name in ("text.gpkg", "folder.gpkg", "none.gpkg", "none/none.gpkg", "table.csv", ""):
        check_unused(str(tmp_path / name) if name else "")
    assert (tmp_path / "text.gpkg").read_text() == "no database"


def test_names(tmp_path):
    assert hidden("out/classes.tif", "7-1", "part") == os.path.join("out", ".classes.7-1.part.tif")
    assert hidden("plain", "x") == ".plain.x"
    assert unique_mark() != unique_mark()
    (tmp_path / "link").symlink_to(tmp_path / "a")
    assert identity(tmp_path / "link") == identity(f"{tmp_path}/./b/../a")
    assert identity(tmp_path / "a") != identity(tmp_path / "b")
