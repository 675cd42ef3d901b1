"""`uhrs:segmentraster` in a QGIS without a screen, on small rasters with a tiny model."""

from __future__ import annotations

import json
import os

import numpy as np
from osgeo import gdal
from qgis.core import (
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsProcessingAlgRunnerTask,
    QgsProject,
    QgsRectangle,
    QgsReferencedRectangle,
)
from qgis.PyQt.QtCore import QEventLoop, QTimer

from tests.qgis.conftest import TRANSFORM, grey_steps, write_raster
from uhrs_qgis_plugin import runtime
from uhrs_qgis_plugin.layers.palettes import read_palette


def read(path):
    dataset = gdal.Open(path)
    return dataset, dataset.ReadAsArray()


def test_provider_lists_the_algorithm(provider):
    """The Toolbox finds it with its icon, help for every parameter, and tags."""
    assert provider.id() == "uhrs"
    algorithm = next(item for item in provider.algorithms() if item.id() == "uhrs:segmentraster")
    assert algorithm.displayName() == "Segment raster"
    assert os.path.exists(algorithm.svgIconPath())
    assert not algorithm.icon().pixmap(24).isNull()
    assert "land cover" in algorithm.tags()
    for parameter in algorithm.parameterDefinitions():
        assert parameter.help()
        assert parameter.help() in algorithm.shortHelpString()


def test_parameters_are_those_documented(algorithm):
    """Ids are frozen; only the raster and the class map are required."""
    required = [p.name() for p in algorithm.parameterDefinitions() if not p.flags() & p.FlagOptional]
    assert required == [
        "INPUT", "ALPHA", "DEVICE", "PRECISION", "RESOLUTION", "GRID", "CELL", "UNFAMILIAR", "RESUME", "UNREADABLE",
        "CLASSES",
    ]  # fmt: skip
    optional = [p.name() for p in algorithm.parameterDefinitions() if p.flags() & p.FlagOptional]
    assert optional == [
        "MODEL", "BANDS", "STRETCH", "EXTENT", "AREA", "RATIO", "THRESHOLD", "MINUTES", "UNCERTAINTY", "PREVIEW",
        "REPORT",
    ]  # fmt: skip
    assert algorithm.parameterDefinition("UNCERTAINTY").createByDefault()
    assert not algorithm.parameterDefinition("REPORT").createByDefault()
    for name in ("CELL", "ALPHA", "STRETCH"):
        assert algorithm.parameterDefinition(name).flags() & algorithm.parameterDefinition(name).FlagAdvanced
    outputs = {output.name() for output in algorithm.outputDefinitions()}
    assert {"CLASSES", "UNCERTAINTY", "REPORT", "REFINED_RATIO", "PIXELS", "SECONDS"} <= outputs


def test_outputs_lie_where_the_input_lies(run, feedback, tmp_path):
    """Same size, georeference and CRS; the labels are those of the grey fields; the log says what was done."""
    results = run(RATIO=1, REPORT=str(tmp_path / "report.json"))
    dataset, labels = read(results["CLASSES"])
    assert dataset.GetGeoTransform() == TRANSFORM
    assert dataset.GetSpatialRef().GetAuthorityCode(None) == "32633"
    assert labels.shape == (200, 300)
    # Fields are flat but for the smoothing at their edges.
    assert [set(np.unique(labels[:, start : start + 32])) for start in (8, 160, 256)] == [{0}, {1}, {2}]
    dataset, uncertainty = read(results["UNCERTAINTY"])
    assert uncertainty.shape == (2, 25, 38)
    assert dataset.GetGeoTransform() == (500000.0, 4.0, 0.0, 5000000.0, 0.0, -4.0)
    assert results["PIXELS"] == 60000
    assert results["REFINED_RATIO"] == 1
    assert results["SECONDS"] > 0
    assert json.loads((tmp_path / "report.json").read_text())["pixels"] == 60000
    text = "\n".join(feedback.lines)
    assert text.count("Looking at the whole raster") == 1
    assert "60,000 pixels" in text
    assert "K = 1.00: 6 of 6 patches refined" in text
    assert "on cpu" in text
    assert "class2:" in text
    assert "ha (" in text
    assert feedback.shares[-1] == 100


def test_ratio_defaults_to_the_model_and_accepts_texts(run):
    """`qgis_process` passes numbers as texts; an empty ratio is the model's own (0.5)."""
    assert run()["REFINED_RATIO"] == 0.5
    assert run(RATIO="0")["REFINED_RATIO"] == 0
    assert run(THRESHOLD="0.0")["REFINED_RATIO"] == 1
    assert run(RATIO="", THRESHOLD="")["REFINED_RATIO"] == 0.5


def test_raster_without_crs(run, tmp_path):
    """No georeference in, none out."""
    results = run(INPUT=write_raster(tmp_path / "plain.tif", grey_steps(), crs=None, transform=None))
    dataset, labels = read(results["CLASSES"])
    assert dataset.GetSpatialRef() is None
    assert dataset.GetGeoTransform(can_return_null=True) is None
    assert labels.shape == (200, 300)


def test_nodata_stays_nodata(run, tmp_path):
    """Where the input has no data, both outputs have none."""
    data = grey_steps()
    data[:, :64, :64] = 0
    results = run(INPUT=write_raster(tmp_path / "hole.tif", data, nodata=0))
    dataset, labels = read(results["CLASSES"])
    assert dataset.GetRasterBand(1).GetNoDataValue() == 255
    assert (labels[:64, :64] == 255).all()
    assert (labels[64:] != 255).all()
    assert (labels[:, 64:] != 255).all()
    assert (read(results["UNCERTAINTY"])[1][:, :8, :8] == 255).all()


def test_extent_in_the_rasters_crs(run):
    """Only the part is segmented; it starts at a pixel corner."""
    results = run(EXTENT="500050,500100,4999950,4999975 [EPSG:32633]")
    dataset, labels = read(results["CLASSES"])
    assert labels.shape == (50, 100)
    assert dataset.GetGeoTransform() == (500050.0, 0.5, 0.0, 4999975.0, 0.0, -0.5)


def test_extent_in_another_crs(run):
    """An extent in degrees covers the same part."""
    part = QgsRectangle(500050, 4999950, 500100, 4999975)
    utm, degrees = QgsCoordinateReferenceSystem("EPSG:32633"), QgsCoordinateReferenceSystem("EPSG:4326")
    box = QgsCoordinateTransform(utm, degrees, QgsProject.instance()).transformBoundingBox(part)
    dataset, labels = read(run(EXTENT=QgsReferencedRectangle(box, degrees))["CLASSES"])
    left, _, _, top, _, _ = dataset.GetGeoTransform()
    assert abs(left - 500050) <= 1
    assert abs(top - 4999975) <= 1
    assert 50 <= labels.shape[0] <= 54
    assert 100 <= labels.shape[1] <= 104


def test_bands_are_chosen_in_order(run, tmp_path):
    """The model gets the bands that are named; here only band 4 is bright."""
    data = np.concatenate([grey_steps() * 0, np.full((1, 200, 300), 250, np.uint8)])
    path = write_raster(tmp_path / "four.tif", data)
    assert (read(run(INPUT=path)["CLASSES"])[1] == 0).all()
    assert (read(run(INPUT=path, BANDS=[4, 4, 4])["CLASSES"])[1] == 2).all()


def test_uncertainty_is_optional_and_its_cell_a_choice(run, tmp_path):
    """CELL sets the pixels per cell; without a destination nothing is written."""
    assert read(run(CELL="2")["UNCERTAINTY"])[1].shape == (2, 100, 150)
    os.remove(tmp_path / "uncertainty.tif")
    run(UNCERTAINTY=None)
    assert not (tmp_path / "uncertainty.tif").exists()


def test_palette_survives_without_the_sidecar(run, tmp_path):
    """A class map that travelled without its .aux.xml still names its classes."""
    path = run()["CLASSES"]
    with_sidecar = read_palette(path)
    os.remove(f"{path}.aux.xml")
    assert read_palette(path) == with_sidecar
    assert [name for _, _, name in with_sidecar] == ["class0", "class1", "class2"]
    assert read_palette(write_raster(tmp_path / "grey.tif", grey_steps(bands=1))) == []


def test_layers_load_named_and_styled(provider, tiny_model, raster, tmp_path, qgis_new_project):
    """What the Toolbox does: both layers are in the project, with palette, ramp, and names that say model and K."""
    import processing

    parameters = {
        "INPUT": raster,
        "MODEL": tiny_model,
        "RATIO": 0.5,
        "CLASSES": str(tmp_path / "classes.tif"),
        "UNCERTAINTY": str(tmp_path / "uncertainty.tif"),
    }
    processing.runAndLoadResults("uhrs:segmentraster", parameters)
    layers = {layer.name(): layer for layer in QgsProject.instance().mapLayers().values()}
    assert set(layers) == {"Classes: image (tiny, K = 50%)", "Uncertainty: image (tiny, K = 50%)"}

    palette = layers["Classes: image (tiny, K = 50%)"].renderer()
    assert palette.type() == "paletted"
    assert [(item.value, item.color.name(), item.label) for item in palette.classes()] == [
        (0, "#e2a929", "class0"),
        (1, "#3c1098", "class1"),
        (2, "#8429f6", "class2"),
    ]
    uncertainty = layers["Uncertainty: image (tiny, K = 50%)"]
    ramp = uncertainty.renderer()
    assert ramp.type() == "singlebandpseudocolor"
    assert ramp.band() == 1
    items = ramp.shader().rasterShaderFunction().colorRampItemList()
    assert items[0].color.alpha() == 0
    assert items[-1].color.alpha() > 200
    assert [item.value for item in items] == sorted(item.value for item in items)
    assert uncertainty.resampleFilter().zoomedInResampler().type() == "bilinear"
    QgsProject.instance().clear()


def test_runs_in_a_worker_thread(algorithm, context, feedback, tiny_model, raster, tmp_path):
    """As the dialog runs it: prepared in the main thread, processed in another one."""
    parameters = {"INPUT": raster, "MODEL": tiny_model, "CLASSES": str(tmp_path / "classes.tif")}
    finished = []
    loop = QEventLoop()
    task = QgsProcessingAlgRunnerTask(algorithm, parameters, context, feedback)
    task.executed.connect(lambda fine, results: (finished.append((fine, results)), loop.quit()))
    QTimer.singleShot(60000, loop.quit)
    QgsApplication.taskManager().addTask(task)
    loop.exec()
    [(fine, results)] = finished
    assert fine
    assert results["PIXELS"] == 60000
    assert read(results["CLASSES"])[1].shape == (200, 300)


def test_model_defaults_to_the_bundled_one(run, tiny_model, monkeypatch):
    """Without MODEL the plugin's own bundle is read."""
    monkeypatch.setattr(runtime, "DEFAULT_MODEL", tiny_model)
    assert run(MODEL=None)["REFINED_RATIO"] == 0.5
