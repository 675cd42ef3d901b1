"""Write the golden file of this folder, after the published network's own arrays have been met.

    .venv-train/bin/python tests/training/networks/golden/write.py FOLDER

FOLDER holds the published network's checkpoint and what the published code computed with it; without it, and where one
array disagrees, nothing is written. Run this only when arrays are added or the generated network changes.
"""

from __future__ import annotations

import argparse
import io
import sys
import tempfile
from pathlib import Path

if __name__ == "__main__":  # run from anywhere: the repository root is searched for modules
    sys.path[0] = str(Path(__file__).resolve().parents[4])

import numpy as np

from tests.training.networks.golden.arrays import CASES, differences, every_array
from tests.training.networks.golden.generated import EXPECTED, IMAGES, LABEL, trimmed, write_checkpoint

CHECKPOINT, ARRAYS = "rue_inria_r18_mmseg.safetensors", "rue_inria_r18_golden.npz"
SMALLEST_GAP = 5e-4  # between the scores of the last patch that is selected and the first that is not
MOST_BYTES = 1_000_000


def published_differences(folder: Path) -> list[str]:
    """Where our code disagrees with the arrays of the published code; empty when nowhere."""
    expected = dict(np.load(folder / ARRAYS))
    images, label = {name: expected.pop(f"{name}_image") for name in "ab"}, expected.pop("a_label")
    return differences(every_array(folder / CHECKPOINT, images, label), expected)


def close_calls(arrays: dict[str, np.ndarray]) -> list[str]:
    """The cases whose choice of patches hangs on less than other processors round away."""
    lines = []
    for case, ratio in CASES.items():
        score = np.sort(arrays[f"{case}_patch_score"][0])[::-1]
        count = arrays[f"{case}_selected"].size
        if ratio < 1 and score[count - 1] - score[count] < SMALLEST_GAP:
            lines.append(f"{case}: the scores at the border of the selection differ by too little")
    return lines


def main() -> int:
    """Compare, then write; 0 = written."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="the published network's checkpoint and arrays")
    folder = parser.parse_args().folder
    if not (folder / ARRAYS).is_file():
        print(f"Nothing is written: '{folder}' has no {ARRAYS}", file=sys.stderr)
        return 1
    wrong = published_differences(folder)
    if not wrong:
        with tempfile.TemporaryDirectory() as scratch:
            arrays = every_array(write_checkpoint(Path(scratch) / "generated.safetensors"), IMAGES, LABEL)
        wrong = close_calls(arrays)
    if wrong:
        print("Nothing is written:", *wrong, sep="\n  ", file=sys.stderr)
        return 1
    file = io.BytesIO()
    np.savez_compressed(file, **trimmed(arrays))
    if file.tell() > MOST_BYTES:
        print(f"Nothing is written: {file.tell()} bytes, allowed are {MOST_BYTES}", file=sys.stderr)
        return 1
    EXPECTED.write_bytes(file.getvalue())
    print(f"{EXPECTED}: {len(trimmed(arrays))} arrays, {file.tell()} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
