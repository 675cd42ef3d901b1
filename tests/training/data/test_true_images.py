"""Imagery as people have it: types, bands, pixels without data, orientations; and what the checker says."""

import struct
import zlib

import numpy as np
import pytest
import rasterio
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.training.conftest import TINY, randomise
from tests.training.data.own_rasters import COLOURS, PLACE, both, labels_of, pair, refused, shown, write
from tests.training.test_end_to_end import fit
from training import check_data, export_model
from training.data import SceneData
from training.data.arrays import IGNORE, Scene, fill_values, filled, orientation
from training.data.crops import NumberRange, Photometric, RandomCrops, colour_places
from training.data.datasets import check_labelled, folder, statistics
from training.errors import DatasetError
from training.networks import DualStream, Settings
from training.weights.checkpoint import load_trained, save_trained
from training.weights.first_layer import adapted, taken_bands
from training.weights.start import begin_with
from uhrs_qgis_plugin.engine import Options, Outputs, segment
from uhrs_qgis_plugin.engine.bundle import read_bundle

pytestmark = pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")


# ---- pixels without data


NODATA_KINDS = ("nodata", "nan", "alpha", "mask", "none")


@given(st.sampled_from(NODATA_KINDS), st.sampled_from(("uint8", "uint16", "int16", "float32")), st.integers(0, 99))
@settings(max_examples=40, deadline=None)
def test_pixels_without_data_count_neither_in_labels_nor_in_statistics(tmp_path_factory, kind, dtype, seed):
    """Against the simple reference: numpy on the arrays that the files were made from."""
    root, rng = tmp_path_factory.mktemp("set"), np.random.default_rng(seed)
    labels = labels_of(seed)
    hole = np.zeros(labels.shape, bool) if kind == "none" else np.add.outer(np.arange(64), np.arange(80)) < 50
    image = rng.integers(1, 250, (3, *labels.shape)).astype(dtype) * (40 if dtype == "uint16" else 1)
    kind = "nodata" if kind == "nan" and dtype != "float32" else kind
    number = {"uint8": 0, "uint16": 65535, "int16": -32768, "float32": -10000.0}[dtype]
    stored, more = image.copy(), {}
    if kind in ("nodata", "nan"):
        stored[:, hole] = np.nan if kind == "nan" else number
        more = {} if kind == "nan" else {"nodata": number}
    if kind == "alpha":
        opaque = np.where(hole, 0, 255).astype(dtype)[None]
        stored, more = np.concatenate([np.where(hole, 0, image), opaque]), {"roles": ["red", "green", "blue", "alpha"]}
        more |= {"photometric": "rgb"} if dtype == "uint8" else {}
    if kind == "mask":
        stored, more = np.where(hole, 0, image), {"mask": ~hole}
    both(root, stored, labels, **more)
    scenes = folder.load(root, "train")
    np.testing.assert_array_equal(np.asarray(scenes[0].labels), np.where(hole, IGNORE, labels))
    told = statistics(scenes)
    kept = image[:, ~hole].astype(np.float64)
    np.testing.assert_allclose(told["mean"], kept.mean(1), atol=1e-3)
    np.testing.assert_allclose(told["std"], kept.std(1), atol=1e-3)
    assert (told["bands"], told["data_type"]) == (3, dtype)
    fill = fill_values(told["mean"], dtype)
    expected = np.where(hole, np.array(fill).astype(dtype)[:, None, None], image)
    complete = filled(scenes[0], fill)
    np.testing.assert_array_equal(np.asarray(complete.image), expected)
    np.testing.assert_array_equal(complete.image[1:, 3::7, 2::5], expected[1:, 3::7, 2::5])


def test_batches_hold_the_fill_of_the_bundle_and_no_hole(tmp_path):
    labels = labels_of(1)
    image = shown(labels).astype(np.float32)
    image[:, :20] = np.nan
    both(tmp_path, image, labels)
    data = SceneData("folder", str(tmp_path), crop=32, batch_size=2, steps=3, workers=0, scale=(0.7, 1.4))
    data.setup("fit")
    fill = fill_values(data.input["mean"], "float32")
    whole = next(iter(data.val_dataloader()))
    assert whole["image"][:, :1, :1].ravel().tolist() == pytest.approx(fill)
    assert (whole["mask"][:20] == IGNORE).all()
    for batch in data.train_dataloader():
        assert torch.isfinite(batch["image"]).all()


def test_a_set_without_labels_is_refused(tmp_path, refused):
    both(tmp_path, shown(labels_of(1)), np.full((64, 80), 255, np.uint8))
    with pytest.raises(DatasetError, match="The train split has no labelled pixel in 1 scenes"):
        SceneData("folder", str(tmp_path)).setup("fit")
    with refused("problems in 2 scenes"):
        check_data.main(["--data", "folder", "--root", str(tmp_path)])
    check_labelled([Scene("s", np.zeros((1, 4, 4)), np.eye(4, dtype=np.uint8))], "train")


def test_an_image_band_that_is_called_alpha_is_refused(tmp_path):
    labels = labels_of(1)
    both(tmp_path, shown(labels, 4), labels, photometric="rgb", roles=["red", "green", "blue", "alpha"])
    refused(tmp_path, "Band 4 of .* is called alpha, but most of its pixels are neither transparent nor opaque")


# ---- types


@given(
    st.sampled_from(("uint16", "int16", "float32")), st.floats(0.001, 100), st.floats(-3000, 3000), st.integers(0, 9)
)
@settings(max_examples=40, deadline=None)
def test_augmentation_stays_within_the_type_and_changes_colours_as_in_8_bits(dtype, scale, offset, seed):
    kind = np.dtype(dtype)
    image = torch.rand(2, 3, 8, 8, generator=torch.Generator().manual_seed(seed)) * 255 * scale
    image = image + (offset if kind.kind != "u" else 0)
    mean, std = image.mean((0, 2, 3)).tolist(), image.std((0, 2, 3)).tolist()
    numbers = NumberRange.of(dtype, mean, std)
    seeds = torch.tensor([seed, seed + 1])
    changed = Photometric(1.0, 1.0, numbers)(image, seeds)
    if kind.kind != "f":
        assert np.iinfo(kind).min <= float(changed.min()) <= float(changed.max()) <= np.iinfo(kind).max
    spread = float((changed - image).abs().mean()) / np.mean(std)
    assert 0.01 < spread < 5
    torch.testing.assert_close(Photometric(0.0, 1.0, numbers)(image, seeds), image, rtol=0, atol=0)


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 1, 0, 2), (1, 2, 3, 0)])
def test_red_green_and_blue_change_as_they_would_alone_whatever_bands_are_beside_them(order):
    torch.manual_seed(0)
    alone, other = 200 * torch.rand(6, 3, 9, 8), 60 + 60 * torch.rand(6, 1, 9, 8)
    seeds = torch.arange(6) * 7919
    among = torch.cat([alone, other], 1)[:, list(order)]
    places = tuple(order.index(band) for band in range(3))
    changed = Photometric(0.5, colours=places)(among, seeds)
    torch.testing.assert_close(changed[:, list(places)], Photometric(0.5)(alone, seeds), rtol=1e-5, atol=1e-3)
    moved, own = changed[:, order.index(3)], other[:, 0]
    for image, before in zip(
        moved, own, strict=True
    ):  # a line of its own numbers: what the colours are changes nothing
        slope, intercept = np.polyfit(before.ravel().double(), image.ravel().double(), 1)
        np.testing.assert_allclose(image, (slope * before + intercept).clip(0, 255), atol=1e-2)
    assert (moved - own).abs().max() > 1


def test_places_of_colours():
    assert colour_places(["nir", "blue", "red", "green"], False) == (2, 3, 1)
    assert colour_places([], True) == (0, 1, 2)
    assert colour_places([], False) is None
    assert colour_places(["vv", "vh", "red"], True) is None


def test_16_bit_numbers_are_changed_as_the_same_scene_in_8_bits():
    image = 60 + torch.rand(4, 3, 16, 16) * 100
    seeds = torch.arange(4)
    mean, std = (40 * image.mean((0, 2, 3))).tolist(), (40 * image.std((0, 2, 3))).tolist()
    one = Photometric(0.5, 1.0)(image, seeds)
    other = Photometric(0.5, 1.0, NumberRange.of("uint16", mean, std))(40 * image, seeds)
    torch.testing.assert_close(other / 40, one, rtol=1e-4, atol=1e-2)


@pytest.mark.parametrize(
    ("dtype", "bands", "scale", "offset"),
    [("uint16", 4, 40, 0), ("float32", 1, 30 / 255, -30)],
)
def test_what_was_trained_on_is_what_the_bundle_takes(tmp_path, dtype, bands, scale, offset):
    """Train from a bundle of three bands of uint8, export, and let the engine segment a training raster."""
    labels = labels_of(3, 96, 96)
    both(tmp_path / "set", (shown(labels, bands).astype(float) * scale + offset).astype(dtype), labels, **PLACE)
    torch.manual_seed(0)
    network = randomise(DualStream(Settings(classes=3, **TINY)))
    save_trained(tmp_path / "start.ckpt", network, ["water", "ground", "roof"], list(COLOURS))
    common = ["--data.dataset=folder", f"--data.root={tmp_path / 'set'}", "--model.network=null"]
    start = f"--model.start_from={tmp_path / 'start.ckpt'}"
    fit(tmp_path / "run", *common, start, "--trainer.max_epochs=1", "--data.steps=2")
    trained = load_trained(tmp_path / "run" / "last.ckpt").network.settings
    assert (trained.data_type, trained.bands) == (dtype, bands)
    with rasterio.open(tmp_path / "set" / "train" / "images" / "a.tif") as file:
        low, high = np.percentile(file.read(1), (0.5, 99.5))
    known = Settings(classes=3)
    mean, std = (np.mean(n[:1] if bands > 1 else n) for n in (known.mean, known.std))
    np.testing.assert_allclose(trained.mean[0], low + mean * (high - low) / 255, rtol=0.02)
    np.testing.assert_allclose(trained.std[0], std * (high - low) / 255, rtol=0.02)
    export_model.main([str(tmp_path / "run" / "last.ckpt"), str(tmp_path / "m.uhrs")])
    bundle = read_bundle(tmp_path / "m.uhrs")
    assert (bundle.data_type, len(bundle.bands)) == (dtype, bands)
    source = str(tmp_path / "set" / "train" / "images" / "a.tif")
    segment(source, bundle, Outputs(str(tmp_path / "c.tif"), str(tmp_path / "u.tif")), Options(ratio=1.0))
    with rasterio.open(tmp_path / "c.tif") as file:
        assert set(np.unique(file.read())) <= {0, 1, 2}


def test_weights_of_8_bits_keep_their_normalisation_on_8_bits(tmp_path):
    held = Settings(classes=2, **TINY)
    save_trained(tmp_path / "s.ckpt", DualStream(held), ["a", "b"], ["000000", "FFFFFF"])
    data = {"bands": 3, "data_type": "uint8", "mean": [9.0] * 3, "std": [7.0] * 3}
    for told in (data, {}, None):
        assert begin_with(str(tmp_path / "s.ckpt"), "dual_stream", ["a", "b"], None, told).settings == held
    four = {"bands": 4, "data_type": "uint8", "mean": [9.0] * 4, "std": [7.0] * 4}
    wider = begin_with(str(tmp_path / "s.ckpt"), "dual_stream", ["a", "b"], None, four).settings
    assert (wider.mean, wider.std) == ([*held.mean, 9.0], [*held.std, 7.0])


@pytest.mark.parametrize(
    ("dtype", "scale", "offset"), [("uint16", 40, 100), ("float32", 0.004, 0), ("float32", 0.1, -30)]
)
def test_weights_of_8_bits_see_other_numbers_as_the_engine_stretches_them(tmp_path, dtype, scale, offset):
    rng = np.random.default_rng(0)
    bytes8 = rng.integers(0, 256, (3, 300, 300), dtype=np.uint8)
    held = Settings(classes=2, **TINY)
    save_trained(tmp_path / "s.ckpt", randomise(DualStream(held)), ["a", "b"], ["000000", "FFFFFF"])
    numbers = bytes8.astype(np.float64) * scale + offset
    told = statistics([Scene("s", numbers.astype(dtype), bytes8[0])])
    seen = begin_with(str(tmp_path / "s.ckpt"), "dual_stream", ["a", "b"], None, told).settings
    assert seen.data_type == dtype
    shown = (numbers - np.reshape(seen.mean, (3, 1, 1))) / np.reshape(seen.std, (3, 1, 1))
    wanted = (bytes8 - np.reshape(held.mean, (3, 1, 1))) / np.reshape(held.std, (3, 1, 1))
    np.testing.assert_allclose(shown, wanted, atol=0.1)  # 1 of 255 numbers is cut off at each end


def test_weights_of_other_types_keep_their_normalisation_where_numbers_lie_alike(tmp_path):
    own = {"bands": 3, "data_type": "uint16", "mean": [4000.0] * 3, "std": [900.0] * 3}
    held = Settings(classes=2, **TINY, **own)
    save_trained(tmp_path / "s.ckpt", DualStream(held), ["a", "b"], ["000000", "FFFFFF"])

    def begun(**told):
        data = {**own, "limits": [[0.0, 9.0]] * 3, **told}
        return begin_with(str(tmp_path / "s.ckpt"), "dual_stream", ["a", "b"], None, data).settings

    assert begun(mean=[4500.0] * 3, std=[700.0] * 3) == held
    assert begun(mean=[500.0] * 3, std=[100.0] * 3).mean == [500.0] * 3
    assert begun(data_type="float32", mean=[0.4] * 3, std=[0.1] * 3).std == [0.1] * 3


def test_weights_for_other_bands():
    weights, colours = torch.randn(4, 3, 3, 3), ("red", "green", "blue")

    def made(bands, old=(), new=(), of=weights):
        return adapted(of, 3, taken_bands(3, bands, old, new))

    four = made(4)
    torch.testing.assert_close(four, torch.cat([weights, 0 * weights[:, :1]], 1))
    torch.testing.assert_close(made(1)[:, 0], weights.sum(1))
    torch.testing.assert_close(made(2), weights[:, :2] * 1.5)
    named = made(4, colours, ("nir", "blue", "green", "red"))
    torch.testing.assert_close(named, torch.cat([0 * weights[:, :1], weights[:, [2, 1, 0]]], 1))
    infrared = made(3, colours, ("nir", "red", "green"))
    torch.testing.assert_close(infrared, torch.cat([0 * weights[:, :1], weights[:, :2]], 1))
    strange = made(4, colours, ("vv", "vh", "slope", "dem"))
    torch.testing.assert_close(strange, weights[:, [0, 1, 2, 0]] * 0.75)
    twice = made(4, colours, of=torch.cat([weights, weights], 1))
    torch.testing.assert_close(twice, torch.cat([four, four], 1))


def test_bands_in_another_order_are_read_as_red_green_blue(tmp_path):
    labels = labels_of(1)
    image = shown(labels)
    both(tmp_path, image[::-1].copy(), labels, photometric="rgb", roles=["blue", "green", "red"])
    (scene,) = folder.load(tmp_path, "train")
    np.testing.assert_array_equal(np.asarray(scene.image), image)
    assert "in the order blue, green, red: read as red, green, blue" in scene.notes[0]


@pytest.mark.parametrize("change", [{"dtype": "uint16"}, {"bands": 4}])
def test_images_of_several_kinds_are_one_line(tmp_path, change, refused):
    labels = labels_of(1)
    both(tmp_path, shown(labels), labels)
    other = shown(labels, change.get("bands", 3)).astype(change.get("dtype", "uint8"))
    pair(tmp_path, "val", other, labels, alpha="NO")
    with pytest.raises(DatasetError, match="need the same bands and data type"):
        SceneData("folder", str(tmp_path)).setup("fit")
    with refused("need the same bands and data type"):
        check_data.main(["--data", "folder", "--root", str(tmp_path)])


def test_palette_images_are_refused(tmp_path):
    labels = labels_of(1)
    both(tmp_path, labels, labels)
    write(tmp_path / "train/images/a.tif", labels, colours={0: (9, 9, 9, 255)})
    refused(tmp_path, "a.tif' has a palette: .*gdal_translate -expand rgb")


def exif(order, value):
    """The directory of a TIFF with an orientation alone."""
    head = b"II*\0" if order == "<" else b"MM\0*"
    return head + struct.pack(f"{order}IHHHIHHI", 8, 1, 274, 3, 1, value, 0, 0)


@given(st.sampled_from("<>"), st.integers(0, 9), st.sampled_from(("jpg", "png", "webp", "tif")))
@settings(max_examples=40, deadline=None)
def test_orientations(tmp_path_factory, order, value, kind):
    content = exif(order, value)
    segment_ = b"Exif\0\0" + content
    files = {
        "jpg": b"\xff\xd8\xff\xe0" + struct.pack(">H", 6) + b"JFIF"
        + b"\xff\xe1" + struct.pack(">H", len(segment_) + 2) + segment_ + b"\xff\xda",
        "png": b"\x89PNG\r\n\x1a\n" + b"".join(
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
            for name, data in ((b"IHDR", b"0" * 13), (b"eXIf", content), (b"IEND", b""))),
        "webp": b"RIFF\0\0\0\0WEBP" + b"VP8 " + struct.pack("<I", 3) + b"abc\0"
        + b"EXIF" + struct.pack("<I", len(content)) + content,
        "tif": content,
    }  # fmt: skip
    path = tmp_path_factory.mktemp("e") / f"a.{kind}"
    path.write_bytes(files[kind])
    assert orientation(path) == (value if 1 <= value <= 8 else 1)
    path.write_bytes(files[kind][: len(files[kind]) // 2])
    assert orientation(path) in range(1, 9)


def test_photographs_that_are_stored_turned_are_refused(tmp_path):
    labels = labels_of(1)
    both(tmp_path, shown(labels), labels)
    path = tmp_path / "train/images/a.tif"
    path.unlink()
    jpeg = write(path.with_suffix(".jpg"), shown(labels))
    content = b"Exif\0\0" + exif("<", 6)
    jpeg.write_bytes(b"\xff\xd8\xff\xe1" + struct.pack(">H", len(content) + 2) + content + jpeg.read_bytes()[2:])
    refused(tmp_path, r"a.jpg' is stored turned \(EXIF orientation 6\).*mogrify -auto-orient")


# ---- the checker


def test_every_file_that_cannot_be_used_is_listed(tmp_path, refused, capsys):
    labels = labels_of(1)
    both(tmp_path, shown(labels), labels)
    for name, dtype in (("b", "uint16"), ("c", "int16"), ("d", "uint8")):
        pair(tmp_path, "train", shown(labels).astype(dtype), labels, name)
    write(tmp_path / "train/labels/d.tif", np.full_like(labels, 77))
    with pytest.raises(SystemExit):
        check_data.main(["--data", "folder", "--root", str(tmp_path)])
    printed = capsys.readouterr()
    assert "| train | 1 |" in printed.out
    lines = printed.err.splitlines()
    assert [any(f"{name}.tif" in line for line in lines) for name in "bcd"] == [True] * 3
    assert lines[-1].startswith("check_data.py: 3 problems in 5 scenes, listed above")


def test_no_data_that_nothing_declares_is_noted(tmp_path, capsys):
    labels = labels_of(1)
    image = shown(labels).astype(np.float32)
    image[:, 20:50] = -9999
    both(tmp_path, image, labels)
    check_data.main(["--data", "folder", "--root", str(tmp_path)])
    assert (
        "% of the pixels of train_a are -9999 in all bands; if they hold no data, declare it" in capsys.readouterr().out
    )


def test_small_scenes_give_full_crops_of_finite_numbers():
    scene = Scene("s", np.ones((2, 9, 500), np.float32), np.zeros((9, 500), np.uint8))
    sample = RandomCrops([scene], [1.0], 64, 1, seed=3, balance=1.0)[0]
    assert sample["image"].shape == (2, 64, 64)
    assert torch.isfinite(sample["image"]).all()


def test_bytes_of_few_bits_are_brought_to_8_as_the_engine_brings_them(tmp_path):
    labels = labels_of(1)
    image = np.random.default_rng(0).integers(0, 16, (3, *labels.shape)).astype(np.uint8)
    both(tmp_path, image, labels, nbits=4)
    scene = folder.load(tmp_path, "train")[0]
    np.testing.assert_array_equal(np.asarray(scene.image), image * 17)
    np.testing.assert_array_equal(np.asarray(scene.labels), labels)
