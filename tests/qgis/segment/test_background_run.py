"""A run as the dialog starts it: prepared in the main thread, computed in another one, finished in the main thread."""

from __future__ import annotations

import pytest
from qgis.core import (
    QgsApplication,
    QgsProcessingAlgRunnerTask,
    QgsProcessingOutputLayerDefinition,
    QgsProject,
    QgsRasterLayer,
)
from qgis.PyQt.QtCore import QEventLoop, QTimer

from uhrs_qgis_plugin.algorithms.segment import listener

PATIENCE_MS = 120_000


@pytest.fixture
def run_in_background(algorithm, context, feedback, tiny_model, raster, tmp_path):
    """Run `uhrs:segmentraster` as a task; the keywords name outputs that shall be loaded."""

    def run(*names):
        project = context.project()
        parameters = {"INPUT": raster, "MODEL": tiny_model, "DEVICE": "cpu"}
        for name in names:
            path = str(tmp_path / f"{name.lower()}.tif")
            parameters[name] = QgsProcessingOutputLayerDefinition(path, project)
        task = QgsProcessingAlgRunnerTask(algorithm, parameters, context, feedback)
        loop, answers = QEventLoop(), []
        task.executed.connect(lambda fine, results: (answers.append((fine, results)), loop.quit()))
        QTimer.singleShot(PATIENCE_MS, loop.quit)
        QgsApplication.taskManager().addTask(task)
        loop.exec()
        assert answers, f"not done after {PATIENCE_MS} ms"
        fine, results = answers[0]
        assert fine, feedback.errors
        return results

    return run


def test_results_are_loaded(run_in_background, context, tmp_path):
    """QGIS takes over what the thread of the run has asked to load, and forgets what was asked before it."""
    results = run_in_background("CLASSES", "UNCERTAINTY")
    assert results["CLASSES"] == str(tmp_path / "classes.tif")
    waiting = context.layersToLoadOnCompletion()
    assert set(waiting) == {str(tmp_path / "classes.tif"), str(tmp_path / "uncertainty.tif")}
    for path, details in waiting.items():
        assert details.project is context.project()
        assert details.postProcessor() is not None
        assert QgsRasterLayer(path).isValid()


def test_preview_is_shown_while_the_run_goes_on(run_in_background, monkeypatch, tmp_path):
    """The worker asks, the main thread loads; nobody looks where there is no desktop."""
    monkeypatch.setattr("qgis.utils.iface", object())
    loaded = []
    real = listener.PreviewLoader._load
    monkeypatch.setattr(listener.PreviewLoader, "_load", lambda self, path: (loaded.append(path), real(self, path)))
    run_in_background("CLASSES", "PREVIEW")
    assert loaded == [str(tmp_path / "preview.tif")]
    [layer] = QgsProject.instance().mapLayersByName("Preview: classes")
    assert layer.source() == str(tmp_path / "preview.tif")
    QgsProject.instance().removeAllMapLayers()


def test_cleared_destinations_are_not_loaded(algorithm, context, feedback, tiny_model, raster, tmp_path):
    """Each row of a batch has an empty PREVIEW: QGIS must not be told to load a layer without a name."""
    project = context.project()
    parameters = {"INPUT": raster, "MODEL": tiny_model, "CLASSES": str(tmp_path / "c.tif")}
    for name in ("UNCERTAINTY", "PREVIEW"):
        parameters[name] = QgsProcessingOutputLayerDefinition("", project)
    task = QgsProcessingAlgRunnerTask(algorithm, parameters, context, feedback)
    loop = QEventLoop()
    task.executed.connect(lambda fine, results: loop.quit())
    QTimer.singleShot(PATIENCE_MS, loop.quit)
    QgsApplication.taskManager().addTask(task)
    loop.exec()
    assert context.layersToLoadOnCompletion() == {}
    assert (tmp_path / "c.tif").exists()
