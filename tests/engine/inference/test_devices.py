import json

import pytest

from uhrs_qgis_plugin.engine.inference import devices
from uhrs_qgis_plugin.engine.inference import memory as device_memory
from uhrs_qgis_plugin.engine.inference.devices import (
    PROVIDERS,
    candidates,
    has_bfloat16,
    idle_cores,
    is_device,
    load_cuda_libraries,
    open_session,
    providers_of,
)
from uhrs_qgis_plugin.engine.inference.memory import best_batch, free_memory, largest_batch

GIB = 2**30


def test_auto_takes_the_best():
    assert candidates("auto", tuple(PROVIDERS)) == ("cuda", "directml", "coreml", "openvino", "cpu")
    assert candidates("auto", ("openvino", "cpu")) == ("openvino", "cpu")


def test_a_forced_device_falls_back_to_the_processor():
    assert candidates("cuda:1", ("cuda", "openvino", "cpu")) == ("cuda:1", "cpu")
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
        ((provider, options),) = providers_of("openvino", kind, "1.30.0")
        assert provider == "OpenVINOExecutionProvider"
        assert options["device_type"] == "CPU"
        found[kind] = json.loads(options["load_config"])["CPU"]["INFERENCE_PRECISION_HINT"]
    assert found == {"low": "f32", "high": "bf16" if native else "f32"}


@pytest.mark.parametrize(
    ("name", "is_one"),
    [("cuda", True), ("cuda:0", True), ("cuda:12", True), ("cpu", True), ("cuda:", False), ("cuda:x", False),
        ("cuda:all", True), ("cuda:0,2", True), ("cuda:0,", False), ("cuda:all,1", False),
     ("cpu:1", False), ("cuda:-1", False), ("cuda:1\n", False), ("tensorrt", False), ("", False)],
)  # fmt: skip
def test_names_of_devices(name, is_one):
    assert is_device(name) is is_one


@pytest.mark.parametrize(("device", "card"), [("cuda", "0"), ("cuda:3", "3")])
@pytest.mark.parametrize(("version", "knows"), [("1.15.1", False), ("1.18.0", True), ("1.30.0", True), ("2.0", True)])
def test_cuda_gets_its_card_and_only_options_that_this_version_knows(device, card, version, knows):
    ((provider, options),) = providers_of(device, "high", version)
    assert provider == "CUDAExecutionProvider"
    assert options["device_id"] == card
    assert ("use_tf32" in options) is knows


class PreloadingOrt:
    """Stands for onnxruntime that can load the libraries of pip's packages: notes where it was told to look."""

    def __init__(self, file):
        self.__file__ = str(file)
        self.folders = []

    def preload_dlls(self, directory=None):
        print("Failed to load libcublasLt.so.13")
        self.folders.append(directory)


def test_libraries_of_cuda_are_looked_for_beside_onnxruntime_and_in_other_folders(tmp_path, monkeypatch, capsys):
    for folder in ("nvidia/cu13/lib", "nvidia/cudnn/lib", "nvidia/cu13/include"):
        (tmp_path / "site" / folder).mkdir(parents=True)
    monkeypatch.syspath_prepend(tmp_path / "site")
    ort = PreloadingOrt(tmp_path / "other" / "onnxruntime" / "__init__.py")
    load_cuda_libraries(ort)
    places = [str(tmp_path / "site" / "nvidia" / name / "lib") for name in ("cu13", "cudnn")]
    assert ort.folders[0] is None
    assert [folder for folder in ort.folders[1:] if folder.startswith(str(tmp_path))] == places
    beside = PreloadingOrt(tmp_path / "site" / "onnxruntime" / "__init__.py")
    load_cuda_libraries(beside)
    assert not [folder for folder in beside.folders[1:] if folder.startswith(str(tmp_path))]
    assert capsys.readouterr().out == ""
    load_cuda_libraries(object())  # before 1.21


def test_options_are_texts():
    for device in PROVIDERS:
        for _, options in providers_of(device, "high", "1.30.0"):
            assert all(isinstance(value, str) for value in options.values())


class FakeOrt:
    """Stands for onnxruntime: notes how sessions are opened."""

    __version__ = "1.30.0"

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
        ("cuda:1", "high", "CUDAExecutionProvider"),
        ("openvino", "high", "OpenVINOExecutionProvider"),
        ("openvino", "low", "CPUExecutionProvider"),
        ("openvino", "fuse", "CPUExecutionProvider"),
    ],
)
def test_session_is_opened_where_it_is_fastest_and_never_falls_back_silently(device, kind, provider):
    ort = FakeOrt()
    assert open_session(ort, b"graph", kind, device) is ort
    (_, options, providers, enable_fallback), last = ort.opened
    assert providers[0][0] == provider
    assert enable_fallback == 0
    assert last == "no fall-back"
    assert options.enable_mem_pattern is False
    assert options.entries["session.load_model_format"] == "ONNX"


@pytest.mark.parametrize(
    ("device", "leaves"), [("cuda", True), ("cuda:1", True), ("directml", True), ("cpu", False), ("openvino", False)]
)
def test_devices_of_their_own_leave_the_cores_to_others(device, leaves):
    assert (idle_cores(device) or 0) >= 1 if leaves else idle_cores(device) is None


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


def test_batches_follow_the_memory():
    assert largest_batch(GIB, 128) == 64
    assert largest_batch(GIB, 256) == 16
    assert largest_batch(0, 128) == 1
    assert best_batch("cpu", largest_batch(None, 128)) == 32
    assert best_batch("cuda", largest_batch(None, 128)) == 64
    assert best_batch("cuda", largest_batch(GIB // 2, 128)) == 32
    assert best_batch("cpu", largest_batch(1, 128)) == 1
