import contextlib
import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from uhrs_qgis_plugin.engine.errors import OutputError, ResumeError
from uhrs_qgis_plugin.engine.flow.journal import Journal

ROOT = Path(__file__).resolve().parents[3]
RUN = {"raster": [["a.tif", 1, 2]], "model": "abc"}


def _journal(tmp_path, identity=RUN, resume=True):
    return Journal(str(tmp_path / "classes.tif"), identity, resume)


def _broken_off(tmp_path, act, resume=True):
    """A run that fails after `act`."""
    with contextlib.suppress(RuntimeError), _journal(tmp_path, resume=resume) as journal:
        act(journal)
        raise RuntimeError


def test_headers_of_pieces_are_read_one_at_a_time(tmp_path, monkeypatch):
    """What reads them fails at times where two threads do, in CPython 3.11 before 3.11.8."""
    load, reading, most = np.load, [], []

    def slow(*arguments, **options):
        reading.append(1)
        most.append(len(reading))
        time.sleep(0.02)
        reading.pop()
        return load(*arguments, **options)

    with _journal(tmp_path, resume=False) as journal:
        journal.put("piece", np.arange(3))
        monkeypatch.setattr(np, "load", slow)
        with ThreadPoolExecutor(4) as threads:
            for found in threads.map(journal.get, ["piece"] * 8):
                assert found.tolist() == [0, 1, 2]
    assert most == [1] * 8


def test_pieces_come_back_as_they_were(tmp_path):
    arrays = {"a": np.arange(12, dtype=np.float32).reshape(3, 4), "b": np.array([[True, False]]), "c": np.zeros((0, 4))}
    with _journal(tmp_path, resume=False) as journal:
        for name, array in arrays.items():
            assert name not in journal
            journal.put(name, array)
            assert name in journal
        for name, array in arrays.items():
            got = journal.get(name)
            assert got.dtype == array.dtype
            assert np.array_equal(got, array)
        assert not list(journal.folder.glob("*.part*"))
        journal.drop("a")
        assert "a" not in journal
        assert "b" in journal
    assert os.listdir(tmp_path) == []


def test_folder_goes_unless_a_later_run_may_go_on(tmp_path):
    _broken_off(tmp_path, lambda journal: None, resume=False)
    assert os.listdir(tmp_path) == []
    _broken_off(tmp_path, lambda journal: journal.put("a", np.ones(3)))
    assert len(os.listdir(tmp_path)) == 1
    with _journal(tmp_path) as journal:
        assert journal.resumes
        assert journal.get("a").tolist() == [1, 1, 1]
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({**RUN, "model": "abd"}, "another model"),
        ({"raster": [], "model": "a"}, "another model and another raster"),
    ],
)
def test_another_run_is_refused_and_nothing_is_lost(tmp_path, changed, told):
    _broken_off(tmp_path, lambda journal: journal.put("a", np.ones(3)))
    with pytest.raises(ResumeError, match=f"holds a run with {told}.* remove that folder"):
        _journal(tmp_path, changed)
    with _journal(tmp_path) as journal:
        assert "a" in journal


def test_a_kill_before_the_first_piece_is_a_new_run(tmp_path):
    _broken_off(tmp_path, lambda journal: (journal.folder / "run.json").write_text("{half"))
    with _journal(tmp_path, {"other": 1}) as journal:
        assert not journal.resumes


def test_two_runs_at_once_are_refused(tmp_path):
    code = (
        "import sys, time\nfrom uhrs_qgis_plugin.engine.flow.journal import Journal\n"
        f"journal = Journal({str(tmp_path / 'classes.tif')!r}, {RUN!r}, True)\n"
        "print('ready', flush=True)\ntime.sleep(60)"
    )
    other = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE)
    try:
        assert other.stdout.readline() == b"ready\n"
        with pytest.raises(ResumeError, match="Another run is at work"):
            _journal(tmp_path)
    finally:
        other.kill()
        other.wait()
        other.stdout.close()
    for _ in range(50):  # the system lets go of the lock as the process ends
        try:
            with _journal(tmp_path) as journal:
                assert journal.resumes
            break
        except ResumeError:
            time.sleep(0.1)
    else:
        pytest.fail("the lock of a killed run holds")


def test_full_disk_is_one_error_and_leaves_no_half_piece(tmp_path, monkeypatch):
    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "save", full)
    with _journal(tmp_path) as journal, pytest.raises(OutputError, match=r"No space left on device.*Free disk space"):
        journal.put("a", np.ones(3))
    assert "a" not in journal
    assert not list(journal.folder.glob("*.part*"))


def test_killed_while_the_folder_was_removed(tmp_path, monkeypatch):
    """What is left of a finished run is no run to go on from: some of its pieces are missing."""
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "rmtree", lambda folder, ignore_errors: (folder / "a.npy").unlink())
        with _journal(tmp_path) as journal:
            journal.put("a", np.ones(3))
            journal.put("b", np.ones(3))
    assert journal.folder.exists()
    with _journal(tmp_path) as journal:
        assert not journal.resumes
        assert "b" not in journal
    assert os.listdir(tmp_path) == []


def test_folder_that_cannot_be_made(tmp_path):
    (tmp_path / ".classes.resume.uhrs-run").write_text("a file is in the way")
    with pytest.raises(OutputError, match="choose a folder"):
        _journal(tmp_path)
