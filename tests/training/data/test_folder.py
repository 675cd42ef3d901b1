"""Your own images and masks: the layout, what can be wrong with it, and training on it from a bundle."""

import shutil

import numpy as np
import pytest
import rasterio
import torch

from tests.training.conftest import TINY, randomise
from tests.training.test_end_to_end import fit
from training import check_data, evaluate, export_model
from training.data.arrays.raster import RasterArray
from training.data.arrays.scenes import IGNORE
from training.data.crops.random_crops import RandomCrops
from training.data.crops.whole_scenes import WholeScenes
from training.data.datasets import folder, statistics
from training.errors import CheckpointError, DatasetError
from training.networks.dual_stream import DualStream
from training.networks.settings import Settings
from training.weights.checkpoint import load_trained, save_trained
from training.weights.start import begin_with, load_start

pytestmark = pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
YAML = """classes:
  - {name: ground, colour: "BEBEBE"}
  - {name: roof, colour: "D7301F", value: 200}
ignore: [7]
"""


def write(path, pixels, **profile):
    path.parent.mkdir(parents=True, exist_ok=True)
    count, height, width = pixels.shape
    options = {"driver": "GTiff", "count": count, "height": height, "width": width, "dtype": pixels.dtype, **profile}
    with rasterio.open(path, "w", **options) as file:
        file.write(pixels)


@pytest.fixture
def root(tmp_path):
    """Two training scenes of different size and one to validate; roofs are bright squares."""
    (tmp_path / "classes.yaml").write_text(YAML)
    rng = np.random.default_rng(0)
    for split, name, height, width in (("train", "a", 150, 200), ("train", "b", 96, 130), ("val", "c", 128, 128)):
        roof = np.kron(rng.random((height // 16 + 1, width // 16 + 1)) > 0.6, np.ones((16, 16)))[:height, :width]
        image = rng.integers(0, 90, (4, height, width)) + (150 * roof).astype(int)
        write(
            tmp_path / split / "images" / f"{name}.tif",
            image.astype(np.uint16),
            tiled=True,
            blockxsize=64,
            blockysize=64,
        )
        mask = np.where(roof > 0, 200, 0).astype(np.uint8)
        mask[:5] = 7
        write(tmp_path / split / "labels" / f"{name}.png", mask[None], driver="PNG")
    return tmp_path


def test_scenes_are_what_the_files_hold(root):
    scenes = folder.load(root, "train")
    assert [scene.name for scene in scenes] == ["train_a", "train_b"]
    with (
        rasterio.open(root / "train" / "images" / "a.tif") as image,
        rasterio.open(root / "train" / "labels" / "a.png") as mask,
    ):
        np.testing.assert_array_equal(np.asarray(scenes[0].image), image.read())
        raw = mask.read(1)
    labels = np.asarray(scenes[0].labels)
    assert set(np.unique(labels)) == {0, 1, IGNORE}
    np.testing.assert_array_equal(labels == 1, raw == 200)
    np.testing.assert_array_equal(labels == IGNORE, raw == 7)


def test_statistics_tell_the_network_its_input(root):
    told = statistics(folder.load(root, "train"))
    assert told["bands"] == 4
    assert told["data_type"] == "uint16"
    pixels = np.concatenate([np.asarray(s.image).reshape(4, -1) for s in folder.load(root, "train")], 1)
    np.testing.assert_allclose(told["mean"], pixels.mean(1), atol=1e-3)
    np.testing.assert_allclose(told["std"], pixels.std(1), atol=1e-3)
    np.testing.assert_allclose(told["limits"], np.percentile(pixels, (0.5, 99.5), 1).T, rtol=0.03)


def test_arrays_on_disk_slice_like_arrays_in_memory(root):
    path = root / "train" / "images" / "a.tif"
    with rasterio.open(path) as file:
        memory = file.read()
    disk = RasterArray(path, (1, 2, 3, 4))
    flat = RasterArray(path, 3)
    assert (disk.shape, disk.dtype, disk.size, flat.shape) == (memory.shape, memory.dtype, memory.size, memory[2].shape)
    for index in (
        np.s_[:, 3:90, 20:21],
        np.s_[1:3, ::8, ::8],
        np.s_[:, 140:900, 7::50],
        np.s_[:],
        np.s_[:2],
        np.s_[:, 5:5],
    ):
        np.testing.assert_array_equal(disk[index], memory[index])
    np.testing.assert_array_equal(flat[::8, 10:], memory[2, ::8, 10:])
    np.testing.assert_array_equal(np.asarray(flat), memory[2])


def test_crops_from_disk_equal_crops_from_memory(root):
    lazy = folder.load(root, "train")
    eager = [type(s)(s.name, np.asarray(s.image), np.asarray(s.labels)) for s in lazy]
    for scenes in (lazy, eager):
        crops = RandomCrops(scenes, [1, 1], 64, 6, seed=1, scale=(0.7, 1.4), balance=0.5)
        items = [crops[index] for index in range(6)]
        if scenes is lazy:
            expected = items
    for one, other in zip(items, expected, strict=True):
        torch.testing.assert_close(one, other)
    assert WholeScenes(lazy)[1]["image"].shape == (4, 96, 130)


@pytest.mark.parametrize(
    ("break_it", "told"),
    [
        (lambda root: (root / "classes.yaml").unlink(), "must be a folder with a classes.yaml"),
        (lambda root: (root / "classes.yaml").write_text("classes: [{name: a}]"), "Cannot read the classes"),
        (
            lambda root: (root / "classes.yaml").write_text(YAML.replace("roof", "ground")),
            "2 to 250 classes with different",
        ),
        (lambda root: (root / "classes.yaml").write_text(YAML.replace("D7301F", "red")), "six hexadecimal digits"),
        (
            lambda root: (root / "classes.yaml").write_text(YAML.replace("[7]", "[200]")),
            "different numbers from 0 to 255",
        ),
        (lambda root: (root / "train/labels/b.png").unlink(), "labels' lacks 1 of 2 files of the train split: b; each"),
        (lambda root: (root / "train/images/b.tif").unlink(), "images' lacks 1 of 2 files of the train split: b"),
        (lambda root: shutil.copy(root / "train/labels/b.png", root / "train/labels/b.tif"), "have the same name"),
        (
            lambda root: write(root / "train/labels/b.png", np.zeros((2, 96, 130), np.uint8), ALPHA="NO"),
            "b.png' has 2 bands, a mask has 1",
        ),
        (
            lambda root: write(root / "train/labels/b.png", np.zeros((1, 9, 9), np.uint8), driver="PNG"),
            "same height and width",
        ),
        (
            lambda root: write(root / "train/images/b.tif", np.zeros((3, 96, 130), np.uint16)),
            "a.tif' has 4 bands of uint16, .*b.tif' has 3 bands",
        ),
        (
            lambda root: write(root / "train/labels/b.png", np.zeros((1, 96, 130), np.uint16), driver="PNG"),
            "must be uint8",
        ),
        (lambda root: (root / "train/images/b.tif").write_bytes(b"no"), "b.tif' cannot be opened"),
        (lambda root: (root / "train").rename(root / "training"), "is missing or holds no rasters"),
    ],
)
def test_what_is_wrong_is_told_in_one_line(root, break_it, told):
    break_it(root)
    with pytest.raises(DatasetError, match=told) as error:
        folder.load(root, "train")
    assert "\n" not in str(error.value)


def test_a_raw_mask_of_0_and_255_is_not_taken_for_ignored(root):
    """In the published code a foreground of 255 silently vanished from loss and metric."""
    (root / "classes.yaml").write_text(YAML.replace("value: 200", "value: 255").replace("[7]", "[7, 200]"))
    mask = np.zeros((1, 96, 130), np.uint8)
    mask[0, 50:] = 255
    write(root / "train" / "labels" / "b.png", mask, driver="PNG")
    scene = folder.load(root, "train")[1]
    assert (np.asarray(scene.labels)[50:] == 1).all()


def test_check_data_counts_the_classes(root, capsys):
    check_data.main(["--data", "folder", "--root", str(root)])
    rows = {line.split(" | ")[0].lstrip("| "): line for line in capsys.readouterr().out.splitlines()}
    labels = np.concatenate([np.asarray(s.labels).ravel() for s in folder.load(root, "train")])
    for value in (0, 1, IGNORE):
        assert f" {100 * np.mean(labels == value):.1f} |" in rows["train"]
    assert rows["val"].startswith("| val | 1 | 0.0 |")


@pytest.fixture
def start(tmp_path):
    """A bundle of a tiny network with four bands of uint16, and its network."""
    torch.manual_seed(0)
    # Random statistics: the exporter stores equal ones, as every fresh layer has, only once.
    network = DualStream(Settings(classes=2, bands=4, mean=[60.0] * 4, std=[70.0] * 4, data_type="uint16", **TINY))
    save_trained(tmp_path / "s.ckpt", randomise(network), ["ground", "roof"], ["BEBEBE", "D7301F"])
    export_model.main([str(tmp_path / "s.ckpt"), str(tmp_path / "s.uhrs")])
    return tmp_path / "s.uhrs", network


def test_a_bundle_gives_its_network_back(start):
    path, network = start
    trained = load_start(path)
    assert trained.network.settings == network.settings
    assert trained.class_names == ["ground", "roof"]
    image = torch.randint(0, 200, (1, 4, 64, 64)).float()
    for module in (network, trained.network):
        module.eval()
    # The bundle holds convolutions in half precision.
    torch.testing.assert_close(trained.network(image).logits, network(image).logits, atol=0.02, rtol=0.02)


def test_other_classes_get_new_classifiers(start):
    path, network = start
    again = begin_with(str(path), "dual_stream", ["a", "b", "c"], None)
    assert again.settings.classes == 3
    assert again.deep_head[1].weight.shape[0] == 3
    torch.testing.assert_close(
        again.high_encoder.stem[0][0].weight, network.high_encoder.stem[0][0].weight, atol=1e-3, rtol=1e-3
    )
    with pytest.raises(CheckpointError, match="only parts may be added"):
        begin_with(str(path), "dual_stream", ["a", "b"], {"context": 12})


def test_bundles_that_do_not_do(start, tmp_path):
    with pytest.raises(CheckpointError, match="missing"):
        load_start(tmp_path / "missing.uhrs")


@pytest.mark.slow
def test_fine_tuning_on_a_folder_from_a_bundle(root, start, tmp_path):
    """The whole way: bundle, folder, train.py, evaluate.py, export_model.py."""
    run = tmp_path / "run"
    common = ["--data.dataset=folder", f"--data.root={root}", "--model.network=null", f"--model.start_from={start[0]}"]
    fit(run, *common, "--trainer.max_epochs=1", "--data.steps=3")
    trained = load_trained(run / "last.ckpt")
    assert trained.class_names == ["ground", "roof"]
    assert trained.network.settings.bands == 4
    assert not torch.equal(trained.network.high_encoder.stem[0][0].weight, start[1].high_encoder.stem[0][0].weight)
    numbers = evaluate.main(["--checkpoint", str(run / "last.ckpt"), "--data", "folder", "--root", str(root),
                             "--split", "val", "--ratios", "0", "1", "--out", str(tmp_path / "e")])  # fmt: skip
    assert set(numbers["K = 100 %"]["iou"]) == {"ground", "roof"}
    export_model.main([str(run / "last.ckpt"), str(tmp_path / "mine.uhrs")])


@pytest.mark.slow
def test_training_on_a_folder_measures_its_input(root, tmp_path):
    run = tmp_path / "run"
    fit(run, "--data.dataset=folder", f"--data.root={root}", "--trainer.max_epochs=1", "--data.steps=2")
    settings = load_trained(run / "last.ckpt").network.settings
    assert (settings.bands, settings.data_type) == (4, "uint16")
    assert settings.low_widths == (32, 48, 64, 96)


def test_who_validates_nothing_needs_no_validation_scenes(root, tmp_path):
    """As samples of a review are, all of them for training; who validates is told what is missing."""
    shutil.rmtree(root / "val")
    options = [
        "--data.dataset=folder",
        f"--data.root={root}",
        "--data.crop=96",
        "--data.steps=1",
        "--trainer.max_epochs=1",
    ]
    fit(tmp_path / "run", *options, "--trainer.limit_val_batches=0")
    assert (tmp_path / "run" / "last.ckpt").exists()
    with pytest.raises(SystemExit):
        fit(tmp_path / "other", *options)
