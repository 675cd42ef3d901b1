"""What a graphics card gives: `python benchmarks/gpu/run.py --out DIR` writes DIR/gpu.md and DIR/gpu.json.

Every section (see `sections.py`) is a process of its own with a time limit: one that fails or takes too long says
so on the page, and the others go on. The page is written anew after each. Nothing is downloaded. `--quick` proves the
script on any machine, in a minute and without a card; its numbers mean nothing. Sections that DIR/gpu.json has from an
earlier run on the same device, and that are not run now, stay.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

if __name__ == "__main__":  # run from anywhere: the repository root, not this folder, is searched for modules
    sys.path[0] = str(Path(__file__).resolve().parents[2])

from benchmarks.gpu.page import page
from uhrs_qgis_plugin.engine.errors import DeviceError
from uhrs_qgis_plugin.engine.files import replacing
from uhrs_qgis_plugin.engine.inference import find_cards

ROOT = Path(__file__).resolve().parents[2]
# Sections in the order in which they run, and the most seconds of each.
SECTIONS = {
    "facts": 25,
    "agreement": 35,
    "end_to_end": 85,
    "graphs": 30,
    "protocol": 45,
    "training": 55,
    "compile": 60,
}
SECONDS = 235.0  # of all together
LEAST_S = 8.0  # a section with less than that is not begun
PATIENCE_S = 5.0  # how long the end of a process is awaited
LINES = 6  # of what a failed section printed last


def parse(args: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    add = parser.add_argument
    add("--out", type=Path, required=True, help="folder for gpu.md and gpu.json")
    add("--imagery", type=Path, help="folder of real rasters of 8-bit RGB, to compare labels on")
    add("--model", type=Path, default=ROOT / "uhrs_qgis_plugin" / "models" / "default.uhrs")
    add("--device", help="cuda, cuda:1 or cpu (default: cuda if there is a card)")
    add("--sections", nargs="+", choices=tuple(SECTIONS), default=tuple(SECTIONS), metavar="NAME")
    add("--seconds", type=float, default=SECONDS, help="the most that all sections take together")
    add("--side", type=int, help="rows and columns of the raster that is segmented end to end (default: 32768)")
    add("--scratch", type=Path, help="folder for temporary files: the raster has 3 GB")
    add("--quick", action="store_true", help="small sizes, to prove the script")
    return parser.parse_args(args)


def default_device() -> str:
    """The first card, else the processor."""
    try:
        find_cards()
    except DeviceError:
        return "cpu"
    return "cuda"


def main(args: Sequence[str] | None = None) -> dict[str, Any]:
    """Run the sections; returns what gpu.json holds."""
    options = parse(args)
    options.out.mkdir(parents=True, exist_ok=True)
    device = options.device or default_device()
    content: dict[str, Any] = {
        "device": device,
        "quick": options.quick,
        "command": "python " + " ".join(["benchmarks/gpu/run.py", *(sys.argv[1:] if args is None else args)]),
        "date": time.strftime("%Y-%m-%d %H:%M"),
        "sections": earlier(options.out, device, options.quick),
    }
    begun = time.monotonic()
    for name in options.sections:
        left = options.seconds - (time.monotonic() - begun)
        with tempfile.TemporaryDirectory(dir=options.scratch, prefix="uhrs-gpu-", ignore_cleanup_errors=True) as folder:
            job = {
                "device": device,
                "quick": options.quick,
                "model": str(options.model.resolve()),
                "imagery": str(options.imagery.resolve()) if options.imagery else None,
                "side": options.side or (1024 if options.quick else 32768),
                "seconds": min(left, SECTIONS[name]),
                "folder": folder,
            }
            print(f"{name} ...", flush=True)
            content["sections"][name] = section(name, job)
        found = content["sections"][name]
        print(f"{name}: {found['seconds']:.1f} s{', ' + found['missing'] if 'missing' in found else ''}", flush=True)
        content["seconds"] = round(time.monotonic() - begun, 1)
        write(options.out, content)
    print(f"Written to {options.out}")
    return content


def earlier(folder: Path, device: str, quick: bool) -> dict[str, Any]:
    """The sections of an earlier run into the same folder; none if that was another device or other sizes."""
    try:
        content = json.loads((folder / "gpu.json").read_text(encoding="utf-8"))
        same = (content["device"], content["quick"]) == (device, quick)
        return dict(content["sections"]) if same else {}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def section(name: str, job: dict[str, Any]) -> dict[str, Any]:
    """Run a section in its own process: its result, with what is missing and why under "missing"."""
    begun = time.monotonic()
    if job["seconds"] < LEAST_S:
        return {"seconds": 0.0, "missing": "no time was left for it"}
    job_file, result_file = Path(job["folder"]) / "job.json", Path(job["folder"]) / "result.json"
    job_file.write_text(json.dumps({**job, "result": str(result_file)}), encoding="utf-8")
    command = [sys.executable, str(Path(__file__).with_name("sections.py")), name, str(job_file)]
    environment = {**os.environ, "ORT_DISABLE_TELEMETRY": "1", "PYTHONUNBUFFERED": "1"}
    with (Path(job["folder"]) / "printed.txt").open("w+b") as printed:
        process = subprocess.Popen(command, stdout=printed, stderr=printed, env=environment, start_new_session=True)
        try:
            code: int | None = process.wait(job["seconds"])
        except subprocess.TimeoutExpired:
            code = None
        finally:
            _end_group(process)
        printed.seek(0)
        last = printed.read().decode(errors="replace").strip().splitlines()[-LINES:]
    try:
        found = json.loads(result_file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        found = {}
    if code is None:
        found["missing"] = f"its {job['seconds']:.0f} s were over; what it had until then is here"
    elif code:
        found["missing"] = f"it ended with code {code}: {last[-1] if last else 'no message'}"
        found["printed"] = last
    return {**found, "seconds": round(time.monotonic() - begun, 1)}


def _end_group(process: subprocess.Popen[bytes]) -> None:
    """End a process and what it started."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, sign)
        except ProcessLookupError:
            break
        try:
            process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            continue


def write(out: Path, content: dict[str, Any]) -> None:
    """Write both files, each at once under its name; a page that cannot be made costs only itself."""
    with replacing(out / "gpu.json") as part:
        part.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    try:
        text = page(content)
    except Exception as error:
        print(f"gpu.md could not be made: {error!r}", file=sys.stderr)
        return
    with replacing(out / "gpu.md") as part:
        part.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
