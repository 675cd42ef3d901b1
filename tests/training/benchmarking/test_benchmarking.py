"""The parts of benchmark.py against hand-made answers."""

import itertools
import json
import os
import sys
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn

from tests.training.conftest import TINY, randomise
from training.benchmarking import passes, runner, worker
from training.benchmarking.jobs import PRESETS, Job, Subject, check_mode, plan_jobs, scaled
from training.benchmarking.memory import card_process_mib, peak_resident_mib, resident_mib
from training.benchmarking.plot import save_bubbles
from training.benchmarking.published import load_published
from training.benchmarking.tables import measured_table, memory_text, published_table
from training.errors import SettingsError
from training.networks.dual_stream import DualStream
from training.networks.settings import Settings

SUBJECT = Subject("s", "dual_stream", {"classes": 3, **TINY}, None, True, 3)


def test_dummy_images_are_standard_normal_to_the_network():
    network = DualStream(Settings(classes=2, mean=[300.0, 5.0, -2.0], std=[80.0, 1.0, 7.0], **TINY))
    seen = network.normalise(passes.dummy(network, Job(SUBJECT, 200, 300, batch=2)))
    assert seen.shape == (2, 3, 200, 300)
    assert seen.mean((0, 2, 3)).abs().max() < 0.02
    assert (seen.std((0, 2, 3)) - 1).abs().max() < 0.02


@pytest.mark.parametrize("mode", ["eager", "channels_last", "bf16", "channels_last+bf16"])
def test_modes_give_about_the_same_logits(mode):
    network = randomise(passes.build(SUBJECT))
    job = Job(SUBJECT, 64, 64, mode=mode)
    expected, made = (passes.prepare(network, j)().float() for j in (Job(SUBJECT, 64, 64), job))
    assert made.shape == (1, 3, 64, 64)
    assert (made - expected).abs().max() <= (0.05 if "bf16" in mode else 1e-4) * expected.abs().max()


class Counted(nn.Module):
    """A 3x3 convolution of 3 to 8 channels and a linear layer of 8 to 5; a head that no pass uses."""

    takes_ratio = False
    settings = Settings(classes=5)

    def __init__(self):
        super().__init__()
        self.mean, self.std = torch.zeros(1, 3, 1, 1), torch.ones(1, 3, 1, 1)
        self.conv, self.linear, self.head = nn.Conv2d(3, 8, 3, padding=1), nn.Linear(8, 5), nn.Conv2d(8, 5, 1)

    def forward(self, image, ratio=1.0):
        return self.linear(self.conv(image).movedim(1, -1)).movedim(-1, 1)

    def full_logits(self, output):
        return output


def test_counts_by_hand():
    told = passes.count(Counted(), Job(SUBJECT, 10, 20, batch=4))
    conv, linear, head = 3 * 8 * 9 + 8, 8 * 5 + 5, 8 * 5 + 5
    assert told == {
        "parameters": conv + linear + head,
        "inference_parameters": conv + linear,
        "multiply_adds": 10 * 20 * (3 * 8 * 9 + 8 * 5),  # of one image
    }


def test_fewer_patches_need_fewer_multiply_adds():
    network = passes.build(SUBJECT)
    none, half, every = (passes.count(network, Job(SUBJECT, 128, 128, ratio=k))["multiply_adds"] for k in (0, 0.5, 1))
    assert none < half < every
    assert every - half == half - none  # of 16 patches, 8 and 8


def test_clock(monkeypatch):
    """Passes of 10, 20, 30, ... ms; the first two only warm up."""
    ticks = itertools.count()
    lengths = iter([0.01 * n for n in range(1, 100)])
    now = [0.0]

    def clock():
        now[0] += next(lengths) if next(ticks) % 2 else 0.0
        return now[0]

    waited = []
    monkeypatch.setattr(worker.time, "perf_counter", clock)
    told = worker.measure(lambda: None, lambda: waited.append(1), Job(SUBJECT, 1, 1, batch=2, warmup=2, timed=3))
    assert told["fps"] == pytest.approx(2 * 3 / (0.03 + 0.04 + 0.05))
    assert told["milliseconds"]["median"] == pytest.approx(40)
    assert (told["warmup"], told["timed"]) == (2, 3)
    assert len(waited) == 2 * 5  # before and after each
    limited = worker.measure(lambda: None, lambda: None, Job(SUBJECT, 1, 1, warmup=50, timed=50, limit_s=0.31))
    assert (limited["warmup"], limited["timed"]) == (5, 3)  # 60 to 100 ms are 400, then 110, 120 and 130 ms are 360


def test_what_goes_wrong_becomes_a_reason(tmp_path, monkeypatch):
    job = Job(Subject("x", "dual_stream", {}, str(tmp_path / "no.ckpt"), True, 3), 64, 64)
    (tmp_path / "job.json").write_text(job.to_json())
    worker.main(str(tmp_path / "job.json"), str(tmp_path / "result.json"))
    missing = json.loads((tmp_path / "result.json").read_text())["missing"]
    assert "no.ckpt" in missing
    assert "\n" not in missing
    told = {"count": {"missing": "?"}, "time": {"missing": "no | compiler"}, "export": {"missing": "odd operator"}}
    monkeypatch.setattr(runner, "in_own_process", lambda job, folder: told[job.kind])
    rows = list(runner.measured(plan_jobs([SUBJECT], job, [1], [1], ["compile", "onnxruntime"]), tmp_path))
    assert [row["missing"] for row in rows] == ["no | compiler", "cannot be exported: odd operator"]
    table = measured_table(rows).splitlines()
    assert "| not available: no / compiler |" in table[2]
    assert {line.count("|") for line in table} == {13}
    save_bubbles(tmp_path / "b.png", rows, [], "nothing")


def test_a_process_that_dies_tells_how(tmp_path, monkeypatch):
    job = Job(SUBJECT, 64, 64)
    for code, expected in (
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "ended by SIGKILL, as when memory runs out"),
        ("import sys; print('first', file=sys.stderr); sys.exit('last words')", "ended with code 1: last words"),
    ):
        (tmp_path / "w.py").write_text(code)
        monkeypatch.setattr(runner, "_WORKER", tmp_path / "w.py")
        assert runner.in_own_process(job, tmp_path)["missing"].endswith(expected)


def test_combinations_and_sizes():
    assert scaled(2448, 5000, 0.8) == (1958, 4000)
    flat = Subject("flat", "low_stream", {}, None, False, 3)
    made = plan_jobs([SUBJECT, flat], Job(SUBJECT, 100, 200), [1.0, 0.5], [1.0, 0.25], ["eager", "bf16"])
    assert len(made) == 2 * 2 * 2 + 2 * 2
    assert {(j.height, j.width, j.scale) for j in made} == {(100, 200, 1.0), (50, 100, 0.5)}
    assert [j.ratio for j in made if j.subject is flat] == [1.0] * 4
    assert Job.from_json(made[-1].to_json()) == made[-1]


def test_modes():
    for mode in ("eager", "compile+channels_last+fp16", "onnxruntime"):
        assert check_mode(mode) == mode
    for mode in ("fast", "bf16+fp16", "onnxruntime+bf16", "bf16+bf16", ""):
        with pytest.raises(SettingsError):
            check_mode(mode)


def test_memory_of_this_process():
    before = peak_resident_mib()
    block = np.ones(30_000_000)
    assert resident_mib() > 200
    del block
    assert peak_resident_mib() >= max(before, resident_mib())


def test_memory_that_the_driver_tells(monkeypatch):
    """Two cards, two processes; without the package there is no number."""
    monkeypatch.setitem(sys.modules, "pynvml", None)
    assert card_process_mib() is None
    mine, other = (SimpleNamespace(pid=pid, usedGpuMemory=3 * 2**20) for pid in (os.getpid(), 1))
    driver = SimpleNamespace(
        nvmlInit=lambda: None,
        nvmlDeviceGetCount=lambda: 2,
        nvmlDeviceGetHandleByIndex=lambda card: card,
        nvmlDeviceGetComputeRunningProcesses=lambda card: [other, mine] if card else [other],
    )
    monkeypatch.setitem(sys.modules, "pynvml", driver)
    assert card_process_mib() == 3
    assert memory_text({"allocated_mib": 1.2, "reserved_mib": 2.6, "process_mib": None}) == "1 / 3 / -"
    assert memory_text({"before_mib": 250.0, "process_mib": 900.4}) == "900 (250)"


def test_published_numbers():
    published = load_published()
    by_name = {(m.dataset, m.name): m for m in published.methods}
    assert len(by_name) == len(published.methods)
    expected = {
        ("deepglobe", "RUE, K = 100 %"): (75.1, 44.4, 1600),
        ("deepglobe", "ISDNet"): (73.3, 27.7, 1948),
        ("deepglobe", "GLNet"): (71.6, 0.17, 1865),
        ("inria", "RUE, K = 50 %"): (76.3, 14.0, 3200),
        ("inria", "WSDNet"): (75.2, 7.8, 4379),
        ("urur", "RUE, K = 100 %"): (48.2, 10.8, 3620),
        ("isic", "BPT"): (81.6, None, None),
        ("crag", "BPT"): (90.9, None, None),
        ("cityscapes", "ISDNet"): (76.0, None, 1510),
    }
    for key, numbers in expected.items():
        assert tuple(by_name[key].number(m) for m in ("miou", "fps", "memory_mb")) == numbers
    used = {value.source for m in published.methods for value in m.values.values()}
    assert used == set(published.sources)
    rue, bpt = by_name["deepglobe", "RUE, K = 100 %"], by_name["deepglobe", "BPT"]
    assert rue.values["fps"].estimate
    assert rue.values["memory_mb"].estimate
    assert not bpt.values["miou"].estimate
    assert {m.dataset for m in published.methods} == set(PRESETS)
    for dataset in PRESETS:
        assert "nan" not in published_table(published.of(dataset))
    assert "| RUE, K = 100 % | ~75.1 [a] | ~44.4 [a] | ~1600 [b] | - | - | - |" in published_table(
        published.of("deepglobe")
    )
