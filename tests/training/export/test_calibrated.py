"""A calibrated bundle: the same classes and U, to the bit, and a final uncertainty of tempered probabilities."""

import math

import numpy as np
import pytest
import rasterio
import torch

from tests.training.conftest import TINY, randomise
from tests.training.tiny_runs import write_folder
from training import calibrate_model, export_model
from training.evaluation import Temperatures
from training.export import calibrated as calibrated_room
from training.export import largest_difference
from training.export.graphs import FuseGraph, example, export_graphs, round_to_half
from training.networks import entropy
from training.networks.dual_stream import DualStream
from training.networks.settings import Settings
from training.weights.checkpoint import save_trained
from training.weights.start import load_start
from uhrs_qgis_plugin.engine.bundle import amend_bundle, read_bundle, read_manifest
from uhrs_qgis_plugin.engine.outputs import Outputs
from uhrs_qgis_plugin.engine.segmentation import Options, segment

_MIXTURE = {"weights": [1.0], "means": [[0.0]], "covariances": [[1.0]]}
IMAGERY = {"descriptor": 1, "windows": 5, "mean": [1.0], "deviation": [1.0], "threshold": 0.0,
           "mixtures": {"training": _MIXTURE, "haze": _MIXTURE}}  # fmt: skip
NAMES, COLOURS = ["ground", "roof"], ["BEBEBE", "D7301F"]


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    return randomise(DualStream(Settings(classes=2, low_stride=16, uncertainty_stride=8, **TINY)))


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return write_folder(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def plain(network, tmp_path_factory):
    folder = tmp_path_factory.mktemp("plain")
    save_trained(folder / "n.ckpt", network, NAMES, COLOURS)
    export_model.main([str(folder / "n.ckpt"), str(folder / "n.uhrs"), "--float-only", "--no-imagery"])
    return folder / "n.uhrs"


@pytest.fixture(scope="module")
def calibrated(plain, data):
    path = plain.with_name("calibrated.uhrs")
    calibrate_model.main([str(plain), "--data", "folder", "--root", str(data), "--out", str(path)])
    return path


def results(path, raster, folder, ratio):
    out = folder / f"{path.stem}_{ratio}"
    out.mkdir()
    segment(str(raster), str(path), Outputs(str(out / "c.tif"), str(out / "u.tif")), Options(ratio=ratio))
    with rasterio.open(out / "c.tif") as classes, rasterio.open(out / "u.tif") as doubts:
        return classes.read(1), doubts.read()


@pytest.mark.parametrize("ratio", [0.0, 0.5, 1.0])
def test_classes_and_u_stay_and_the_final_uncertainty_changes(plain, calibrated, data, tmp_path, ratio):
    raster = data / "train" / "images" / "a.tif"
    (before, doubts), (after, new_doubts) = (results(path, raster, tmp_path, ratio) for path in (plain, calibrated))
    np.testing.assert_array_equal(before, after)
    np.testing.assert_array_equal(doubts[0], new_doubts[0])
    assert (doubts[1] != new_doubts[1]).any()


def test_only_fuse_is_exported_anew(plain, calibrated, network):
    before, after = read_bundle(plain), read_bundle(calibrated)
    assert (before.graphs["low"], before.graphs["high"]) == (after.graphs["low"], after.graphs["high"])
    assert before.graphs["fuse"] != after.graphs["fuse"]
    assert before.calibration == {}
    assert {**read_manifest(calibrated), "uhrs:calibration": 0} == {**read_manifest(plain), "uhrs:calibration": 0}
    errors = after.calibration["error"]["K = 100 %"]
    assert errors["after_by_scene"] < errors["before_by_scene"]  # random weights know nothing of how sure they are
    assert after.calibration["measured_on"] == "folder, val"
    rebuilt = load_start(calibrated).network
    assert largest_difference(after, rebuilt) < 1e-3


def test_parity_looks_at_the_temperatures(plain, calibrated):
    """A bundle that states other temperatures than its graph has is not what it says."""
    path = plain.with_name("wrong.uhrs")
    path.write_bytes(calibrated.read_bytes())
    stated = {**read_bundle(path).calibration, "temperatures": {"low": 9.0, "fused": 9.0}}
    amend_bundle(path, {"uhrs:calibration": stated})
    assert largest_difference(read_bundle(path), load_start(path).network) > 1e-2


@torch.no_grad()
def test_final_uncertainty_is_the_entropy_of_tempered_logits(network):
    _, _, (features, u, high, selected) = example(network, (4, 5), seed=1)
    cold, warm = FuseGraph(network), FuseGraph(network, Temperatures(2.0, 0.5))
    (labels, before), (same, after) = cold(features, u, high, selected), warm(features, u, high, selected)
    assert torch.equal(labels, same)
    assert torch.equal(before[:, 0], after[:, 0])
    size = (high.shape[-2], high.shape[-1])
    low_logits = torch.nn.functional.pixel_shuffle(features[:, 64:], 2)
    u8 = torch.nn.functional.interpolate(u, size, mode="bilinear")
    _, logits = network.fuse(features[:, :64], low_logits, high, u8, selected)
    for flags, temperature in ((selected, 0.5), (~selected, 2.0)):
        wanted = 254 * entropy(logits / temperature) / math.log(2)
        assert (after[:, 1:].float() - wanted)[flags].abs().max() <= 0.51
    assert (after[:, 1:][~selected].int() >= before[:, 1:][~selected].int()).all()


def test_without_temperatures_the_graphs_are_as_they_were(network):
    assert export_graphs(network) == export_graphs(network, Temperatures())


def test_export_calibrates_before_it_quantises(network, data, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("training.export.int8_bundle.LEAST_AGREEMENT", 0.0)
    save_trained(tmp_path / "n.ckpt", network, NAMES, COLOURS)
    arguments = [str(tmp_path / "n.ckpt"), str(tmp_path / "n.uhrs"), "--no-imagery", "--calibrate"]
    export_model.main([*arguments, "--data", "folder", "--root", str(data)])
    text = capsys.readouterr().out
    assert text.index("temperatures") < text.index("8-bit graphs")
    bundle = read_bundle(tmp_path / "n.uhrs")
    assert set(bundle.int8_graphs) == {"low", "high"}
    # From a bundle, without its 8-bit graphs, and calibrated again to the same.
    export_model.main([str(tmp_path / "n.uhrs"), str(tmp_path / "again.uhrs"), *arguments[2:], "--float-only",
                       "--data", "folder", "--root", str(data)])  # fmt: skip
    again = read_bundle(tmp_path / "again.uhrs")
    assert again.graphs == bundle.graphs
    assert again.calibration == bundle.calibration
    assert again.name == "n"


def test_a_bundle_that_is_exported_anew_keeps_what_is_said_of_it(plain, tmp_path):
    told = {
        "uhrs:licence": "CC0-1.0",
        "uhrs:training_data": "towns",
        "uhrs:default_ratio": 0.3,
        "uhrs:imagery": IMAGERY,
    }
    path = tmp_path / "told.uhrs"
    path.write_bytes(plain.read_bytes())
    amend_bundle(path, {**told, "mlm:name": "roofs", "uhrs:imagery": IMAGERY})
    arguments = [str(path), str(tmp_path / "new.uhrs"), "--float-only"]
    export_model.main(arguments)
    bundle = read_bundle(tmp_path / "new.uhrs")
    assert {**read_manifest(tmp_path / "new.uhrs")} == read_manifest(path)
    assert bundle.graphs == read_bundle(plain).graphs
    export_model.main(
        [str(path), str(tmp_path / "new.uhrs"), "--float-only", "--licence", "MIT", "--resolution-m", "2"]
    )
    bundle = read_bundle(tmp_path / "new.uhrs")
    assert (bundle.licence, bundle.resolution_m, bundle.name) == ("MIT", 2.0, "roofs")


def test_what_cannot_be_calibrated_is_refused_and_nothing_is_written(
    plain, network, data, tmp_path, refused, monkeypatch
):
    save_trained(tmp_path / "n.ckpt", network, NAMES, COLOURS)
    with refused("give --data and --root"):
        export_model.main([str(tmp_path / "n.ckpt"), str(tmp_path / "x.uhrs"), "--no-imagery", "--calibrate"])
    with refused("classes"):
        calibrate_model.main([str(plain), "--data", "generated", "--out", str(tmp_path / "x.uhrs")])
    monkeypatch.setattr(calibrated_room, "TOLERANCE", -1.0)
    with refused("nothing was written"):
        calibrate_model.main([str(plain), "--data", "folder", "--root", str(data), "--out", str(tmp_path / "x.uhrs")])
    assert not list(tmp_path.glob("*.uhrs"))


@pytest.mark.parametrize("bits", [11, 8, 1])
def test_weights_keep_so_many_bits(network, bits):
    rounded = DualStream(network.settings)
    rounded.load_state_dict(network.state_dict())
    round_to_half(rounded, bits)
    for (name, old), new in zip(network.named_parameters(), rounded.parameters(), strict=True):
        if old.ndim < 2:
            assert torch.equal(old, new)
            continue
        fraction, _ = torch.frexp(new.data)
        steps = fraction * 2**bits
        assert torch.equal(steps, steps.round()), name
        half = old.data.half().float()
        known = half.abs() > 1e-3  # above subnormal numbers
        assert ((new.data - half).abs() <= half.abs() * 2.0**-bits + 1e-12)[known].all()


def test_more_bits_than_there_are_are_refused(tmp_path, capsys):
    with pytest.raises(SystemExit) as stop:
        export_model.main(["n.ckpt", str(tmp_path / "n.uhrs"), "--weight-bits", "12"])
    assert stop.value.code == 2
    assert "give 1 to 11" in capsys.readouterr().err
