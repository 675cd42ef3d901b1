import itertools
import json
import re
from dataclasses import replace

import numpy as np
import pytest

from tests.engine.fakes import PixelStreams, fake_bundle
from tests.engine.raster_cases import noise
from uhrs_qgis_plugin.engine.errors import RasterError
from uhrs_qgis_plugin.engine.flow import Message, Watch
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.outputs import Outputs
from uhrs_qgis_plugin.engine.raster import open_raster
from uhrs_qgis_plugin.engine.raster.source import RasterSource
from uhrs_qgis_plugin.engine.raster.types import IDENTITY, RasterInfo
from uhrs_qgis_plugin.engine.segmentation import Options, choose_bands, pipeline, segment
from uhrs_qgis_plugin.engine.segmentation.planning.bands import AS_GIVEN, IN_ORDER

RGB = ("red", "green", "blue")
RGBN = (*RGB, "nir")


def bundle_of(names=RGB, **changes):
    bundle = fake_bundle(bands=len(names), patch_side=32, **changes)
    return replace(bundle, bands=tuple(names), resolution_m=0.5)  # that of the rasters below


def info_of(colours, descriptions=(), alpha="auto"):
    count = len(colours)
    return RasterInfo(
        path="folder/raster.tif",
        width=10,
        height=10,
        count=count,
        dtypes=("uint8",) * count,
        crs_wkt="",
        transform=IDENTITY,
        has_transform=False,
        alpha_bands=() if alpha == "data" else tuple(n for n, colour in enumerate(colours, 1) if colour == "alpha"),
        has_mask=False,
        colours=tuple(colours),
        descriptions=tuple(descriptions) or ("",) * count,
        source=RasterSource("", alpha=alpha),
    )


NOTHING = ("gray", "undefined", "undefined", "undefined", "undefined")


@pytest.mark.parametrize(
    ("names", "colours", "descriptions", "bands", "reason"),
    [
        (RGB, NOTHING[:3], (), (1, 2, 3), IN_ORDER),
        (RGB, NOTHING[:3], ("Band 1", "Band 2", "Band 3"), (1, 2, 3), IN_ORDER),
        (RGB, NOTHING[:3], ("B1", "B2", "B3"), (1, 2, 3), IN_ORDER),
        (RGB, (*NOTHING[:3], "alpha"), (), (1, 2, 3), IN_ORDER),
        (RGB, RGB, (), (1, 2, 3), "by their colour interpretation"),
        (RGB, ("blue", "green", "red"), (), (3, 2, 1), "by their colour interpretation"),
        (RGB, ("alpha", *RGB), (), (2, 3, 4), "by their colour interpretation"),
        (RGB, NOTHING[:4], ("NIR", "Rouge", "Vert", "Bleu"), (2, 3, 4), "by their descriptions"),
        (RGB, NOTHING[:5], ("B02", "B03", "B04", "B08", ""), (3, 2, 1), "by their descriptions"),
        (
            RGB,
            ("blue", "green", "undefined"),
            ("", "", "Red"),
            (3, 2, 1),
            "by their colour interpretation and descript",
        ),
        (RGB, ("undefined", "green", "blue"), (), (1, 2, 3), IN_ORDER),
        (RGBN, ("blue", "green", "red", "undefined"), (), (3, 2, 1, 4), "band 4 is the only one left"),
        (RGBN, (*RGB, "undefined"), (), (1, 2, 3, 4), IN_ORDER),
        (("dem", "slope"), NOTHING[:3], ("Slope (deg)", "aspect", "DEM"), (3, 1), "by their descriptions"),
        (("band1", "band2"), ("red", "green"), (), (1, 2), IN_ORDER),
        (RGB, ("red", "green", "blue", "alpha", "nir"), (), (1, 2, 3), "by their colour interpretation"),
    ],
)
def test_bands_are_found_by_role(names, colours, descriptions, bands, reason):
    choice = choose_bands(info_of(colours, descriptions), bundle_of(names), None)
    assert choice.numbers == bands
    assert reason in choice.reason


@pytest.mark.parametrize(
    ("names", "colours", "descriptions", "problem"),
    [
        (RGB, RGB, ("Blue", "Green", "Red"), "band 1 is red by its colour interpretation but described as 'Blue'"),
        (RGB, RGB, ("NIR", "Red", "Green"), "but described as 'NIR'"),
        (RGB, ("red", "red", "blue"), (), "bands 1, 2 are all red"),
        (RGB, NOTHING[:3], ("NIR", "Red", "Green"), "its bands are nir, red, green"),
        (RGB, NOTHING[:4], (), "it has 4 bands, and none says that it is red or green or blue"),
        (RGB, (*NOTHING[:4], "alpha"), (), "it has 4 bands"),
        (RGB, NOTHING[:4], ("Red", "Green", "", ""), "none says that it is blue"),
        (RGB, NOTHING[:3], ("B2", "B3", "B4"), "'B2', 'B3', 'B4', which mean other colours on other satellites"),
        (RGB, ("undefined", "red", "undefined"), (), "its bands are nameless, red, nameless"),
        (RGB, ("hue", "saturation", "lightness"), (), "none says|its bands are"),
        (("band1",), RGB, (), "none says that it is band1"),
    ],
)
def test_unclear_bands_are_refused_in_one_line(names, colours, descriptions, problem):
    with pytest.raises(RasterError) as caught:
        choose_bands(info_of(colours, descriptions), bundle_of(names), None)
    text = str(caught.value)
    assert any(part in text for part in problem.split("|")), text
    assert "--bands" in text
    assert "BANDS in QGIS" in text
    assert "\n" not in text
    # What the text advises is taken as it is.
    given_bands = tuple(range(1, len(names) + 1))
    assert choose_bands(info_of(colours, descriptions), bundle_of(names), given_bands).reason == AS_GIVEN


def test_alpha_that_is_described_as_data_is_refused_unless_it_is_declared():
    colours, descriptions = (*RGB, "alpha"), ("Red", "Green", "Blue", "NIR")
    with pytest.raises(RasterError, match=r"described as 'NIR'\. Choose --alpha data .* --alpha mask .*ALPHA in QGIS"):
        choose_bands(info_of(colours, descriptions), bundle_of(), None)
    assert choose_bands(info_of(colours, descriptions, "mask"), bundle_of(), None).numbers == (1, 2, 3)
    assert choose_bands(info_of(colours, descriptions, "data"), bundle_of(RGBN), None).numbers == (1, 2, 3, 4)


def test_four_bands_labelled_rgba_reach_a_model_of_four():
    with pytest.raises(RasterError, match=r"has 3 \(and 1 alpha\)\. .*--alpha data \(ALPHA in QGIS\)"):
        choose_bands(info_of((*RGB, "alpha")), bundle_of(RGBN), None)
    assert choose_bands(info_of((*RGB, "alpha"), alpha="data"), bundle_of(RGBN), None).numbers == (1, 2, 3, 4)


# Through the whole engine.


@pytest.fixture
def streams(monkeypatch):
    """Let the pipeline open these streams instead of onnxruntime's."""
    fake = PixelStreams()
    monkeypatch.setattr(pipeline, "open_streams", lambda bundle, device, announce, precision: fake)
    return fake


def _run(raster, folder, bundle=None, **options):
    folder.mkdir(exist_ok=True)
    outputs = Outputs(str(folder / "classes.tif"), None, str(folder / "report.json"))
    events = []
    segment(str(raster), bundle or bundle_of(), outputs, Options(**options), Watch(notify=events.append))
    with open_raster(outputs.classes) as reader:
        labels = reader.read([1], Window(0, 0, reader.info.height, reader.info.width))[0]
    report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    heard = [event for event in events if isinstance(event, Message) and not event.text.startswith("Fit unknown")]
    report["messages"] = [text for text in report["messages"] if not text.startswith("Fit unknown")]  # no statistics
    return labels, report, heard


def test_permuted_bands_give_the_labels_of_ordered_ones(make_raster, streams, tmp_path):
    image = noise(4, 90, 70)
    image[3] = np.where(image[3] < 60, 0, 255)
    names = (*RGB, "alpha")
    ordered, _, _ = _run(make_raster(data=image, colours=names), tmp_path / "ordered")
    assert 0 < (ordered == 255).mean() < 1
    for order in itertools.permutations(range(4)):
        for how in ("colours", "descriptions"):
            raster = make_raster(data=image[list(order)], **{how: [names[index] for index in order]})
            labels, report, messages = _run(raster, tmp_path / "permuted")
            np.testing.assert_array_equal(labels == 255, ordered == 255)
            # GDAL leaves transparent pixels out of averages only where it knows of the alpha band.
            if how == "colours" and order[3] == 3:
                np.testing.assert_array_equal(labels, ordered)
            assert report["bands"] == [order.index(index) + 1 for index in range(3)]
            assert len(messages) == (report["bands"] != [1, 2, 3])
            assert report["messages"] == [message.text for message in messages]


@pytest.mark.parametrize("how", ["colours", "descriptions"])
def test_permuted_bands_without_alpha(make_raster, streams, tmp_path, how):
    image, names = noise(4, 90, 70), (*RGB, "nir")
    ordered, _, _ = _run(make_raster(data=image[:3]), tmp_path / "ordered")
    for order in itertools.permutations(range(4)):
        roles = [names[index] for index in order]
        if how == "colours":
            roles = ["undefined" if role == "nir" else role for role in roles]
        labels, report, _ = _run(make_raster(data=image[list(order)], **{how: roles}), tmp_path / "permuted")
        np.testing.assert_array_equal(labels, ordered)
        assert report["bands"] == [order.index(index) + 1 for index in range(3)]


def test_bands_are_told_in_one_line(make_raster, streams, tmp_path):
    raster = make_raster(colours=("blue", "green", "red"))
    _, report, messages = _run(raster, tmp_path / "out")
    assert [message.text for message in messages] == [
        "Bands 3, 2, 1 are read as red, green, blue (by their colour interpretation)."
    ]
    assert report["bands"] == [3, 2, 1]
    assert report["bands_reason"] == "by their colour interpretation"
    assert report["alpha"] == "auto"
    assert report["stretch"] is None


def test_near_infrared_that_is_labelled_alpha(make_raster, streams, tmp_path):
    image = noise(4, 64, 64)
    image[3, :32] = 0  # water
    plain, _, _ = _run(make_raster(data=image), tmp_path / "plain", bundle_of(RGBN))
    labelled = make_raster(data=image, alpha=True)
    labels, report, _ = _run(labelled, tmp_path / "labelled", bundle_of(RGBN), alpha="data")
    np.testing.assert_array_equal(labels, plain)
    assert report["valid_pixels"] == 64 * 64
    labels, _, _ = _run(labelled, tmp_path / "given", bundle_of(RGBN), bands=(1, 2, 3, 4))
    np.testing.assert_array_equal(labels, plain)


@pytest.mark.parametrize("how", ["alpha", "nodata", "bounds"])
def test_a_run_without_a_valid_pixel_warns(make_raster, streams, tmp_path, how):
    options = {}
    if how == "alpha":
        image = np.concatenate([noise(3, 64, 64), np.zeros((1, 64, 64), np.uint8)])
        raster, says = make_raster(data=image, alpha=True), "holds data by alpha band 4: .*--alpha data"
    elif how == "nodata":
        raster, says = make_raster(data=np.full((3, 64, 64), 7, np.uint8), nodata=7), "holds data by nodata 7: "
    else:
        raster, says = make_raster(width=64, height=64, nodata=0), "within the bounds holds data"
        options["bounds"] = (500000, 4999990, 500010, 5000000)
    labels, report, messages = _run(raster, tmp_path / "out", **options)
    assert (labels == 255).all()
    assert report["valid_pixels"] == 0
    assert [message.is_warning for message in messages] == [True]
    assert report["messages"] == [messages[0].text]
    assert re.search(says, messages[0].text), messages[0].text


@pytest.mark.parametrize("mark", ["plain", "alpha", "nodata", "float"])
def test_16_bits_are_stretched_like_a_stretched_copy(make_raster, streams, tmp_path, mark):
    small = np.maximum(noise(3, 80, 96), 1)
    wide = small.astype(np.uint16) * 40 + 300
    how, twin = {}, {}
    if mark == "alpha":
        wide = np.concatenate([wide, np.full((1, 80, 96), 65535, np.uint16)])
        how = {"alpha": True}
    elif mark == "nodata":
        wide[:, :20], how = 65535, {"nodata": 65535}
        small[:, :20], twin = 0, {"nodata": 0}
    elif mark == "float":
        wide = wide.astype(np.float32) / 10000
    limits = "0.03,1.05" if mark == "float" else "300,10500"
    expected, _, _ = _run(make_raster(data=small, **twin), tmp_path / "expected", ratio=1.0)
    labels, report, messages = _run(make_raster(data=wide, **how), tmp_path / "out", ratio=1.0, stretch=limits)
    np.testing.assert_array_equal(labels == 255, expected == 255)
    assert (labels == expected).mean() > 0.99
    assert report["stretch"]["reason"] == "as given"
    _, report, messages = _run(make_raster(data=wide, **how), tmp_path / "auto")
    assert sorted(report["stretch"]["limits"]) == ["1", "2", "3"]
    assert report["valid_pixels"] == (expected != 255).sum()
    assert "numbers are brought to 8 bits: band 1" in messages[0].text
    assert report["messages"] == [message.text for message in messages]


def test_limits_are_those_of_the_raster_not_of_the_bounds(make_raster, streams, tmp_path):
    raster = make_raster(data=(noise(3, 64, 64).astype(np.uint16) * 9 + 5))
    _, whole, _ = _run(raster, tmp_path / "whole")
    _, part, _ = _run(raster, tmp_path / "part", bounds=(500000, 4999990, 500010, 5000000))
    assert whole["stretch"] == part["stretch"]
