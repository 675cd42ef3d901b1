"""The card where there is one; what makes it faster is not used elsewhere."""

from types import SimpleNamespace

import pytest
import torch

from training.errors import SettingsError
from training.running import SearchedConvolutions, choose_device
from training.train import _for_cards

SETTINGS = {"accelerator": "auto", "benchmark": None, "deterministic": None, "callbacks": None}
SETTINGS["enable_progress_bar"] = None


@pytest.mark.parametrize("card", [True, False])
def test_auto_is_the_card_where_there_is_one(card, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: card)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    assert choose_device("auto") == ("cuda" if card else "cpu")
    assert choose_device("cpu") == "cpu"
    with pytest.raises(SettingsError, match="There is no MPS device here; use --device cpu"):
        choose_device("mps")
    if card:
        assert choose_device("cuda") == "cuda"
    else:
        with pytest.raises(SettingsError, match=r"no CUDA device here \(or torch .*\); use --device cpu"):
            choose_device("cuda")


def test_convolutions_are_searched_for_in_training_alone(monkeypatch):
    trainer, callback, seen = SimpleNamespace(), SearchedConvolutions(), []
    monkeypatch.setattr(torch.backends.cudnn, "benchmark", False)
    hooks = ("validation_start", "validation_end", "train_start", "validation_start", "validation_end", "train_end")
    for hook in (*hooks, "validation_start", "validation_end"):
        getattr(callback, f"on_{hook}")(trainer, None)
        seen.append(torch.backends.cudnn.benchmark)
    assert seen == [False, False, True, False, True, False, False, False]


def test_callbacks_for_cards(monkeypatch):
    def names(**more):
        return [type(callback).__name__ for callback in _for_cards({**SETTINGS, **more}).get("callbacks", [])]

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert names() == []
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert names() == ["SearchedConvolutions", "TQDMProgressBar"]
    assert names(accelerator="cpu") == []
    assert names(benchmark=False) == names(deterministic=True) == ["TQDMProgressBar"]
    assert names(enable_progress_bar=False, callbacks=["one"]) == ["str", "SearchedConvolutions"]
