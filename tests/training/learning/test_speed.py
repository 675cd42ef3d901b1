"""Speed of training: counted by a clock of ours, and logged by a real run."""

import pytest
import torch

from tests.training.tiny_runs import configuration, fit, logged, write_folder
from training.running import speed


class _Module:
    def __init__(self):
        self.logged = {}

    def log_dict(self, values):
        self.logged.update(values)


def _run(monkeypatch, times):
    """An epoch whose hooks come at these times: start and end of one step after the other."""
    clock = iter(times)
    monkeypatch.setattr(speed.time, "perf_counter", lambda: next(clock))
    callback, module, batch = speed.Speed(), _Module(), {"image": torch.zeros(4, 3, 500, 1000)}
    callback.on_train_epoch_start(None, module)
    for step in range(len(times) // 2 + 1):
        callback.on_train_batch_start(None, module, batch, step)
        callback.on_train_batch_end(None, module, None, batch, step)
    callback.on_train_epoch_end(None, module)
    return module.logged


def test_the_first_step_does_not_count(monkeypatch):
    # The first step ends at 10; the next ones start after 1 and 3 seconds and take 4 and 2.
    found = _run(monkeypatch, [10, 11, 15, 18, 20])
    assert found == {"speed/mpx_per_s": pytest.approx(4 / 10), "speed/waiting": pytest.approx(4 / 10)}


class _Event:
    """An event of a card whose clock the test sets; asking for a time before the card was there is a mistake."""

    now = 0.0

    def __init__(self, enable_timing=False):
        assert enable_timing
        self.at, self.reached = None, False

    def record(self):
        self.at = _Event.now

    def synchronize(self):
        self.reached = True

    def elapsed_time(self, other):
        assert other.reached
        return 1000 * (other.at - self.at)


class _OnCard:
    """Images of a batch that looks as if it were on a card."""

    device, shape = torch.device("cuda"), (4, 3, 500, 1000)

    def __len__(self):
        return 4


def test_a_card_is_asked_when_it_was_idle_not_the_processor(monkeypatch):
    """The processor is back from each step at once, and the card's own queue tells how long it had nothing to do."""
    monkeypatch.setattr(speed.torch.cuda, "Event", _Event)
    monkeypatch.setattr(speed.time, "perf_counter", lambda: pytest.fail("the processor's clock was asked"))
    callback, module, batch = speed.Speed(), _Module(), {"image": _OnCard()}
    callback.on_train_epoch_start(None, module)
    for step, (begun, ended) in enumerate([(0, 10), (10, 14), (16, 20), (20, 30)]):
        _Event.now = begun
        callback.on_train_batch_start(None, module, batch, step)
        _Event.now = ended
        callback.on_train_batch_end(None, module, None, batch, step)
    callback.on_train_epoch_end(None, module)
    assert module.logged == {"speed/mpx_per_s": pytest.approx(6 / 20), "speed/waiting": pytest.approx(2 / 20)}


def test_one_step_tells_nothing(monkeypatch):
    assert _run(monkeypatch, [10]) == {}


@pytest.mark.filterwarnings("ignore")
def test_a_run_logs_it_once_an_epoch(tmp_path):
    fit(configuration(tmp_path / "run", write_folder(tmp_path / "data")))
    found = {name: logged(tmp_path / "run", f"speed/{name}") for name in ("mpx_per_s", "waiting")}
    assert [len(values) for values in found.values()] == [4, 4]
    assert all(value > 0 for value in found["mpx_per_s"].values())
    assert all(0 <= value <= 1 for value in found["waiting"].values())
