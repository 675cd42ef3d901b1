import os
import subprocess
import sys
from collections import deque
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from training.data.synthetic.rendering import SceneOptions, render, write_scene
from training.data.synthetic.style import CLASSES, Style
from training.errors import SettingsError
from uhrs_qgis_plugin.engine.errors import OutputError
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.raster.opening import open_raster

ROOT = Path(__file__).resolve().parents[3]
# Lower and upper bound of each class's share of a scene of 2048 pixels.
SHARES = {
    "water": (0.05, 0.20),
    "land": (0.30, 0.45),
    "road": (0.08, 0.15),
    "building": (0.12, 0.25),
    "vegetation": (0.08, 0.20),
}


@pytest.fixture(scope="module")
def scene():
    """A window that several tests look at, far from the origin: (image, labels)."""
    return render(3, Window(-5000, 70_000, 1024, 1024))


@pytest.fixture(scope="module")
def district():
    """A whole scene of 2048 pixels: (image, labels)."""
    return render(1, Window(0, 0, 2048, 2048))


@pytest.mark.parametrize(("seed", "row", "col"), [(3, -5000, 70_000), (8, 1_000_003, -400_007)])
def test_render_window_equals_crop_of_larger_window(seed, row, col):
    image, labels = render(seed, Window(row, col, 700, 820))
    draw = np.random.default_rng(seed)
    windows = [(0, 0, 1, 1), (699, 819, 1, 1), (511, 300, 2, 5)]
    for _ in range(5):
        height, width = draw.integers(1, 300, 2)
        windows.append((draw.integers(0, 700 - height), draw.integers(0, 820 - width), height, width))
    for r, c, h, w in (map(int, window) for window in windows):
        part_image, part_labels = render(seed, Window(row + r, col + c, h, w))
        np.testing.assert_array_equal(part_labels, labels[r : r + h, c : c + w])
        np.testing.assert_array_equal(part_image, image[:, r : r + h, c : c + w])


def test_render_is_deterministic_across_processes():
    code = (
        "import hashlib; from training.data.synthetic.rendering import render; "
        "from uhrs_qgis_plugin.engine.grid import Window; image, labels = render(4, Window(90, -30, 200, 150)); "
        "print(hashlib.sha256(image.tobytes() + labels.tobytes()).hexdigest())"
    )
    runs = {
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": salt},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for salt in ("1", "2")
    }
    assert len(runs) == 1


def test_render_types_and_ranges(scene):
    image, labels = scene
    assert image.shape == (3, 1024, 1024)
    assert labels.shape == (1024, 1024)
    assert image.dtype == labels.dtype == np.uint8
    assert labels.max() < len(CLASSES)


def test_render_empty_window_is_refused():
    with pytest.raises(SettingsError, match="at least 1x1"):
        render(0, Window(0, 0, 0, 5))


def test_seeds_give_different_scenes():
    style = Style()
    one, two = (render(seed, Window(0, 0, 300, 300), style) for seed in (0, 1))
    assert np.mean(one[1] != two[1]) > 0.2
    assert np.mean(one[0] != two[0]) > 0.8
    assert Style.from_seed(0) != Style.from_seed(1)


def test_style_changes_the_look_and_not_the_labels():
    plain = Style()
    shifted = replace(plain, warmth=0.9, sand_tone=0.75, haze=0.3, contrast=0.8, sun_azimuth_deg=230.0)
    image, labels = render(2, Window(0, 0, 400, 400), plain)
    other_image, other_labels = render(2, Window(0, 0, 400, 400), shifted)
    assert np.abs(image.astype(int) - other_image).mean() > 10
    # The scene is the same: neither light nor shadow decides what a pixel is.
    np.testing.assert_array_equal(labels, other_labels)


def test_style_resolution_scale_enlarges_the_same_ground():
    _, coarse = render(2, Window(0, 0, 200, 200), Style(resolution_scale=1.0))
    _, fine = render(2, Window(0, 0, 400, 400), Style(resolution_scale=2.0))
    assert np.mean(fine[::2, ::2] == coarse) > 0.8


def test_style_out_of_range_is_refused():
    with pytest.raises(SettingsError, match=r"haze=0.9 is outside 0.0..0.4"):
        Style(haze=0.9)


def test_all_classes_have_plausible_shares(district):
    shares = np.bincount(district[1].ravel(), minlength=len(CLASSES)) / district[1].size
    for name, share in zip(CLASSES, shares, strict=True):
        low, high = SHARES[name]
        assert low <= share <= high, f"{name}: {share:.3f} of the scene, expected {low}..{high}"


def test_fine_structures_vanish_in_the_decimated_labels(scene):
    labels = scene[1][:384, :384]
    kept = np.repeat(np.repeat(labels[2::4, 2::4], 4, axis=0), 4, axis=1) == labels
    blocks = labels.reshape(96, 4, 96, 4).transpose(0, 2, 1, 3).reshape(96, 96, 16)
    votes = np.stack([(blocks == value).sum(axis=2) for value in range(len(CLASSES))])
    mode = np.repeat(np.repeat(votes.argmax(axis=0), 4, axis=0), 4, axis=1) == labels
    lost_nearest = lost_mode = large = 0
    # Crumbs below four pixels (corners of ragged outlines) would make the shares larger, and say little.
    pieces = [piece for piece in _components(labels) if len(piece[0]) >= 4]
    for piece in pieces:
        lost_nearest += not kept[piece].any()
        lost_mode += not mode[piece].any()
        large += len(piece[0]) > 200
    assert large > 20
    assert 0.05 < lost_nearest / len(pieces) < 0.5
    assert 0.1 < lost_mode / len(pieces) < 0.6
    # Decimation also costs pixels of what survives: hedges and tree rows above all.
    assert np.mean(mode[labels == CLASSES.index("vegetation")]) < 0.9


def test_colours_tell_classes_apart_but_not_trivially(district):
    image, labels = district
    colours = image[:, ::4, ::4].reshape(3, -1).T.astype(np.float32)
    truth = labels[::4, ::4].ravel()
    train = np.arange(truth.size) % 2 == 0
    means = np.stack([colours[train & (truth == value)].mean(axis=0) for value in range(len(CLASSES))])
    guess = ((colours[~train, None] - means) ** 2).sum(axis=2).argmin(axis=1)
    recalls = [np.mean(guess[truth[~train] == value] == value) for value in range(len(CLASSES))]
    assert 0.45 < np.mean(recalls) < 0.9  # chance is 0.2
    assert 0.4 < np.mean(guess == truth[~train]) < 0.9


def test_shadows_darken_ground_away_from_the_sun():
    still = Style(noise=0.0, sun_azimuth_deg=90.0, shadow_length=0.9)
    window = Window(0, 0, 512, 512)
    image, labels = render(3, window, still)
    turned, _ = render(3, window, replace(still, sun_azimuth_deg=270.0))
    building = labels == CLASSES.index("building")
    ground = labels == CLASSES.index("land")
    west = np.zeros_like(building)
    west[:, :-6] = building[:, 6:]  # ground six pixels to the west of a building
    west &= ground & ~np.roll(building, 6, axis=1)
    assert west.sum() > 300
    assert image[0][west].mean() < turned[0][west].mean() - 15  # lit from the east, the west side is dark


def test_entry_point_writes_georeferenced_files_from_anywhere(tmp_path):
    command = [sys.executable, str(ROOT / "training" / "make_raster.py"), "out.tif", "--height", "1100"]
    command += ["--width", "600", "--seed", "5", "--labels", "labels.tif", "--resolution-m", "0.5"]
    subprocess.run(command, cwd=tmp_path, check=True)
    expected_image, expected_labels = render(5, Window(0, 0, 1100, 600))
    for name, expected in (("out.tif", expected_image), ("labels.tif", expected_labels[None])):
        with open_raster(str(tmp_path / name)) as reader:
            info = reader.info
            assert (info.height, info.width, info.count) == (1100, 600, len(expected))
            assert info.transform == (330_000.0, 0.5, 0.0, 2_790_000.0, 0.0, -0.5)
            assert "UTM zone 40N" in info.crs_wkt
            bands = range(1, info.count + 1)
            np.testing.assert_array_equal(reader.read(bands, Window(0, 0, 1100, 600)), expected)


def test_entry_point_says_what_is_wrong(tmp_path):
    command = [sys.executable, str(ROOT / "training" / "make_raster.py"), str(tmp_path / "no" / "out.tif")]
    done = subprocess.run([*command, "--size", "64"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "there is no folder" in done.stderr
    assert "Traceback" not in done.stderr


def test_write_scene_nodata_corner(tmp_path):
    image_path, labels_path = str(tmp_path / "image.tif"), str(tmp_path / "labels.tif")
    write_scene(image_path, 90, 120, 7, labels_path, SceneOptions(nodata_corner=True))
    outside = np.add.outer(np.arange(90), np.arange(120)) < 30
    window = Window(0, 0, 90, 120)
    with open_raster(image_path) as image, open_raster(labels_path) as labels:
        np.testing.assert_array_equal(image.read_valid([1, 2, 3], window), ~outside)
        np.testing.assert_array_equal(labels.read([1], window)[0] == 255, outside)


def test_write_scene_errors(tmp_path):
    with pytest.raises(OutputError, match="there is no folder"):
        write_scene(str(tmp_path / "no" / "out.tif"), 8, 8, 0)
    with pytest.raises(SettingsError, match="resolution_m=0"):
        SceneOptions(resolution_m=0)


def _components(labels):
    """Four-connected components of equal labels, each as index arrays (rows, cols)."""
    height, width = labels.shape
    values = labels.tolist()
    seen = [[False] * width for _ in range(height)]
    found = []
    for row in range(height):
        for col in range(width):
            if seen[row][col]:
                continue
            seen[row][col] = True
            queue, piece = deque([(row, col)]), []
            while queue:
                r, c = queue.popleft()
                piece.append((r, c))
                for y, x in ((r - 1, c), (r + 1, c), (r, c - 1), (r, c + 1)):
                    if 0 <= y < height and 0 <= x < width and not seen[y][x] and values[y][x] == values[r][c]:
                        seen[y][x] = True
                        queue.append((y, x))
            found.append(tuple(np.array(piece).T))
    return found
