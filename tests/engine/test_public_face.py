"""What `uhrs_qgis_plugin.engine` offers by itself: seven names and `Watch`, loaded when they are used."""

import doctest
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.documents import fenced
from tests.engine.tiny_bundle import write_tiny_bundle
from uhrs_qgis_plugin import engine

ROOT = Path(__file__).parents[2]
FUNCTIONS = ("open_raster", "read_bundle", "segment")


@pytest.fixture
def site(make_raster, tmp_path, monkeypatch):
    """A folder with what the examples read: 'site.tif' and 'model.uhrs'."""
    data = np.full((3, 200, 300), 20, np.uint8)
    data[:, :, 200:] = 200
    Path(make_raster(data=data)).rename(tmp_path / "site.tif")
    write_tiny_bundle(tmp_path / "model.uhrs")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_importing_it_loads_neither_numpy_nor_onnxruntime():
    code = (
        "import sys; from uhrs_qgis_plugin import engine; names = dir(engine); "
        "heavy = {'numpy', 'onnxruntime', 'rasterio', 'osgeo'}; assert not heavy & set(sys.modules), sys.modules; "
        "assert set(engine.__all__) <= set(names); "
        "from uhrs_qgis_plugin.engine import UhrsError; assert not heavy & set(sys.modules); "
        "from uhrs_qgis_plugin.engine import *; assert segment and 'onnxruntime' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def test_names_are_those_of_the_rooms_and_others_are_refused():
    from uhrs_qgis_plugin.engine.segmentation import segment

    assert engine.segment is segment
    assert engine.__version__
    with pytest.raises(AttributeError, match="has no attribute 'burn'"):
        engine.burn  # noqa: B018
    with pytest.raises(ImportError, match="segmnt"):
        from uhrs_qgis_plugin.engine import segmnt  # noqa: F401


@pytest.mark.parametrize("name", FUNCTIONS)
def test_examples_of_the_functions_run(site, name):
    function = getattr(engine, name)
    [example] = doctest.DocTestFinder(recurse=False).find(function, name, globs={})
    assert example.examples
    output = []
    doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(example, out=output.append)
    assert not output, "".join(output)


def test_the_example_of_the_readme_runs(site, capsys):
    [code] = [text for language, text in fenced(ROOT / "README.md") if language == "python"]
    assert len(code.split("\n\n", 1)[1].splitlines()) == 2  # three lines with the import
    exec(code.replace("uhrs_qgis_plugin/models/default.uhrs", "model.uhrs"), {})
    assert "class0" in capsys.readouterr().out
    assert (site / "classes.tif").exists()
