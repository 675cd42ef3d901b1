"""Models by name: which folders, in which order, and what happens to files that are no models."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

from tests.engine.tiny_bundle import write_tiny_bundle
from uhrs_qgis_plugin.engine.bundle import DEFAULT_MODEL, catalogue, find_model, list_models, read_bundle, user_folder
from uhrs_qgis_plugin.engine.errors import BundleError


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "models"
    made.mkdir()
    write_tiny_bundle(made / "b.uhrs")
    return made


def test_bundled_models_come_first_and_the_default_one_before_all(folder, monkeypatch):
    monkeypatch.setenv("UHRS_MODELS", str(folder))
    entries = list_models()
    assert entries[0].path == DEFAULT_MODEL
    assert [entry.bundle.name for entry in entries] == ["landcover-arid-rgb", "buildings-rgb", "tiny"]
    assert all(entry.problem == "" for entry in entries)


def test_second_model_of_a_name_must_be_chosen_by_path(folder):
    shutil.copy(folder / "b.uhrs", folder / "c.uhrs")
    first, second = list_models([folder])
    assert (first.path, second.bundle) == (str(folder / "b.uhrs"), None)
    assert "choose this one by its path" in second.problem
    assert find_model("TINY", [folder]).path == first.path
    assert find_model(str(folder / "c.uhrs"), [folder]).path == str(folder / "c.uhrs")


def test_damaged_files_do_not_hide_the_others(folder):
    (folder / "a.uhrs").write_bytes(b"PK")
    (folder / "notes.txt").write_text("no model")
    broken, tiny = list_models([folder])
    assert broken.bundle is None
    assert "a.uhrs" in broken.problem
    assert tiny.bundle.name == "tiny"


def test_missing_folder_holds_no_models(tmp_path):
    assert list_models([tmp_path / "nowhere"]) == []
    with pytest.raises(BundleError, match=r"no model 'x': give one of no models, or the path of a \*\.uhrs file"):
        find_model("x", [tmp_path / "nowhere"])


def test_nothing_means_the_default_model():
    assert find_model("").sha256 == read_bundle(DEFAULT_MODEL).sha256


@pytest.mark.parametrize("name", ["gone.uhrs", "folder/gone", "./gone"])
def test_paths_stay_paths(name, folder):
    """Whoever gives a path learns about this path, not about names."""
    with pytest.raises(BundleError, match="Cannot read the model"):
        find_model(name, [folder])


def test_folder_of_each_system(monkeypatch, tmp_path):
    for name in ("UHRS_MODELS", "XDG_DATA_HOME", "APPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    ends = {"linux": (".local", "share"), "darwin": ("Library", "Application Support"), "win32": ("AppData", "Roaming")}
    for system, end in ends.items():
        monkeypatch.setattr(sys, "platform", system)
        assert catalogue.user_folder() == tmp_path.joinpath(*end, "uhrs", "models")
    monkeypatch.setenv("UHRS_MODELS", os.path.join("~", "mine"))
    assert user_folder() == Path(os.path.expanduser("~/mine"))
