"""NVIDIA cards through a driver that is not there: `fake_cards`."""

import ctypes

import pytest

from tests.engine.inference.fake_cards import FakeDriver
from uhrs_qgis_plugin.engine.errors import DeviceError
from uhrs_qgis_plugin.engine.inference import cards
from uhrs_qgis_plugin.engine.inference.cards import check_card, find_cards
from uhrs_qgis_plugin.engine.inference.memory import free_memory

GIB = 2**30


@pytest.mark.parametrize(
    ("driver", "device", "expected"),
    [
        (FakeDriver([40 * GIB]), "cuda", 40 * GIB),
        (FakeDriver([40 * GIB, 3 * GIB]), "cuda", 40 * GIB),
        (FakeDriver([40 * GIB, 3 * GIB]), "cuda:1", 3 * GIB),
        (FakeDriver([40 * GIB]), "cuda:1", None),
        (FakeDriver([]), "cuda", None),
        (FakeDriver([GIB], status=3), "cuda", None),
        (FakeDriver([GIB], init=999), "cuda", None),
    ],
)
def test_free_memory_is_that_of_the_card(monkeypatch, driver, device, expected):
    """A full second card says nothing about the first."""
    driver.install(monkeypatch, cards.platform)
    assert free_memory(device) == expected
    assert not driver.is_open


def test_cards_have_names_and_the_version_of_their_driver(monkeypatch):
    FakeDriver([1, 1], cuda=12080).install(monkeypatch, cards.platform)
    assert [(card.index, card.name, card.cuda) for card in find_cards()] == [
        (0, "Card 0", (12, 8)),
        (1, "Card 1", (12, 8)),
    ]


@pytest.mark.parametrize(
    ("driver", "built_for", "problem"),
    [
        (FakeDriver([1], cuda=12080), "12.9", None),  # one major version, so it runs
        (FakeDriver([1], cuda=13000), "12.9", None),
        (FakeDriver([1], cuda=12080), "", None),
        (FakeDriver([1], cuda=12080), "13.0", "serves CUDA 12.8, onnxruntime needs CUDA 13.0: update the driver"),
        (FakeDriver([], init=100), "13.0", "sees no NVIDIA card"),
        (FakeDriver([], init=999), "13.0", "fails with CUDA error 999"),
    ],
)  # fmt: skip
def test_what_stands_in_the_way_of_a_card(monkeypatch, driver, built_for, problem):
    driver.install(monkeypatch, cards.platform)
    if problem is None:
        assert check_card(0, built_for).name == "Card 0"
        return
    with pytest.raises(DeviceError, match=problem) as caught:
        check_card(0, built_for)
    assert "\n" not in str(caught.value)


def test_a_card_that_is_not_there(monkeypatch):
    FakeDriver([1, 1]).install(monkeypatch, cards.platform)
    with pytest.raises(DeviceError, match=r"there is no card 2 \(cuda:0 is Card 0, cuda:1 is Card 1\): choose"):
        check_card(2, "13.0")


@pytest.mark.parametrize("system", ["Linux", "Darwin"])
def test_no_driver_is_said_in_a_line(monkeypatch, system):
    def fail(name):
        raise OSError(f"{name}: cannot open shared object file")

    monkeypatch.setattr(ctypes, "CDLL", fail)
    monkeypatch.setattr(cards.platform, "system", lambda: system)
    with pytest.raises(DeviceError, match="no driver of NVIDIA was found: install"):
        find_cards()
    assert free_memory("cuda") is None


def test_an_old_driver_without_these_functions(monkeypatch):
    monkeypatch.setattr(ctypes, "CDLL", lambda name: object())
    monkeypatch.setattr(cards.platform, "system", lambda: "Linux")
    with pytest.raises(DeviceError, match="too old: update it"):
        find_cards()
