"""Several cards for one run, which are really the processor: the same files as one card, and fewer when one fails."""

import threading

import numpy as np
import pytest

from tests.engine.inference.fake_cards import Machine
from tests.engine.segmentation.runs import SMALL, outputs_in, read_whole
from tests.engine.tiny_bundle import write_tiny_bundle
from uhrs_qgis_plugin.engine.errors import CancelledError
from uhrs_qgis_plugin.engine.inference import cards
from uhrs_qgis_plugin.engine.inference.several import SeveralCards, open_streams
from uhrs_qgis_plugin.engine.segmentation import Options, segment

pytestmark = pytest.mark.once  # about cards and the pixels that reach them


@pytest.fixture
def machine(monkeypatch, tmp_path):
    """Three cards."""
    return Machine.install(monkeypatch, tmp_path, 3)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    return write_tiny_bundle(tmp_path_factory.mktemp("several") / "tiny.uhrs", patch_side=32)


@pytest.mark.parametrize(
    ("name", "device", "lanes"),
    [("cuda:all", "cuda:0,1,2", 3), ("cuda:2,0", "cuda:2,0", 2), ("cuda:1,1", "cuda:1", 1), ("cuda:1", "cuda:1", 1)],
)
def test_names_of_several_cards(machine, bundle, name, device, lanes):
    streams = open_streams(bundle, name)
    assert streams.device == device
    assert streams.lanes == lanes
    assert streams.messages == []


def test_a_card_that_does_not_start_is_left_out(machine, bundle):
    machine.broken = {"cuda:1"}
    heard = []
    streams = open_streams(bundle, "cuda:all", heard.append)
    assert streams.device == "cuda:0,2"
    (line,) = streams.messages
    assert "Device 'cuda:1' did not start" in line
    assert heard == [line]
    machine.broken = {"cuda:0", "cuda:1", "cuda:2"}
    streams = open_streams(bundle, "cuda:all")
    assert streams.device == "cpu"
    assert len(streams.messages) == 3


def test_no_driver_is_one_line(machine, bundle, monkeypatch):
    monkeypatch.setattr(cards, "DRIVER", {})
    streams = open_streams(bundle, "cuda:all")
    assert streams.device == "cpu"
    assert len(streams.messages) == 1


def test_cards_work_at_the_same_time(machine, bundle):
    """Each of three runs waits until all three have begun."""
    streams = open_streams(bundle, "cuda:all")
    barrier = threading.Barrier(3, timeout=20)
    for card in streams._cards:
        real = card.run
        card.run = lambda graph, inputs, real=real: (barrier.wait(), real(graph, inputs))[1]
    threads = [threading.Thread(target=streams.high, args=(np.zeros((1, 3, 32, 32), np.uint8),)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert not barrier.broken
    assert barrier.n_waiting == 0


def test_a_card_that_fails_gets_nothing_more(machine, bundle):
    streams = open_streams(bundle, "cuda:all")
    machine.broken = {"cuda:1"}
    patches = np.random.default_rng(0).integers(0, 255, (1, 3, 32, 32), np.uint8)
    expected = open_streams(bundle, "cpu").high(patches)
    machine.runs.clear()
    for _ in range(7):
        np.testing.assert_array_equal(streams.high(patches), expected)
    assert streams.device == "cuda:0,2"
    assert [device for device, _ in machine.runs].count("cuda:1") == 1
    machine.broken = {"cuda:0", "cuda:1", "cuda:2"}
    for _ in range(7):
        np.testing.assert_array_equal(streams.high(patches), expected)
    assert streams.device == "cpu"
    assert len(streams.messages) == 3


def test_stop_and_forget_reach_every_card(machine, bundle):
    streams = open_streams(bundle, "cuda:all")
    streams.forget("low")
    assert all("low" not in card._runner._sessions for card in streams._cards)
    streams.stop()
    for _ in range(3):
        with pytest.raises(CancelledError):
            streams.high(np.zeros((1, 3, 32, 32), np.uint8))


@pytest.mark.parametrize("fails", [False, True])
def test_a_run_on_several_cards_gives_the_files_of_one(machine, bundle, make_raster, tmp_path, monkeypatch, fails):
    raster = make_raster(700, 500)
    found = []
    for device in ("cuda:0", "cuda:all"):
        machine.runs.clear()
        folder = tmp_path / device.replace(":", "")
        folder.mkdir()
        if fails and device == "cuda:all":
            monkeypatch.setattr(SeveralCards, "run", _breaking(machine, SeveralCards.run))
        report = segment(raster, bundle, outputs_in(folder), Options(ratio=0.7, device=device, **SMALL))
        found.append([read_whole(folder / name)[0] for name in ("classes.tif", "uncertainty.tif")])
        used = {name for name, _ in machine.runs}
        assert used == ({"cuda:0"} if device == "cuda:0" else {"cuda:0", "cuda:1", "cuda:2"})
    assert report.device == ("cuda:0,1" if fails else "cuda:0,1,2")
    assert any("'cuda:2' failed during the run" in text for text in report.messages) is fails
    for one, several in zip(*found):
        np.testing.assert_array_equal(several, one)
    assert len(np.unique(found[0][0])) > 1


def _breaking(machine, real):
    """Let the last card vanish after some runs."""
    seen = []

    def run(self, graph, inputs):
        seen.append(graph)
        if len(seen) == 12:
            machine.broken = {"cuda:2"}
        return real(self, graph, inputs)

    return run
