"""Loaders of aerial and satellite datasets on small files in the layout as downloaded."""

import hashlib
import json
import shutil

import numpy as np
import pytest

from tests.training import layouts
from tests.training.layouts import assert_read, assert_refuses, of_split
from training.data.arrays.scenes import IGNORE
from training.data.datasets import deepglobe, inria, urur
from training.data.datasets.registry import DATASETS

pytestmark = pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")


class TestDeepGlobe:
    @pytest.fixture(scope="class")
    @staticmethod
    def whole(tmp_path_factory):
        root = tmp_path_factory.mktemp("deepglobe")
        return root, layouts.deepglobe_root(root)

    @pytest.fixture
    def small(self, tmp_path, monkeypatch):
        """Three ids a split instead of hundreds."""
        ids = {split: deepglobe.split_ids(split)[:3] for split in ("train", "val", "test")}
        (tmp_path / "ids.json").write_text(json.dumps(ids))
        monkeypatch.setattr(deepglobe, "_SPLITS", tmp_path / "ids.json")
        return tmp_path / "root", ids

    def test_split_is_the_published_one(self):
        ids = {split: deepglobe.split_ids(split) for split in ("train", "val", "test")}
        assert [len(ids[split]) for split in ids] == [454, 207, 142]
        assert len({name for names in ids.values() for name in names}) == 803
        # grep -oE '[0-9]{2,}' LIST | sort -un | md5sum of GLNet's lists begins so
        marks = {"train": "0cd86715", "val": "bff137b8", "test": "cda334e8"}
        for split, mark in marks.items():
            text = "".join(f"{n}\n" for n in sorted(map(int, ids[split])) if n > 9)
            assert hashlib.md5(text.encode()).hexdigest().startswith(mark)

    def test_all_of_a_split_is_read(self, whole):
        root, truth = whole
        scenes = deepglobe.load(root, "test")
        assert [scene.name for scene in scenes] == deepglobe.split_ids("test")
        for scene in (scenes[0], scenes[-1]):
            np.testing.assert_array_equal(np.asarray(scene.labels), truth["test"])
        assert [s.name for s in deepglobe.load(root / "land-train", "test")] == [s.name for s in scenes]

    def test_an_id_that_is_missing_is_named(self, whole):
        root, _ = whole
        lost = deepglobe.split_ids("val")[7]
        (root / "land-train" / f"{lost}_sat.jpg").rename(root / "lost")
        assert_refuses(lambda: deepglobe.load(root, "val"), f"lacks 1 of 207 files of the val split: {lost}_sat.jpg;")
        (root / "lost").rename(root / "land-train" / f"{lost}_sat.jpg")

    def test_layout_of_the_published_code(self, small):
        root, ids = small
        truth = layouts.deepglobe_root(root, ids, "img_dir/{split}/{}_sat.jpg", "rgb2id/{split}/{}_mask.png")
        scenes = deepglobe.load(root, "val")
        assert [scene.name for scene in scenes] == ids["val"]
        np.testing.assert_array_equal(np.asarray(scenes[2].labels), truth["val"])

    def test_channels_count_from_128_and_red_is_unknown(self, small):
        root, ids = small
        layouts.deepglobe_root(root, ids)
        colours = [(127, 128, 200), (128, 127, 130), (127, 127, 127), (200, 100, 60)]
        labels = np.zeros((40, 40), np.uint8)
        mask = layouts.rgb(np.full((40, 40), 4), layouts.DEEPGLOBE_RGB.values())
        for place, colour in enumerate(colours):
            mask[:, 0, place] = colour
        labels[:] = 4
        labels[0, :4] = (1, 3, 0, 0)
        layouts.write(root / "land-train" / f"{ids['val'][0]}_mask.png", mask)
        image = root / "land-train" / f"{ids['val'][0]}_sat.jpg"
        image.unlink()
        layouts.write(image, layouts.photo(labels))
        np.testing.assert_array_equal(np.asarray(deepglobe.load(root, "val")[0].labels), labels)

    @pytest.mark.parametrize(
        ("mask", "match"),
        [
            (np.zeros((80, 96), np.uint8), "has 1 bands, a mask has 3; DeepGlobe's masks are RGB"),
            (np.full((3, 80, 96), 90, np.uint8), r"colours of no class, such as \(90, 90, 90\); DeepGlobe"),
            (np.zeros((3, 80, 90), np.uint8), "same height and width"),
        ],
    )
    def test_masks_of_another_kind(self, small, mask, match):
        root, ids = small
        layouts.deepglobe_root(root, ids)
        path = root / "land-train" / f"{ids['train'][0]}_mask.png"
        path.unlink()  # it is linked to the others
        layouts.write(path, mask)
        assert_refuses(lambda: deepglobe.load(root, "train"), match)

    def test_another_folder(self, tmp_path):
        text = assert_refuses(lambda: deepglobe.load(tmp_path, "train"), "No images of the train split")
        assert "--data.root must be the folder that holds 'land-train'" in text
        assert_refuses(lambda: deepglobe.load(tmp_path, "crossvali"), "there are train, val, test")


class TestInria:
    @pytest.fixture(scope="class")
    @staticmethod
    def whole(tmp_path_factory):
        root = tmp_path_factory.mktemp("inria")
        return root, layouts.inria_root(root)

    def test_split_is_the_published_one(self):
        ids = {split: inria.split_ids(split) for split in ("train", "val", "test")}
        assert [len(names) for names in ids.values()] == [126, 27, 27]
        assert len(set().union(*ids.values())) == 180
        assert {"austin8", "vienna36", "tyrol-w24"} <= set(ids["val"])
        assert {"austin1", "vienna3", "kitsap36"} <= set(ids["test"])

    @pytest.mark.parametrize("below", ["", "AerialImageDataset", "AerialImageDataset/train"])
    def test_as_downloaded(self, whole, below):
        root, truth = whole
        scenes = inria.load(root / below, "val")
        assert [scene.name for scene in scenes] == inria.split_ids("val")
        for scene in scenes[::9]:
            np.testing.assert_array_equal(np.asarray(scene.labels), truth[scene.name.rstrip("0123456789")])

    def test_layout_of_the_published_code(self, tmp_path):
        truth = layouts.inria_renamed_root(tmp_path)
        scenes = inria.load(tmp_path, "test")
        assert [scene.name for scene in scenes] == inria.split_ids("test")
        np.testing.assert_array_equal(np.asarray(scenes[-1].labels), truth["test"])
        path = tmp_path / "labels" / "test" / "austin1_mask.png"
        layouts.write(path, truth["test"] * np.uint8(255))
        assert_refuses(lambda: inria.load(tmp_path, "test"), r"austin1_mask.png' holds the values \[255\]; masks under")

    def test_wrong_folders(self, whole, tmp_path):
        root = tmp_path / "copy"
        shutil.copytree(whole[0], root)
        gt = root / "AerialImageDataset" / "train" / "gt"
        layouts.write(gt / "vienna3.tif", np.ones((72, 80), np.uint8))
        assert_refuses(lambda: inria.load(root, "test"), r"vienna3.tif' holds the values \[1\]; Inria's masks as")
        (gt / "kitsap9.tif").unlink()
        (gt / "kitsap14.tif").unlink()
        assert_refuses(lambda: inria.load(root, "test"), "gt' lacks 2 of 27 files of the test split: kitsap9.tif, kits")
        shutil.rmtree(gt.parent / "images")
        assert_refuses(lambda: inria.load(root, "val"), "there is no '.*AerialImageDataset/train/images/")


class TestURUR:
    @pytest.mark.parametrize(
        "encode",
        [
            lambda labels: labels,
            lambda labels: labels + np.uint8(1),
            lambda labels: layouts.rgb(labels, layouts.URUR_RGB),
        ],
        ids=["from 0", "from 1", "colours"],
    )
    @pytest.mark.parametrize("below", ["", "URUR"])
    def test_ways_to_write_labels(self, tmp_path, encode, below):
        truth = layouts.urur_root(tmp_path, encode)
        for split in ("train", "val", "test"):
            assert_read(urur.load(tmp_path / below, split), of_split(truth, split))

    def test_layout_of_the_published_code(self, tmp_path):
        truth = layouts.urur_root(tmp_path, image="imgs/{}", label="labels/{}")
        assert_read(urur.load(tmp_path, "train"), of_split(truth, "train"))

    def test_numbers_from_1_leave_0_and_255_out(self, tmp_path):
        truth = of_split(layouts.urur_root(tmp_path, lambda labels: labels + np.uint8(1)), "val")
        mask = truth["val_0"] + np.uint8(1)
        mask[:4], mask[4:8] = 0, 255
        layouts.write(tmp_path / "URUR" / "val" / "label" / "val_0.png", mask)
        truth["val_0"][:8] = IGNORE
        np.testing.assert_array_equal(np.asarray(urur.load(tmp_path, "val")[0].labels), truth["val_0"])

    def test_wrong_folders(self, tmp_path):
        truth = layouts.urur_root(tmp_path)
        label = tmp_path / "URUR" / "val" / "label"
        layouts.write(label / "val_0.png", np.where(truth["val", "val_0"] > 3, 255, 0).astype(np.uint8))
        assert_refuses(lambda: urur.load(tmp_path, "val"), r"val_0.png' holds the values \[255\]; URUR's masks hold 0")
        layouts.write(label / "val_0.png", np.full((80, 96), 8, np.uint8))
        assert_refuses(lambda: urur.load(tmp_path, "val"), r"the values \[8\]")
        layouts.write(label / "val_0.png", np.zeros((80, 96), np.uint16))
        assert_refuses(lambda: urur.load(tmp_path, "val"), "holds uint16 numbers; masks must be uint8")
        (label / "val_0.png").unlink()
        assert_refuses(
            lambda: urur.load(tmp_path, "val"), "label' lacks 1 of 2 files of the val split: val_0.png; each"
        )
        (label.parent / "image" / "val_1.png").unlink()
        assert_refuses(lambda: urur.load(tmp_path, "val"), "image' lacks 1 of 2 files of the val split: val_1.png")
        layouts.write(label / "val_0.png", np.zeros((80, 95), np.uint8))
        layouts.write(label.parent / "image" / "val_1.png", np.zeros((4, 80, 96), np.uint8))
        assert_refuses(lambda: urur.load(tmp_path, "val"), "'val_0': image is .80, 96., labels are .80, 95.")
        shutil.rmtree(label.parent / "image")
        assert_refuses(lambda: urur.load(tmp_path, "val"), "No images of the val split")


@pytest.mark.parametrize("name", sorted(set(DATASETS) - {"folder"}))
def test_classes_have_colours_of_their_own(name, tmp_path):
    names, colours = DATASETS[name].classes(tmp_path)
    assert len(names) == len(colours) == len(set(names)) == len(set(colours))
    assert all(len(colour) == 6 and int(colour, 16) >= 0 for colour in colours)
