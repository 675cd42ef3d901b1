"""NVIDIA cards, asked through their driver: which there are, whether the driver is new enough, how much memory is free.

The driver brings both libraries, so this needs no package, and no card is woken: no context is created on it.
"""

from __future__ import annotations

import ctypes
import platform
from dataclasses import dataclass

from uhrs_qgis_plugin.engine.errors import DeviceError

DRIVER = {"Linux": "libcuda.so.1", "Windows": "nvcuda.dll"}
NVML = {"Linux": "libnvidia-ml.so.1", "Windows": "nvml.dll"}
NO_CARD = 100  # CUDA_ERROR_NO_DEVICE
_LETTERS = 128  # of a card's name
# 1.26 is the last on PyPI for CUDA 12.
OLD_DRIVER_ADVICE = 'update the driver, or install "onnxruntime-gpu[cuda,cudnn]<1.27" for CUDA 12'


@dataclass(frozen=True)
class Card:
    """An NVIDIA card.

    Attributes:
        index: Its number as CUDA counts, which heeds CUDA_VISIBLE_DEVICES and CUDA_DEVICE_ORDER.
        name: Of the product.
        bus: Its place on the PCI bus, by which every library knows it.
        cuda: Newest CUDA that the driver serves, such as (12, 8).
    """

    index: int
    name: str
    bus: str
    cuda: tuple[int, int]


class _NvmlMemory(ctypes.Structure):
    """What `nvmlDeviceGetMemoryInfo` fills: bytes."""

    _fields_ = (("total", ctypes.c_ulonglong), ("free", ctypes.c_ulonglong), ("used", ctypes.c_ulonglong))


def find_cards() -> tuple[Card, ...]:
    """List the cards in the order in which CUDA counts them.

    Returns:
        At least one.

    Raises:
        DeviceError: There is no driver, no card, or the driver fails.
    """
    try:
        driver = ctypes.CDLL(DRIVER[platform.system()])
    except (KeyError, OSError):
        raise DeviceError(
            "no driver of NVIDIA was found: install the one of the card, or onnxruntime in place of onnxruntime-gpu"
        ) from None
    try:
        status = driver.cuInit(0)
        if status == NO_CARD:
            raise DeviceError("the driver sees no NVIDIA card: look at CUDA_VISIBLE_DEVICES, or use device 'cpu'")
        version, count = ctypes.c_int(), ctypes.c_int()
        status = status or driver.cuDriverGetVersion(ctypes.byref(version))
        status = status or driver.cuDeviceGetCount(ctypes.byref(count))
        if status:
            raise DeviceError(f"NVIDIA's driver fails with CUDA error {status}: start the computer again")
        cuda = version.value // 1000, version.value % 1000 // 10
        return tuple(_card(driver, index, cuda) for index in range(count.value))
    except AttributeError:
        raise DeviceError("NVIDIA's driver is too old: update it") from None


def check_card(index: int, built_for: str) -> Card:
    """Find a card, and check that the driver serves the CUDA that onnxruntime was built for.

    Args:
        index: As CUDA counts.
        built_for: Version of CUDA such as "12.8", or "" where it is not known.

    Returns:
        The card.

    Raises:
        DeviceError: It is not there, or its driver is missing or too old.
    """
    cards = find_cards()
    if index >= len(cards):
        names = ", ".join(f"cuda:{card.index} is {card.name}" for card in cards)
        raise DeviceError(f"there is no card {index} ({names}): choose one of these")
    card = cards[index]
    wanted = built_for.split(".")[0]
    # Libraries of one major version run on every driver of it.
    if wanted.isdigit() and int(wanted) > card.cuda[0]:
        has = ".".join(map(str, card.cuda))
        raise DeviceError(f"the driver serves CUDA {has}, onnxruntime needs CUDA {built_for}: {OLD_DRIVER_ADVICE}")
    return card


def free_bytes(index: int) -> int | None:
    """Ask how much memory of a card is free.

    Args:
        index: As CUDA counts.

    Returns:
        Bytes, None where the driver does not tell.
    """
    try:
        bus = find_cards()[index].bus
        nvml = ctypes.CDLL(NVML[platform.system()])
        if nvml.nvmlInit_v2() != 0:
            return None
        try:
            return _free(nvml, bus)
        finally:
            nvml.nvmlShutdown()
    except (DeviceError, IndexError, KeyError, OSError, AttributeError):  # no driver, no such card, an old driver
        return None


def _card(driver: ctypes.CDLL, index: int, cuda: tuple[int, int]) -> Card:
    """Describe a card."""
    handle, name, bus = ctypes.c_int(), ctypes.create_string_buffer(_LETTERS), ctypes.create_string_buffer(_LETTERS)
    status = driver.cuDeviceGet(ctypes.byref(handle), index)
    status = status or driver.cuDeviceGetName(name, _LETTERS, handle)
    status = status or driver.cuDeviceGetPCIBusId(bus, _LETTERS, handle)
    if status:
        raise DeviceError(f"NVIDIA's driver fails with CUDA error {status} on card {index}: start the computer again")
    return Card(index, name.value.decode(errors="replace"), bus.value.decode(errors="replace"), cuda)


def _free(nvml: ctypes.CDLL, bus: str) -> int | None:
    """Free bytes of the card at a place on the bus."""
    handle, memory = ctypes.c_void_p(), _NvmlMemory()
    if nvml.nvmlDeviceGetHandleByPciBusId_v2(bus.encode(), ctypes.byref(handle)) != 0:
        return None
    if nvml.nvmlDeviceGetMemoryInfo(handle, ctypes.byref(memory)) != 0:
        return None
    return int(memory.free)
