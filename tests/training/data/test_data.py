import json

import numpy as np
import pytest
import rasterio
import torch

from training.data.arrays.mask import ColourRule
from training.data.arrays.scenes import IGNORE, Scene, read_pixels
from training.data.crops.augment import Photometric
from training.data.crops.random_crops import RandomCrops
from training.data.crops.whole_scenes import WholeScenes
from training.data.datasets import dubai
from training.errors import DatasetError

MASK_COLOURS = ("E2A929", "8429F6", "6EC1E4", "3C1098", "FEDD3A", "9B9B9B")
RGB = [[int(c[i : i + 2], 16) for i in (0, 2, 4)] for c in MASK_COLOURS]
TITLES = ["Water", "Land (unpaved area)", "Road", "Building", "Vegetation", "Unlabeled"]


def write_png(path, pixels, **profile):
    path.parent.mkdir(parents=True, exist_ok=True)
    bands, height, width = pixels.shape
    with rasterio.open(
        path,
        "w",
        driver=profile.pop("driver", "PNG"),
        count=bands,
        height=height,
        width=width,
        dtype="uint8",
        **profile,
    ) as file:
        file.write(pixels)
        return file


def write_tile(root, tile, heights=(20, 21, 20), widths=(30, 29, 30), shift=0):
    """Nine parts whose labels are their number modulo six; colours are `shift` off the palette."""
    for part in range(1, 10):
        height, width = heights[(part - 1) // 3], widths[(part - 1) % 3]
        image = np.full((3, height, width), 20 * part, np.uint8)
        write_png(root / f"Tile {tile}" / "images" / f"image_part_{part:03d}.jpg", image, driver="JPEG")
        colour = np.array(RGB[part % 6]) + shift
        mask = np.broadcast_to(colour.clip(0, 255)[:, None, None], (3, height, width)).astype(np.uint8)
        write_png(root / f"Tile {tile}" / "masks" / f"image_part_{part:03d}.png", mask)


@pytest.fixture
def dubai_root(tmp_path):
    entries = [{"title": t, "color": "#{:02X}{:02X}{:02X}".format(*c)} for t, c in zip(TITLES, RGB, strict=True)]
    (tmp_path / "classes.json").write_text(json.dumps({"classes": entries}))
    for tile in (1, 3, 4, 5, 7, 8):
        write_tile(tmp_path, tile, shift=3 if tile == 3 else 0)
    return tmp_path


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
class TestDubai:
    def test_test_split_is_tile_8_put_together(self, dubai_root):
        (scene,) = dubai.load(dubai_root, "test")
        assert scene.name == "tile8"
        assert scene.labels.shape == (61, 89)
        assert scene.image.shape == (3, 61, 89)
        # part 6 (second row, third column) is unlabelled, part 7 is land
        assert (scene.labels[20:41, 59:] == 0).all()
        assert (scene.labels[:20, :30] == 1).all()
        assert (scene.labels[20:41, 30:59] == IGNORE).all()
        assert abs(int(scene.image[0, 50, 80]) - 180) <= 3

    def test_train_split_ignores_part_5_and_survives_off_colours(self, dubai_root):
        scenes = {s.name: s for s in dubai.load(dubai_root, "train")}
        assert sorted(scenes) == ["tile1", "tile3", "tile4", "tile5", "tile7"]
        for scene in scenes.values():
            assert (scene.labels[20:41, 30:59] == IGNORE).all()
            np.testing.assert_array_equal(scene.labels, scenes["tile1"].labels)

    def test_what_was_never_painted_is_ignored(self, dubai_root):
        """Black is nearest to the colour of buildings, but no building."""
        path = dubai_root / "Tile 8" / "masks" / "image_part_001.png"
        mask = np.broadcast_to(np.array(RGB[1], np.uint8)[:, None, None], (3, 20, 30)).copy()
        mask[:, :8] = 0
        write_png(path, mask)
        (scene,) = dubai.load(dubai_root, "test")
        assert (scene.labels[:8, :30] == IGNORE).all()
        assert (scene.labels[8:20, :30] == 1).all()

    def test_val_split_is_part_5_only(self, dubai_root):
        scenes = dubai.load(dubai_root, "val")
        assert [s.labels.shape for s in scenes] == [(21, 29)] * 5

    def test_train_and_val_share_no_labelled_pixel(self, dubai_root):
        labelled = sum(int((s.labels != IGNORE).sum()) for s in dubai.load(dubai_root, "train"))
        assert labelled == 5 * (61 * 89 - 21 * 29)

    def test_missing_part_is_named(self, dubai_root):
        (dubai_root / "Tile 8" / "masks" / "image_part_004.png").unlink()
        with pytest.raises(DatasetError, match=r"image_part_004\.png"):
            dubai.load(dubai_root, "test")

    def test_sizes_that_differ_are_named(self, dubai_root):
        write_png(dubai_root / "Tile 8" / "masks" / "image_part_002.png", np.zeros((3, 5, 29), np.uint8))
        with pytest.raises(DatasetError, match=r"tile8_part2.*same height and width"):
            dubai.load(dubai_root, "test")

    def test_parts_that_do_not_join_are_named(self, dubai_root):
        write_tile(dubai_root, 8, heights=(20, 21, 20), widths=(30, 29, 30))
        image = np.zeros((3, 20, 31), np.uint8)
        write_png(dubai_root / "Tile 8" / "images" / "image_part_001.jpg", image, driver="JPEG")
        write_png(dubai_root / "Tile 8" / "masks" / "image_part_001.png", image + np.uint8([[[60]], [[16]], [[152]]]))
        with pytest.raises(DatasetError, match="rows of parts differ in width"):
            dubai.load(dubai_root, "test")

    def test_wrong_folder_tells_what_root_must_hold(self, tmp_path):
        with pytest.raises(DatasetError, match=r"--data\.root must be the folder that holds"):
            dubai.load(tmp_path, "train")

    def test_unknown_split(self, dubai_root):
        with pytest.raises(DatasetError, match="train, val, test"):
            dubai.load(dubai_root, "all")

    def test_palette_masks_are_read_as_colours(self, tmp_path):
        path = tmp_path / "p.png"
        with rasterio.open(path, "w", driver="PNG", count=1, height=2, width=2, dtype="uint8") as file:
            file.write(np.array([[[0, 1], [1, 0]]], np.uint8))
            file.write_colormap(1, {0: (*RGB[0], 255), 1: (*RGB[3], 255)})
        labels, stray = ColourRule([tuple(c) for c in RGB], "").decode(read_pixels(path)[:3])
        assert stray == ""
        assert labels.tolist() == [[0, 3], [3, 0]]


def scene(height=90, width=120, seed=0):
    """The image tells its own place and label, so that any crop can be checked."""
    rows, cols = np.mgrid[:height, :width]
    labels = ((rows // 10 + cols // 10) % 3).astype(np.uint8)
    return Scene("s", np.stack([rows, cols, labels * 50]).astype(np.uint8), labels)


def test_crops_keep_image_and_labels_together():
    crops = RandomCrops([scene()], [1.0], 32, 20, seed=1, balance=0.5)
    for sample in (crops[i] for i in range(20)):
        assert sample["image"].shape == (3, 32, 32)
        np.testing.assert_array_equal(sample["image"][2].numpy(), sample["mask"].numpy() * 50)
        rows = sample["image"][0].numpy()
        assert np.ptp(rows) == 31


def test_crops_come_in_all_eight_orientations():
    crops = RandomCrops([scene()], [1.0], 16, 200, seed=1)
    seen = set()
    for sample in (crops[i]["image"].numpy() for i in range(200)):
        rows, cols = sample[0].astype(int), sample[1].astype(int)
        seen.add(
            (
                np.sign(rows[1, 0] - rows[0, 0]),
                np.sign(rows[0, 1] - rows[0, 0]),
                np.sign(cols[0, 1] - cols[0, 0]),
                np.sign(cols[1, 0] - cols[0, 0]),
            )
        )
    assert len(seen) == 8


def test_crops_are_a_function_of_seed_and_index():
    first, second = (RandomCrops([scene()], [1.0], 32, 5, seed=3, scale=(0.5, 2.0)) for _ in range(2))
    assert torch.equal(first[4]["image"], second[4]["image"])
    assert not torch.equal(first[3]["image"], first[4]["image"])
    other = RandomCrops([scene()], [1.0], 32, 5, seed=4)
    assert not torch.equal(first[4]["image"], other[4]["image"])


def test_crops_scale_and_small_scenes():
    crops = RandomCrops([scene(40, 50)], [1.0], 64, 10, seed=0, scale=(0.5, 2.0))
    for sample in (crops[i] for i in range(10)):
        assert sample["image"].shape == (3, 64, 64)
        assert set(sample["mask"].unique().tolist()) <= {0, 1, 2, IGNORE}


def test_scenes_smaller_than_a_crop_are_padded_without_labels_and_not_magnified():
    rng = np.random.default_rng(0)
    image, labels = rng.integers(0, 255, (3, 40, 100), np.uint8), rng.integers(0, 3, (40, 100), np.uint8)
    crops = RandomCrops([Scene("s", image, labels)], [1.0], 64, 20, seed=0)
    for sample in (crops[i] for i in range(20)):
        assert int((sample["mask"] != IGNORE).sum()) == 40 * 64
        pixels = sample["image"][:, sample["mask"] != IGNORE].T.tolist()
        assert {tuple(map(int, p)) for p in pixels} <= {tuple(map(int, p)) for p in image.reshape(3, -1).T}
        _, row, col, side = sample["origin"].tolist()
        assert side == 64
        assert -24 <= row <= 0
        assert 0 <= col <= 36


def test_crops_balance_finds_the_rare_class():
    labels = np.zeros((400, 400), np.uint8)
    labels[200:216, 200:216] = 1
    rare = Scene("rare", np.zeros((3, 400, 400), np.uint8), labels)
    share = [
        np.mean([bool((RandomCrops([rare], [1.0], 32, 60, 0, balance=b)[i]["mask"] == 1).any()) for i in range(60)])
        for b in (0.0, 1.0)
    ]
    assert share[0] < 0.1
    assert share[1] > 0.4


def test_crops_avoid_what_nobody_labelled():
    labels = np.full((200, 200), IGNORE, np.uint8)
    labels[:, :60] = 2
    crops = RandomCrops([Scene("half", np.zeros((3, 200, 200), np.uint8), labels)], [1.0], 50, 40, seed=0)
    known = [float((crops[i]["mask"] != IGNORE).float().mean()) for i in range(40)]
    assert np.mean(np.array(known) >= 0.25) > 0.9


def test_datasets_end():
    assert len(list(RandomCrops([scene()], [1.0], 16, 3, seed=0))) == 3
    assert len(list(WholeScenes([scene()]))) == 1


def test_scene_refuses_labels_of_another_size():
    with pytest.raises(DatasetError, match="same height and width"):
        Scene("x", np.zeros((3, 4, 5), np.uint8), np.zeros((4, 4), np.uint8))


@pytest.mark.parametrize("bands", [1, 3, 4])
def test_photometric_changes_colours_within_limits(bands):
    torch.manual_seed(0)
    image = torch.rand(4, bands, 16, 16) * 255
    changed = Photometric(1.0, probability=1.0)(image)
    assert changed.shape == image.shape
    assert float((changed - image).abs().mean()) > 1
    assert 0 <= float(changed.min()) <= float(changed.max()) <= 255
    untouched = Photometric(0.0, probability=1.0)(image)
    torch.testing.assert_close(untouched, image, atol=0.05, rtol=0)
