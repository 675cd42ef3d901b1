"""run.json and the line after each epoch."""

import json
import logging
import subprocess

import pytest

from tests.training.tiny_runs import configuration, fit, write_folder
from training.running.quiet import quiet
from training.running.record import revision
from training.running.work import duration

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return write_folder(tmp_path_factory.mktemp("data"))


@pytest.mark.slow
def test_a_run_says_what_it_was_and_how_far_it_is(root, tmp_path, caplog):
    config = configuration(tmp_path / "run", root)
    with caplog.at_level(logging.INFO, "lightning.pytorch.utilities.rank_zero"):
        fit(config, "--trainer.max_epochs=2")
    lines = [text for text in caplog.messages if text.startswith("Epoch ")]
    assert [line.split(", ")[:2] for line in lines] == [
        ["Epoch 1 of 2", "step 5 of 10"],
        ["Epoch 2 of 2", "step 10 of 10"],
    ]
    assert "val/score" in lines[0]
    assert lines[0].endswith(" left")
    assert lines[1].endswith("done")
    (file,) = tmp_path.rglob("run.json")
    record = json.loads(file.read_text())
    assert record["packages"]["torch"]
    assert record["device"] == "cpu"
    assert [entry["step"] for entry in record["beginnings"]] == [0]
    (checkpoint,) = tmp_path.rglob("*.ckpt")
    fit(config, "--trainer.max_epochs=3", f"--ckpt_path={checkpoint}")
    assert [entry["step"] for entry in json.loads(file.read_text())["beginnings"]] == [0, 10]


@pytest.mark.slow
def test_early_stopping_is_lightnings(root, tmp_path):
    """As the README gives it: training ends when the score has not risen for some validations."""
    options = ["--trainer.callbacks+=EarlyStopping", "--trainer.callbacks.monitor=val/score"]
    options += ["--trainer.callbacks.mode=max", "--trainer.callbacks.patience=0"]
    cli = fit(configuration(tmp_path / "run", root), "--trainer.max_epochs=6", "--model.lr=1e-30", *options)
    assert cli.trainer.current_epoch < 5  # nothing is learned at such a rate


def test_revision(tmp_path):
    assert revision(tmp_path) is None
    git = ["git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@b"]
    (tmp_path / "a").write_text("1")
    for command in (["init", "-q"], ["add", "a"], ["commit", "-qm", "one"]):
        subprocess.run([*git, *command], check=True)
    clean = revision(tmp_path)
    assert len(clean) == 40
    (tmp_path / "a").write_text("2")
    assert revision(tmp_path) == clean + "+changes"


@pytest.mark.parametrize(
    ("seconds", "said"), [(3, "3 s"), (119, "2 min"), (600, "10 min"), (3600, "1 h 00 min"), (5025, "1 h 24 min")]
)
def test_duration(seconds, said):
    assert duration(seconds) == said


def test_advertisements_are_left_out(caplog):
    logger = logging.getLogger("lightning.pytorch.utilities.rank_zero")
    with caplog.at_level(logging.INFO, logger.name), quiet():
        logger.info("💡 Tip: buy")
        logger.info("TPU available: False")
        logger.info("Epoch 1")
    logger.info("after")
    assert "buy" not in caplog.text
    assert "Epoch 1" in caplog.text
    assert not logger.filters
