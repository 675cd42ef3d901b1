"""The real entry points, one after the other, on generated data: train, evaluate, export, segment."""

import csv
import json
import subprocess
import sys
from pathlib import Path
from unittest import mock

import numpy as np
import onnx
import pytest
import rasterio
import torch

from tests.training.conftest import TINY, randomise
from tests.training.tiny_runs import last_checkpoint
from training import evaluate, export_model, make_raster, train
from training.data.datasets import generated
from training.errors import CheckpointError
from training.export.graphs import halve_weights
from training.networks.dual_stream import DualStream
from training.networks.settings import Settings
from training.weights.checkpoint import load_trained, save_trained
from uhrs_qgis_plugin.engine.bundle.bundle import read_bundle

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]
# Count, side, first seed: as small as statistics of the imagery allow, and validation as small as it can be.
SPLITS = {"train": (3, 768, 1_000), "val": (2, 192, 2_000), "test": (2, 192, 3_000)}
SMOKE = str(ROOT / "training" / "configs" / "smoke.yaml")


@pytest.fixture(scope="module", autouse=True)
def _small_scenes():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(generated, "_SPLITS", SPLITS)
        yield


def fit(folder, *more):
    """Train a few steps of the smoke configuration, everything below `folder`."""
    arguments = [
        "fit",
        f"--config={SMOKE}",
        *last_checkpoint(folder),
        "--trainer.enable_progress_bar=false",
        "--trainer.enable_model_summary=false",
        "--trainer.log_every_n_steps=1",
        "--data.crop=64",
        "--data.batch_size=2",
        *more,
    ]
    with mock.patch.object(sys, "argv", ["train.py"]):  # Lightning warns of pytest's own arguments
        return train.main(arguments)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A short training run; its folder."""
    folder = tmp_path_factory.mktemp("run")
    fit(folder, "--trainer.max_epochs=1", "--data.steps=4")
    return folder


@pytest.fixture(scope="module")
def bundle(run):
    path = run / "smoke.uhrs"
    export_model.main([str(run / "last.ckpt"), str(path), "--name", "smoke", "--ratio", "0.25"])
    return path


def test_fit_writes_checkpoint_logs_and_configuration(run):
    trained = load_trained(run / "last.ckpt")
    assert trained.step == 4
    assert trained.class_names == ["water", "land", "road", "building", "vegetation"]
    assert trained.recipe["data"]["dataset"] == "generated"
    assert trained.network.settings.low_widths == (32, 48, 64, 96)
    rows = list(csv.DictReader(next(run.glob("csv/**/metrics.csv")).open()))
    final = [float(row["train/final"]) for row in rows if row["train/final"]]
    assert len(final) == 4
    assert np.isfinite(final).all()
    assert any(row["val/miou_k100"] for row in rows)
    assert any(row["val/iou_water"] for row in rows)
    assert list(run.glob("tensorboard/**/events.*"))
    assert list(run.rglob("config.yaml"))


def test_fit_resumes_where_it_ended(run, tmp_path):
    cli = fit(tmp_path, "--trainer.max_epochs=2", "--data.steps=4", f"--ckpt_path={run / 'last.ckpt'}")
    assert cli.trainer.global_step == 8
    rows = list(csv.DictReader(next(tmp_path.glob("csv/**/metrics.csv")).open()))
    assert [int(row["step"]) for row in rows if row["train/final"]] == [4, 5, 6, 7]


def test_fit_in_half_precision(tmp_path):
    fit(tmp_path, "--trainer.max_epochs=1", "--data.steps=3", "--trainer.precision=bf16-mixed")
    rows = list(csv.DictReader(next(tmp_path.glob("csv/**/metrics.csv")).open()))
    assert np.isfinite([float(row["train/final"]) for row in rows if row["train/final"]]).all()
    assert load_trained(tmp_path / "last.ckpt").network.low_encoder.stem[0][0].weight.dtype == torch.float32


def test_fit_learns(tmp_path):
    """On one crop seen again and again the loss must fall far."""
    only_training = ("--data.steps=40", "--trainer.overfit_batches=1", "--trainer.limit_val_batches=0")
    fit(tmp_path, *only_training, "--trainer.max_epochs=40")
    rows = list(csv.DictReader(next(tmp_path.glob("csv/**/metrics.csv")).open()))
    final = [float(row["train/final"]) for row in rows if row["train/final"]]
    assert np.mean(final[-5:]) < 0.5 * np.mean(final[:3])


def test_fit_draws_every_ratio():
    narrow = {"low_widths": [8, 8, 8, 8], "context": 8}
    task = train.SegmentationTask(2, ["a", "b"], ["000000", "FFFFFF"], network=narrow)
    ratios = []
    for step in range(400):
        type(task).global_step = property(lambda self, step=step: step)
        ratios.append(task.draw_ratio())
    del type(task).global_step
    assert 0.0 in ratios
    assert 0.1 < np.mean(np.array(ratios) == 1.0) < 0.35
    assert np.histogram(ratios, bins=4, range=(0, 1))[0].min() > 40


def test_fit_on_a_wrong_folder_says_one_line(tmp_path, capsys):
    with pytest.raises(SystemExit) as stop:
        fit(tmp_path, "--data.dataset=dubai", f"--data.root={tmp_path / 'nothing'}")
    assert stop.value.code == 2
    assert "must be the folder that holds" in capsys.readouterr().err


def test_train_runs_from_anywhere(tmp_path):
    done = subprocess.run(
        [sys.executable, ROOT / "training" / "train.py", "--help"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "fit" in done.stdout


def test_exported_bundle_describes_itself(bundle):
    manifest = read_bundle(bundle)
    assert manifest.name == "smoke"
    assert [c.name for c in manifest.classes] == ["water", "land", "road", "building", "vegetation"]
    assert manifest.patch_side == 64
    assert manifest.default_ratio == 0.25


def test_export_refuses_a_bundle_that_differs(run, tmp_path, monkeypatch, refused):
    monkeypatch.setattr(export_model, "TOLERANCE", 1e-12)
    with refused("nothing was written"):
        export_model.main([str(run / "last.ckpt"), str(tmp_path / "x.uhrs")])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"not a checkpoint", b"PK\x03\x04broken"])
def test_damaged_checkpoint_is_one_error(tmp_path, content):
    path = tmp_path / "bad.ckpt"
    path.write_bytes(content)
    with pytest.raises(CheckpointError, match=r"bad\.ckpt"):
        load_trained(path)


def test_checkpoint_with_code_inside_is_refused(tmp_path):
    path = tmp_path / "evil.ckpt"
    torch.save({"hyper_parameters": Path("x"), "state_dict": {}}, path)
    with pytest.raises(CheckpointError, match=r"evil\.ckpt"):
        load_trained(path)


@pytest.mark.parametrize("data_type", ["uint8", "int16", "uint16", "int32", "uint32", "float32"])
def test_every_data_type_of_rasters_can_be_exported(tmp_path, data_type):
    network = randomise(DualStream(Settings(classes=3, data_type=data_type, **TINY)))
    save_trained(tmp_path / "n.ckpt", network, list("abc"), ["102030"] * 3)
    export_model.main([str(tmp_path / "n.ckpt"), str(tmp_path / "n.uhrs")])  # ends by comparing with torch
    assert read_bundle(tmp_path / "n.uhrs").data_type == data_type


def test_halve_weights_leaves_results_alone():
    exact, inexact = np.full((2, 2), 0.5, np.float32), np.full((2, 2), 0.1, np.float32)
    nodes = [onnx.helper.make_node("Add", ["exact", "inexact"], ["y"])]
    graph = onnx.helper.make_graph(
        nodes,
        "g",
        [],
        [onnx.helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, (2, 2))],
        [onnx.numpy_helper.from_array(exact, "exact"), onnx.numpy_helper.from_array(inexact, "inexact")],
    )
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=8)
    halved = onnx.load_from_string(halve_weights(model.SerializeToString()))
    onnx.checker.check_model(halved)
    types = {t.name: t.data_type for t in halved.graph.initializer}
    assert types == {"exact.half": onnx.TensorProto.FLOAT16, "inexact": onnx.TensorProto.FLOAT}


def test_evaluate_checkpoint_and_bundle_agree(run, bundle, tmp_path):
    ratios = ["--ratios", "0", "1"]
    common = ["--data", "generated", "--split", "val", *ratios]
    by_torch = evaluate.main(["--checkpoint", str(run / "last.ckpt"), *common, "--out", str(tmp_path / "torch")])
    by_engine = evaluate.main(["--bundle", str(bundle), *common, "--out", str(tmp_path / "engine")])
    assert json.loads((tmp_path / "torch" / "metrics.json").read_text()) == by_torch
    assert set(by_torch) == {"K = 0 %", "K = 100 %", "low stream"}
    for ratio in by_engine:
        assert by_engine[ratio]["accuracy"] == pytest.approx(by_torch[ratio]["accuracy"], abs=0.5)
    assert len(list((tmp_path / "engine").glob("generated*.png"))) == 2
    assert (tmp_path / "torch" / "metrics.md").read_text().count("|") > 20


def test_evaluate_refuses_other_classes(tmp_path, run, refused):
    trained = load_trained(run / "last.ckpt")
    save_trained(tmp_path / "o.ckpt", trained.network, list("abcde"), trained.class_colours)
    with refused("evaluate it on the dataset it was trained for"):
        evaluate.main(["--checkpoint", str(tmp_path / "o.ckpt"), "--data", "generated"])


def test_segment_with_the_exported_bundle_keeps_the_georeference(bundle, tmp_path):
    raster, classes = tmp_path / "r.tif", tmp_path / "c.tif"
    make_raster.main([str(raster), "--size", "300", "--seed", "5"])
    command = [sys.executable, "-m", "uhrs_qgis_plugin.engine", "segment", str(raster)]
    command += ["--classes", str(classes), "--uncertainty", str(tmp_path / "u.tif"), "--model", str(bundle)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    with rasterio.open(raster) as given, rasterio.open(classes) as made:
        assert (made.crs, made.transform, made.shape) == (given.crs, given.transform, given.shape)
        assert set(np.unique(made.read(1))) <= set(range(5))
