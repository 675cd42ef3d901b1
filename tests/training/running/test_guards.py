"""What must stop a training does, with one line, and leaves the last good checkpoint alone."""

import errno
import os
import re
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import rasterio
import torch
from torch.utils.data import default_collate

from tests.training.tiny_runs import configuration, fit, state, write, write_folder
from training.data.arrays import IGNORE
from training.data.crops import RandomCrops
from training.data.datasets import folder
from training.errors import StoppedError
from training.learning.task import SegmentationTask
from training.running import guards
from training.running.checkpoints import CheckpointWriter
from training.running.guards import NumberGuard, describe_crops, source
from training.weights.checkpoint import load_trained, save_trained

pytestmark = pytest.mark.filterwarnings("ignore")
ONE_EPOCH = "--trainer.max_epochs=1"


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return write_folder(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def trained(tmp_path_factory, root):
    """A short run with its last.ckpt."""
    folder = tmp_path_factory.mktemp("trained")
    fit(configuration(folder, root, [{"save_last": True}]), ONE_EPOCH, "--data.steps=2")
    return folder


def stopped(capsys, config, *options):
    """Run what must stop; the one line that it says."""
    capsys.readouterr()
    with pytest.raises(SystemExit) as stop:
        fit(config, *options)
    assert stop.value.code == 2
    lines = [line for line in capsys.readouterr().err.splitlines() if line.startswith("train.py:")]
    assert len(lines) == 1, lines
    return lines[0]


def test_pixels_that_are_no_numbers_are_named_with_file_and_window(tmp_path):
    root = write_folder(tmp_path / "data", dtype=np.float32)
    path = root / "train" / "images" / "a.tif"
    with rasterio.open(path) as file:
        pixels = file.read()
    pixels[1, 75, 100] = np.inf  # in the middle: most crops of this scene hold it
    write(path, pixels)
    # As they come when a file is replaced while training runs: scenes take such pixels for pixels without data.
    scenes = [replace(scene, valid=None) for scene in folder.load(root, "train")]
    crops = RandomCrops(scenes, [1.0] * len(scenes), 64, 8, seed=0)
    line = describe_crops(default_collate([crops[index] for index in range(8)]), scenes)
    assert f"pixels that are no numbers in '{path}' rows " in line
    rows, columns = (re.split("[,;.]", line.split(word)[1])[0] for word in ("rows ", "columns "))
    for window, hole in ((rows, 75), (columns, 100)):
        first, last = map(int, window.split(" to "))
        assert first <= hole <= last


def test_infinite_pixels_hold_no_data(tmp_path):
    root = write_folder(tmp_path / "data", dtype=np.float32)
    path = root / "train" / "images" / "a.tif"
    with rasterio.open(path) as file:
        pixels = file.read()
    pixels[1, 75, 100] = np.inf
    write(path, pixels)
    scene = folder.load(root, "train")[0]
    assert np.argwhere(~np.asarray(scene.valid)).tolist() == [[75, 100]]
    assert scene.labels[75:76, 100:101].tolist() == [[IGNORE]]


def test_loss_that_is_no_number_leaves_the_last_checkpoint(root, trained, tmp_path, capsys, monkeypatch):
    losses, calls = SegmentationTask.losses, []

    def spoilt(self, output, mask):
        calls.append(1)
        found = losses(self, output, mask)
        return {**found, "final": found["final"] * (float("nan") if len(calls) > 6 else 1)}

    monkeypatch.setattr(SegmentationTask, "losses", spoilt)
    line = stopped(capsys, configuration(tmp_path, root, [{"save_last": True}]))
    assert "The loss is nan at step 6; the crops were" in line
    assert line.count(".tif' rows ") == 2
    assert f"go on from '{tmp_path / 'last.ckpt'}' with --ckpt_path" in line
    assert load_trained(tmp_path / "last.ckpt").step == 5
    assert all(torch.isfinite(v).all() for v in state(tmp_path / "last.ckpt")["state_dict"].values())


def test_weights_that_are_no_numbers_reach_no_checkpoint(root, tmp_path, capsys, monkeypatch):
    """The only step has a fine loss, but its weights are ruined: nothing but the checkpoint's look would notice."""

    def ruin(optimiser, closure=None):
        closure()
        with torch.no_grad():
            optimiser.param_groups[0]["params"][0].fill_(float("nan"))

    monkeypatch.setattr(torch.optim.AdamW, "step", ruin)
    line = stopped(capsys, configuration(tmp_path, root), ONE_EPOCH, "--data.steps=1")
    assert "are no longer numbers at step 1, and no checkpoint was written" in line
    assert list(tmp_path.glob("*.ckpt")) == []


def test_guard_lets_numbers_pass():
    guard, trainer = NumberGuard(), SimpleNamespace(global_step=3, datamodule=None, checkpoint_callback=None)
    guard.on_before_backward(trainer, None, torch.tensor(1.0))
    guard.on_save_checkpoint(trainer, None, {"state_dict": {"a": torch.ones(2), "b": torch.tensor(3)}})
    guard.on_train_batch_start(trainer, None, {"image": torch.zeros(1, 1, 2, 2)}, 0)
    with pytest.raises(StoppedError, match="The loss is inf at step 3; the crops were unknown"):
        guard.on_before_backward(trainer, None, torch.tensor(float("inf")))


class _Copied:
    """The mark behind a copy: the loss may be read only after waiting for it."""

    waited = 0

    def synchronize(self):
        type(self).waited += 1


def test_a_loss_on_a_card_is_looked_at_one_step_later_and_before_a_checkpoint(monkeypatch):
    trainer = SimpleNamespace(global_step=0, datamodule=None, checkpoint_callback=None)

    class OnCard:
        device = torch.device("cuda")

    def at(loss, step, batch):
        return guards._Look(torch.tensor(loss.number), _Copied(), step, batch)

    def losses(*numbers):
        guard = NumberGuard()
        for step, number in enumerate(numbers):
            loss = OnCard()
            loss.number, trainer.global_step = number, step
            guard.on_train_batch_start(trainer, None, {"image": torch.zeros(1, 1, 2, 2)}, step)
            guard.on_before_backward(trainer, None, loss)
        return guard

    monkeypatch.setattr(guards._Look, "at", at)
    _Copied.waited = 0
    guard = losses(1.0, 2.0, 3.0)
    assert _Copied.waited == 2  # the third is still on its way
    guard.on_train_epoch_end(trainer, None)
    assert _Copied.waited == 3
    with pytest.raises(StoppedError, match="The loss is nan at step 1; the crops"):
        losses(1.0, float("nan"), 3.0)
    for hook in ("on_train_epoch_end", "on_save_checkpoint"):
        more = ({"state_dict": {"a": torch.ones(2)}},) if hook == "on_save_checkpoint" else ()
        with pytest.raises(StoppedError, match="The loss is inf at step 1"):
            getattr(losses(1.0, float("inf")), hook)(trainer, None, *more)


def test_crops_are_described_by_file_or_name():
    inner = SimpleNamespace(path="/x/a.tif")
    scenes = [SimpleNamespace(name="t", image=SimpleNamespace(source=inner)), SimpleNamespace(name="tile8", image=0)]
    assert [source(scene) for scene in scenes] == ["/x/a.tif", "tile8"]
    batch = {"image": torch.zeros(2, 1, 4, 4), "origin": torch.tensor([[0, 5, 6, 10], [1, 0, 2, 4]])}
    assert describe_crops(batch, scenes) == (
        "the crops were '/x/a.tif' rows 5 to 14, columns 6 to 15; 'tile8' rows 0 to 3, columns 2 to 5"
    )
    batch["image"][1, 0, 0, 0] = float("nan")
    assert describe_crops(batch, scenes) == "pixels that are no numbers in 'tile8' rows 0 to 3, columns 2 to 5"


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="only Linux has a device that is always full")
def test_full_disk_keeps_the_last_good_checkpoint(root, trained, tmp_path, capsys):
    """The temporary name leads to a device that is always full, so that the system itself refuses to write."""
    config = configuration(tmp_path, root, [{"save_last": True, "save_top_k": 0}])
    fit(config, ONE_EPOCH)
    before = (tmp_path / "last.ckpt").read_bytes()
    (tmp_path / ".last.training.part.ckpt").symlink_to("/dev/full")
    line = stopped(capsys, config, "--trainer.max_epochs=2", f"--ckpt_path={tmp_path / 'last.ckpt'}")
    assert "Cannot write the checkpoint" in line
    assert f"'{tmp_path / 'last.ckpt'}' cannot be written: No space left on device. " in line
    assert "is still the one before" in line
    assert (tmp_path / "last.ckpt").read_bytes() == before
    assert sorted(p.name for p in tmp_path.iterdir() if p.is_file()) == ["last.ckpt", "run.json"]


def test_writing_that_breaks_off_leaves_what_was_there(tmp_path, monkeypatch):
    writer, path = CheckpointWriter(lambda *read: None), tmp_path / "deep" / "x.ckpt"
    writer.save_checkpoint({"weights": torch.ones(3)}, path)
    before = path.read_bytes()

    def broken(descriptor):
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "fsync", broken)
    with pytest.raises(StoppedError, match=r"Input/output error\. .* is still the one before"):
        writer.save_checkpoint({"weights": torch.zeros(3)}, path)
    with pytest.raises(StoppedError, match=r"Nothing was left there"):
        writer.save_checkpoint({"weights": torch.zeros(3)}, tmp_path / "new.ckpt")
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.rglob("*") if p.is_file()] == ["x.ckpt"]
    assert torch.equal(writer.load_checkpoint(path)["weights"], torch.ones(3))


def test_checkpoint_of_other_classes_is_refused(trained, tmp_path, capsys):
    root = write_folder(tmp_path / "data")
    classes = root / "classes.yaml"
    classes.write_text(classes.read_text().replace("ignore", '  - {name: pool, colour: "0000FF", value: 9}\nignore'))
    path = trained / "last.ckpt"
    line = stopped(capsys, configuration(tmp_path / "run", root), f"--ckpt_path={path}")
    assert f"'{path}' was trained for 2 classes (ground, roof), the data have 3 (ground, roof, pool)" in line
    assert f"--model.start_from '{path}' instead of --ckpt_path" in line


def test_checkpoint_that_does_not_fit_is_refused(root, trained, tmp_path, capsys):
    path, config = trained / "last.ckpt", configuration(tmp_path / "run", root)
    line = stopped(capsys, config, f"--ckpt_path={path}", "--model.network.context=10")
    assert "is of another network: network.auxiliary_head" in line or "is of another network: network.d" in line
    assert "Use the configuration that it was trained with" in line
    kept = load_trained(path)
    save_trained(tmp_path / "weights.ckpt", kept.network, kept.class_names, kept.class_colours)
    line = stopped(capsys, config, f"--ckpt_path={tmp_path / 'weights.ckpt'}")
    assert "holds weights, but not the state of a training" in line
    for content in ({"state_dict": {}}, [1, 2]):
        torch.save(content, tmp_path / "other.ckpt")
        line = stopped(capsys, config, f"--ckpt_path={tmp_path / 'other.ckpt'}")
        assert "is no checkpoint of train.py" in line
    (tmp_path / "half.ckpt").write_bytes(path.read_bytes()[:5000])
    for name in ("half.ckpt", "none.ckpt"):
        line = stopped(capsys, config, f"--ckpt_path={tmp_path / name}")
        assert f"Cannot go on from '{tmp_path / name}': " in line


def test_keywords_are_checked_like_files(trained, tmp_path, capsys):
    """`last` is what Lightning finds in the folder of the run."""
    root = write_folder(tmp_path / "data")
    classes = root / "classes.yaml"
    classes.write_text(classes.read_text().replace("roof", "house"))
    config = configuration(trained, root, [{"save_last": True}])
    assert "was trained for 2 classes (ground, roof)" in stopped(capsys, config, "--ckpt_path=last")
