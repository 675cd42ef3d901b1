"""`uhrs:importmodel`: a network in ONNX becomes a model that `uhrs:segmentraster` offers by name."""

from __future__ import annotations

import json
import os

import pytest
from qgis.core import QgsApplication, QgsProcessingException, QgsProcessingModelAlgorithm

from tests.engine.importing.networks import deepness, write_network
from tests.qgis.test_every_way import SOURCE, add_step
from uhrs_qgis_plugin.engine.bundle import list_models, read_bundle

ANSWERS = {"CLASSES": "water=1F78B4,land,road,roof", "BANDS": "red,green,blue", "RESOLUTION": "any", "DIVISOR": 255}


@pytest.fixture
def models(tmp_path, monkeypatch):
    """The user's folder, which is not there yet."""
    folder = tmp_path / "own" / "models"
    monkeypatch.setenv("UHRS_MODELS", str(folder))
    return folder


@pytest.fixture
def bring(provider, models, context, feedback):
    """Run the algorithm."""
    import processing

    def run(network, **values):
        return processing.run("uhrs:importmodel", {"INPUT": str(network), **values}, context=context, feedback=feedback)

    return run


def test_a_file_of_deepness_needs_nothing(bring, models, tmp_path, feedback):
    """Into the folder of the user's models, which is made; from there the list has it."""
    made = bring(write_network(tmp_path / "fields.onnx", head="Softmax", metadata=deepness()))
    assert made == {"MODEL": str(models / "fields.uhrs"), "MODEL_NAME": "fields"}
    assert "fields" in [entry.bundle.name for entry in list_models() if entry.bundle]
    said = " ".join(feedback.lines)
    assert "water, land, road, building" in said
    assert "'Segment raster' offers it as fields." in said
    assert feedback.errors == feedback.warnings == []
    assert feedback.shares[-1] == pytest.approx(100)


def test_all_values_reach_the_bundle(bring, tmp_path):
    """Numbers as texts, as qgis_process hands them over."""
    network = write_network(tmp_path / "net.onnx", side=None, batch=None)
    made = bring(
        network,
        NAME="Mine 1",
        CLASSES=ANSWERS["CLASSES"],
        BANDS="red,green,blue",
        RESOLUTION="0.25",
        MEAN="0.485,0.456,0.406",
        STD="0.229,0.224,0.225",
        MARGIN="32",
        WINDOW="256",
        FIRST_LOOK="same",
        TRAINING_DATA="Nothing.",
        LICENCE="CC0-1.0",
        FOLDER=str(tmp_path),
    )
    bundle = read_bundle(made["MODEL"])
    assert made["MODEL"] == str(tmp_path / "Mine 1.uhrs")
    assert (bundle.name, bundle.resolution_m, bundle.licence) == ("Mine 1", 0.25, "CC0-1.0")
    assert [entry.name for entry in bundle.classes] == ["water", "land", "road", "roof"]
    windows = bundle.windows
    assert (windows.side, windows.margin, windows.first_look) == (256, 32, "same")
    assert windows.mean == pytest.approx((123.675, 116.28, 103.53))


def test_what_is_missing_is_asked_for_before_the_run(provider, models, context, tmp_path):
    """In one line, with everything in it."""
    algorithm = QgsApplication.processingRegistry().createAlgorithmById("uhrs:importmodel")
    fine, problem = algorithm.checkParameterValues({"INPUT": str(write_network(tmp_path / "net.onnx"))}, context)
    assert not fine
    assert "\n" not in problem
    assert all(word in problem for word in ("bands", "resolution", "mean and std", "classes"))
    assert not models.exists()


@pytest.mark.parametrize(
    ("network", "values", "text"),
    [
        ({"padding": 0}, ANSWERS, "export it with padding"),
        ({"channels": 6}, ANSWERS, "6 classes, but 4 names are given"),
        ({}, {**ANSWERS, "MEAN": "a"}, "mean 'a' is not understood"),
        ({}, {**ANSWERS, "RESOLUTION": "fine"}, "resolution 'fine' is not allowed"),
        ({}, {**ANSWERS, "NAME": "a/b"}, "is no name of a file"),
        ({}, {**ANSWERS, "FOLDER": "/none/at/all"}, "The folder '/none/at/all' does not exist"),
        ({"metadata": deepness(model_type="Detector")}, {}, "calls itself a 'Detector'"),
    ],
)
def test_bad_input(bring, models, tmp_path, network, values, text):
    with pytest.raises(QgsProcessingException, match=text) as caught:
        bring(write_network(tmp_path / "net.onnx", **network), **values)
    assert "\n" not in str(caught.value).replace("Unable to execute algorithm\n", "")
    assert not list(tmp_path.rglob("*.uhrs"))


def test_a_model_that_is_there_is_replaced_only_when_asked(bring, models, tmp_path):
    network = write_network(tmp_path / "net.onnx", metadata=deepness())
    bring(network)
    with pytest.raises(QgsProcessingException, match=r"is there already: give another NAME, or tick OVERWRITE"):
        bring(network, RESOLUTION="2")
    assert read_bundle(models / "net.uhrs").resolution_m == 0.3
    bring(network, RESOLUTION="2", OVERWRITE=True)
    assert read_bundle(models / "net.uhrs").resolution_m == 2


def test_an_onnx_as_model_leads_here(run, algorithm, raster, context, tmp_path):
    """In scripts, and in the dialog before the run; whether the file is there or not."""
    network = str(write_network(tmp_path / "unet.onnx"))
    text = r"'unet\.onnx' is a network in ONNX and no model bundle yet: make one of it .*uhrs:importmodel"
    with pytest.raises(QgsProcessingException, match=text):
        run(MODEL=network)
    fine, problem = algorithm.checkParameterValues(
        {"INPUT": raster, "MODEL": network, "CLASSES": str(tmp_path / "classes.tif")}, context
    )
    assert not fine
    assert "uhrs:importmodel" in problem
    assert "\n" not in problem
    assert not (tmp_path / "classes.tif").exists()


def test_in_a_model_the_import_feeds_the_segmentation(provider, models, raster, context, feedback, tmp_path):
    """The bundle that one step writes is the model of the next."""
    model = QgsProcessingModelAlgorithm("import and segment", "tests")
    value = SOURCE.fromStaticValue
    network = str(write_network(tmp_path / "net.onnx", metadata=deepness()))
    add_step(model, "uhrs:importmodel", INPUT=value(network))
    imported = SOURCE.fromChildOutput("importmodel", "MODEL")
    add_step(model, "uhrs:segmentraster", ["CLASSES"], INPUT=value(raster), MODEL=imported)
    model.updateDestinationParameters()
    results, fine = model.run({"segmentraster:CLASSES": str(tmp_path / "classes.tif")}, context, feedback)
    assert fine, (feedback.errors, feedback.lines)
    assert os.path.getsize(results["CHILD_RESULTS"]["segmentraster"]["CLASSES"])


def test_imported_by_qgis_process_and_then_segmented_by_name(qgis_process, raster, tmp_path):
    """The whole way, as a user without Python goes it."""
    own = {"UHRS_MODELS": str(tmp_path / "own")}
    network = write_network(tmp_path / "fields.onnx", head="Softmax", metadata=deepness())
    done = qgis_process("--json", "run", "uhrs:importmodel", "--", f"INPUT={network}", **own)
    assert done.returncode == 0, (done.stdout, done.stderr)
    assert json.loads(done.stdout)["results"]["MODEL_NAME"] == "fields"
    values = (f"INPUT={raster}", f"CLASSES={tmp_path / 'classes.tif'}", f"UNCERTAINTY={tmp_path / 'uncertainty.tif'}")
    refused = qgis_process("run", "uhrs:segmentraster", "--", f"MODEL={network}", *values, **own)
    said = refused.stdout + refused.stderr
    assert refused.returncode == 1
    assert len([line for line in said.splitlines() if "uhrs:importmodel" in line]) == 1
    assert "Wrong or missing" not in said
    done = qgis_process("run", "uhrs:segmentraster", "--", "MODEL=fields", *values, **own)
    assert done.returncode == 0, (done.stdout, done.stderr)
    assert os.path.getsize(tmp_path / "classes.tif")
