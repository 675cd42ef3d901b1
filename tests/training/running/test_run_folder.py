"""Every training has a folder of its own; a resumed one goes on in its own."""

import os
import shutil
import warnings
from pathlib import Path

import pytest
import torch
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.training.tiny_runs import configuration, fit, state, write_folder
from training.errors import CheckpointError, SettingsError
from training.running.run_folder import claim_folder, find_checkpoint

CONFIGS = Path(__file__).resolve().parents[3] / "training" / "configs"


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return write_folder(tmp_path_factory.mktemp("data"))


def saved(path, steps):
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save({"global_step": steps}, path)
    return path


def test_runs_are_numbered_after_the_last(tmp_path):
    assert claim_folder(tmp_path, None, None) == tmp_path / "version_0"
    for name in ("version_7", "version_x", "roofs"):
        (tmp_path / name).mkdir()
    assert claim_folder(tmp_path, None, None) == tmp_path / "version_8"
    assert claim_folder(tmp_path, None, None, writes=False) == tmp_path / "version_9"
    assert not (tmp_path / "version_9").exists()


def test_names_are_taken_once(tmp_path):
    (tmp_path / "empty").mkdir()
    for name in ("roofs", "empty"):
        folder = claim_folder(tmp_path, name, None)
        assert folder == tmp_path / name
        (folder / "last.ckpt").touch()
        with pytest.raises(SettingsError, match=f"'{folder}' is there already; give another --run"):
            claim_folder(tmp_path, name, None)


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "../b", "/b"])
def test_a_name_is_that_of_a_folder(name, tmp_path):
    with pytest.raises(SettingsError, match="give the name of a folder in"):
        claim_folder(tmp_path, name, None)
    assert list(tmp_path.iterdir()) == []


def test_a_resumed_run_goes_on_in_its_own_folder_unless_it_would_go_back(tmp_path):
    best, last = saved(tmp_path / "a" / "best.ckpt", 5), saved(tmp_path / "a" / "last.ckpt", 10)
    (tmp_path / "a" / ".last.training.part.ckpt").write_bytes(b"half")
    assert claim_folder(tmp_path, None, last) == tmp_path / "a"
    assert claim_folder(tmp_path, "a", last) == tmp_path / "a"
    assert claim_folder(tmp_path, None, best) == tmp_path / "version_0"
    assert claim_folder(tmp_path, "b", last) == tmp_path / "b"
    with pytest.raises(SettingsError, match="is there already"):
        claim_folder(tmp_path, "a", best)
    assert claim_folder(tmp_path / "elsewhere", None, last) == tmp_path / "elsewhere" / "version_0"


def test_keywords_mean_the_newest_run(tmp_path):
    for age, name in enumerate(("new", "old")):
        path = saved(tmp_path / name / "last.ckpt", 1)
        os.utime(path, (1_000_000 - age, 1_000_000 - age))
    assert find_checkpoint(tmp_path, None, "last") == str(tmp_path / "new" / "last.ckpt")
    assert find_checkpoint(tmp_path, "old", "last") == str(tmp_path / "old" / "last.ckpt")
    assert find_checkpoint(tmp_path, None, "x/last.ckpt") == "x/last.ckpt"
    with pytest.raises(CheckpointError, match=r"No run in '.*' has a best\.ckpt"):
        find_checkpoint(tmp_path, None, "best")


starts = st.lists(st.tuples(st.sampled_from([None, "a", "b"]), st.sampled_from([None, "last", "best"])), max_size=8)


@given(starts)
@settings(deadline=None, max_examples=60)
def test_no_two_runs_share_a_folder_whatever_was_started(tmp_path_factory, runs):
    """A start is refused, goes on with the furthest checkpoint of its own run, or writes into a new folder."""
    root = tmp_path_factory.mktemp("runs")
    for number, (name, resumed) in enumerate(runs):
        before = {path: path.stat().st_mtime_ns for path in root.rglob("*.ckpt")}
        try:
            path = None if resumed is None else Path(find_checkpoint(root, name, resumed))
            folder = claim_folder(root, name, path)
        except (SettingsError, CheckpointError):
            assert before == {path: path.stat().st_mtime_ns for path in root.rglob("*.ckpt")}
            continue
        inside = list(folder.glob("*.ckpt"))
        assert not inside or path in inside
        steps = 0 if path is None else state(path)["global_step"]
        assert steps == max([state(other)["global_step"] for other in inside], default=steps)
        saved(folder / "last.ckpt", steps + 10 + number)
        if not inside:
            saved(folder / "best.ckpt", steps + 5)
    shutil.rmtree(root)


def contents(folder):
    """Every file below a folder, by its path and what is in it."""
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_trainings_with_the_same_settings_leave_each_other_alone(root, tmp_path, monkeypatch):
    """Numbered, named and resumed, with the logs that are written unless others are asked for."""
    monkeypatch.chdir(tmp_path)
    settings = yaml.safe_load(configuration(tmp_path / "x", root).read_text())
    del settings["run"], settings["trainer"]["logger"]
    saver = {"class_path": "lightning.pytorch.callbacks.ModelCheckpoint"}
    last = {**saver, "init_args": {"filename": "last", "enable_version_counter": False}}
    best = {**saver, "init_args": {**last["init_args"], "filename": "best", "monitor": "val/miou_k100", "mode": "max"}}
    settings["trainer"].update(default_root_dir="runs/here", callbacks=[last, best], max_epochs=1)
    config = tmp_path / "run.yaml"
    config.write_text(yaml.safe_dump(settings))

    here = tmp_path / "runs" / "here"
    seen = {}
    for name, options in (("version_0", ()), ("version_1", ("--seed_everything=1",)), ("roofs", ("--run=roofs",))):
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            fit(config, *options)
        assert not [w for w in said if "exists and is not empty" in str(w.message)]
        new = {path: content for path, content in contents(here).items() if path not in seen}
        assert {path.relative_to(here).parts[0] for path in new} == {name}
        assert {"last.ckpt", "best.ckpt"} == {path.name for path in new if path.suffix == ".ckpt"}
        assert {path.relative_to(here / name).parts[0] for path in new} == {
            "last.ckpt",
            "best.ckpt",
            "csv",
            "tensorboard",
            "run.json",
        }
        assert all(seen[path] == content for path, content in contents(here).items() if path in seen)
        seen.update(new)

    fit(config, "--ckpt_path=last", "--trainer.max_epochs=2")  # the newest run's, which is "roofs"
    assert state(here / "roofs" / "last.ckpt")["global_step"] == 10
    now = contents(here)
    changed = {path.relative_to(here).as_posix() for path, content in seen.items() if now[path] != content}
    assert changed <= {"roofs/last.ckpt", "roofs/best.ckpt", "roofs/run.json"}
    assert {path.relative_to(here).parts[0] for path in now} == {"version_0", "version_1", "roofs"}
    assert sorted(path.name for path in (here / "roofs" / "csv").iterdir()) == ["version_0", "version_1"]

    fit(config, f"--trainer.default_root_dir={tmp_path / 'there'}", f"--ckpt_path={here / 'version_0' / 'last.ckpt'}")
    assert (tmp_path / "there" / "version_0" / "csv").is_dir()
    assert contents(here) == now
    assert {path.name for path in tmp_path.iterdir()} == {"runs", "there", "run.yaml", "x.yaml"}


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_what_cannot_begin_leaves_no_folder(root, tmp_path, capsys):
    config = configuration(tmp_path / "run", root)
    placed = f"{{class_path: lightning.pytorch.callbacks.ModelCheckpoint, init_args: {{dirpath: '{tmp_path}'}}}}"
    for option, said in (
        (f"--trainer.callbacks={placed}", "leave it out: checkpoints go to the run's folder"),
        ("--trainer.accelerator=cuda", "`CUDAAccelerator` can not run on your system"),
        ("--trainer.accelerator=hpu", "invalid accelerator name: `accelerator='hpu'`"),
        (f"--ckpt_path={tmp_path / 'none.ckpt'}", "Cannot go on from"),
        ("--ckpt_path=last", "has a last.ckpt; give --ckpt_path a file"),
        ("--data.batch_size=1", "give --data.batch_size 2"),
    ):
        with pytest.raises(SystemExit) as stop:
            fit(config, option)
        assert stop.value.code == 2
        assert said in capsys.readouterr().err.strip().splitlines()[-1]
        assert sorted(path.name for path in tmp_path.iterdir()) == ["run.yaml"], option


def test_no_configuration_names_a_folder_of_its_own():
    for path in CONFIGS.rglob("*.yaml"):
        text = path.read_text()
        assert "dirpath" not in text
        assert "save_dir" not in text
