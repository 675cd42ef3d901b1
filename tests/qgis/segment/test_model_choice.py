"""The models at hand: by name in scripts, as a list in the dialog, described in the help."""

from __future__ import annotations

import shutil

import pytest
from qgis.core import QgsProcessingContext, QgsProcessingException

from uhrs_qgis_plugin.engine.bundle import read_bundle


@pytest.fixture
def own_folder(tmp_path, monkeypatch, tiny_model):
    """The user's folder, with one model called "tiny"."""
    folder = tmp_path / "models"
    folder.mkdir()
    shutil.copy(tiny_model, folder / "some file.uhrs")
    monkeypatch.setenv("UHRS_MODELS", str(folder))
    return folder


@pytest.fixture
def field(qgis_processing, algorithm, own_folder, monkeypatch):
    """The dialog's field for the model, made as Processing makes it."""
    from processing.gui import ParametersPanel
    from processing.gui.AlgorithmDialog import AlgorithmDialog

    monkeypatch.setattr(ParametersPanel, "iface", None)  # the window of these tests has no browser
    dialog = AlgorithmDialog(algorithm.create())
    yield dialog.mainWidget().wrappers["MODEL"]
    dialog.deleteLater()


def test_name_of_an_own_model_is_enough(run, feedback, own_folder):
    run(MODEL="tiny", RATIO=0)
    assert "model tiny" in "\n".join(feedback.lines)


def test_unknown_name_lists_what_there_is(run, own_folder):
    with pytest.raises(
        QgsProcessingException, match=r"no model 'huge': give one of landcover-[^,]*, buildings-rgb, tiny, or"
    ):
        run(MODEL="huge")


def test_field_offers_the_models_by_name(field, own_folder, tiny_model):
    """First the default one, which is the empty value; names, paths and typed texts come and go unchanged."""
    assert field.value() is None
    texts = [field.list.itemText(row) for row in range(field.list.count())]
    assert texts[0].startswith("landcover-")
    assert texts[1].startswith("buildings-rgb (2 classes, ")
    assert "tiny (3 classes, any pixel size)" in texts
    field.list.setCurrentIndex(texts.index("tiny (3 classes, any pixel size)"))
    assert field.value() == "tiny"
    assert "class0, class1, class2" in field.list.toolTip()
    for value in ("tiny", "/data/other.uhrs", tiny_model):
        field.setWidgetValue(value, QgsProcessingContext())
        assert field.widgetValue() == value
    field.setWidgetValue(None, QgsProcessingContext())
    assert field.widgetValue() is None


def test_help_describes_each_model(algorithm, own_folder):
    text = algorithm.shortHelpString()
    bundle = read_bundle(own_folder / "some file.uhrs")
    assert f"<b>{bundle.name}</b>" in text
    assert "Classes: water, land" in text
    assert "Pixel size: unknown" in text
    assert str(own_folder) in text
