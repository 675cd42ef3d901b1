import ctypes
import json

import pytest

from uhrs_qgis_plugin.engine.inference import devices
from uhrs_qgis_plugin.engine.inference import memory as device_memory
from uhrs_qgis_plugin.engine.inference.devices import PROVIDERS, candidates, has_bfloat16, open_session, providers_of
from uhrs_qgis_plugin.engine.inference.memory import best_batch, free_memory, largest_batch

GIB = 2**30


def test_auto_takes_the_best_but_what_takes_minutes_to_start():
    assert candidates("auto", tuple(PROVIDERS)) == ("cuda", "directml", "coreml", "openvino", "cpu")
    assert candidates("auto", ("openvino", "cpu")) == ("openvino", "cpu")


def test_a_forced_device_falls_back_to_its_like_and_the_processor():
    assert candidates("tensorrt", ("tensorrt", "cuda", "openvino", "cpu")) == ("tensorrt", "cuda", "cpu")
    assert candidates("tensorrt", ("tensorrt", "cpu")) == ("tensorrt", "cpu")
    assert candidates("openvino", ("cuda", "openvino", "cpu")) == ("openvino", "cpu")
    assert candidates("cpu", ("cuda", "cpu")) == ("cpu",)


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ("flags : fpu avx512f avx512_bf16 avx512_vnni\n", True),
        ("flags : fpu amx_bf16\n", True),
        ("flags : fpu avx512f\n", False),
        ("flags : xavx512_bf16x\n", False),
        (None, False),
    ],
)
def test_bfloat16_of_the_processor(tmp_path, monkeypatch, flags, expected):
    monkeypatch.setattr(devices, "CPU_FILE", tmp_path / "cpuinfo")
    if flags is not None:
        (tmp_path / "cpuinfo").write_text(flags)
    assert has_bfloat16() is expected


@pytest.mark.parametrize("native", [True, False])
def test_openvino_runs_only_the_high_stream_in_bfloat16_and_only_where_it_is_native(monkeypatch, native):
    monkeypatch.setattr(devices, "has_bfloat16", lambda: native)
    found = {}
    for kind in ("low", "high"):
        ((provider, options),) = providers_of("openvino", kind, "uint8")
        assert provider == "OpenVINOExecutionProvider"
        assert options["device_type"] == "CPU"
        found[kind] = json.loads(options["load_config"])["CPU"]["INFERENCE_PRECISION_HINT"]
    assert found == {"low": "f32", "high": "bf16" if native else "f32"}


@pytest.mark.parametrize(("data_type", "half"), [("uint8", "1"), ("int8", "1"), ("uint16", "0"), ("float32", "0")])
def test_tensorrt_uses_half_precision_only_where_the_raster_fits(data_type, half):
    """65535 is infinite in half precision."""
    names = [name for name, _ in providers_of("tensorrt", "low", data_type)]
    assert names == ["TensorrtExecutionProvider", "CUDAExecutionProvider"]
    assert providers_of("tensorrt", "low", data_type)[0][1]["trt_fp16_enable"] == half


def test_tensorrt_keeps_its_engines_with_the_user(monkeypatch, tmp_path):
    monkeypatch.setattr(devices.platform, "system", lambda: "Linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    options = providers_of("tensorrt", "low", "uint8")[0][1]
    assert options["trt_engine_cache_path"] == str(tmp_path / "uhrs")
    monkeypatch.delenv("XDG_CACHE_HOME")

    def homeless():
        raise RuntimeError("no home")

    monkeypatch.setattr(devices.Path, "home", homeless)
    assert "trt_engine_cache_path" not in providers_of("tensorrt", "low", "uint8")[0][1]


def test_options_are_texts():
    for device in PROVIDERS:
        for _, options in providers_of(device, "high", "uint8"):
            assert all(isinstance(value, str) for value in options.values())


class FakeOrt:
    """Stands for onnxruntime: notes how sessions are opened."""

    class GraphOptimizationLevel:
        ORT_ENABLE_ALL = 99

    class SessionOptions:
        def __init__(self):
            self.entries = {}

        def add_session_config_entry(self, name, value):
            self.entries[name] = value

    def __init__(self):
        self.opened = []

    def InferenceSession(self, graph, options, providers, enable_fallback):  # noqa: N802 (onnxruntime's name)
        self.opened.append((graph, options, providers, enable_fallback))
        return self

    def disable_fallback(self):
        self.opened.append("no fall-back")

    def get_providers(self):
        return [name for name, _ in self.opened[0][2]]


@pytest.mark.parametrize(
    ("device", "kind", "provider"),
    [
        ("cuda", "fuse", "CUDAExecutionProvider"),
        ("openvino", "high", "OpenVINOExecutionProvider"),
        ("openvino", "low", "CPUExecutionProvider"),
        ("openvino", "fuse", "CPUExecutionProvider"),
    ],
)
def test_session_is_opened_where_it_is_fastest_and_never_falls_back_silently(device, kind, provider):
    ort = FakeOrt()
    assert open_session(ort, b"graph", kind, device, "uint8") is ort
    (_, options, providers, enable_fallback), last = ort.opened
    assert providers[0][0] == provider
    assert enable_fallback == 0
    assert last == "no fall-back"
    assert options.enable_mem_pattern is False
    assert options.entries["session.load_model_format"] == "ONNX"


def test_free_memory_of_this_machine_is_plausible():
    free = free_memory("cpu")
    assert free is None or 2**20 < free < 2**50
    assert free_memory("directml") is None
    assert free_memory("coreml") is None


@pytest.mark.parametrize(
    ("limit", "used", "expected"),
    [(None, None, 8 * GIB), ("max", "1", 8 * GIB), (str(3 * GIB), str(GIB), 2 * GIB), (str(GIB), str(2 * GIB), 0)],
)
def test_free_memory_of_a_container(tmp_path, monkeypatch, limit, used, expected):
    monkeypatch.setattr(device_memory, "MEMINFO", tmp_path / "meminfo")
    monkeypatch.setattr(device_memory, "GROUP", tmp_path)
    (tmp_path / "meminfo").write_text(f"MemTotal: 99 kB\nMemAvailable:   {8 * GIB // 1024} kB\n")
    for name, value in (("memory.max", limit), ("memory.current", used)):
        if value is not None:
            (tmp_path / name).write_text(value + "\n")
    monkeypatch.setattr(device_memory.platform, "system", lambda: "Linux")
    assert free_memory("openvino") == expected


@pytest.mark.parametrize("text", ["", "MemAvailable:\n", "MemAvailable: many kB\n"])
def test_unreadable_memory_is_not_known(tmp_path, monkeypatch, text):
    monkeypatch.setattr(device_memory, "MEMINFO", tmp_path / "meminfo")
    monkeypatch.setattr(device_memory.platform, "system", lambda: "Linux")
    assert free_memory("cpu") is None
    (tmp_path / "meminfo").write_text(text)
    assert free_memory("cpu") is None


class FakeNvml:
    """Stands for NVIDIA's management library."""

    def __init__(self, free, status=0):
        self.free = free
        self.status = status
        self.is_open = False

    def nvmlInit_v2(self):  # noqa: N802 (NVML's name, as below)
        self.is_open = True
        return 0

    def nvmlShutdown(self):  # noqa: N802
        self.is_open = False

    def nvmlDeviceGetCount_v2(self, count):  # noqa: N802
        count._obj.value = len(self.free)
        return 0

    def nvmlDeviceGetHandleByIndex_v2(self, index, handle):  # noqa: N802
        handle._obj.value = index.value + 1
        return 0

    def nvmlDeviceGetMemoryInfo(self, handle, memory):  # noqa: N802
        memory._obj.free = self.free[handle.value - 1]
        return self.status


@pytest.mark.parametrize(
    ("nvml", "expected"),
    [
        (FakeNvml([40 * GIB]), 40 * GIB),
        (FakeNvml([40 * GIB, 3 * GIB]), 3 * GIB),
        (FakeNvml([]), None),
        (FakeNvml([GIB], status=3), None),
    ],
)
def test_free_memory_of_nvidia(monkeypatch, nvml, expected):
    monkeypatch.setattr(device_memory.platform, "system", lambda: "Linux")
    monkeypatch.setattr(ctypes, "CDLL", lambda name: nvml)
    assert free_memory("cuda") == expected
    assert not nvml.is_open


def test_no_driver_is_not_an_error(monkeypatch):
    def fail(name):
        raise OSError(f"{name}: cannot open shared object file")

    monkeypatch.setattr(ctypes, "CDLL", fail)
    assert free_memory("cuda") is None
    monkeypatch.setattr(device_memory.platform, "system", lambda: "Darwin")
    assert free_memory("tensorrt") is None


def test_batches_follow_the_memory():
    assert largest_batch(GIB, 128) == 64
    assert largest_batch(GIB, 256) == 16
    assert largest_batch(0, 128) == 1
    assert best_batch("cpu", largest_batch(None, 128)) == 32
    assert best_batch("cuda", largest_batch(None, 128)) == 64
    assert best_batch("cuda", largest_batch(GIB // 2, 128)) == 32
    assert best_batch("cpu", largest_batch(1, 128)) == 1
