"""benchmarks/engine/many.py with a few rasters: they make a mosaic without gaps, and every measurement is printed."""

import numpy as np

from benchmarks.engine import many
from tests.engine.tiny_bundle import write_tiny_bundle
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.raster import open_raster


def test_generated_rasters_make_a_mosaic_without_gaps(tmp_path):
    many.make_tiles(tmp_path / "tiles", 9)
    with open_raster(str(tmp_path / "tiles")) as reader:
        assert (reader.info.width, reader.info.height, reader.info.has_mask) == (192, 192, False)
        pixels = reader.read([1], Window(0, 0, 192, 192))[0]
    corners = pixels[::64, ::64]
    np.testing.assert_array_equal(corners[0], pixels[7, ::64])
    assert len(np.unique(corners)) == 4


def test_a_row_for_each_measurement(tmp_path, capsys):
    write_tiny_bundle(tmp_path / "tiny.uhrs")
    rows = many.main(
        [
            "--open",
            "16",
            "--mosaic",
            "16",
            "--each",
            "3",
            "--model",
            str(tmp_path / "tiny.uhrs"),
            "--folder",
            str(tmp_path),
        ]
    )
    assert [(row["kind"], row["count"], row["pixels"]) for row in rows] == [
        ("open", 16, 256 * 256),
        ("mosaic", 16, 256 * 256),
        ("each", 3, 3 * 64 * 64),
    ]
    assert all(row["memory_mib"] > 20 for row in rows)
    assert len(capsys.readouterr().out.splitlines()) == 5
