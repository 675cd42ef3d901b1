"""Whole runs that fail or are cancelled: the folder is left as it was, and the text says what to do."""

import os

import numpy as np
import pytest

from tests.engine.fakes import fake_bundle
from tests.engine.segmentation.runs import SMALL, Stopper, outputs_in
from tests.engine.tiny_bundle import write_tiny_bundle
from uhrs_qgis_plugin.engine.errors import (
    BundleError,
    CancelledError,
    DeviceError,
    OptionsError,
    OutputError,
    RasterError,
)
from uhrs_qgis_plugin.engine.flow import Watch
from uhrs_qgis_plugin.engine.inference import sessions
from uhrs_qgis_plugin.engine.outputs import block_files, checks, publish, strips
from uhrs_qgis_plugin.engine.outputs.targets import Outputs
from uhrs_qgis_plugin.engine.raster.metadata import sidecar_path
from uhrs_qgis_plugin.engine.raster.opening import create_raster
from uhrs_qgis_plugin.engine.raster.types import IDENTITY, RasterProfile
from uhrs_qgis_plugin.engine.segmentation import pipeline
from uhrs_qgis_plugin.engine.segmentation.pipeline import segment
from uhrs_qgis_plugin.engine.segmentation.planning.options import Options


def test_cancel_at_any_moment_leaves_the_folder_as_it_was(make_raster, streams, out):
    raster = make_raster(width=200, height=150)
    (out / "classes.tif").write_bytes(b"old")
    after = 0
    while True:
        try:
            segment(
                raster,
                fake_bundle(patch_side=32),
                outputs_in(out),
                Options(**SMALL),
                Watch(is_cancelled=Stopper(after)),
            )
        except CancelledError:
            assert os.listdir(out) == ["classes.tif"]
            assert (out / "classes.tif").read_bytes() == b"old"
        else:
            break
        after += 1
    assert after > 20
    assert sorted(os.listdir(out)) == ["classes.tif", "classes.tif.aux.xml", "report.json", "uncertainty.tif"]


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt, BundleError])
@pytest.mark.parametrize("where", ["low", "high", "fuse"])
def test_failure_leaves_the_folder_as_it_was(make_raster, streams, out, monkeypatch, error, where):
    def fail(*arrays):
        raise error("stop")

    monkeypatch.setattr(streams, where, fail)
    with pytest.raises(error, match="stop"):
        segment(make_raster(), fake_bundle(patch_side=32), outputs_in(out))
    assert os.listdir(out) == []


@pytest.mark.parametrize(
    ("module", "name"),
    [(publish, "CogAssembly"), (publish, "open_raster"), (block_files, "write_tiles"), (strips, "write_tiles")],
)
def test_failing_publication_leaves_the_folder_as_it_was(make_raster, streams, out, monkeypatch, module, name):
    raster = make_raster()
    real, calls = getattr(module, name), []

    def fail(*arguments, **named):
        calls.append(arguments)
        if len(calls) == 2:
            raise OutputError("disk is full")
        return real(*arguments, **named)

    monkeypatch.setattr(module, name, fail)
    with pytest.raises(OutputError, match="disk is full"):
        segment(raster, fake_bundle(), outputs_in(out))
    assert os.listdir(out) == []


def test_locked_output_is_worded(make_raster, streams, out, monkeypatch):
    real = os.replace

    def fail(source, target):
        if str(target).endswith("classes.tif"):
            raise PermissionError(13, "Permission denied")
        real(source, target)

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(
        OutputError, match=r"classes.tif' cannot be written: Permission denied.*close programs that use the file"
    ):
        segment(make_raster(), fake_bundle(), outputs_in(out))
    assert os.listdir(out) == []


def test_sidecars_of_a_replaced_raster_go(make_raster, streams, out):
    for name in ("uncertainty.tif.aux.xml", "uncertainty.tif.ovr", "uncertainty.tif.msk"):
        (out / name).write_text("stale")
    segment(make_raster(), fake_bundle(), outputs_in(out))
    assert not (out / "uncertainty.tif.ovr").exists()
    assert not (out / "uncertainty.tif.msk").exists()
    assert not (out / "uncertainty.tif.aux.xml").exists()
    assert os.path.exists(sidecar_path(str(out / "classes.tif")))


@pytest.mark.parametrize(
    ("how", "bundle", "options", "error", "match"),
    [
        (
            {"count": 2},
            {},
            {},
            RasterError,
            r"Model 'fake' expects 3 bands \(band1,band2,band3\) but 'raster_0.tif' has 2\.",
        ),
        (
            {"count": 2, "alpha": True},
            {},
            {},
            RasterError,
            r"has 2 \(and 1 alpha\)\. If its alpha band is none but data, choose --alpha data",
        ),
        ({}, {}, {"bands": (1, 2)}, OptionsError, r"bands=\[1, 2\] names 2"),
        ({}, {}, {"bands": (1, 2, 4)}, OptionsError, r"has 3: choose numbers in 1\.\.3"),
        (
            {"dtype": "uint16"},
            {},
            {"stretch": "none"},
            RasterError,
            r"uint8 numbers but .* holds uint16\. Choose --stretch auto, or --stretch LOW,HIGH",
        ),
        (
            {},
            {"dtype": "float32"},
            {},
            RasterError,
            r"float32 numbers .* uint8.*gdal_translate -ot Float32 \S*raster_0",
        ),
        (
            {"dtype": "int8"},
            {},
            {"stretch": "none"},
            RasterError,
            r"uint8 numbers but .* holds int8\. Choose --stretch auto, or --stretch LOW,HIGH",
        ),
        ({}, {"dtype": "uint16"}, {}, RasterError, r"uint16 numbers but .* holds uint8.*gdal_translate -ot UInt16 "),
        ({}, {"dtype": "uint16"}, {"stretch": "0,9"}, OptionsError, "trained on uint16 numbers, and a stretch makes"),
        ({}, {}, {"bounds": (0, 0, 1, 1)}, OptionsError, "outside"),
    ],
)
def test_misfits_are_found_before_the_first_pixel(make_raster, streams, out, how, bundle, options, error, match):
    with pytest.raises(error, match=match):
        segment(make_raster(**how), fake_bundle(**bundle), outputs_in(out), Options(**options))
    assert os.listdir(out) == []
    assert streams.low_shapes == []


def test_palette_is_told_how_to_become_bands(streams, out, tmp_path):
    profile = RasterProfile(64, 48, 1, "", IDENTITY, None, ("",), colours={0: (1, 2, 3), 1: (4, 5, 6)})
    with create_raster(str(tmp_path / "map.tif"), profile) as writer:
        writer.write(np.zeros((1, 48, 64), np.uint8), 0, 0)
    with pytest.raises(RasterError, match=r"has 1\. Its palette must become bands: gdal_translate -expand rgb \S*map"):
        segment(str(tmp_path / "map.tif"), fake_bundle(), outputs_in(out))


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"ratio": 1.2}, "ratio=1.2 is not allowed"),
        ({"ratio": float("nan")}, "ratio=nan is not allowed"),
        ({"threshold": -0.1}, "threshold=-0.1 is not allowed"),
        ({"ratio": 0.5, "threshold": 0.5}, "ratio=0.5 and threshold=0.5 were given: choose one of them"),
        ({"ratio": 0.5, "minutes": 3}, "choose one of them"),
        ({"minutes": 0}, "minutes=0 is not allowed: choose a number above 0"),
        ({"minutes": float("inf")}, "minutes=inf"),
        ({"minutes": 3, "resume": True}, "nothing to resume"),
        ({"unreadable": "skip"}, "choose stop or nodata"),
        ({"device": "tpu"}, "Device 'tpu' is unknown: choose auto or one of "),
        ({"scene_side": 16}, "scene_side=16 is not allowed"),
        ({"scene_overlap": 100}, "scene_overlap=100 is not allowed"),
        ({"scene_side": 512, "scene_overlap": 512}, "choose a multiple of 32 in 0..480"),
        ({"block_side": 0}, "block_side=0"),
        ({"batch_size": 0}, "batch_size=0"),
        ({"alpha": "no"}, "alpha='no' is not allowed: choose auto, data or mask"),
        ({"stretch": "1"}, "stretch='1' is not allowed: choose auto, none, or two numbers LOW,HIGH"),
        ({"stretch": "9,1"}, "LOW < HIGH"),
        ({"stretch": "nan,1"}, "LOW < HIGH"),
        ({"uncertainty_cell": 3}, "uncertainty_cell=3 is not allowed: choose 1, 2, 4 or 8"),
        ({"bands": ()}, r"bands=\[\]"),
        ({"bands": (0, 1, 2)}, r"bands=\[0, 1, 2\]"),
        ({"bounds": (1, 2, 3)}, "give left, bottom, right, top"),
        ({"bounds": (3, 2, 1, 4)}, "hold no area"),
    ],
)
def test_options_are_checked(options, match):
    with pytest.raises(OptionsError, match=match):
        Options(**options)


def test_outputs_are_checked(make_raster, streams, out, tmp_path):
    raster = make_raster()

    def attempt(error, match, *paths):
        with pytest.raises(error, match=match):
            segment(raster, fake_bundle(), Outputs(*paths))

    classes = str(out / "classes.tif")
    attempt(OptionsError, "also the input raster", os.path.join(out, "..", os.path.basename(raster)))
    attempt(OptionsError, "also the output classes", classes, classes)
    attempt(OptionsError, "ends with .tif", str(out / "classes.png"))
    attempt(OutputError, "does not exist", str(out / "no" / "classes.tif"))
    attempt(OutputError, "is a folder", classes, None, str(out))
    attempt(OutputError, "does not exist", classes, None, os.path.join(raster, "report.json"))
    link = out / "link.tif"
    link.symlink_to(raster)
    attempt(OptionsError, "also the input raster", str(link))
    assert os.listdir(out) == ["link.tif"]


def test_unwritable_folder(make_raster, streams, out, monkeypatch):
    def refuse(dir):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(checks.tempfile, "TemporaryFile", refuse)
    with pytest.raises(OutputError, match=r"is not writable \(Permission denied\)"):
        segment(make_raster(), fake_bundle(), outputs_in(out))


def test_full_disk(make_raster, streams, out, monkeypatch):
    monkeypatch.setattr(checks.shutil, "disk_usage", lambda folder: checks.shutil._ntuple_diskusage(10, 9, 1000))
    with pytest.raises(OutputError, match="MB are free"):
        segment(make_raster(width=200, height=200), fake_bundle(), outputs_in(out))


def test_missing_device_leaves_no_trace(make_raster, out, tmp_path, monkeypatch):
    monkeypatch.setattr(sessions, "available_devices", lambda: ("cpu",))
    bundle = write_tiny_bundle(tmp_path / "tiny.uhrs")
    with pytest.raises(DeviceError, match="choose auto or one of cpu"):
        segment(make_raster(), bundle, outputs_in(out), Options(device="cuda"))
    assert os.listdir(out) == []


def test_what_is_wrong_with_the_raster_comes_before_what_is_wrong_with_the_device(out, tmp_path, monkeypatch):
    """The model starts while the raster is opened; the order of errors does not tell."""
    monkeypatch.setattr(sessions, "available_devices", lambda: ("cpu",))
    bundle = write_tiny_bundle(tmp_path / "tiny.uhrs")
    with pytest.raises(RasterError, match="There is no raster"):
        segment(tmp_path / "none.tif", bundle, outputs_in(out), Options(device="cuda"))


def test_messages_of_the_start_are_told_once_and_after_those_of_the_raster(make_raster, streams, out, monkeypatch):
    def start(bundle, device, announce, precision):
        announce("too early")  # in another thread: told by the run itself, from the messages
        streams.messages.append("The card is full.")
        return streams

    monkeypatch.setattr(pipeline, "open_streams", start)
    told = []
    watch = Watch(notify=lambda event: told.append(getattr(event, "text", None)))
    segment(make_raster(width=96, height=96), fake_bundle(patch_side=32), outputs_in(out), Options(**SMALL), watch)
    texts = [text for text in told if text]
    assert texts.count("The card is full.") == 1
    assert "too early" not in texts
    assert texts.index("The card is full.") > 0
