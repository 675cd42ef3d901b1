import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from uhrs_qgis_plugin.engine.errors import OutputError
from uhrs_qgis_plugin.engine.files import hidden, identity, replacing, unique_mark

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


def test_names(tmp_path):
    assert hidden("out/classes.tif", "7-1", "part") == os.path.join("out", ".classes.7-1.part.tif")
    assert hidden("plain", "x") == ".plain.x"
    assert unique_mark() != unique_mark()
    (tmp_path / "link").symlink_to(tmp_path / "a")
    assert identity(tmp_path / "link") == identity(f"{tmp_path}/./b/../a")
    assert identity(tmp_path / "a") != identity(tmp_path / "b")
