"""The checker's table, and what it says of a folder."""

from pathlib import Path

import numpy as np
import pytest

from tests.training import layouts
from tests.training.layouts import of_split
from training import check_data
from training.data.arrays.scenes import IGNORE
from training.data.datasets import urur
from training.data.datasets.registry import DATASETS

CONFIGS = Path(__file__).resolve().parents[3] / "training" / "configs"
pytestmark = pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")


def test_configuration_and_folder(tmp_path, capsys):
    truth = layouts.urur_root(tmp_path)
    config = CONFIGS / "published" / "urur.yaml"
    check_data.main(["--config", str(config), "--data.root", str(tmp_path), "--splits", "train", "val"])
    lines = capsys.readouterr().out.splitlines()
    head = [*("split", "scenes", "million pixels"), *(f"{name}, %" for name in (*urur.CLASSES, "ignored"))]
    assert lines[0] == "| " + " | ".join(head) + " |"
    for split, line in (("train", lines[2]), ("val", lines[3])):
        labels = np.concatenate([x.ravel() for x in of_split(truth, split).values()])
        shares = [f"{100 * np.mean(labels == value):.1f}" for value in (*range(8), IGNORE)]
        assert line == f"| {split} | {len(labels) // 7680} | 0.0 | " + " | ".join(shares) + " |"
    assert lines[4:] == [
        "Note: 3 of 3 scenes of train are smaller than a crop of 2560 px (the smallest: 80); they are not magnified "
        "but padded, without labels: give a smaller --data.crop.",
        "Note: train has 3 scenes, the published split has 2157.",
        "Note: val has 2 scenes, the published split has 280.",
    ]


def test_unknown_values_that_loading_does_not_see(tmp_path, refused):
    layouts.folder_root(tmp_path)
    mask = np.zeros((80, 96), np.uint8)
    mask[-1, -1] = 255
    layouts.write(tmp_path / "val" / "labels" / "a.png", mask)
    assert len(DATASETS["folder"].load(tmp_path, "val")) == 1
    with refused(r"a.png' holds the values \[255\]; list them in classes.yaml"):
        check_data.main(["--data", "folder", "--root", str(tmp_path)])


def test_damaged_images(tmp_path, refused):
    layouts.folder_root(tmp_path)
    path = tmp_path / "train" / "images" / "a.tif"
    path.write_bytes(path.read_bytes()[:9000])
    arguments = ["--data", "folder", "--root", str(tmp_path)]
    check_data.main(arguments)
    with refused(r"a\.tif"):
        check_data.main([*arguments, "--images"])


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        ([], "No dataset is named; give --config FILE, or --data"),
        (["--data", "mars"], "Unknown dataset 'mars'; there are cityscapes, crag"),
        (["--config", "none.yaml"], "Cannot read the data section of 'none.yaml'"),
    ],
)
def test_wrong_command_lines(arguments, match, refused):
    with refused(match):
        check_data.main(arguments)


@pytest.mark.parametrize("path", sorted(CONFIGS.rglob("*.yaml")), ids=lambda path: path.stem)
def test_every_configuration_names_its_dataset(path):
    options = check_data.parse(["--config", str(path), "--data.root", "DIR"])
    assert options.dataset in DATASETS
    assert options.root == "DIR"
    assert check_data.parse(["--config", str(path), "--data.dataset", "crag"]).dataset == "crag"
