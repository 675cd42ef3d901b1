"""How crops reach the device: decoded once, by as many processes as help, as bytes."""

import os
import pickle
import platform
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.training import layouts
from tests.training.tiny_runs import write_folder
from training.data import SceneData, datamodule
from training.data.arrays import RasterArray, Scene, decoded, in_memory, raster
from training.data.arrays.decoded import DecodedArray
from training.data.crops import RandomCrops, WholeScenes, keep_freed_memory


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return write_folder(tmp_path_factory.mktemp("data"))


def loaded(root, monkeypatch=None, card=False, **more):
    given_settings = {"dataset": "folder", "root": str(root), "crop": 64, "batch_size": 2, "steps": 6, **more}
    data = SceneData(**given_settings)
    if card:
        monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
        device = SimpleNamespace(root_device=torch.device("cuda"))
        data.trainer = SimpleNamespace(strategy=device, global_rank=0, world_size=card, limit_val_batches=1.0)
    data.setup("fit")
    return data


def test_small_sets_are_decoded_once_and_give_the_same_crops(root):
    crops = {}
    for size in (0.0, 8.0):
        data = loaded(root, cache_gb=size, scale=(0.7, 1.4), balance=0.5, workers=0)
        assert all(in_memory(array) == (size > 0) for s in data.train_scenes for array in (s.image, s.labels))
        crops[size] = list(data.train_dataloader())
    for one, other in zip(crops[0.0], crops[8.0], strict=True):
        assert one.keys() == other.keys()
        assert all(torch.equal(one[key], other[key]) for key in one)


def test_a_file_is_read_once(root, monkeypatch):
    data = loaded(root, workers=0)
    monkeypatch.setattr(RasterArray, "part", lambda *rest: pytest.fail("read again"))
    assert len(list(data.train_dataloader())) == 6


def test_as_many_scenes_are_decoded_as_fit_or_none(root):
    scenes = loaded(root, cache_gb=0, workers=0).train_scenes
    first, second = (int(scene.image.size + scene.labels.size) for scene in scenes)
    whole = first + second
    for limit, expected in ((whole, (True, True)), (whole - 1, (True, False)), (whole / 2 - 1, (False, False))):
        made, taken = decoded(scenes, limit)
        assert tuple(in_memory(scene.image) for scene in made) == expected
        assert tuple(in_memory(scene.labels) for scene in made) == expected
        assert taken == sum(size for size, kept in zip((first, second), expected, strict=True) if kept)
    assert decoded(decoded(scenes, whole)[0], 1e9)[1] == 0


def test_a_png_is_decoded_whole_where_that_is_faster_and_gives_the_same(tmp_path, monkeypatch):
    """Windows of the first half are read alone; those beyond come from all of the file, kept until it changes."""
    pixels = np.random.default_rng(0).integers(0, 255, (3, 100, 80), np.uint8)
    path = layouts.write(tmp_path / "a.png", pixels)
    array = RasterArray(path, (1, 2, 3))
    read = []
    original = raster._read_whole
    monkeypatch.setattr(raster, "_read_whole", lambda key, reader: read.append(key) or original(key, reader))
    np.testing.assert_array_equal(array[:, 3:40, 5:50], pixels[:, 3:40, 5:50])
    assert not read
    for window in (np.s_[:, 30:70, 5:50], np.s_[:, 3:40, 5:50], np.s_[:, 1:100:3, ::2], np.s_[1:3, 60:, :]):
        found = array[window]
        np.testing.assert_array_equal(found, pixels[window])
        found[:] = 0  # what is handed out belongs to who got it
    assert len(read) == 4
    assert len(raster._whole) <= 2
    layouts.write(path, pixels[::-1].copy())
    os.utime(path, (1, 1))
    np.testing.assert_array_equal(array[:, 30:70], pixels[::-1, 30:70])


@given(st.data())
@settings(max_examples=40, deadline=None)
def test_a_decoded_array_is_sliced_like_its_source(root, data):
    source = data.draw(st.sampled_from([scene.image for scene in loaded(root, cache_gb=0, workers=0).train_scenes]))
    array = DecodedArray(source)
    index = tuple(
        slice(*data.draw(st.tuples(st.integers(0, n), st.integers(0, n), st.integers(1, 9)))) for n in array.shape
    )
    np.testing.assert_array_equal(array[index], source[index])
    again = pickle.loads(pickle.dumps(array))  # as a loader's process gets it where none are forked
    assert type(again) is type(source)
    np.testing.assert_array_equal(again[index], source[index])


@pytest.mark.filterwarnings("ignore:This DataLoader will create")
@pytest.mark.parametrize(
    ("workers", "card", "cores", "expected"), [(None, 0, 8, 1), (None, 1, 8, 8), (None, 1, 99, 16), (None, 4, 16, 4),
                                               (3, 1, 8, 3), (0, 1, 8, 0), (20, 0, 8, 20)]
)  # fmt: skip
def test_as_many_processes_as_help(root, monkeypatch, workers, card, cores, expected):
    monkeypatch.setattr(datamodule, "_cores", lambda: cores)
    loader = loaded(root, monkeypatch, card, workers=workers).train_dataloader()
    assert loader.num_workers == expected
    assert loader.persistent_workers == (expected > 0)
    assert loader.worker_init_fn is keep_freed_memory
    assert loader.pin_memory == bool(card)


@pytest.mark.parametrize("workers", [0, 2])
def test_processes_do_not_change_the_crops(root, workers):
    """Over two epochs, for which the same processes stay."""
    data = loaded(root, workers=workers, scale=(0.7, 1.4))
    loader, plain = data.train_dataloader(), data._crops(12)
    for epoch in range(2):
        loader.sampler.done = lambda epoch=epoch: 6 * epoch
        seen = torch.cat([batch["image"] for batch in loader])
        assert torch.equal(seen, torch.stack([plain[epoch, number]["image"] for number in range(12)]))


def test_other_numbers_than_bytes_travel_as_floats():
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 3, (80, 80), np.uint8)
    for kind, expected in (("uint8", torch.uint8), ("uint16", torch.float32), ("int16", torch.float32)):
        image = rng.integers(0, 255, (2, 80, 80)).astype(kind)
        scene = Scene("s", image, labels)
        crop = RandomCrops([scene], [1.0], 64, 4, seed=0)[0]
        assert (crop["image"].dtype, crop["mask"].dtype) == (expected, torch.uint8)


def test_whole_scenes_are_not_read_before_they_are_needed(root, monkeypatch):
    data = loaded(root, workers=0)
    monkeypatch.setattr(RasterArray, "part", lambda *rest: pytest.fail("read"))
    scenes = list(data.val_dataloader())
    assert [scene["image"].shape[1:] for scene in scenes] == [scene["mask"].shape for scene in scenes]
    assert len(scenes) == 3
    assert WholeScenes(data.whole["val"])[-1]["mask"] is None


def test_a_magnified_crop_of_bytes_is_the_rounded_one_of_floats():
    rng = np.random.default_rng(0)
    image, labels = rng.integers(0, 255, (3, 90, 90), np.uint8), rng.integers(0, 3, (90, 90), np.uint8)
    made = [
        RandomCrops([Scene("s", image.astype(kind), labels)], [1.0], 48, 30, seed=1, scale=(0.6, 1.8))
        for kind in (np.uint8, np.float32)
    ]
    for number in range(30):
        one, other = (crops[number] for crops in made)
        assert torch.equal(one["image"], other["image"].round().byte())
        assert torch.equal(one["mask"], other["mask"])


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc lets a process say what it keeps")
def test_a_loading_process_keeps_the_memory_that_it_frees():
    code = (
        "import resource\n"
        "from training.data.crops import keep_freed_memory\n"
        "def faults():\n"
        "    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt\n"
        "    bytearray(100_000_000)\n"
        "    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before\n"
        "for _ in range(2): first = faults()\n"
        "keep_freed_memory()\n"
        "faults()\n"
        "print(first, faults())\n"
    )
    found = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=120).stdout
    first, again = map(int, found.split())
    assert again <= first / 10
