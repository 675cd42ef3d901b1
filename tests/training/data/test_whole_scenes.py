"""Scenes that a network sees whole are decoded by other processes, ahead, in order, and are the same."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.training.conftest import TINY
from tests.training.tiny_runs import configuration, fit, write_folder
from training.data import SceneData
from training.data.arrays import RasterArray, Scene
from training.data.crops import scene_loading, scenes_ahead, whole_scenes
from training.data.datasets import DATASETS
from training.errors import DatasetError
from training.evaluation import NetworkSegmenter, count_pixels
from training.networks.settings import Settings
from training.networks.single_stream import LowStream
from training.weights.checkpoint import Trained

pytestmark = pytest.mark.filterwarnings("ignore")
SIDES = ((100, 90), (70, 64), (64, 64), (80, 72), (96, 64), (64, 70))
SCENES = (("train", "t", 96, 130), *(("val", f"v{n}", *side) for n, side in enumerate(SIDES)))


@pytest.fixture
def root(tmp_path):
    return write_folder(tmp_path / "data", SCENES)


@pytest.fixture
def reads(tmp_path, monkeypatch):
    """-> (process, name of the image) of all reads so far."""
    log, original = tmp_path / "reads", RasterArray.part
    log.touch()

    def part(self, *ranges):
        with log.open("a") as file:
            file.write(f"{os.getpid()} {Path(self.path).stem} {self.ndim}\n")
        return original(self, *ranges)

    def read():
        lines = [line.split() for line in log.read_text().splitlines()]
        return [(int(process), name) for process, name, axes in lines if axes == "3"]

    monkeypatch.setattr(RasterArray, "part", part)
    return read


def prepared(root, whole=True, **more):
    data = SceneData("folder", str(root), crop=64, workers=more.pop("workers", 2), **more)
    data.taken_whole = whole
    data.setup("validate")
    return data


@pytest.mark.parametrize("side", [None, 60])
def test_validation_scenes_are_decoded_by_the_same_processes_in_every_epoch(root, reads, side):
    data = prepared(root, eval_long_side=side)
    expected = [(np.asarray(scene.image), np.asarray(scene.labels)) for scene in data.whole["val"]]
    before, loader = len(reads()), data.val_dataloader()
    for _ in range(2):
        for (image, labels), found in zip(expected, loader, strict=True):
            np.testing.assert_array_equal(found["image"], image, strict=True)
            np.testing.assert_array_equal(found["mask"], labels, strict=True)
    processes = {process for process, _ in reads()[before:]}
    assert len(processes) == 2
    assert os.getpid() not in processes


def test_no_more_than_two_scenes_are_ahead(root, reads):
    data = prepared(root)
    before = len(reads())
    for taken, _ in enumerate(data.val_dataloader(), 1):
        time.sleep(0.2)
        assert len({name for _, name in reads()[before:]}) <= taken + 2


def test_scenes_are_read_by_whoever_takes_them_where_nothing_can_be_ahead(root, monkeypatch):
    def processes(data):
        return data.val_dataloader().num_workers

    assert processes(prepared(root, whole=False)) == 0
    assert processes(prepared(root, workers=0)) == 0
    assert processes(prepared(root)) == 2
    scenes = [Scene(str(n), np.zeros((3, 64, 64), np.uint8), np.zeros((64, 64), np.uint8)) for n in range(4)]
    assert scene_loading(scenes, 2)["num_workers"] == 0  # nothing to decode
    files = prepared(root).whole["val"]
    assert [scene_loading(files[:n], 9)["num_workers"] for n in (0, 1, 2, 3, 6)] == [0, 0, 1, 2, 2]
    need = 4 * 100 * 90 * 4  # the largest with its labels: two ahead, the present one and the last one
    for free, expected in ((need, 2), (need - 1, 0)):
        monkeypatch.setattr(whole_scenes, "_shared_memory", lambda free=free: free)
        assert processes(prepared(root)) == expected
    (found, *_) = prepared(root).val_dataloader()
    assert isinstance(found["image"], RasterArray)


def test_an_error_comes_in_its_turn_in_one_line(root):
    path = root / "val" / "images" / "v2.tif"
    data = prepared(root)
    path.write_bytes(path.read_bytes()[:4000])
    scenes = iter(data.val_dataloader())
    assert [next(scenes)["mask"].shape for _ in range(2)] == [SIDES[0], SIDES[1]]
    with pytest.raises(DatasetError, match=r"v2\.tif") as caught:
        next(scenes)
    assert "\n" not in str(caught.value)
    with pytest.raises(DatasetError) as read_here:
        np.asarray(data.whole["val"][2].image)
    assert str(caught.value) == str(read_here.value)


def test_evaluation_reads_ahead_and_counts_the_same(root, reads):
    names = ["ground", "roof"]
    torch.manual_seed(0)
    network = LowStream(Settings(classes=2, **TINY)).eval()
    segmenter = NetworkSegmenter(Trained(network, names, ["000000", "FF0000"], {}, 0))
    assert segmenter.takes_whole
    scenes, before = DATASETS["folder"].load(root, "val"), len(reads())
    colours = dict.fromkeys(names, "000000")
    ahead = count_pixels(segmenter, scenes, [1.0], colours)
    assert os.getpid() not in {process for process, _ in reads()[before:]}
    segmenter.takes_whole = False
    before = len(reads())
    here = count_pixels(segmenter, scenes, [1.0], colours)
    assert {process for process, _ in reads()[before:]} == {os.getpid()}
    assert ahead.keys() == here.keys()
    for name, counts in here.items():
        assert torch.equal(counts.matrix, ahead[name].matrix)
        assert torch.equal(torch.as_tensor(counts.boundary), torch.as_tensor(ahead[name].boundary))


def test_what_holds_no_data_is_known(root):
    files = DATASETS["folder"].load(root, "val")
    valid = [np.random.default_rng(0).random(scene.labels.shape) > 0.5 for scene in files]
    scenes = [Scene(s.name, s.image, s.labels, v, file=s.file) for s, v in zip(files, valid, strict=True)]
    for scene, known, given in zip(scenes_ahead(scenes), valid, scenes, strict=True):
        np.testing.assert_array_equal(scene.valid, known, strict=True)
        assert (scene.name, scene.file) == (given.name, given.file)
        assert isinstance(scene.image, np.ndarray)


def test_processes_end_with_whoever_stops_early(root):
    others = set(multiprocessing.active_children())
    for _ in range(3):
        scenes = scenes_ahead(DATASETS["folder"].load(root, "val"))
        next(scenes)
        assert set(multiprocessing.active_children()) - others
        scenes.close()
    assert not set(multiprocessing.active_children()) - others


@pytest.mark.slow
def test_a_training_validates_the_same(root, tmp_path, reads):
    """Of a network that sees scenes whole, with the scenes decoded here and ahead."""
    logged, here = {}, {}
    for workers in (0, 1):
        before = len(reads())
        written = configuration(tmp_path / f"run{workers}", root, architecture="low_stream")
        cli = fit(written, "--trainer.max_epochs=2", f"--data.workers={workers}", "--trainer.num_sanity_val_steps=1")
        assert cli.datamodule.taken_whole
        read = [(process, name) for process, name in reads()[before:] if name.startswith("v")]
        here[workers] = sum(process == os.getpid() for process, _ in read)
        others = {name for process, name in read if process != os.getpid()}
        assert len(others) == (len(SIDES) if workers else 0)
        logged[workers] = {name: float(value) for name, value in cli.trainer.callback_metrics.items() if "val" in name}
    assert logged[0] == logged[1]
    assert here[1] <= here[0] - 2 * len(SIDES)  # what is left is looking at the files before the first step
    assert not multiprocessing.active_children()


STOPPED = """
import signal, sys, time
from training.data.crops import scenes_ahead
from training.data.datasets import DATASETS
signal.signal(signal.SIGINT, signal.default_int_handler)  # tests that run in the background ignore it
for scene in scenes_ahead(DATASETS["folder"].load(sys.argv[1], "val")):
    print("here", flush=True)
    time.sleep(60)
"""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks at processes in /proc")
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_nobody_is_left_when_a_run_is_stopped(tmp_path, how):
    """Also where what was decoded is far more than a pipe holds."""
    root = write_folder(tmp_path / "data", [("val", f"v{n}", 900, 1100) for n in range(5)])
    place = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[3]), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-c", STOPPED, str(root)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=place) as run:
        assert run.stdout.readline() == b"here\n"
        children = [int(n) for n in Path(f"/proc/{run.pid}/task/{run.pid}/children").read_text().split()]
        assert len(children) == 2
        time.sleep(0.5)
        run.send_signal(how)
        assert run.wait(30) != 0
    until = time.monotonic() + 30
    while any(Path(f"/proc/{child}").exists() for child in children) and time.monotonic() < until:
        time.sleep(0.1)
    assert not [child for child in children if Path(f"/proc/{child}").exists()]
