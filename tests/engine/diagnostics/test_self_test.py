import os

import numpy as np
import pytest

from tests.engine import tiny_bundle
from tests.engine.tiny_bundle import write_tiny_bundle
from uhrs_qgis_plugin.engine.bundle import DEFAULT_MODEL
from uhrs_qgis_plugin.engine.bundle.bundle import read_bundle
from uhrs_qgis_plugin.engine.cli import main
from uhrs_qgis_plugin.engine.diagnostics import installation, self_test
from uhrs_qgis_plugin.engine.diagnostics.installation import Fact, collect_facts, private, self_tests, software
from uhrs_qgis_plugin.engine.errors import CancelledError, DeviceError, OutputError
from uhrs_qgis_plugin.engine.flow import Watch
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.raster.opening import open_raster


@pytest.fixture
def model(tmp_path):
    path = tmp_path / "tiny.uhrs"
    write_tiny_bundle(path)
    return str(path)


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    """The folder for temporary files."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(self_test.tempfile, "tempdir", str(folder))
    return folder


def test_measures_and_leaves_nothing(model, temporary):
    found = self_test.self_test(model, "cpu", seconds=0.01)
    assert (found.device, found.side, found.problems, found.agreement) == ("cpu", 512, (), None)
    assert found.megapixels_per_s == pytest.approx(0.512 * 0.512 / found.seconds)
    assert 0 <= found.ratio <= 1
    assert os.listdir(temporary) == []


def test_scene_is_read_as_written(model, tmp_path):
    """The raw file means the same to GDAL as to numpy: three bands of fields, the same at each call."""
    bundle = read_bundle(model)
    path = self_test.write_scene(tmp_path / "scene.img", 64, bundle)
    with open_raster(path) as reader:
        pixels = reader.read((1, 2, 3), Window(0, 0, 64, 64))
    assert pixels.dtype == bundle.data_type
    np.testing.assert_array_equal(pixels, np.fromfile(path, np.uint8).reshape(3, 64, 64))
    fields = pixels.reshape(3, 2, 32, 2, 32).astype(int)
    assert np.ptp(fields, axis=(2, 4)).max() <= 2 * self_test.NOISE
    assert len(np.unique(fields.mean(axis=(2, 4)).round())) > 6
    again = self_test.write_scene(tmp_path / "again.img", 64, bundle)
    with open(path, "rb") as one, open(again, "rb") as other:
        assert one.read() == other.read()


@pytest.mark.parametrize(
    ("speed", "seconds", "side"), [(5, 2, 3072), (0.1, 2, 512), (1e-6, 2, 512), (1000, 2, 4096), (1, 2, 1536)]
)
def test_timed_raster_fits_the_speed(speed, seconds, side):
    assert self_test.timed_side(speed, seconds) == side


class Labels:
    """Runs of devices that disagree in a share of the pixels."""

    def __init__(self, monkeypatch, share):
        real = self_test.segment
        monkeypatch.setattr(self_test, "read_labels", lambda path: self.labels[path.name])
        plain = np.zeros(1000, np.uint8)
        other = plain.copy()
        other[: round(1000 * share)] = 1
        self.labels = {"trial.tif": other, "plain.tif": plain}

        def segment(raster, bundle, outputs, options, **rest):
            report = real(raster, bundle, outputs, self_test.Options(device="cpu"), **rest)
            device = "cpu" if options.device == "cpu" else "cuda"
            return type(report)(**{**vars(report), "device": device})

        monkeypatch.setattr(self_test, "segment", segment)


@pytest.mark.parametrize(("share", "fine"), [(0.002, True), (0.3, False)])
def test_other_devices_are_compared_with_the_processor(model, monkeypatch, temporary, share, fine):
    """Half precision moves a few labels; a broken driver moves many."""
    Labels(monkeypatch, share)
    found = self_test.self_test(model, "cuda", seconds=0.01)
    assert found.agreement == pytest.approx(1 - share)
    assert (found.problems == ()) is fine
    if not fine:
        assert "cuda gives other classes than the processor in 30.0%" in found.problems[0]
        [fact] = collect_facts({"Self-test": self_tests(model, "cuda")["Self-test"]})
        assert not fact.fine
        assert "30.0%" in fact.value


def test_temporary_folder_that_cannot_be_used(model, monkeypatch, tmp_path):
    monkeypatch.setattr(self_test.tempfile, "tempdir", str(tmp_path / "nothing"))
    with pytest.raises(OutputError, match="let TMPDIR"):
        self_test.self_test(model)


def test_cancel_goes_through(model, temporary):
    with pytest.raises(CancelledError):
        self_test.self_test(model, watch=Watch(is_cancelled=lambda: True))
    with pytest.raises(CancelledError):
        list(collect_facts(self_tests(model, watch=Watch(is_cancelled=lambda: True))))
    assert os.listdir(temporary) == []


def test_look_says_each_flaw_once():
    def broken():
        raise DeviceError("no device: buy one")

    def worse():
        raise KeyError("x")

    facts = list(collect_facts({"a": lambda: "1", "b": broken, "c": broken, "d": worse}))
    assert facts == [
        Fact("a", "1"),
        Fact("b", "no device: buy one", False),
        Fact("c", "broken: see b", False),
        Fact("d", "broken: KeyError: 'x'", False),
    ]


def test_private_hides_places(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", "/home/ada")
    monkeypatch.setenv("USERPROFILE", "/home/ada")
    monkeypatch.setattr(installation.sys, "prefix", "/opt/python")
    text = f"/home/ada/a\n/opt/python/lib/b, {installation.PACKAGE}/c"
    assert private(text) == "~/a <python>/lib/b, <plugin>/c"


class Package:
    """An installed package."""

    def __init__(self, name):
        self.metadata = {"Name": name}


@pytest.mark.parametrize(
    ("names", "fine"),
    [(["numpy", "onnxruntime"], True), (["onnxruntime", "onnxruntime_gpu"], False), (["onnxruntime"] * 2, True)],
)
def test_packages_that_overwrite_each_other(monkeypatch, names, fine):
    """onnxruntime and onnxruntime-gpu share a folder; the same package twice on the path is no harm."""
    monkeypatch.setattr(installation, "distributions", lambda: map(Package, names))
    [fact] = collect_facts({"onnxruntime": software()["onnxruntime"]})
    assert fact.fine is fine
    assert ("overwrite each other" in fact.value) is not fine


def test_command(monkeypatch, capsys, model):
    """The same lines on the command line, status 0, and 2 where something is broken."""
    monkeypatch.setattr("uhrs_qgis_plugin.engine.cli.DEFAULT_MODEL", model)
    monkeypatch.setattr(self_test, "LARGEST_SIDE", 512)
    assert main(["selftest", "--device", "cpu"]) == 0
    said = capsys.readouterr().out
    for name in (*software(), "Model", "Self-test"):
        assert f"{name}:" in said
    assert "works, " in said
    assert "nothing was sent anywhere" in said
    monkeypatch.setattr("uhrs_qgis_plugin.engine.cli.DEFAULT_MODEL", model + "x")
    assert main(["selftest"]) == 2
    assert "error: Model, Self-test: see the lines above" in capsys.readouterr().err


@pytest.mark.parametrize(("stated", "fine"), [(0.2, True), (0.99, False)])
def test_8_bits_are_held_to_what_the_model_states(tmp_path, monkeypatch, temporary, stated, fine):
    path = tmp_path / "both.uhrs"
    monkeypatch.setitem(tiny_bundle.INT8_STATED, "test_scene_agreement", stated)
    write_tiny_bundle(path, int8=True)
    found = self_test.self_test(str(path), "cpu", seconds=0.01)
    assert 0.1 < found.int8_agreement < 0.9
    assert (found.problems == ()) is fine
    if not fine:
        assert "in 8 bits the model gives other classes in" in found.problems[0]
        assert "it states 1.0%: choose Precision: float" in found.problems[0]


def test_one_precision_is_compared_with_nothing(model, temporary):
    assert self_test.self_test(model, "cpu", seconds=0.01).int8_agreement is None


def test_generated_scene_is_no_news():
    """That fields of random colours look unlike imagery, and lie nowhere, says nothing of the installation."""
    assert self_test.self_test(DEFAULT_MODEL, "cpu", seconds=0.05).messages == ()
