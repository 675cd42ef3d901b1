"""Floating point or 8 bits: what is asked for, what the bundle has, and what the processor is good at."""

import dataclasses

import numpy as np
import pytest

from tests.engine.tiny_bundle import INT8_GAIN, write_tiny_bundle
from uhrs_qgis_plugin.engine.errors import OptionsError
from uhrs_qgis_plugin.engine.inference import agreement, precision, sessions
from uhrs_qgis_plugin.engine.inference.sessions import agreement_of_int8, open_streams

IMAGE = np.full((1, 3, 64, 64), 40, np.uint8)


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    return write_tiny_bundle(tmp_path_factory.mktemp("precision") / "both.uhrs", int8=True)


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    return write_tiny_bundle(tmp_path_factory.mktemp("precision") / "plain.uhrs")


@pytest.fixture
def small(both):
    """A bundle of 8 bits alone."""
    return dataclasses.replace(both, graphs={"fuse": both.graphs["fuse"]})


@pytest.fixture
def processor(monkeypatch, tmp_path):
    """Says what the processor can do: True, False, or None = the system does not tell."""
    monkeypatch.setattr(agreement.platform, "system", lambda: "Linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    def can(answer):
        monkeypatch.setattr(precision, "has_dot_product", lambda: answer)
        monkeypatch.setattr(sessions, "has_dot_product", lambda: answer)

    return can


def ran(streams):
    """Which graphs answer."""
    features, _ = streams.low(IMAGE)
    high = streams.high(IMAGE.repeat(2, 2).repeat(2, 3))
    gain = {round(float(array.mean()) / 40, 2) for array in (features, high)}
    return {frozenset({1.0}): "float", frozenset({INT8_GAIN}): "int8"}.get(frozenset(gain), "mixed")


@pytest.mark.parametrize(
    ("asked", "can", "expected"),
    [
        ("auto", True, "int8"),
        ("auto", False, "float"),
        ("float", True, "float"),
        ("int8", True, "int8"),
        ("int8", False, "int8"),
    ],
)
def test_what_is_asked_for_runs(both, processor, asked, can, expected):
    processor(can)
    streams = open_streams(both, "cpu", precision=asked)
    assert (streams.precision, ran(streams)) == (expected, expected)
    assert streams.messages == ([precision.NO_DOT_PRODUCT] if (expected, can) == ("int8", False) else [])


@pytest.mark.parametrize(("asked", "fine"), [("auto", True), ("float", True), ("int8", False)])
def test_a_bundle_without_8_bits(plain, processor, asked, fine):
    processor(True)
    if fine:
        assert open_streams(plain, "cpu", precision=asked).precision == "float"
        return
    with pytest.raises(OptionsError, match=r"has no 8-bit graphs: choose precision auto or float, or add them with"):
        open_streams(plain, "cpu", precision=asked)


def test_a_bundle_of_8_bits_alone(small, processor):
    processor(True)
    assert ran(open_streams(small, "cpu")) == "int8"
    with pytest.raises(OptionsError, match="has no floating-point graphs: choose precision auto or int8"):
        open_streams(small, "cpu", precision="float")
    processor(False)  # slower, but there is nothing else
    heard = []
    assert open_streams(small, "cpu", heard.append).precision == "int8"
    assert heard == [precision.NO_DOT_PRODUCT]


@pytest.mark.parametrize(("seconds", "expected"), [((1.0, 2.0), "int8"), ((1.0, 1.05), "float"), ((2.0, 1.0), "float")])
def test_where_the_system_does_not_tell_it_is_measured_once(both, processor, monkeypatch, seconds, expected):
    """(8 bits, floating point): a gain that is too small is none."""
    processor(None)
    times = dict(zip(("int8", "float"), seconds))
    measured = []

    def measure(ort, bundle, name):
        measured.append(name)
        return times[name]

    monkeypatch.setattr(precision, "_seconds", measure)
    assert open_streams(both, "cpu").precision == expected
    assert measured == ["int8", "float"]
    assert open_streams(both, "cpu").precision == expected
    assert len(measured) == 2


@pytest.mark.parametrize("name", ["float", "int8"])
def test_a_measurement_takes_some_time(both, name):
    import onnxruntime

    assert 0 < precision._seconds(onnxruntime, both, name) < 10


def test_8_bits_that_do_not_start_make_room_for_floating_point(both, processor):
    processor(True)
    broken = dataclasses.replace(both, int8_graphs={**both.int8_graphs, "low": b"\x3a\x00"})
    heard = []
    streams = open_streams(broken, "cpu", heard.append)
    assert ran(streams) == "float"
    assert heard == streams.messages
    assert len(heard) == 1
    assert heard[0].startswith("The 8-bit graphs did not start on 'cpu' (")
    assert heard[0].endswith("): going on in floating point.")


@pytest.mark.parametrize(
    ("flags", "system", "machine", "expected"),
    [
        ("flags : fpu avx2 avx512_vnni", "Linux", "x86_64", True),
        ("flags : fpu avx2 avx_vnni", "Linux", "x86_64", True),
        ("flags : fpu avx2 avx512f", "Linux", "x86_64", False),
        ("Features : fp asimd asimddp", "Linux", "aarch64", True),
        ("Features : fp asimd", "Linux", "aarch64", False),
        (None, "Windows", "AMD64", None),
        (None, "Darwin", "arm64", True),
        (None, "Darwin", "x86_64", None),
    ],
)
def test_instructions(monkeypatch, tmp_path, flags, system, machine, expected):
    path = tmp_path / "cpuinfo"
    if flags is not None:
        path.write_text(flags)
    monkeypatch.setattr(precision, "CPU_FILE", path)
    monkeypatch.setattr(precision.platform, "system", lambda: system)
    monkeypatch.setattr(precision.platform, "machine", lambda: machine)
    assert precision.has_dot_product() is expected


@pytest.mark.parametrize(("device", "expected"), [("openvino", ("int8", "float")), ("cuda:1", ("float",))])
def test_only_processors_take_8_bits_by_themselves(both, processor, device, expected):
    processor(True)
    assert precision.choices(None, both, device, "auto") == expected


def test_agreement_of_both_precisions(both):
    """8-bit graphs that are brighter by a quarter give other classes here and there, themselves none."""
    assert 0.1 < agreement_of_int8(both) < 0.9
    same = dataclasses.replace(both, int8_graphs={name: both.graphs[name] for name in ("low", "high")})
    assert agreement_of_int8(same) == 1.0
