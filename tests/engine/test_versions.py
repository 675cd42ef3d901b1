"""scripts/versions.py: which suites may fail, and what is said about a run. The chroots themselves are run by hand."""

import pytest

from scripts import versions
from scripts.versions import Result, summary


def result(suite, passed):
    said = "ok, 1 min 02 s" if passed else "FAILED (2), 1 min 02 s"
    return Result(suite, "QGIS 3.44", {"demo": (True, "ok"), "test-qgis": (passed, said)})


@pytest.mark.parametrize(
    ("outcome", "code"),
    [
        ({"host": True, "trixie": True, "sid": True}, 0),
        ({"host": True, "trixie": True, "sid": False}, 0),
        ({"host": True, "trixie": False, "sid": True}, 1),
        ({"host": False, "trixie": True, "sid": True}, 1),
    ],
)
def test_only_suites_in_work_may_fail(outcome, code, monkeypatch, tmp_path):
    monkeypatch.setattr(versions, "OUT", tmp_path)
    monkeypatch.setattr(versions, "run", lambda suite: result(suite, outcome[suite]))
    assert versions.main(list(outcome)) == code
    written = (tmp_path / "summary.txt").read_text()
    assert ("warning only" in written) is (not outcome["sid"])


def test_a_step_that_was_not_run_is_no_pass():
    half = Result("trixie", "QGIS 3.40", {"demo": (True, "ok")})
    assert not half.passed
    assert "QGIS 3.40" in summary([half])


@pytest.mark.parametrize("arguments", [[], ["Trixie"], ["../x"], ["-h"]])
def test_other_names_are_refused(arguments):
    with pytest.raises(SystemExit, match="SUITE"):
        versions.main(arguments)


def test_the_project_is_packed_as_it_stands(tmp_path, monkeypatch):
    """What git tracks and what it would add, without what it ignores or what is deleted."""
    import subprocess
    import tarfile

    project = tmp_path / "project"
    project.mkdir()
    subprocess.run(["git", "init", "-q", project], check=True)
    for name in ("kept.py", "new with blank.py", "gone.py", "ignored.pyc"):
        (project / name).write_text(name)
    (project / ".gitignore").write_text("*.pyc\n")
    subprocess.run(["git", "-C", project, "add", "kept.py", "gone.py"], check=True)
    (project / "gone.py").unlink()
    monkeypatch.setattr(versions, "PROJECT", project)
    versions._pack(tmp_path / "project.tar")
    with tarfile.open(tmp_path / "project.tar") as archive:
        assert sorted(archive.getnames()) == [".gitignore", "kept.py", "new with blank.py"]
