"""Whole runs with somebody's own network: what it would give on the whole raster at once, whatever it takes."""

import itertools
import json

import numpy as np
import pytest

from tests.engine.segmentation.runs import SMALL, Stopper, outputs_in, read_whole
from tests.engine.tiny_network import REACH, tiny_network, write_network_bundle
from uhrs_qgis_plugin.engine.errors import BundleError, CancelledError, OptionsError
from uhrs_qgis_plugin.engine.flow import Message, Watch
from uhrs_qgis_plugin.engine.segmentation import Stage, StageBegun, pipeline
from uhrs_qgis_plugin.engine.segmentation.pipeline import segment
from uhrs_qgis_plugin.engine.segmentation.planning.options import Options

pytestmark = [
    pytest.mark.once,  # QGIS runs windows in tests/qgis/import_model
    pytest.mark.filterwarnings("ignore::UserWarning"),  # rasterio warns of rasters without georeference
]

CLOSE = 1e-3  # scores that differ by less are one: numpy and onnxruntime round differently


def pixels(height, width, bands=3, dtype="uint8", seed=0):
    """Fields of random colours with noise: every class, and edges everywhere."""
    random = np.random.default_rng(seed)
    fields = random.integers(0, 200, (bands, -(-height // 16), -(-width // 16))).repeat(16, 1).repeat(16, 2)
    image = fields[:, :height, :width] + random.integers(0, 55, (bands, height, width))
    return image.astype(dtype)


def run(raster, bundle, folder, watch=None, **options):
    report = segment(raster, bundle, outputs_in(folder), Options(**options), **({"watch": watch} if watch else {}))
    labels, _ = read_whole(folder / "classes.tif")
    cells, _ = read_whole(folder / "uncertainty.tif")
    return labels[0], cells, report


def widened(image):
    """Repeat the last row and column up to a multiple of 32, as far as the engine does."""
    return np.pad(image, ((0, 0), (0, -image.shape[1] % 32), (0, -image.shape[2] % 32)), mode="edge")


def probabilities(scores):
    parts = np.exp(scores - scores.max(0))
    return parts / parts.sum(0)


def entropy(shares):
    return -(shares * np.log(np.maximum(shares, 1e-30))).sum(0) / np.log(len(shares))


def assert_same_classes(labels, scores):
    """The classes are those of the highest scores, wherever these are higher than others by more than rounding."""
    height, width = labels.shape
    scores = scores[:, :height, :width]
    first, second = np.sort(scores, 0)[:-3:-1]
    clear = first - second > CLOSE * np.abs(scores).max()
    assert clear.mean() > 0.9
    assert len(np.unique(scores.argmax(0))) > 1 or labels.size < 2000
    assert np.array_equal(labels[clear], scores.argmax(0)[clear])


@pytest.mark.parametrize(("height", "width"), [(320, 256), (203, 331), (40, 500), (20, 31), (1, 1)])
@pytest.mark.parametrize("first_look", ["same", "none"])
def test_all_patches_give_what_the_network_gives_on_the_whole_raster(
    make_raster, out, tmp_path, height, width, first_look
):
    network = tiny_network(first_look=first_look)
    assert network.windows.margin >= REACH
    bundle = write_network_bundle(tmp_path / "own.uhrs", network)
    image = pixels(height, width)
    labels, cells, report = run(make_raster(data=image), bundle, out, **SMALL)
    side = network.windows.side
    wide = widened(image)
    wide = np.pad(wide, ((0, 0), *((0, max(0, side - length)) for length in wide.shape[1:])), mode="edge")
    scores = network.scores(wide)
    if height > 1:
        assert_same_classes(labels, scores)
    final = np.pad(entropy(probabilities(scores))[:height, :width], ((0, -height % 8), (0, -width % 8)), mode="edge")
    whole = np.s_[: height // 8, : width // 8]
    expected = 254 * final.reshape(final.shape[0] // 8, 8, -1, 8).mean((1, 3))
    assert np.abs(cells[1][whole] - expected[whole]).max(initial=0) <= 1
    assert report.ratio == 1
    assert np.array_equal(cells[0], cells[1]) == (first_look == "none") or height == 1


KINDS = {
    "as is": {},
    "fixed side": {"is_fixed": True},
    "one window at a time": {"batch": 1},
    "five windows at a time": {"batch": 5},
    "channels last": {"input_axes": "NHWC", "output_axes": "NHWC"},
    "channels last in the output alone": {"output_axes": "NHWC"},
    "probabilities": {"scores": "probabilities"},
    "one channel of logits": {"channels": 1, "classes": 2},
    "one channel of probabilities": {"channels": 1, "classes": 2, "scores": "probabilities"},
    "one band": {"bands": 1},
    "five bands": {"bands": 5},
    "sixty classes": {"classes": 60},
    "hundred classes": {"classes": 100},
    "uneven margins": {"side": 97, "margin": 5},
}


@pytest.mark.parametrize("kind", KINDS)
def test_any_network(make_raster, out, tmp_path, kind):
    settings = KINDS[kind]
    network = tiny_network(**settings)
    bundle = write_network_bundle(tmp_path / "own.uhrs", network)
    image = pixels(200, 260, network.bands)
    labels, _, _ = run(make_raster(data=image), bundle, out, **SMALL)
    scores = network.scores(widened(image))
    if network.classes < 9:
        assert_same_classes(labels, scores)
    scores = scores[:, :200, :260]
    assert (labels == scores.argmax(0)).mean() > 0.995


def test_half_precision(make_raster, out, tmp_path):
    network = tiny_network(input_type="float16", output_type="float16")
    bundle = write_network_bundle(tmp_path / "own.uhrs", network)
    image = pixels(200, 260)
    labels, _, _ = run(make_raster(data=image), bundle, out, **SMALL)
    assert (labels == network.scores(widened(image))[:, :200, :260].argmax(0)).mean() > 0.995


@pytest.mark.parametrize("data_type", ["uint8", "uint16", "float32"])
def test_numbers_that_the_graph_takes_as_they_are(make_raster, out, tmp_path, data_type):
    network = tiny_network(mean=(), deviation=(), input_type=data_type)
    bundle = write_network_bundle(tmp_path / "own.uhrs", network, data_type)
    image = pixels(200, 260, dtype=data_type)
    labels, _, _ = run(make_raster(data=image), bundle, out, **SMALL)
    assert_same_classes(labels, network.scores(widened(image)))


def test_coarse_output_is_interpolated(make_raster, out, tmp_path):
    """Scores of 4 x 4 pixels: linear between the middles of cells, as torch does without aligned corners."""
    network = tiny_network(stride=4)
    bundle = write_network_bundle(tmp_path / "own.uhrs", network)
    image = pixels(192, 256)
    labels, _, _ = run(make_raster(data=image), bundle, out, **SMALL)
    assert_same_classes(labels, enlarged(network.scores(image), 4))


def enlarged(array, factor):
    """Interpolate (C, h, w) linearly, pixel by pixel."""
    for axis in (1, 2):
        length = array.shape[axis]
        places = ((np.arange(length * factor) + 0.5) / factor - 0.5).clip(0, length - 1)
        first = places.astype(int).clip(0, max(0, length - 2))
        second = np.minimum(first + 1, length - 1)
        share = np.expand_dims(places - first, (0, 3 - axis))
        array = array.take(first, axis) * (1 - share) + array.take(second, axis) * share
    return array


@pytest.mark.parametrize("classes", [3, 70])
def test_first_look_alone_is_the_network_at_a_quarter(make_raster, out, tmp_path, classes):
    """K = 0: its probabilities, averaged over cells of 8 pixels (16 for many classes), interpolated."""
    network = tiny_network(classes=classes)
    bundle = write_network_bundle(tmp_path / "own.uhrs", network)
    image = pixels(512, 640)
    labels, cells, report = run(make_raster(data=image), bundle, out, ratio=0.0)
    assert report.selected_patches == 0
    small = np.floor(image.reshape(3, 128, 4, 160, 4).mean((2, 4)) + 0.5)
    shares = probabilities(network.scores(small))
    size = 8 if classes <= 64 else 16
    factor = size // 4
    grid = shares.reshape(classes, 128 // factor, factor, 160 // factor, factor).mean((2, 4))
    full = enlarged(grid, size)
    first, second = np.sort(full, 0)[:-3:-1]
    clear = first - second > 1e-5
    assert clear.mean() > 0.95
    assert np.array_equal(labels[clear], full.argmax(0)[clear])
    expected = 254 * entropy(shares).reshape(64, 2, 80, 2).mean((1, 3))
    assert np.abs(cells[0] - expected).max() <= 1
    assert np.abs(cells[1] - 254 * entropy(grid).repeat(factor // 2, 0).repeat(factor // 2, 1)).max() <= 1


def test_blocks_and_batches_change_nothing(make_raster, out, tmp_path):
    network = tiny_network()
    bundle = write_network_bundle(tmp_path / "own.uhrs", network)
    raster = make_raster(data=pixels(300, 420))
    whole = run(raster, bundle, out, ratio=0.4)
    for block_side, batch_size in itertools.product((64, 192), (1, 5)):
        parts = run(raster, bundle, out, ratio=0.4, block_side=block_side, batch_size=batch_size)
        assert np.array_equal(whole[0], parts[0])
        assert np.array_equal(whole[1], parts[1])


def test_budgets_choose_patches_of_highest_uncertainty(make_raster, out, tmp_path):
    bundle = write_network_bundle(tmp_path / "own.uhrs", tiny_network(), ratio=0.5)
    image = pixels(256, 256)
    image[:, :, :128] = 90  # nothing to see there
    raster = make_raster(data=image)
    _, cells, half = run(raster, bundle, out)
    assert (half.patches, half.selected_patches) == (16, 8)
    scores = cells[0].reshape(4, 8, 4, 8).mean((1, 3))
    _, _, some = run(raster, bundle, out, threshold=float(np.median(scores)) / 254)
    assert 7 <= some.selected_patches <= 9
    _, _, timed = run(raster, bundle, out, minutes=5.0)
    assert timed.selected_patches == 16


@pytest.mark.parametrize("first_look", ["same", "none"])
def test_what_holds_no_data_gets_no_class(make_raster, out, tmp_path, first_look):
    network = tiny_network(first_look=first_look)
    bundle = write_network_bundle(tmp_path / "own.uhrs", network)
    image = np.maximum(pixels(256, 320), 1)
    image[:, :140, :200] = 0
    image[:, 7, 9] = 50  # a pixel that no look at 1/4 scale sees
    labels, cells, report = run(make_raster(data=image, nodata=0), bundle, out, **SMALL)
    assert np.array_equal(labels == 255, (image == 0).all(0))
    assert (cells[:, 1:17, 2:24] == 255).all()
    fill = np.array(bundle.fill)[:, None, None]
    filled = np.where((image == 0).all(0), fill, image)
    scores = network.scores(filled)
    assert labels[7, 9] == scores[:, 7, 9].argmax() or first_look == "same"
    assert (labels[140:] == scores.argmax(0)[140:]).mean() > 0.995
    assert report.valid_pixels == np.count_nonzero(labels != 255)
    assert 0 < report.patches < 20


def test_without_a_first_look_nothing_is_read_before_the_refine_pass(make_raster, out, tmp_path):
    bundle = write_network_bundle(tmp_path / "own.uhrs", tiny_network(first_look="none"))
    stages = []
    watch = Watch(notify=lambda event: stages.append(event.stage) if isinstance(event, StageBegun) else None)
    _, _, report = run(make_raster(width=200, height=160), bundle, out, watch)
    assert report.pixels_read["coarse"] == 0
    assert Stage.REFINE in stages


@pytest.mark.parametrize(
    ("given", "text"),
    [({"ratio": 0.5}, "ratio=0.5"), ({"threshold": 0.2}, "threshold=0.2"), ({"minutes": 3.0}, "minutes=3.0")],
)
def test_without_a_first_look_there_is_no_budget(make_raster, out, tmp_path, given, text):
    bundle = write_network_bundle(tmp_path / "own.uhrs", tiny_network(first_look="none"))
    with pytest.raises(OptionsError, match=f"{text} was given but model 'tiny network' has no first look"):
        run(make_raster(), bundle, out, **given)
    with pytest.raises(OptionsError, match=r"preview=.* was given but model 'tiny network' has no first look"):
        segment(make_raster(), bundle, outputs_in(out, preview=str(out / "p.tif")), Options())
    assert list(out.iterdir()) == []


def test_preview_shows_the_first_look(make_raster, out, tmp_path):
    bundle = write_network_bundle(tmp_path / "own.uhrs", tiny_network(), ratio=0.5)
    raster = make_raster(data=pixels(200, 260))
    segment(raster, bundle, outputs_in(out, preview=str(out / "p.tif")), Options())
    coarse, _, _ = run(raster, bundle, tmp_path, ratio=0.0)
    preview, _ = read_whole(out / "p.tif")
    assert np.array_equal(preview[0][:, :32], coarse[4::8, 4::8])


@pytest.mark.parametrize("first_look", ["same", "none"])
@pytest.mark.parametrize("after", [3, 9, 20])
def test_stopped_and_resumed(make_raster, out, tmp_path, first_look, after):
    bundle = write_network_bundle(tmp_path / "own.uhrs", tiny_network(first_look=first_look))
    raster = make_raster(data=pixels(300, 420))
    expected = run(raster, bundle, tmp_path, **SMALL)
    stopper = Stopper(after)
    try:
        segment(raster, bundle, outputs_in(out), Options(resume=True, **SMALL), Watch(is_cancelled=stopper))
    except CancelledError:
        assert not (out / "classes.tif").exists()
    labels, cells, report = run(raster, bundle, out, resume=True, **SMALL)
    assert np.array_equal(labels, expected[0])
    assert np.array_equal(cells, expected[1])
    assert report.selected_patches == expected[2].selected_patches


def test_8_bits_are_another_choice(make_raster, out, tmp_path):
    network = tiny_network()
    graphs = {"network": network.graph(), "network.int8": network.graph(gain=-1.0)}
    stated = {"agreement": 0.99, "uncertainty_difference": 0.0, "test_scene_agreement": 0.99}
    optional = {"uhrs:int8": {**stated, "calibrated_on": "nothing", "compared_on": "nothing"}}
    bundle = write_network_bundle(tmp_path / "own.uhrs", network, int8=graphs, optional=optional)
    assert bundle.precisions == ("float", "int8")
    raster = make_raster(data=pixels(128, 128))
    plain, _, first = run(raster, bundle, out, precision="float")
    small, _, second = run(raster, bundle, out, precision="int8")
    assert (first.precision, second.precision) == ("float", "int8")
    assert (plain != small).mean() > 0.1
    with pytest.raises(OptionsError, match="has no 8-bit graphs"):
        run(raster, write_network_bundle(tmp_path / "plain.uhrs", network), out, precision="int8")


def test_numbers_that_are_no_probabilities_are_refused(make_raster, out, tmp_path):
    logits, claimed = tiny_network(), tiny_network(scores="probabilities")
    bundle = write_network_bundle(tmp_path / "own.uhrs", claimed, int8={"network": logits.graph()})
    with pytest.raises(BundleError, match=r"gave probabilities in .*, expected 0..1: they may be logits"):
        run(make_raster(data=pixels(128, 128)), bundle, out)
    assert list(out.iterdir()) == []


def test_memory_that_is_short_takes_fewer_windows(make_raster, out, tmp_path, monkeypatch):
    bundle = write_network_bundle(tmp_path / "own.uhrs", tiny_network())
    raster = make_raster(data=pixels(200, 260))
    expected = run(raster, bundle, tmp_path)
    open_streams, seen = pipeline.open_streams, []

    def open_small(*args):
        streams = open_streams(*args)
        real = streams._runner._sessions["network"]

        class Small:
            def run(self, outputs, feed, *options):
                (tensor,) = feed.values()
                seen.append(len(tensor))
                if len(tensor) > 3:
                    raise RuntimeError("Failed to allocate memory for requested buffer")
                return real.run(outputs, feed, *options)

        streams._runner._sessions = {"network": Small()}
        return streams

    monkeypatch.setattr(pipeline, "open_streams", open_small)
    texts = []
    watch = Watch(notify=lambda event: texts.append(event.text) if isinstance(event, Message) else None)
    labels, cells, _ = run(raster, bundle, out, watch)
    assert np.array_equal(labels, expected[0])
    assert np.array_equal(cells, expected[1])
    assert max(seen) > 3
    assert any("Memory is short: going on with" in text for text in texts)


def test_the_report_names_the_network(make_raster, out, tmp_path):
    bundle = write_network_bundle(tmp_path / "own.uhrs", tiny_network())
    run(make_raster(), bundle, out)
    report = json.loads((out / "report.json").read_text())
    assert (report["model"], report["device"], report["ratio"]) == ("tiny network", "cpu", 1)
