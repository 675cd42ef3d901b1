"""Arrays on files: they slice like arrays in memory, and cost no more memory than what is looked at."""

import os
import pickle
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
import rasterio
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.utils.data import DataLoader

from tests.training import layouts
from training.data.arrays import raster as raster_array
from training.data.arrays.mask import ColourRule, MaskArray, ValueRule
from training.data.arrays.raster import RasterArray
from training.data.arrays.resizing import ResizedArray, resized
from training.data.arrays.scenes import IGNORE, Scene
from training.data.crops.random_crops import ClassPlaces, RandomCrops
from training.errors import DatasetError

ROOT = Path(__file__).resolve().parents[3]
pytestmark = pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")


class TestRasterArray:
    def test_few_files_stay_open(self, tmp_path, monkeypatch):
        monkeypatch.setattr(raster_array, "_MOST_OPEN", 3)
        arrays = []
        for number in range(8):
            arrays.append(RasterArray(layouts.write(tmp_path / f"{number}.tif", np.full((4, 4), number, np.uint8)), 1))
        for _ in range(2):
            assert [int(array[:1, :1][0, 0]) for array in arrays] == list(range(8))
            assert len(raster_array._open) <= 3

    def test_a_file_that_was_replaced_is_read_anew(self, tmp_path):
        path = layouts.write(tmp_path / "a.tif", np.zeros((4, 4), np.uint8))
        assert RasterArray(path, 1)[:].sum() == 0
        layouts.write(path, np.ones((5, 4), np.uint8))
        os.utime(path, ns=(1, 1))
        assert RasterArray(path, 1)[:].sum() == 20

    def test_goes_to_another_process(self, tmp_path):
        array = RasterArray(layouts.write(tmp_path / "a.tif", np.arange(16, dtype=np.uint8).reshape(4, 4)), 1)
        np.testing.assert_array_equal(np.asarray(pickle.loads(pickle.dumps(array))), array[:])

    def test_damaged_file(self, tmp_path):
        path = layouts.write(tmp_path / "a.tif", np.random.default_rng(0).integers(0, 255, (400, 400), np.uint8))
        path.write_bytes(path.read_bytes()[:40_000])
        array = RasterArray(path, 1)
        with pytest.raises(DatasetError, match=r"a\.tif"):
            array[300:, :]


class TestMaskArray:
    def test_values_that_mean_nothing_are_told_where_they_are_met(self, tmp_path):
        mask = np.zeros((40, 40), np.uint8)
        mask[30, 30] = 9
        labels = MaskArray(layouts.write(tmp_path / "m.png", mask), ValueRule({0: 3}, "give zeros"))
        assert (labels[:30] == 3).all()
        with pytest.raises(DatasetError, match=r"m.png' holds the values \[9\]; give zeros"):
            labels[20:, 20:]

    def test_the_error_of_a_loaders_process_is_one_line(self, tmp_path):
        path = layouts.write(tmp_path / "m.png", np.full((64, 64), 9, np.uint8))
        scene = Scene("s", np.zeros((3, 64, 64), np.uint8), MaskArray(path, ValueRule({0: 0}, "give zeros")))
        loader = DataLoader(RandomCrops([scene], [1.0], 32, 2, seed=0), num_workers=1)
        with pytest.raises(DatasetError, match=r"^'.*m.png' holds the values .9.; give zeros$"):
            next(iter(loader))

    def test_other_integers(self, tmp_path):
        mask = np.array([[0, 1, 300], [7, 0, 65535]], np.uint16)
        path = layouts.write(tmp_path / "m.tif", mask)
        rule = ValueRule({0: 0}, "", others=1, dtypes=("uint16",))
        np.testing.assert_array_equal(np.asarray(MaskArray(path, rule)), mask > 0)

    @given(st.lists(st.tuples(*[st.integers(0, 255)] * 3), min_size=1, max_size=60))
    @settings(max_examples=60, deadline=None)
    def test_binary_colours_equal_a_threshold(self, colours):
        """With all corners of the colour cube as classes, the nearest colour is each channel > 127."""
        corners = [(255 * (n >> 2), 255 * (n >> 1 & 1), 255 * (n & 1)) for n in range(8)]
        pixels = np.array(colours, np.uint8).T[:, None]
        labels, _ = ColourRule(corners, "", reach=255).decode(pixels)
        assert labels[0].tolist() == [4 * (r > 127) + 2 * (g > 127) + (b > 127) for r, g, b in colours]

    def test_a_few_blurred_pixels_are_no_error(self):
        rule = ColourRule([(0, 0, 0), (0, 255, 255)], "")
        pixels = np.zeros((3, 10, 10), np.uint8)
        pixels[:, 0] = 90
        assert rule.decode(pixels)[1] == ""
        pixels[:, 1, 0] = 91
        assert rule.decode(pixels)[1] == "colours of no class, such as (90, 90, 90), (91, 91, 91)"


class TestResizedArray:
    @given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 70), st.integers(1, 70), st.data())
    @settings(max_examples=60, deadline=None)
    def test_any_window_is_the_part_of_the_whole(self, height, width, new_height, new_width, data):
        source = np.random.default_rng(height * width).integers(0, 255, (3, height, width), np.uint8)
        array = ResizedArray(source, (new_height, new_width), data.draw(st.sampled_from(["bilinear", "nearest"])))
        row, col = data.draw(st.integers(0, new_height - 1)), data.draw(st.integers(0, new_width - 1))
        step = data.draw(st.integers(1, 5))
        np.testing.assert_array_equal(array[1:, row::step, col:], np.asarray(array)[1:, row::step, col:])

    @pytest.mark.parametrize("size", [(31, 50), (90, 64), (60, 80)])
    def test_equals_torch(self, size):
        source = np.random.default_rng(0).normal(size=(2, 60, 80)).astype(np.float32)
        modes = {"bilinear": {"mode": "bilinear", "align_corners": False}, "nearest": {"mode": "nearest-exact"}}
        for method, options in modes.items():
            expected = F.interpolate(torch.from_numpy(source)[None], size, **options)[0].numpy()
            np.testing.assert_allclose(np.asarray(ResizedArray(source, size, method)), expected, atol=1e-4)

    def test_scenes_keep_their_proportions(self):
        scene = Scene("s", np.zeros((3, 90, 120), np.uint8), np.zeros((90, 120), np.uint8))
        assert resized(scene, 60).labels.shape == (45, 60)
        assert resized(scene, 240).image.shape == (3, 180, 240)
        assert resized(scene, None) is resized(scene, 120) is scene


class TestClassPlaces:
    def test_places_hold_their_class(self):
        labels = layouts.blocks(0, range(5), 200, 160)
        labels[:8] = IGNORE
        places = ClassPlaces([Scene("s", np.zeros((1, 200, 160)), labels)])
        rng = np.random.default_rng(0)
        seen = [labels[places.draw(0, rng)] for _ in range(300)]
        assert set(seen) == set(range(5))
        assert min(seen.count(value) for value in range(5)) > 30

    def test_nothing_labelled(self):
        empty = Scene("s", np.zeros((1, 20, 20)), np.full((20, 20), IGNORE, np.uint8))
        assert ClassPlaces([empty]).draw(0, np.random.default_rng(0)) is None

    def test_large_datasets_are_seen_less_densely(self):
        class Large:
            shape, size = (30_000, 30_000), 30_000**2

        class LargeScene:
            labels = Large()

        assert ClassPlaces([LargeScene()]).step == 11
        assert ClassPlaces([LargeScene()] * 100).step == 107


MEASURE = """
import resource, sys
sys.path.insert(0, {root!r})
import numpy as np
from training.data.datasets import folder, statistics
from training.data.crops.random_crops import RandomCrops
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
scenes = folder.load({small!r}, "train")
crops = RandomCrops(scenes, [1.0], 256, 20, seed=0, balance=0.5)
[crops[i] for i in range(20)]
before = peak()
scenes = folder.load({large!r}, "train")
crops = RandomCrops(scenes, [1.0], 256, 20, seed=0, balance=0.5)
[crops[i] for i in range(20)]
statistics(scenes)
print(peak() - before, scenes[0].labels.shape[0])
"""


def test_a_training_raster_of_30_000_pixels_costs_no_more_memory(tmp_path):
    """Image and mask would be 3.6 GB in memory; the files are sparse, so that nothing large is written."""
    for name, side in (("small", 600), ("large", 30_000)):
        (tmp_path / name).mkdir()
        layouts.folder_root(tmp_path / name)
        for kind, count in (("images/a.tif", 3), ("labels/a.png", 1)):
            path = tmp_path / name / "train" / kind
            path.unlink()
            profile = {"driver": "GTiff", "count": count, "height": side, "width": side, "dtype": "uint8"}
            layout = {"tiled": True, "blockxsize": 512, "blockysize": 512, "SPARSE_OK": True, "compress": "deflate"}
            with rasterio.open(path.with_suffix(".tif"), "w", **profile, **layout) as file:
                file.write(np.full((count, 300, 300), 200, np.uint8), window=rasterio.windows.Window(0, 0, 300, 300))
    script = MEASURE.format(root=str(ROOT), small=str(tmp_path / "small"), large=str(tmp_path / "large"))
    environment = {**os.environ, "GDAL_CACHEMAX": "64", "OMP_NUM_THREADS": "1"}  # MB; GDAL's own default grows with RAM
    told = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True, check=True, env=environment
    )
    more, side = map(int, told.stdout.split())
    assert side == 30_000
    assert more < 250  # MB: one strip of rows, and what GDAL keeps
