"""A device is compared with the processor before it is trusted."""

import numpy as np
import pytest

from tests.engine.fakes import fake_bundle
from tests.engine.inference.fake_cards import FakeDriver
from tests.engine.tiny_bundle import write_tiny_bundle
from uhrs_qgis_plugin.engine.errors import DeviceError
from uhrs_qgis_plugin.engine.inference import agreement, cards, resident, sessions
from uhrs_qgis_plugin.engine.inference.agreement import answers, check_agreement, key_of, scene
from uhrs_qgis_plugin.engine.inference.sessions import open_streams


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    return write_tiny_bundle(tmp_path_factory.mktemp("agreement") / "tiny.uhrs")


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """The user's cache."""
    monkeypatch.setattr(agreement.platform, "system", lambda: "Linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "uhrs" / "compared"


class Card:
    """A session of the processor that stands for one of a card, and may answer wrongly."""

    wrong = None  # graph, output -> output
    runs = 0

    def __init__(self, real, graph):
        self.real, self.graph = real, graph
        self.get_inputs, self.get_outputs, self.io_binding = real.get_inputs, real.get_outputs, real.io_binding

    def run_with_iobinding(self, binding, *options):
        Card.runs += 1
        self.real.run_with_iobinding(binding, *options)
        if Card.wrong is not None:
            for value in binding.get_outputs():
                array = value.numpy()
                if array.ndim:
                    array[:] = Card.wrong(self.graph, array)
                    value.update_inplace(array)


@pytest.fixture
def card(monkeypatch, cache):
    """A machine with two cards, whose sessions are really the processor's."""
    FakeDriver([2**34, 2**34]).install(monkeypatch, cards.platform)
    monkeypatch.setattr(sessions, "available_devices", lambda: ("cuda", "cpu"))
    monkeypatch.setattr(sessions, "load_cuda_libraries", lambda ort: None)
    monkeypatch.setattr(resident, "memory_of", lambda device: ("cpu", 0))
    real = sessions.open_session

    def start(ort, graph, kind, device, lanes):
        session = real(ort, graph, kind, "cpu", lanes)
        return Card(session, kind) if device.startswith("cuda") else session

    monkeypatch.setattr(sessions, "open_session", start)
    monkeypatch.setattr(Card, "wrong", None)
    monkeypatch.setattr(Card, "runs", 0)
    return Card


@pytest.mark.parametrize("device", ["auto", "cuda", "cuda:1"])
def test_a_card_that_answers_as_the_processor_is_taken_and_remembered(bundle, card, cache, device):
    streams = open_streams(bundle, device)
    assert streams.device == ("cuda" if device == "auto" else device)
    assert streams.messages == []
    assert len(list(cache.iterdir())) == 1
    before, card.runs = card.runs, 0
    assert open_streams(bundle, device).device == streams.device
    assert card.runs == 3 < before  # only the trial run of each graph


@pytest.mark.parametrize(
    "wrong",
    [
        lambda graph, array: array + 40 if graph == "low" and array.shape[1] != 1 else array,
        lambda graph, array: array[..., ::-1] if graph == "high" else array,
        lambda graph, array: array[..., ::-1, :] if graph == "lay" else array,
        lambda graph, array: 254 - array if graph == "fuse" and array.ndim == 4 else array,
        lambda graph, array: (array + 1) % 3 if graph == "fuse" and array.ndim == 3 else array,
    ],
)
@pytest.mark.parametrize("device", ["auto", "cuda"])
def test_a_card_that_answers_otherwise_is_passed_over(bundle, card, cache, monkeypatch, wrong, device):
    monkeypatch.setattr(card, "wrong", wrong)
    heard = []
    streams = open_streams(bundle, device, heard.append)
    assert streams.device == "cpu"
    (line,) = heard
    assert "Device 'cuda' did not start ('tiny' on cuda gives other classes than on the processor in" in line
    assert not cache.exists()


def test_another_model_is_compared_again(bundle, card, cache, tmp_path):
    other = write_tiny_bundle(tmp_path / "other.uhrs", classes=5)
    for model in (bundle, other, bundle):
        assert open_streams(model).device == "cuda"
    assert len(list(cache.iterdir())) == 2


def test_a_cache_that_cannot_be_written_only_costs_time(bundle, card, cache):
    cache.parent.write_text("a file in the way")
    for _ in range(2):
        assert open_streams(bundle).device == "cuda"


def test_nobody_without_a_home_is_left_out(bundle, card, monkeypatch):
    monkeypatch.delenv("XDG_CACHE_HOME")

    def homeless():
        raise RuntimeError("no home")

    monkeypatch.setattr(agreement.Path, "home", homeless)
    assert open_streams(bundle).device == "cuda"


def test_everything_that_matters_is_in_the_key():
    bundle = fake_bundle()
    keys = {
        key_of(bundle, "cuda, A", [1], "1.30"),
        key_of(bundle, "cuda, B", [1], "1.30"),
        key_of(bundle, "cuda, A", [2], "1.30"),
        key_of(bundle, "cuda, A", [1], "1.31"),
    }
    assert len(keys) == 4
    assert key_of(bundle, "cuda, A", [1], "1.30") in keys


@pytest.mark.parametrize(
    ("changes", "side"), [({}, 256), ({"patch_side": 48}, 192), ({"patch_side": 256}, 512), ({"dtype": "uint16"}, 256)]
)
def test_the_scene_fits_the_model_and_shows_more_than_one_class(tmp_path, changes, side):
    bundle = write_tiny_bundle(tmp_path / "model.uhrs", **changes)
    image = scene(bundle)
    assert image.shape == (3, side, side)
    assert image.dtype == np.dtype(bundle.data_type)
    labels, uncertainty8 = answers(open_streams(bundle, "cpu"), bundle, image)
    assert labels.shape == (side, side)
    assert uncertainty8.shape == (2, side // 8, side // 8)
    assert len(np.unique(labels)) > 1 or bundle.data_type != "uint8"
    np.testing.assert_array_equal(image, scene(bundle))


def test_rounding_is_let_pass():
    labels, uncertainty8 = np.zeros((100, 100), np.uint8), np.full((2, 12, 12), 100, np.uint8)
    almost = labels.copy()
    almost[0, :50] = 1
    check_agreement(fake_bundle(), "cuda", (almost, uncertainty8 + 2), (labels, uncertainty8))
    almost[:3] = 1
    with pytest.raises(DeviceError, match=r"other classes than on the processor in 3\.0%"):
        check_agreement(fake_bundle(), "cuda", (almost, uncertainty8), (labels, uncertainty8))
    with pytest.raises(DeviceError, match=r"differ by 0\.04"):
        check_agreement(fake_bundle(), "cuda", (labels, uncertainty8 - 11), (labels, uncertainty8))
