"""The dialog of `uhrs:segmentraster`: what it says before the run, and that nothing of it is cut off."""

from __future__ import annotations

import json

import pytest
from qgis.core import QgsApplication, QgsProject, QgsRasterLayer, QgsSettings
from qgis.PyQt.QtCore import QEventLoop, QTimer
from qgis.PyQt.QtWidgets import QAbstractButton, QScrollArea

from tests.qgis.conftest import grey_steps, write_raster
from uhrs_qgis_plugin.algorithms.base import MANUAL
from uhrs_qgis_plugin.algorithms.segment import outlook_label, speed


@pytest.fixture(autouse=True)
def no_measurements():
    QgsSettings().remove(speed.SETTING)
    yield
    QgsSettings().remove(speed.SETTING)


@pytest.fixture
def open_dialog(qgis_processing, provider, monkeypatch, qgis_new_project):
    """Open a dialog of the provider as Processing does."""
    from processing.gui import ParametersPanel
    from processing.gui.AlgorithmDialog import AlgorithmDialog

    monkeypatch.setattr(ParametersPanel, "iface", None)  # the window of these tests has no browser
    dialogs = []

    def make(name):
        algorithm = QgsApplication.processingRegistry().createAlgorithmById(f"uhrs:{name}")
        assert algorithm.createCustomParametersWidget(None) is None  # as Processing asks first
        dialogs.append(AlgorithmDialog(algorithm))
        return dialogs[-1]

    yield make
    for dialog in dialogs:
        dialog.deleteLater()


def wait(until, seconds=20):
    """Let Qt work until something is so."""
    loop, tick = QEventLoop(), QTimer()
    tick.timeout.connect(lambda: until() and loop.quit())
    tick.start(20)
    QTimer.singleShot(int(1000 * seconds), loop.quit)
    loop.exec()
    assert until()


def say(dialog, **values):
    """Fill a dialog in; returns what it says before the run."""
    dialog.mainWidget().setParameters(values)
    label = dialog.mainWidget().wrappers["MODEL"].outlook
    label._timer.stop()
    label.look()
    return label.text()


def test_says_how_long_it_will_take(open_dialog, raster, tiny_model, run, feedback):
    """At first a guess; after a run what was measured, with the device."""
    dialog = open_dialog("segmentraster")
    text = say(dialog, INPUT=raster, MODEL=tiny_model)
    assert "300 x 200 pixels" in text
    assert "perhaps" in text
    assert "the first run will measure this computer" in text
    run()
    assert any(line.startswith("Computing on cpu") for line in feedback.lines)
    [kept] = json.loads(QgsSettings().value(speed.SETTING))
    assert (kept["asked"], kept["device"], kept["model"]) == ("auto", "cpu", "tiny")
    text = say(dialog, INPUT=raster, MODEL=tiny_model)
    assert "on cpu, as measured on this computer" in text
    assert "Takes 2 min, as asked for." in say(dialog, INPUT=raster, MODEL=tiny_model, MINUTES=2)


def test_follows_the_fields(open_dialog, raster, tiny_model):
    """Without being asked, a moment after a change."""
    dialog = open_dialog("segmentraster")
    label = dialog.mainWidget().wrappers["MODEL"].outlook
    dialog.mainWidget().setParameters({"INPUT": raster, "MODEL": tiny_model})
    wait(lambda: "300 x 200 pixels" in label.text())
    dialog.mainWidget().setParameters(
        {"INPUT": raster, "MODEL": tiny_model, "EXTENT": "500050,500100,4999950,4999975 [EPSG:32633]"}
    )
    wait(lambda: "100 x 50 pixels" in label.text())


def test_warns_of_what_does_not_fit(open_dialog, tmp_path, tiny_model):
    """Bands and types: what the run would say. An unknown pixel size: a warning."""
    dialog = open_dialog("segmentraster")
    text = say(dialog, INPUT=write_raster(tmp_path / "two.tif", grey_steps(bands=2)), MODEL=tiny_model)
    assert "'tiny' expects 3 bands" in text
    plain = write_raster(tmp_path / "plain.tif", grey_steps(), crs=None, transform=None)
    label = dialog.mainWidget().wrappers["MODEL"].outlook
    say(dialog, INPUT=plain, MODEL="")
    assert "its pixel size is not known" in label.text()
    assert label.styleSheet() == outlook_label.WARNING


def test_an_onnx_file_leads_to_its_import(open_dialog, raster, tmp_path):
    """What a user does who has one: it is told in the dialog, before anything runs."""
    (tmp_path / "unet.onnx").write_bytes(b"\x08\x08")
    dialog = open_dialog("segmentraster")
    text = say(dialog, INPUT=raster, MODEL=str(tmp_path / "unet.onnx"))
    assert "'unet.onnx' is a network in ONNX and no model bundle yet" in text
    assert "uhrs:importmodel" in text
    assert dialog.mainWidget().wrappers["MODEL"].outlook.styleSheet() == outlook_label.WARNING


def test_warns_of_imagery_that_is_unlike(open_dialog, tmp_path):
    """Grey stripes are no arid town: the bundled model says so before the run."""
    dialog = open_dialog("segmentraster")
    label = dialog.mainWidget().wrappers["MODEL"].outlook
    say(dialog, INPUT=write_raster(tmp_path / "stripes.tif", grey_steps(900, 900)), MODEL="", RESOLUTION="native")
    wait(lambda: label._fit != "")
    assert label._fit in label.text()
    assert label.styleSheet() == outlook_label.WARNING


def test_closed_while_it_looks(open_dialog, tmp_path):
    """The answer comes when the dialog is gone."""
    from qgis.PyQt import sip

    dialog = open_dialog("segmentraster")
    label = dialog.mainWidget().wrappers["MODEL"].outlook
    say(dialog, INPUT=write_raster(tmp_path / "stripes.tif", grey_steps(900, 900)), MODEL="")
    sip.delete(label)
    outlook_label._finish(label, (), None, "late")
    wait(lambda: QgsApplication.taskManager().countActiveTasks() == 0)


@pytest.mark.parametrize("size", [1, 2])
def test_nothing_is_cut_off(open_dialog, raster, provider, size):
    """Every button lies inside of what is shown, also with large letters, unless the screen is too small."""
    QgsProject.instance().addMapLayer(QgsRasterLayer(raster, "image"))
    for algorithm in provider.algorithms():
        dialog = open_dialog(algorithm.name())
        font = dialog.font()
        font.setPointSizeF(size * font.pointSizeF())
        dialog.setFont(font)
        dialog.resize(500, 400)  # less than Processing's own
        dialog.show()
        QgsApplication.processEvents()
        QgsApplication.processEvents()
        panel = dialog.mainWidget()
        [area] = [area for area in panel.findChildren(QScrollArea) if area.parent() is panel]
        room = dialog.screen().availableGeometry().width() if hasattr(dialog, "screen") else 0
        for button in area.findChildren(QAbstractButton):
            if button.isVisible() and dialog.width() < room:
                right = button.mapTo(area.viewport(), button.rect().topRight()).x()
                assert right <= area.viewport().width(), f"{algorithm.name()}: '{button.text()}' ends at {right}"
        dialog.hide()


def test_help_button_opens_the_manual(provider):
    """A place of its own for what stands in the manual; the page at least for the rest."""
    text = MANUAL.read_text(encoding="utf-8")
    names = {"segmentraster", "uncertainregions", "classareas", "correctedclasses", "trainingsamples", "legend"}
    for algorithm in provider.algorithms():
        url, _, anchor = algorithm.helpUrl().partition("#")
        assert url == MANUAL.as_uri()
        if algorithm.name() in names | {"diagnostics"}:
            assert f'<h2 id="{anchor}">' in text
