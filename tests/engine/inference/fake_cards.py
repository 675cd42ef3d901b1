"""Stands for NVIDIA's driver and its management library, and for cards that compute: really the processor."""

import ctypes

from uhrs_qgis_plugin.engine.inference import agreement, cards, resident, sessions

BUS = "0000:{:02X}:00.0"


class FakeDriver:
    """NVIDIA's driver and NVML in one: cards with names, and their free bytes in an order of NVML's own."""

    def __init__(self, free=(), cuda=13000, init=0, status=0):
        self.free, self.cuda, self.init, self.status = list(free), cuda, init, status
        self.is_open = False

    def cuInit(self, flags):  # noqa: N802 (NVIDIA's names, as below)
        return self.init

    def cuDriverGetVersion(self, version):  # noqa: N802
        version._obj.value = self.cuda
        return 0

    def cuDeviceGetCount(self, count):  # noqa: N802
        count._obj.value = len(self.free)
        return 0

    def cuDeviceGet(self, handle, index):  # noqa: N802
        handle._obj.value = index
        return 0

    def cuDeviceGetName(self, buffer, size, handle):  # noqa: N802
        buffer.value = f"Card {handle.value}".encode()
        return 0

    def cuDeviceGetPCIBusId(self, buffer, size, handle):  # noqa: N802
        buffer.value = BUS.format(handle.value).encode()
        return 0

    def nvmlInit_v2(self):  # noqa: N802
        self.is_open = True
        return 0

    def nvmlShutdown(self):  # noqa: N802
        self.is_open = False

    def nvmlDeviceGetHandleByPciBusId_v2(self, bus, handle):  # noqa: N802
        handle._obj.value = int(bus.decode().split(":")[1], 16) + 1
        return 0

    def nvmlDeviceGetMemoryInfo(self, handle, memory):  # noqa: N802
        memory._obj.free = self.free[handle.value - 1]
        return self.status

    def install(self, monkeypatch, platform):
        """Let every library that is loaded be this one."""
        monkeypatch.setattr(platform, "system", lambda: "Linux")
        monkeypatch.setattr(ctypes, "CDLL", lambda name: self)


class Session:
    """A session of the processor that stands for one of a card."""

    def __init__(self, real, graph, device, machine):
        self.real, self.graph, self.device, self.machine = real, graph, device, machine
        self.get_inputs, self.get_outputs, self.io_binding = real.get_inputs, real.get_outputs, real.io_binding

    def run_with_iobinding(self, binding, *options):
        self.machine.begins(self.device, self.graph)
        self.real.run_with_iobinding(binding, *options)


class Machine:
    """Cards, what has run on them, and how they fail.

    Attributes:
        runs: Device and graph of every run.
        broken: Devices that compute nothing any more.
        breaks: Called with device and graph before a run; may raise what onnxruntime would.
    """

    def __init__(self):
        self.runs, self.broken, self.breaks = [], set(), lambda device, graph: None

    def begins(self, device, graph):
        self.runs.append((device, graph))
        if device in self.broken:
            raise RuntimeError("CUDA failure 46: all CUDA-capable devices are busy or unavailable")
        self.breaks(device, graph)

    @classmethod
    def install(cls, monkeypatch, tmp_path, count):
        """Let this machine have so many cards, whose memory is that of the processor."""
        made = cls()
        FakeDriver([2**34] * count).install(monkeypatch, cards.platform)
        monkeypatch.setattr(agreement.platform, "system", lambda: "Linux")
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
        monkeypatch.setattr(sessions, "available_devices", lambda: ("cuda", "cpu"))
        monkeypatch.setattr(sessions, "load_cuda_libraries", lambda ort: None)
        monkeypatch.setattr(resident, "memory_of", lambda device: ("cpu", 0))
        real = sessions.open_session

        def start(ort, graph, kind, device, *rest, **more):
            session = real(ort, graph, kind, "cpu", *rest, **more)
            return Session(session, kind, device, made) if device.startswith("cuda") else session

        monkeypatch.setattr(sessions, "open_session", start)
        return made
