"""Networks of others become bundles that compute the same: every layout, type and kind of score, and Deepness' keys."""

from __future__ import annotations

import json

import numpy as np
import pytest

from tests.engine.importing.networks import IMAGENET, deepness, weights, write_network
from uhrs_qgis_plugin.engine.bundle import find_model, read_bundle, read_manifest
from uhrs_qgis_plugin.engine.errors import BundleError, CancelledError, OptionsError
from uhrs_qgis_plugin.engine.flow import Message, Watch
from uhrs_qgis_plugin.engine.importing import ImportOptions, as_names, as_numbers, check_import, import_model

RGB = ("red", "green", "blue")
FOUR = ("a", "b", "c", "d")


@pytest.fixture
def bring(tmp_path):
    """Import a tiny network; returns the bundle and what was said of it. `options` go to ImportOptions."""

    def run(options=None, **network):
        path = write_network(tmp_path / "net.onnx", **network)
        said = []
        bundle = import_model(path, tmp_path / "net.uhrs", ImportOptions(**(options or {})), Watch(notify=said.append))
        return bundle, said

    return run


def answers(**changes):
    """What has to be said of a file that tells nothing."""
    return {"classes": FOUR, "bands": RGB, "resolution": "0.5", "divisor": 255.0, **changes}


def test_everything_that_deepness_writes_is_understood(bring, tmp_path):
    """No option at all: the bundle holds the same graph, and every number stands where the engine reads it."""
    metadata = deepness(standardization_mean=IMAGENET["mean"], standardization_std=IMAGENET["std"])
    bundle, said = bring(head="Softmax", metadata=metadata)
    assert bundle.graphs["network"] == (tmp_path / "net.onnx").read_bytes()
    assert [entry.name for entry in bundle.classes] == ["water", "land", "road", "building"]
    assert len({entry.colour for entry in bundle.classes}) == 4
    assert (bundle.name, bundle.bands, bundle.data_type, bundle.resolution_m) == ("net", RGB, "uint8", 0.3)
    assert bundle.total_parameters == 4 * 3 * 3 * 3
    windows = bundle.windows
    assert (windows.side, windows.is_fixed, windows.batch, windows.channels) == (128, True, 1, 4)
    assert (windows.scores, windows.stride, windows.first_look, bundle.default_ratio) == ("probabilities", 1, "none", 1)
    assert windows.mean == pytest.approx(255 * np.array(IMAGENET["mean"]))
    assert windows.deviation == pytest.approx(255 * np.array(IMAGENET["std"]))
    assert bundle.fill == (124, 116, 104)
    assert windows.margin == 16, "15 % of 128, half of it on each side, rounded up"
    assert not any(event.is_warning for event in said)
    assert "water, land, road, building" in " ".join(event.text for event in said)
    assert read_bundle(tmp_path / "net.uhrs").sha256 == bundle.sha256


def test_scaling_of_deepness_without_its_keys(bring):
    """It divides by 255 and does nothing else."""
    windows = bring(metadata=deepness())[0].windows
    assert (windows.mean, windows.deviation) == ((0, 0, 0), (255, 255, 255))


@pytest.mark.parametrize("key", ["tile_size", "tiles_size"])
def test_tile_size_as_documented_and_as_read(bring, key):
    metadata = deepness(**{"tiles_size": None, key: 192})
    windows = bring(side=None, batch=None, metadata=metadata)[0].windows
    assert (windows.side, windows.is_fixed, windows.batch) == (192, False, None)


@pytest.mark.parametrize(
    "names",
    [
        '{"0": "a", "1": "b", "2": "c", "3": "d"}',
        '[{"0": "a", "1": "b", "2": "c", "3": "d"}]',
        "{0: 'a', 1: 'b', 2: 'c', 3: 'd'}",
        '["a", "b", "c", "d"]',
        '{"3": "d", "0": "a", "2": "c", "1": "b"}',
    ],
)
def test_names_as_they_are_written(bring, names):
    bundle, _ = bring(metadata={**deepness(), "class_names": names})
    assert tuple(entry.name for entry in bundle.classes) == FOUR


def test_options_count_more_than_the_file(bring):
    options = answers(
        name="mine",
        classes=("water=1F78B4", *FOUR[1:]),
        mean=IMAGENET["mean"],
        std=IMAGENET["std"],
        margin=32,
        first_look="same",
        licence="CC-BY-4.0",
        training_data="Nothing.",
    )
    bundle, _ = bring(options, metadata=deepness())
    assert (bundle.name, bundle.resolution_m, bundle.licence) == ("mine", 0.5, "CC-BY-4.0")
    assert bundle.training_data == "Nothing."
    assert (bundle.classes[0].name, bundle.classes[0].colour) == ("water", (0x1F, 0x78, 0xB4))
    assert bundle.windows.mean == pytest.approx((123.675, 116.28, 103.53))
    assert (bundle.windows.margin, bundle.windows.patch_side) == (32, 64)
    assert (bundle.windows.first_look, bundle.default_ratio) == ("same", 0.5)


@pytest.mark.parametrize(
    ("network", "expected"),
    [
        ({"side": None, "batch": None}, {"side": 512, "is_fixed": False, "batch": None}),
        ({"layout": "NHWC"}, {"input_axes": "NHWC", "output_axes": "NHWC"}),
        ({"layout": "NHWC", "side": None, "batch": None}, {"input_axes": "NHWC", "output_axes": "NHWC"}),
        ({"dtype": "float16", "head": "Softmax"}, {"input_type": "float16", "scores": "probabilities"}),
        ({"dtype": "float64"}, {"input_type": "float64", "output_type": "float64"}),
        ({"stride": 4}, {"stride": 4}),
        ({"stride": 8, "side": None}, {"stride": 8}),
        ({"head": "LogSoftmax"}, {"scores": "logits"}),
        ({"batch": 4}, {"batch": 4}),
        ({"output_axes": [1, 4, 128, 128]}, {"channels": 4}),
        ({"input_axes": ["n", 3, 128, "w"], "batch": None}, {"side": 128}),
    ],
)
def test_what_a_run_tells(bring, network, expected):
    """Nothing of it is given."""
    windows = bring(answers(), **network)[0].windows
    assert {key: getattr(windows, key) for key in expected} == expected


@pytest.mark.parametrize(("head", "scores"), [("Sigmoid", "probabilities"), (None, "logits")])
def test_one_channel_scores_the_second_of_two_classes(bring, head, scores):
    bundle, _ = bring(head=head, channels=1, metadata=deepness(["roof"]))
    assert [entry.name for entry in bundle.classes] == ["background", "roof"]
    assert (bundle.windows.channels, bundle.windows.scores) == (1, scores)
    two, _ = bring(head=head, channels=1, metadata=deepness(["no roof", "roof"]))
    assert [entry.name for entry in two.classes] == ["no roof", "roof"]


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_network_that_takes_the_raster_as_it_is(bring, dtype):
    bundle, _ = bring(answers(divisor=None), dtype=dtype)
    assert (bundle.data_type, bundle.windows.input_type, bundle.windows.mean) == (dtype, dtype, ())


@pytest.mark.parametrize(
    ("given", "mean", "deviation"),
    [
        ({"divisor": 255.0}, 0, 255),
        ({"divisor": 1.0}, 0, 1),
        ({"mean": (0.5,), "std": (0.25,)}, 127.5, 63.75),
        ({"mean": (120.0,), "std": (60.0,)}, 120, 60),
        ({"mean": (0.5,), "std": (0.25,), "divisor": 10_000.0, "data_type": "uint16"}, 5000, 2500),
        ({"std": (127.5,), "mean": (127.5, 127.5, 127.5)}, 127.5, 127.5),
    ],
)
def test_scaling_in_the_raster_s_numbers(bring, given, mean, deviation):
    windows = bring(answers(**{"divisor": None, **given}))[0].windows
    assert windows.mean == (mean,) * 3
    assert windows.deviation == (deviation,) * 3


def test_several_outputs_are_chosen_by_name(bring):
    """The second one has its classes turned round, so that taking the first would show."""
    from onnx import numpy_helper

    turn = ("Gather", ["plain", "order"], ["aux"], {"axis": 1})
    network = {
        "outputs": ("out", "aux"),
        "extra_nodes": [("Identity", ["plain"], ["out"]), turn],
        "constants": [numpy_helper.from_array(np.array([3, 2, 1, 0]), "order")],
    }
    with pytest.raises(OptionsError, match=r"has 2 outputs: name the one .* 'out' .*'aux'"):
        bring(answers(), **network)
    assert bring(answers(output="aux"), **network)[0].windows.output == "aux"
    with pytest.raises(OptionsError, match="has no output 'logits'"):
        bring(answers(output="logits"), **network)


def test_margin_is_measured(bring):
    """Of two networks the one that looks further gets the wider margin, and one that looks everywhere is warned of."""
    near, said = bring(answers(), side=512, kernel=3)
    assert (near.windows.margin, near.windows.patch_side) == (32, 448)
    assert not any(event.is_warning for event in said)
    from onnx import numpy_helper

    scale, bias = (
        numpy_helper.from_array(np.full(4, number, np.float32), name) for number, name in ((3, "s"), (0, "b"))
    )
    everywhere = [("InstanceNormalization", ["plain", "s", "b"], ["scores"])]
    far, said = bring(answers(), side=512, extra_nodes=everywhere, constants=[scale, bias])
    warned = [event.text for event in said if event.is_warning]
    assert (far.windows.margin, far.windows.patch_side) == (64, 384)
    assert len(warned) == 1
    assert "felt over the whole window, and windows of 512 pixels have a margin of 64" in warned[0]


def test_a_network_smaller_than_its_own_receptive_field(bring):
    """Its windows are narrower than what it looks at: one line that says so, and what to give."""
    _, said = bring(answers(), **_wide())
    warned = [event.text for event in said if event.is_warning]
    assert len(warned) == 1
    assert "windows of 128 pixels have a margin of 16" in warned[0]
    assert "give a larger margin" in warned[0]


def _wide():
    """A network whose scores are means of 41 x 41 pixels."""
    nodes = [("AveragePool", ["plain"], ["scores"], {"kernel_shape": [41, 41], "pads": [20] * 4})]
    return {"side": 128, "extra_nodes": nodes}


@pytest.mark.parametrize(
    ("margin", "expected"), [(10, (16, 96)), (16, (16, 96)), (20, (32, 64)), (50, (50, 16)), (0, (16, 96))]
)
def test_margin_that_is_given(bring, margin, expected):
    windows = bring(answers(margin=margin))[0].windows
    assert (windows.margin, windows.patch_side) == expected


def test_metadata_of_other_programs_are_left_alone(bring):
    bundle, _ = bring(answers(), metadata={"stride": "32", "date": "2026", "names": "['a', 'b', 'c', 'd']"})
    assert len(bundle.classes) == 4


def test_a_check_without_a_run(tmp_path):
    """What the dialog asks before it starts: all that is missing, in one line."""
    path = write_network(tmp_path / "net.onnx")
    with pytest.raises(OptionsError) as caught:
        check_import(path, ImportOptions())
    text = str(caught.value)
    assert all(word in text for word in ("bands (3,", "resolution", "mean and std", "classes"))
    check_import(path, ImportOptions(**answers()))


def test_cancel_leaves_nothing(tmp_path):
    path = write_network(tmp_path / "net.onnx", metadata=deepness())
    for polls in range(6):
        left = [polls]

        def is_cancelled(left=left):
            left[0] -= 1
            return left[0] < 0

        with pytest.raises(CancelledError):
            import_model(path, tmp_path / "net.uhrs", watch=Watch(is_cancelled=is_cancelled))
        assert sorted(item.name for item in tmp_path.iterdir()) == ["net.onnx"]


def test_progress_never_falls(tmp_path):
    shares = []
    path = write_network(tmp_path / "net.onnx", metadata=deepness())
    import_model(path, tmp_path / "net.uhrs", watch=Watch(progress=shares.append))
    assert shares == sorted(shares)
    assert shares[-1] == 1


def test_manifest_is_that_of_the_format(bring, tmp_path):
    bring(metadata=deepness())
    manifest = read_manifest(tmp_path / "net.uhrs")
    assert manifest["uhrs:format_version"] == 3
    assert json.dumps(manifest["mlm:input"][0]["value_scaling"]).count("z-score") == 3


def test_a_threshold_that_is_not_used_is_told(bring):
    said = bring(channels=1, head="Sigmoid", metadata=deepness(["roof"], seg_thresh=0.3))[1]
    assert "from a probability of 0.3 on" in " ".join(event.text for event in said)


def test_texts_of_the_command_line():
    assert as_names(" water, land=00FF00 ,a b") == ("water", "land=00FF00", "a b")
    assert as_names(" ") == ()
    assert as_numbers("0.1, 2;3  4", "mean") == (0.1, 2, 3, 4)
    with pytest.raises(OptionsError, match="The mean '1,x' is not understood"):
        as_numbers("1,x", "mean")


def test_an_onnx_file_is_no_model_yet(tmp_path):
    """Whoever chooses one as model is told what to do, whether it is there or not."""
    path = write_network(tmp_path / "Net.ONNX")
    for name in (str(path), "net.onnx"):
        with pytest.raises(BundleError, match=r"no model bundle yet: make one .*uhrs:importmodel .*importmodel"):
            find_model(name)


def test_messages_are_messages(bring):
    assert all(isinstance(event, Message) and "\n" not in event.text for event in bring(metadata=deepness())[1])


def test_weights_differ_by_class():
    """The networks of these tests do something: else their runs would tell nothing."""
    assert np.ptp(weights(4, 3), 0).max() > 1
