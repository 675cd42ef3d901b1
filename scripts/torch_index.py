"""Print where pip is to look for torch: at its CPU wheels where no NVIDIA card is, if that index answers.

PyPI's torch for Linux brings CUDA along, 4 GB that a machine without a card never uses. Prints nothing where there is a
card, or no way to the index: pip then asks PyPI as usual.
"""

from __future__ import annotations

import shutil
import urllib.request

CPU_WHEELS = "https://download.pytorch.org/whl/cpu"
PATIENCE_S = 5


def torch_index(has_card: bool, url: str = CPU_WHEELS) -> str:
    """Choose the index.

    Args:
        has_card: Whether the machine has an NVIDIA card.
        url: The index of CPU wheels.

    Returns:
        `url`, or "" for PyPI.
    """
    if has_card:
        return ""
    try:
        urllib.request.urlopen(f"{url}/torch/", timeout=PATIENCE_S).close()  # nosec B310  # our own constant
    except OSError:
        return ""
    return url


if __name__ == "__main__":
    print(torch_index(shutil.which("nvidia-smi") is not None))
