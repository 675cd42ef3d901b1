"""Blocks are files; a block counts when its mark is there; the mosaic shows what counts."""

import json

import numpy as np
import pytest

from tests.engine.output_cases import profile_of
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.outputs import BlockFiles, RefinedBlock
from uhrs_qgis_plugin.engine.outputs.block_files import STRIP, count_labels

HEIGHT, WIDTH, SIDE = 48, 80, 32


def _files(folder):
    profiles = {
        "classes": profile_of(width=WIDTH, height=HEIGHT),
        "uncertainty": profile_of(2, width=WIDTH // 8, height=HEIGHT // 8),
    }
    return BlockFiles(folder, profiles, 8, 3, (SIDE, SIDE))


def _block(index, row, col):
    height, width = min(SIDE, HEIGHT - row), min(SIDE, WIDTH - col)
    rng = np.random.default_rng(index)
    labels = rng.integers(0, 3, (height, width)).astype(np.uint8)
    return RefinedBlock(index, row, col, labels, rng.integers(0, 255, (2, height // 8, width // 8)).astype(np.uint8))


def _read(files, name):
    cell = {"classes": 1, "uncertainty": 8}[name]
    with files.mosaic(name) as mosaic:
        return mosaic.read(Window(0, 0, HEIGHT // cell, WIDTH // cell))


@pytest.fixture
def blocks():
    places = [(row, col) for row in (0, 32) for col in (0, 32, 64)]
    return [_block(index, *place) for index, place in enumerate(places)]


@pytest.mark.parametrize("height", [1, STRIP, 2 * STRIP + 3])
def test_labels_are_counted_strip_by_strip(height):
    labels = np.random.default_rng(height).choice(np.array([0, 1, 3, 255], np.uint8), (height, 7))
    assert count_labels(labels, 4) == np.bincount(labels.ravel(), minlength=256)[:4].tolist()


def test_the_mosaic_is_the_blocks_side_by_side(tmp_path, blocks):
    files = _files(tmp_path)
    for block in reversed(blocks):
        files.write(block)
    whole, cells = np.zeros((HEIGHT, WIDTH), np.uint8), np.zeros((2, HEIGHT // 8, WIDTH // 8), np.uint8)
    for block in blocks:
        (height, width), row, col = block.labels.shape, block.row, block.col
        whole[row : row + height, col : col + width] = block.labels
        cells[:, row // 8 : (row + height) // 8, col // 8 : (col + width) // 8] = block.uncertainty
    np.testing.assert_array_equal(_read(files, "classes")[0], whole)
    np.testing.assert_array_equal(_read(files, "uncertainty"), cells)
    assert files.pixels == [int((whole == value).sum()) for value in range(3)]


def test_missing_and_empty_blocks_are_no_data(tmp_path, blocks):
    files = _files(tmp_path)
    files.write(blocks[0])
    files.write(RefinedBlock(1, 0, 32, blocks[1].labels, blocks[1].uncertainty, empty=True))
    labels = _read(files, "classes")[0]
    np.testing.assert_array_equal(labels[:SIDE, :SIDE], blocks[0].labels)
    assert (labels[:, SIDE:] == 255).all()
    assert [index in files for index in range(3)] == [True, True, False]
    assert not list(tmp_path.glob("block-000001-*.tiles"))


def test_another_run_knows_the_blocks_that_have_their_mark(tmp_path, blocks):
    files = _files(tmp_path)
    for block in blocks[:3]:
        files.write(block)
    (tmp_path / "block-000002.json").unlink()  # killed before the mark, which is written last
    resumed = _files(tmp_path)
    assert [index in resumed for index in range(4)] == [True, True, False, False]
    marks = [json.loads(path.read_text())["pixels"] for path in sorted(tmp_path.glob("block-*.json"))]
    assert resumed.pixels == np.sum(marks, axis=0).tolist()
    resumed.write(blocks[2])
    assert resumed.pixels == files.pixels
