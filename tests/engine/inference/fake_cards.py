"""Stands for NVIDIA's driver and its management library."""

import ctypes

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
