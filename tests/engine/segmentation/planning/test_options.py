"""Options that are not allowed are refused when they are made, with what is allowed."""

import math

import pytest

from uhrs_qgis_plugin.engine.errors import OptionsError
from uhrs_qgis_plugin.engine.segmentation.planning.options import Options, as_resolution


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"ratio": 1.1}, r"ratio=1\.1 is not allowed: choose a number in 0\.\.1"),
        ({"ratio": math.nan}, "ratio=nan is not allowed"),
        ({"threshold": -0.1}, r"threshold=-0\.1 is not allowed"),
        ({"ratio": 0.5, "minutes": 3}, r"ratio=0\.5 and minutes=3 were given: choose one of them"),
        ({"minutes": 0}, "minutes=0 is not allowed: choose a number above 0"),
        ({"minutes": 3, "resume": True}, "has nothing to resume"),
        ({"device": "cuda:x"}, "Device 'cuda:x' is unknown.*or cards such as cuda:1, cuda:0,2 or cuda:all"),
        ({"device": "gpu"}, "Device 'gpu' is unknown: choose auto or one of .*cpu"),
        ({"uncertainty_cell": 3}, "choose 1, 2, 4 or 8"),
        ({"unreadable": "skip"}, "choose stop or nodata"),
        ({"resolution": "coarse"}, "choose auto, native, or metres above 0"),
        ({"resolution": 0.0}, "choose auto, native, or metres above 0"),
        ({"grid": "model"}, "choose working or input"),
        ({"precision": "half"}, "precision='half' is not allowed: choose auto, float or int8"),
        ({"scene_side": 31}, "scene_side=31 is not allowed: choose 32 or more"),
        ({"block_side": 0}, "block_side=0 is not allowed: choose 32 or more"),
        ({"batch_size": 0}, "batch_size=0 is not allowed: choose 1 or more"),
        ({"scene_side": 256, "scene_overlap": 256}, r"choose a multiple of 32 in 0\.\.224"),
        ({"scene_overlap": 40}, "choose a multiple of 32"),
        ({"bands": ()}, r"bands=\[\] is not allowed: give numbers from 1"),
        ({"bands": (0, 1, 2)}, "give numbers from 1"),
        ({"bounds": (0, 0, 1)}, "give left, bottom, right, top"),
        ({"bounds": (0, 0, math.inf, 1)}, "give left, bottom, right, top"),
        ({"bounds": (1, 0, 1, 1)}, "hold no area"),
    ],
)
def test_refused(values, text):
    with pytest.raises(OptionsError, match=text):
        Options(**values)


@pytest.mark.parametrize("values", [{}, {"ratio": 0}, {"ratio": 1}, {"threshold": 0.0}, {"resolution": 0.3}])
def test_allowed(values):
    assert Options(**values).device == "auto"


def test_a_resolution_is_a_number_or_a_word():
    assert [as_resolution(text) for text in ("0.3", " Native ", "auto")] == [0.3, "native", "auto"]
