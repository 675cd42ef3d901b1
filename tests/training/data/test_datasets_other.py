"""Loaders of medical and street scenes on small files in the layout as downloaded."""

import shutil

import numpy as np
import pytest

from tests.training import layouts
from tests.training.layouts import assert_read, assert_refuses, of_split
from training.data.arrays.scenes import IGNORE
from training.data.datasets import cityscapes, crag, isic

pytestmark = pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")


class TestISIC:
    def test_official_folders(self, tmp_path):
        truth = layouts.isic_root(tmp_path)
        for split in ("train", "val", "test"):
            assert_read(isic.load(tmp_path, split), of_split(truth, split))

    def test_lists_of_ids(self, tmp_path):
        truth = layouts.isic_root(tmp_path)
        flat = {name: labels for (_, name), labels in truth.items()}
        names = sorted(flat)
        lists = {"train": [names[0], names[5], names[2]], "val": [names[1]], "test": [names[3]]}
        for split, ids in lists.items():
            (tmp_path / f"{split}.txt").write_text("".join(f"{name}.jpg\n" for name in ids))
        for split, ids in lists.items():
            assert_read(isic.load(tmp_path, split), {name: flat[name] for name in ids})
        (tmp_path / "test.txt").write_text(f"{names[3]}\nISIC_7777777\n")
        assert_refuses(lambda: isic.load(tmp_path, "test"), "lacks 1 of 2 files of '.*test.txt': ISIC_7777777.jpg")
        (tmp_path / "test.txt").write_text(names[1])
        assert_refuses(lambda: isic.load(tmp_path, "train"), f"{names[1]} is both in '.*val.txt' and '.*test.txt'")
        (tmp_path / "test.txt").write_text("lesion 7")
        assert_refuses(lambda: isic.load(tmp_path, "train"), "test.txt' lists no ids such as ISIC_0000000")
        (tmp_path / "val.txt").unlink()
        assert_refuses(lambda: isic.load(tmp_path, "train"), "has train, test.txt only; give train.txt, val.txt and")

    def test_wrong_folders(self, tmp_path):
        layouts.isic_root(tmp_path)
        mask = tmp_path / "ISIC2018_Task1_Training_GroundTruth" / "ISIC_0000001_segmentation.png"
        layouts.write(mask, np.ones((75, 60), np.uint8))
        assert_refuses(lambda: isic.load(tmp_path, "train"), r"the values \[1\]; ISIC's masks as downloaded hold 0 and")
        mask.unlink()
        assert_refuses(lambda: isic.load(tmp_path, "train"), "lacks 1 of 2 files of the train split: ISIC_0000001_segm")
        assert_refuses(lambda: isic.load(tmp_path / "none", "train"), "ISIC2018_Task1-2_Training_Input' and the other")


class TestCRAG:
    @pytest.mark.parametrize(
        ("labels", "place", "dtype"),
        [("Annotation", "", np.uint8), ("Annotations", "CRAG", np.uint8), ("Annotation", "", np.uint16)],
    )
    def test_as_downloaded(self, tmp_path, labels, place, dtype):
        truth = layouts.crag_root(tmp_path, labels, place, dtype)
        assert_read(crag.load(tmp_path, "train"), of_split(truth, "train"))
        assert_read(crag.load(tmp_path, "test"), of_split(truth, "test"))
        assert_read(crag.load(tmp_path, "val"), of_split(truth, "test"))

    def test_wrong_folders(self, tmp_path):
        layouts.crag_root(tmp_path)
        folder = tmp_path / "train"
        (folder / "Annotation" / "train_2.png").rename(tmp_path / "kept.png")
        assert_refuses(
            lambda: crag.load(tmp_path, "train"), "Annotation' lacks 1 of 3 files of the train split: train_2"
        )
        (tmp_path / "kept.png").rename(folder / "Annotation" / "train_2.png")
        layouts.write(folder / "Images" / "train_1.png", np.zeros((1, 88, 80), np.uint8))
        assert_refuses(
            lambda: crag.load(tmp_path, "train"), "train_1.png' has 1 bands; the images of this dataset have"
        )
        (folder / "Images" / "train_1.png").write_bytes(b"not a picture")
        assert_refuses(lambda: crag.load(tmp_path, "train"), "train_1.png' cannot be opened")
        assert_refuses(
            lambda: crag.load(tmp_path / "train", "train"), "the folder that holds 'train' and 'test' of CRAG"
        )


class TestCityscapes:
    @pytest.mark.parametrize("train_ids", [False, True])
    def test_as_downloaded(self, tmp_path, train_ids):
        truth = layouts.cityscapes_root(tmp_path, train_ids)
        assert_read(cityscapes.load(tmp_path, "train"), of_split(truth, "train"))
        assert_read(cityscapes.load(tmp_path, "val"), of_split(truth, "val"))
        if train_ids:  # they are what is read
            for path in tmp_path.glob("gtFine/*/*/*labelIds.png"):
                path.unlink()
            assert len(cityscapes.load(tmp_path, "train")) == 2

    def test_every_id_of_the_label_table(self, tmp_path):
        """The nineteen classes in their order; void, caravan, trailer and the licence plate (-1) are ignored."""
        layouts.cityscapes_root(tmp_path)
        path = tmp_path / "gtFine" / "val" / "lindau" / "lindau_000000_000019_gtFine_labelIds.png"
        mask = np.zeros((64, 128), np.uint8)
        mask[0, :34], mask[0, 34] = np.arange(34), 255
        layouts.write(path, mask)
        row = np.asarray(cityscapes.load(tmp_path, "val")[0].labels)[0]
        found = {value: int(label) for value, label in enumerate(row[:34]) if label != IGNORE}
        assert found == {value: label for label, value in enumerate(layouts.CITYSCAPES_IDS)}
        assert row[34] == IGNORE
        names = dict(zip(layouts.CITYSCAPES_IDS, cityscapes.CLASSES, strict=True))
        assert (names[7], names[26], names[31], names[33]) == ("road", "car", "train", "bicycle")

    def test_wrong_folders(self, tmp_path):
        layouts.cityscapes_root(tmp_path)
        assert_refuses(
            lambda: cityscapes.load(tmp_path, "test"), "labels of Cityscapes' test split are not public; give"
        )
        path = tmp_path / "gtFine" / "val" / "lindau" / "lindau_000000_000019_gtFine_labelIds.png"
        layouts.write(path, np.full((64, 128), 40, np.uint8))
        assert_refuses(lambda: cityscapes.load(tmp_path, "val"), r"the values \[40\]; Cityscapes' labelIds are 0 to 33")
        path.unlink()
        assert_refuses(lambda: cityscapes.load(tmp_path, "val"), "lacks 1 of 1 files of the val split: lindau_000000_0")
        shutil.rmtree(tmp_path / "leftImg8bit")
        assert_refuses(lambda: cityscapes.load(tmp_path, "train"), "'leftImg8bit' and 'gtFine'")
