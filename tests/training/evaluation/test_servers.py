"""Predictions in the files that the servers of benchmarks take, through evaluate.py, in the layouts as downloaded."""

import fnmatch

import numpy as np
import pytest
import rasterio

from tests.training import layouts
from tests.training.conftest import TINY, randomise
from training import evaluate
from training.data.datasets import DATASETS, servers
from training.data.datasets.scene_source import SceneSource
from training.errors import DatasetError
from training.networks.dual_stream import DualStream
from training.networks.settings import Settings
from training.weights.checkpoint import save_trained

pytestmark = pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
PLACE = {"crs": "EPSG:26910", "transform": rasterio.transform.from_origin(500_000, 5_000_000, 0.3, 0.3)}
# Image, the name that the server wants, what stands for each class, georeference of the image.
WANTED = {
    "cityscapes": ("leftImg8bit/test/berlin/berlin_000003_000019_leftImg8bit.png", "berlin_000003_000019*.png",
                   layouts.CITYSCAPES_IDS, {}),
    "deepglobe": ("land-test/4711_sat.jpg", "4711_mask.png", list(layouts.DEEPGLOBE_RGB.values()), {}),
    "inria": ("AerialImageDataset/test/images/bellingham1.tif", "bellingham1.tif", (0, 255), PLACE),
    "isic": ("ISIC2018_Task1-2_Test_Input/ISIC_0012236.jpg", "ISIC_0012236_segmentation.png", (0, 255), {}),
}  # fmt: skip


def checkpoint(path, dataset):
    names, colours = DATASETS[dataset].classes("")
    save_trained(path, randomise(DualStream(Settings(len(names), **TINY))), list(names), list(colours))
    return path


def read(path):
    with rasterio.open(path) as file:
        return file.read(), file.profile


@pytest.mark.parametrize("dataset", WANTED)
def test_images_without_labels_become_what_the_server_takes(dataset, tmp_path, capsys):
    """The numbers in the files against the GeoTIFF of the same prediction."""
    image, wanted, values, place = WANTED[dataset]
    first = layouts.write(tmp_path / "data" / image, layouts.photo(layouts.blocks(3, range(8), 72, 90)), **place)
    out = tmp_path / "out"
    options = ["--checkpoint", str(checkpoint(tmp_path / "n.ckpt", dataset)), "--data", dataset, "--split", "server"]
    options += ["--root", str(tmp_path / "data"), "--out", str(out), "--device", "cpu", "--save-predictions"]
    assert evaluate.main(options) == {}
    assert "1 predictions for the server written to" in capsys.readouterr().out
    files = list((out / "server").iterdir())
    assert len(files) == 1
    assert fnmatch.fnmatch(files[0].name, wanted)
    pixels, profile = read(files[0])
    (labels,), _ = read(next(out.glob("*_classes.tif")))
    assert len(np.unique(labels)) > 1
    assert pixels.dtype == np.uint8
    assert pixels.shape == (np.size(values[0]), 72, 90)
    np.testing.assert_array_equal(np.moveaxis(pixels, 0, -1), np.reshape(values, (len(values), -1))[labels])
    assert profile["driver"] == {".png": "PNG", ".tif": "GTiff"}[files[0].suffix]
    if place:
        assert (profile["crs"], profile["transform"]) == (read(first)[1]["crs"], PLACE["transform"])
    assert not (out / "metrics.json").exists()  # nothing was scored


def test_labelled_scenes_can_be_written_alike(tmp_path):
    """ISIC's labelled test images: scores, and the same files."""
    truth = layouts.isic_root(tmp_path / "data")
    options = ["--checkpoint", str(checkpoint(tmp_path / "n.ckpt", "isic")), "--data", "isic", "--no-pictures"]
    options += ["--root", str(tmp_path / "data"), "--out", str(tmp_path / "out"), "--save-predictions", "server"]
    assert evaluate.main([*options, "--ratios", "1"])["K = 100 %"]["score"] > 0
    names = [name for split, name in truth if split == "test"]
    assert sorted(f.name for f in (tmp_path / "out" / "server").iterdir()) == [f"{n}_segmentation.png" for n in names]
    for name in names:
        assert read(tmp_path / "out" / "server" / f"{name}_segmentation.png")[0].shape[1:] == truth["test", name].shape


def test_pixels_without_data_get_no_class():
    labels = np.array([[0, 18, 255]], np.uint8)
    assert servers.SERVERS["cityscapes"].encoded(labels).tolist() == [[[7, 33, 0]]]
    assert servers.SERVERS["inria"].encoded(np.array([[0, 1, 255]], np.uint8)).tolist() == [[[0, 255, 0]]]
    assert servers.SERVERS["deepglobe"].encoded(np.array([[2, 255]], np.uint8))[:, 0].T.tolist() == [
        [255, 255, 0],
        [0, 0, 0],
    ]


def test_what_a_server_cannot_take_is_refused(tmp_path, refused):
    with pytest.raises(DatasetError, match="'urur' has no server for predictions; there are those of cityscapes, deep"):
        SceneSource("urur", tmp_path).scenes("server")
    with pytest.raises(DatasetError, match=r"No images for the server of 'inria': there is no .*/test/images"):
        SceneSource("inria", tmp_path).scenes("server")
    with pytest.raises(DatasetError, match="give --split val, as papers do, or --split server"):
        SceneSource("cityscapes", tmp_path).scenes("test")
    options = ["--checkpoint", "n.ckpt", "--data", "isic", "--root", str(tmp_path), "--split", "server"]
    with refused("--uncertainty needs labels"):
        evaluate.main([*options, "--uncertainty"])


def test_a_prediction_of_another_size_is_refused(tmp_path, refused):
    """At another pixel size than the image's."""
    image = WANTED["inria"][0]
    layouts.write(tmp_path / "data" / image, layouts.photo(layouts.blocks(3, range(8), 72, 90)), **PLACE)
    options = ["--checkpoint", str(checkpoint(tmp_path / "n.ckpt", "inria")), "--data", "inria", "--split", "server"]
    with refused("The prediction of 'bellingham1' has 45 x 36 pixels, its image 90 x 72, .*give --resolution-m 0"):
        evaluate.main([*options, "--root", str(tmp_path / "data"), "--out", str(tmp_path), "--resolution-m", "0.6"])
