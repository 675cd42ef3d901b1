"""What follows a run, in every way that QGIS offers: as steps of a model, in the batch panel, by `qgis_process`.

Runs from Python are in the tests of each algorithm. Outputs that are open elsewhere are here too, for all alike.
"""

from __future__ import annotations

import json
import os
import sqlite3
import time

import numpy as np
import pytest
from qgis.core import (
    Qgis,
    QgsApplication,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingModelAlgorithm,
    QgsProcessingModelChildAlgorithm,
    QgsProcessingModelChildParameterSource,
    QgsProcessingModelOutput,
    QgsProcessingModelParameter,
    QgsProcessingParameterRasterLayer,
    QgsVectorLayer,
)

from tests.qgis.class_areas.cases import labels_of, write_classes, write_uncertainty
from tests.qgis.conftest import Recorder

NAMES = ("classpolygons", "cleanclasses", "samplepoints", "accuracy", "compareresults", "legend")
SOURCE = QgsProcessingModelChildParameterSource


@pytest.fixture
def rasters(tmp_path):
    """A map, the truth (a quarter of the patches is another class), and the map's uncertainty."""
    mapped = labels_of()
    wrong = np.kron(np.random.default_rng(3).random((20, 30)) < 0.25, np.ones((10, 10), bool))
    truth = np.where(wrong & (mapped < 255), (mapped + 1) % 3, mapped).astype(np.uint8)
    levels = np.random.default_rng(4).integers(0, 255, (2, 25, 38)).astype(np.uint8)
    return {
        "map": write_classes(tmp_path / "map.tif", mapped),
        "truth": write_classes(tmp_path / "truth.tif", truth),
        "uncertainty": write_uncertainty(tmp_path / "uncertainty.tif", levels),
    }


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "out").mkdir()
    return tmp_path / "out"


@pytest.fixture
def values(rasters, folder):
    """Inputs and outputs by algorithm; nothing else needs to be given."""

    def of(name, raster="map"):
        given = rasters[raster]
        return {
            "classpolygons": {"CLASSES": given, "UNCERTAINTY": rasters["uncertainty"], "OUTPUT": f"{folder}/p.gpkg"},
            "cleanclasses": {"CLASSES": given, "MAJORITY": 3, "OUTPUT": f"{folder}/clean.tif"},
            "samplepoints": {"CLASSES": given, "POINTS": 90, "OUTPUT": f"{folder}/points.gpkg"},
            "accuracy": {
                "CLASSES": given,
                "REFERENCE_RASTER": rasters["truth"],
                "OUTPUT": f"{folder}/accuracy.gpkg",
                "HTML": f"{folder}/accuracy.html",
            },
            "compareresults": {
                "BEFORE": given,
                "AFTER": rasters["truth"],
                "OUTPUT": f"{folder}/pairs.gpkg",
                "CHANGES": f"{folder}/changes.tif",
                "POLYGONS": f"{folder}/changes.gpkg",
            },
            "legend": {"LAYERS": given, "DPI": 96, "OUTPUT": f"{folder}/legend.png"},
        }[name]

    return of


def rows_of(path):
    layer = QgsVectorLayer(str(path), "t", "ogr")
    assert layer.isValid(), path
    return list(layer.getFeatures())


# Models.


def add_step(model, name, outputs=(), **sources):
    """Append an algorithm to a model; its id in there is the second half of its name."""
    child = QgsProcessingModelChildAlgorithm(name)
    child.setChildId(name.split(":")[1])
    for parameter, source in sources.items():
        child.addParameterSources(parameter, [source])
    made = {}
    for output in outputs:
        made[output] = QgsProcessingModelOutput(f"{child.childId()} {output}", output)
        made[output].setChildId(child.childId())
        made[output].setChildOutputName(output)
    child.setModelOutputs(made)
    model.addChildAlgorithm(child)


def test_all_in_one_model(provider, rasters, folder, context, feedback):
    """A map is cleaned, outlined, sampled, judged by the truth, assessed, compared with the truth, and explained."""
    model = QgsProcessingModelAlgorithm("map to product", "tests")
    for name in ("MAP", "TRUTH"):
        model.addModelParameter(QgsProcessingParameterRasterLayer(name, name), QgsProcessingModelParameter(name))
    mapped, truth = SOURCE.fromModelParameter("MAP"), SOURCE.fromModelParameter("TRUTH")
    value, output = SOURCE.fromStaticValue, SOURCE.fromChildOutput
    add_step(model, "uhrs:cleanclasses", CLASSES=mapped, MAJORITY=value(3))
    clean = output("cleanclasses", "OUTPUT")
    add_step(model, "uhrs:classpolygons", ["OUTPUT"], CLASSES=clean)
    add_step(model, "uhrs:samplepoints", CLASSES=clean, POINTS=value(120))
    points = output("samplepoints", "OUTPUT")
    add_step(model, "native:rastersampling", INPUT=points, RASTERCOPY=truth, COLUMN_PREFIX=value("truth"))
    judged = output("rastersampling", "OUTPUT")
    add_step(model, "uhrs:accuracy", ["OUTPUT", "HTML"], CLASSES=clean, REFERENCE=judged, FIELD=value("truth1"))
    add_step(model, "uhrs:compareresults", ["OUTPUT", "CHANGES", "POLYGONS"], BEFORE=clean, AFTER=truth)
    add_step(model, "uhrs:legend", ["OUTPUT"], LAYERS=clean, DPI=value(96))
    model.updateDestinationParameters()
    files = {
        definition.name(): str(folder / f"{number}.{definition.defaultFileExtension()}")
        for number, definition in enumerate(model.destinationParameterDefinitions())
    }
    fine, problem = model.checkParameterValues({"MAP": rasters["map"], "TRUTH": rasters["truth"], **files}, context)
    assert fine, problem
    results, fine = model.run({"MAP": rasters["map"], "TRUTH": rasters["truth"], **files}, context, feedback)
    assert fine, (feedback.errors, feedback.lines)
    assert len(files) == 7
    assert all(os.path.getsize(path) for path in files.values())
    made = results["CHILD_RESULTS"]
    assert made["samplepoints"]["COUNT"] == 120
    # Two ways to the same: from 120 points, and from all pixels.
    assert made["accuracy"]["OVERALL"] == pytest.approx(1 - made["compareresults"]["CHANGED"], abs=0.15)
    assert made["classpolygons"]["COUNT"] == len(rows_of(made["classpolygons"]["OUTPUT"])) > 5
    assert 0.1 < made["compareresults"]["CHANGED"] < 0.4
    assert not feedback.errors


# The batch panel.


@pytest.fixture
def batch(qgis_processing, provider, qgis_new_project):
    """Fill the batch panel, and run its rows as it hands them over; what is not given stays as the panel has it."""
    from processing.gui.BatchAlgorithmDialog import BatchAlgorithmDialog

    dialogs = []

    def run(name, rows):
        algorithm = QgsApplication.processingRegistry().createAlgorithmById(f"uhrs:{name}")
        dialogs.append(BatchAlgorithmDialog(algorithm))
        panel, feedback = dialogs[-1].mainWidget(), Recorder()
        panel.addRow(len(rows) - panel.batchRowCount())
        for number, row in enumerate(rows):
            context = QgsProcessingContext()
            for parameter, value in row.items():
                column = panel.parameter_to_column[parameter]
                if algorithm.parameterDefinition(parameter).isDestination():
                    panel.tblParameters.cellWidget(number + 1, column).setValue(value)
                else:
                    panel.wrappers[number][column].setParameterValue(value, context)
            more = {"context": context} if Qgis.QGIS_VERSION_INT >= 32400 else {}
            values, accepted = panel.parametersForRow(number, **more)
            assert accepted
            _, fine = algorithm.run(algorithm.preprocessParameters(values), context, feedback)
            assert fine, feedback.errors
        return feedback

    yield run
    for dialog in dialogs:
        dialog.deleteLater()


def second(row, folder):
    """The same row with other outputs."""
    other = f"{folder}/2"
    return {key: value.replace(f"{folder}/", other) if isinstance(value, str) else value for key, value in row.items()}


@pytest.mark.parametrize("name", NAMES)
def test_batch(batch, values, folder, name):
    """Two rows: no error, and every file is there."""
    row = values(name)
    rows = [row, second(row, folder)]
    feedback = batch(name, rows)
    assert feedback.errors == []
    outputs = [value for row in rows for value in row.values() if str(value).startswith(str(folder))]
    assert len(outputs) >= 2
    assert [path for path in outputs if not os.path.exists(path)] == []


# Outputs that are open elsewhere.


@pytest.mark.parametrize("journal", ["delete", "wal"])
@pytest.mark.parametrize(
    ("name", "output"),
    [
        ("classpolygons", "OUTPUT"),
        ("samplepoints", "OUTPUT"),
        ("accuracy", "OUTPUT"),
        ("compareresults", "OUTPUT"),
        ("compareresults", "POLYGONS"),
    ],
)
def test_a_geopackage_that_is_open_elsewhere(provider, values, folder, context, feedback, name, output, journal):
    """One line before the first pixel, no waiting, and everything as it was."""
    import processing

    parameters = values(name)
    path = parameters[output]
    processing.run("uhrs:samplepoints", {**values("samplepoints"), "OUTPUT": path}, context=context)
    base = sqlite3.connect(path, isolation_level=None)
    base.execute(f"PRAGMA journal_mode = {journal}")
    base.execute("BEGIN EXCLUSIVE")
    try:
        before = {item: os.path.getsize(folder / item) for item in os.listdir(folder)}
        begun = time.monotonic()
        with pytest.raises(QgsProcessingException, match="open in another program") as caught:
            processing.run(f"uhrs:{name}", parameters, context=context, feedback=feedback)
        assert time.monotonic() - begun < 10, "waits for nobody"
        said = str(caught.value).replace("Unable to execute algorithm\n", "")
        assert "\n" not in said
        assert {item: os.path.getsize(folder / item) for item in os.listdir(folder)} == before
        fine, problem = (
            QgsApplication.processingRegistry()
            .createAlgorithmById(f"uhrs:{name}")
            .checkParameterValues(parameters, context)
        )
        assert not fine
        assert problem == said
    finally:
        base.execute("ROLLBACK")
        base.close()
    processing.run(f"uhrs:{name}", parameters, context=context, feedback=feedback)


@pytest.mark.parametrize(
    ("name", "output"),
    [("samplepoints", "OUTPUT"), ("accuracy", "OUTPUT"), ("compareresults", "OUTPUT")],
)
def test_a_folder_that_is_missing(provider, values, folder, context, feedback, name, output):
    """Said before the run, not after the other files are written."""
    import processing

    parameters = {**values(name), output: str(folder / "none" / "file.gpkg")}
    with pytest.raises(QgsProcessingException, match=r"The folder of .* does not exist"):
        processing.run(f"uhrs:{name}", parameters, context=context, feedback=feedback)
    assert os.listdir(folder) == []


# `qgis_process`.


REFUSED = {
    "classpolygons": ({"NAMES": "sea"}, "Class 'sea' is unknown"),
    "cleanclasses": ({"MAJORITY": 4}, "majority=4 is not allowed"),
    "samplepoints": ({"EXPECTED": "road"}, "is not understood"),
    "accuracy": ({}, "open in another program"),  # see below
    "compareresults": ({"MAPPING": "road"}, "is not understood"),
    "legend": ({"OUTPUT": "legend.jpg"}, "is no PNG by its name"),
}


def test_qgis_process(qgis_process, values, folder):
    """Each once, from JSON where QGIS reads it; and once refused in one line, with 1 as exit status."""
    for name in NAMES:
        given = values(name)
        command, stdin = ["--json", "run", f"uhrs:{name}"], None
        if Qgis.QGIS_VERSION_INT >= 32400:
            command, stdin = [*command, "-"], json.dumps({"inputs": given})
        else:
            command += ["--", *(f"{key}={value}" for key, value in given.items())]
        done = qgis_process(*command, stdin=stdin)
        assert done.returncode == 0, (name, done.stdout, done.stderr)
        results = json.loads(done.stdout)["results"]
        outputs = {key: value for key, value in given.items() if str(value).startswith(str(folder))}
        assert {key: results[key] for key in outputs} == outputs
        assert all(os.path.getsize(path) for path in outputs.values())
        if "COUNT" in results:
            assert results["COUNT"] == len(rows_of(results["OUTPUT"])) > 0
    with sqlite3.connect(folder / "accuracy.gpkg", isolation_level=None) as base:
        base.execute("BEGIN EXCLUSIVE")
        for name, (changes, message) in REFUSED.items():
            given = {**values(name), **changes}
            done = qgis_process("run", f"uhrs:{name}", "--", *(f"{key}={value}" for key, value in given.items()))
            said = done.stdout + done.stderr
            assert done.returncode == 1, (name, said)
            assert len([line for line in said.splitlines() if message in line]) == 1, (name, said)
            assert "Traceback" not in said
