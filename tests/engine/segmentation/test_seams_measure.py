import numpy as np
import pytest

from benchmarks.intercept import PatchFinder, intercepted
from benchmarks.seams.borders import Reference, border_ratio, count_units, ratio_of
from benchmarks.seams.seams import kind_ratios, scene_ratio
from tests.engine.segmentation.runs import outputs_in, read_whole
from tests.engine.tiny_bundle import write_tiny_bundle
from uhrs_qgis_plugin.engine.grid import Canvas
from uhrs_qgis_plugin.engine.segmentation import Options, segment


def _noise(side=1024, seed=0, classes=4):
    return np.random.default_rng(seed).integers(0, classes, (side, side)).astype(np.uint8)


def _regions(side=1024, seed=0, grain=24):
    """Labels in smooth regions, as maps have them: noise blurred along both axes, in three levels."""
    noise = np.random.default_rng(seed).normal(size=(side + grain, side + grain))
    for axis in (0, 1):
        summed = np.cumsum(noise, axis=axis)
        noise = np.take(summed, range(grain, side + grain), axis) - np.take(summed, range(side), axis)
    return np.digitize(noise, np.percentile(noise, (40, 75))).astype(np.uint8)


def _with_seams(labels, period, offset=0, shift=3, share=0.5, seed=1):
    """Shift a share of the squares between borders by a few pixels: labels change where they meet."""
    rng = np.random.default_rng(seed)
    out, shifted = labels.copy(), np.roll(labels, (shift, shift), (0, 1))
    for row in range(offset - period, labels.shape[0], period):
        for col in range(offset - period, labels.shape[1], period):
            if rng.random() < share:
                part = np.s_[max(0, row) : max(0, row + period), max(0, col) : max(0, col + period)]
                out[part] = shifted[part]
    return out


def test_border_ratio_of_white_noise_is_one():
    ratio = border_ratio(_noise(), 128, 8)
    assert ratio.low < 1 < ratio.high
    assert ratio.value == pytest.approx(1, abs=0.02)
    assert ratio.rate == pytest.approx(0.75, abs=0.02)


def test_border_ratio_of_regions_without_seams_holds_one():
    found = [border_ratio(_regions(seed=seed), 128, 8) for seed in range(20)]
    assert sum(ratio.low <= 1 <= ratio.high for ratio in found) >= 16  # of 20 intervals of 95 %


def test_border_ratio_finds_a_planted_seam():
    ratio = border_ratio(_with_seams(_regions(), 128), 128, 8)
    assert ratio.low > 1.3
    assert ratio.low < ratio.value < ratio.high


def test_border_ratio_finds_a_seam_only_at_its_offset():
    labels = _with_seams(_regions(), 128, offset=40)
    assert border_ratio(labels, 128, 8, offset=40).low > 1.3
    assert border_ratio(labels, 128, 32, offset=0).value < 1.2


def test_border_ratio_counts_exactly():
    labels = np.zeros((256, 256), np.uint8)
    labels[:, 128:] = 1  # one border, and nothing else changes but one pair on the line at 64
    labels[0, 64:128] = 2
    labels[1, :64] = 2
    ratio = border_ratio(labels, 128, 64)
    assert ratio.pairs == 2 * 256
    assert ratio.rate == pytest.approx(256 / 512)
    assert ratio.reference_rate == pytest.approx(2 / 1024)


def test_border_ratio_leaves_nodata_out():
    labels = _noise()
    labels[:, :512] = 255
    ratio = border_ratio(labels, 128, 8)
    assert ratio.low < 1 < ratio.high
    assert ratio.pairs == 3 * 1024 + 7 * 512


def test_border_ratio_without_changes_is_not_a_number():
    assert np.isnan(border_ratio(np.zeros((512, 512), np.uint8), 128, 8).value)


@pytest.mark.parametrize("reference", [0, 128, 256, 48])
def test_border_ratio_refuses_a_reference_that_does_not_fit(reference):
    with pytest.raises(ValueError, match="divisor"):
        border_ratio(_noise(256), 128, reference)


def test_kind_ratios_tell_which_borders_have_the_seam():
    selected = np.zeros((8, 8), np.bool_)
    selected[:, 4:] = True
    labels = _regions()
    labels[:, 512:] = np.roll(labels, (7, 7), (0, 1))[:, 512:]
    ratios = kind_ratios(labels, selected, 128, 8)
    assert ratios["one selected"].low > 1.5
    for name in ("both selected", "none selected"):
        assert ratios[name].low < 1.1
    assert ratios["one selected"].pairs == 1024
    assert ratios["all"].pairs == sum(ratios[name].pairs for name in ratios if name != "all")


def test_kind_ratios_of_a_map_that_ends_within_a_patch():
    selected = np.ones((8, 8), np.bool_)
    ratios = kind_ratios(_noise()[:1000, :900], selected, 128, 32)
    assert ratios["both selected"].pairs == ratios["all"].pairs == 7 * 1000 + 7 * 900
    assert np.isnan(ratios["none selected"].value)


def test_scene_ratio_finds_a_seam_where_a_scene_ends():
    canvas = Canvas(1024, 1024, 128)  # scenes of 608 that share 192 begin at 0 and 416
    labels = _regions()
    assert scene_ratio(labels, canvas, 640, 192).value < 1.4
    labels[:, 608:] = np.roll(labels, (9, 9), (0, 1))[:, 608:]
    assert scene_ratio(labels, canvas, 640, 192).value > 1.5
    assert np.isnan(scene_ratio(labels, canvas, 1024, 0).value)


def test_count_units_keeps_the_place_of_every_border():
    counts = count_units(_noise(256), range(0, 256, 128), Reference(32, 64, 128))
    assert counts.shape == (2, 2, 4)
    assert not counts[0].any()
    assert counts[1, :, 1].tolist() == [128, 128]
    assert counts[1, :, 3].tolist() == [4 * 128, 4 * 128]
    assert ratio_of(counts.reshape(-1, 4)).pairs == 256


def test_count_units_counts_every_pair_of_a_wide_line():
    labels = np.zeros((128, 256), np.uint8)
    labels[:, 126:] = 1  # the change lies between two cells of 8 pixels, two pixels beside their border
    narrow, wide = (count_units(labels, [128], Reference(32, 64, 128, width))[0, 0] for width in (1, 7))
    assert narrow.tolist() == [0, 128, 0, 4 * 128]
    assert wide.tolist() == [128, 7 * 128, 0, 4 * 7 * 128]


def test_patch_finder_tells_where_patches_lie():
    image = np.random.default_rng(0).integers(0, 256, (3, 200, 300)).astype(np.uint8)
    finder = PatchFinder(image, 64, 64)
    assert finder.shape == (4, 5)
    assert finder.find(image[:, 64:128, 128:192]) == (1, 2)
    assert finder.find(image[:, 48:144, 112:208]) == (1, 2)  # with a halo of 16
    assert finder.find(finder.image[:, 192:, 256:]) == (3, 4)  # ends in padding
    assert finder.ambiguous == 0
    with pytest.raises(LookupError, match="patch grid"):
        finder.find(image[:, 1:65, 128:192])


def test_patch_finder_counts_patches_that_look_the_same():
    finder = PatchFinder(np.zeros((1, 128, 128), np.uint8), 64, 64)
    patch = np.zeros((1, 64, 64), np.uint8)
    assert {finder.find(patch) for _ in range(4)} == {(0, 0), (0, 1), (1, 0), (1, 1)}
    assert finder.ambiguous == 4


def test_the_calls_of_a_run_are_seen_and_may_be_changed(make_raster, out):
    """A real run: what the benchmarks record must be what the engine calls, however it calls it."""
    raster, model = make_raster(width=200, height=150), write_tiny_bundle(out.parent / "tiny.uhrs")
    segment(raster, model, outputs_in(out), Options(ratio=1.0, device="cpu"))
    plain = read_whole(out / "classes.tif")[0]
    seen = []

    def note(name):
        def call(original, *arrays):
            seen.append((name, [array.shape for array in arrays]))
            return original(*arrays)

        return call

    with intercepted(model, "cpu", **{name: note(name) for name in ("low", "high", "fuse")}):
        segment(raster, model, outputs_in(out), Options(ratio=1.0, device="cpu"))
    assert {name for name, _ in seen} == {"low", "high", "fuse"}
    assert sum(shapes[0][0] for name, shapes in seen if name == "high") == 4  # patches of 128 pixels
    assert np.array_equal(read_whole(out / "classes.tif")[0], plain)
    with intercepted(model, "cpu", fuse=lambda original, *arrays: [np.zeros_like(part) for part in original(*arrays)]):
        segment(raster, model, outputs_in(out), Options(ratio=1.0, device="cpu"))
    assert not read_whole(out / "classes.tif")[0].any()
