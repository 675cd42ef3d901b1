"""Run the demonstration and QGIS's tests in other versions of QGIS: those of other suites of Debian.

    python3 scripts/versions.py SUITE ...      host (the QGIS of this machine), trixie, sid

Each suite other than `host` gets a chroot under ~/.cache/uhrs (or $XDG_CACHE_HOME/uhrs), made once: about 450 MB of
packages to fetch, 2.2 GB of disk, some five minutes. Later runs use it again and copy only the project into it anew;
delete its folder to make it anew. The commands are `make demo` and `make test-qgis`, the person at the desktop
included; logs and pictures lie in build/versions/SUITE. Ends with 1 where a suite fails that must not (`MAY_FAIL`
only warn).

Needs mmdebstrap, and root or sudo for the chroot. All that is mounted is mounted in a namespace of its own: it is gone
when the last process is, however that ends, and this machine never sees it. Needs nothing but Python otherwise.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess  # nosec B404  # starts make and mmdebstrap, with arguments of our own
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
OUT = PROJECT / "build" / "versions"
HOST = "host"
MAY_FAIL = ("sid",)  # what Debian is working on: its packages may be broken themselves
PACKAGES = "ca-certificates,make,qgis,python3-qgis,python3-gdal,python3-venv,xvfb,xauth,fonts-dejavu-core"
STEPS = ("demo", "test-qgis")
INSIDE = "/srv/uhrs"
TEMPORARY = "/tmp/uhrs-tests"  # nosec B108  # inside a chroot that only we use; on the host below build/
PASSED_ON = re.compile(
    r"(PIP_(INDEX_URL|EXTRA_INDEX_URL|DEFAULT_TIMEOUT|CERT)|https?_proxy|no_proxy|JOBS)", re.IGNORECASE
)
FILES_OF_THE_HOST = ("etc/resolv.conf", "etc/hosts", "etc/pip.conf", "etc/ssl/certs/ca-certificates.crt")
ASK = (
    "from qgis.core import Qgis; from qgis.PyQt.QtCore import qVersion; from osgeo import gdal; import numpy, sys; "
    "print('QGIS', Qgis.QGIS_VERSION.split('-')[0], '· Qt', qVersion(), '· Python', sys.version.split()[0], '· numpy', "
    "numpy.__version__, '· GDAL', gdal.__version__)"
)
# In a namespace of its own: chroot $1, the project's archive $2, the command $3.
ENTER = """
set -euo pipefail
root=$1 archive=$2 command=$3
for name in {files}; do
  if [ -e "/$name" ]; then mkdir -p "$root/$(dirname "$name")"; cp --remove-destination -L "/$name" "$root/$name"; fi
done
mount -t proc proc "$root/proc"
mount --rbind /sys "$root/sys"
mount --rbind /dev "$root/dev"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mkdir -m 1777 "$root/tmp/.X11-unix"
if [ -n "$archive" ]; then rm -rf "$root{inside}"; mkdir -p "$root{inside}"; tar -xf "$archive" -C "$root{inside}"; fi
mkdir -p "$root/out"; mount --bind "$4" "$root/out"
chroot "$root" bash -c "$command"
"""


@dataclass
class Result:
    """What happened in one suite.

    Attributes:
        suite: Its name.
        versions: Of QGIS, Qt, Python, numpy and GDAL, in one line.
        steps: Step -> (whether it passed, what it says about itself).
    """

    suite: str
    versions: str = "unknown"
    steps: dict[str, tuple[bool, str]] = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        """Whether every step did."""
        return len(self.steps) == len(STEPS) and all(passed for passed, _ in self.steps.values())


class Host:
    """The QGIS of this machine, in this working tree."""

    def __init__(self) -> None:
        """Prepare the folder for logs and pictures."""
        self.out = _new_folder(OUT / HOST)
        self.temporary = self.out / "tests"

    def command(self, command: str) -> list[str]:
        """Make the command line that runs a command of the shell in there."""
        return ["bash", "-c", f"cd {shlex.quote(str(PROJECT))} && {command}"]

    def environment(self) -> dict[str, str]:
        """Return the environment of the command."""
        return {**os.environ, "PYTEST_ADDOPTS": f"--basetemp={self.temporary}"}

    def keep_pictures(self) -> None:
        """Copy pictures beside the log."""
        for picture in sorted(self.temporary.rglob("person*/*.png")):
            shutil.copy(picture, self.out)
        shutil.copy(PROJECT / "build" / "demo" / "preview.png", self.out)
        shutil.rmtree(self.temporary)


class Chroot:
    """A suite of Debian below the cache."""

    def __init__(self, suite: str) -> None:
        """Make the chroot where it is missing, and pack the project for it.

        Raises:
            SystemExit: A tool is missing, or the chroot cannot be made.
        """
        self.out = _new_folder(OUT / suite)
        self._folder = _cache() / suite
        self._folder.mkdir(parents=True, exist_ok=True)
        self._root = self._folder / "root"
        if not self._root.exists():
            self._make(suite)
        self._archive = self._folder / "project.tar"
        _pack(self._archive)

    def command(self, command: str) -> list[str]:
        """Make the command line that runs a command of the shell in there; the first one unpacks the project."""
        script = ENTER.format(files=" ".join(FILES_OF_THE_HOST), inside=INSIDE)
        archive, self._archive = self._archive, ""
        inside = f"cd {INSIDE} && {command}"
        # env: nothing of this machine's user comes along but what leads to the network.
        passed_on = [f"{name}={value}" for name, value in os.environ.items() if PASSED_ON.fullmatch(name)]
        clean = ["env", "-i", "HOME=/root", "LC_ALL=C.UTF-8", "PATH=/usr/bin:/bin:/usr/sbin:/sbin", *passed_on]
        clean.append(f"PYTEST_ADDOPTS=--basetemp={TEMPORARY}")
        return [
            *_namespace(),
            *clean,
            "bash",
            "-c",
            script,
            "bash",
            str(self._root),
            str(archive),
            inside,
            str(self.out),
        ]

    def environment(self) -> dict[str, str]:
        """Return the environment of the command."""
        return dict(os.environ)

    def keep_pictures(self) -> None:
        """Do nothing: the command in there copies them, as what it wrote is gone with its namespace."""

    def _make(self, suite: str) -> None:
        part = self._folder / "root.part"
        subprocess.run([*_sudo(), "rm", "-rf", "--one-file-system", str(part)], check=True)  # nosec B603
        if shutil.which("mmdebstrap") is None:
            raise SystemExit("mmdebstrap is missing: apt-get install mmdebstrap")
        print(f"{suite}: making a chroot in {self._folder} (450 MB of packages, 2.2 GB of disk) ...", flush=True)
        # An old clock of this machine, or a snapshot as mirror, must not stop it.
        old = ['--aptopt=Acquire::Check-Valid-Until "false"', '--aptopt=Acquire::Check-Date "false"']
        command = ["mmdebstrap", "--quiet", "--variant=minbase", *old, f"--include={PACKAGES}", suite, str(part)]
        done = subprocess.run([*_namespace(), *command, _mirror()], check=False)  # nosec B603
        if done.returncode:
            raise SystemExit(f"{suite}: mmdebstrap ended with {done.returncode}; {part} is of no use.")
        subprocess.run([*_sudo(), "mv", str(part), str(self._root)], check=True)  # nosec B603


def run(suite: str) -> Result:
    """Run every step in one suite; a failure does not keep the next step back."""
    place, result = Host() if suite == HOST else Chroot(suite), Result(suite)
    with (place.out / "log.txt").open("w", encoding="utf-8") as log:
        done = subprocess.run(  # nosec B603
            place.command(f"/usr/bin/python3 -c {shlex.quote(ASK)}"),
            env=place.environment(),
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            check=False,
        )
        result.versions = done.stdout.strip().splitlines()[-1] if done.returncode == 0 else "no QGIS"
        print(f"{suite}: {result.versions}", flush=True)
        for step in STEPS:
            begun = time.monotonic()
            log.write(f"\n== make {step}\n")
            log.flush()
            at = log.tell()
            done = subprocess.run(  # nosec B603
                place.command(_step(step, suite)), env=place.environment(), stdout=log, stderr=log, check=False
            )
            minutes, seconds = divmod(round(time.monotonic() - begun), 60)
            text = (place.out / "log.txt").read_text(encoding="utf-8", errors="replace")[at:]
            said = f"{'ok' if done.returncode == 0 else f'FAILED ({done.returncode})'}, {minutes} min {seconds:02d} s"
            counts = re.findall(r"^=* ?((?:\d+ \w+(?:, )?)+) in [\d.]+s", text, re.MULTILINE)
            said += f", {counts[-1]}" if counts else ""
            result.steps[step] = (done.returncode == 0, said)
            print(f"{suite}: make {step}: {said}", flush=True)
    place.keep_pictures()
    return result


def _step(step: str, suite: str) -> str:
    """Word a step for the shell; a chroot hands its pictures out."""
    if suite == HOST:
        return f"make {step}"
    pictures = "build/demo/preview.png" if step == "demo" else f"$(find {TEMPORARY} -path '*person*' -name '*.png')"
    return f"make {step}; code=$?; cp {pictures} /out || true; exit $code"


def _namespace() -> list[str]:
    """Begin a command that lives in namespaces of its own, and dies with the one who started it."""
    namespace = "unshare --mount --propagation private --pid --fork --kill-child --mount-proc"
    return [*_sudo(), *["setpriv", "--pdeathsig", "KILL"], *namespace.split()]


def _sudo() -> list[str]:
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") is None:
        raise SystemExit("A chroot needs root: run as root, or install sudo.")
    return ["sudo", "-E"]


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "uhrs"


def _mirror() -> str:
    """Name the mirror of this machine, so that one behind a wall works too."""
    for path in (Path("/etc/apt/sources.list.d/debian.sources"), Path("/etc/apt/sources.list")):
        found = (
            re.search(r"^(?:URIs:|deb)\s+(https?://\S+/debian/?)\s", path.read_text(), re.MULTILINE)
            if path.exists()
            else None
        )
        if found:
            return found[1]
    return "http://deb.debian.org/debian"


def _pack(archive: Path) -> None:
    """Pack the working tree as it is: what git tracks and what it would add."""
    listed = subprocess.run(  # nosec B603 B607
        ["git", "-C", str(PROJECT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        stdout=subprocess.PIPE,
        check=True,
    ).stdout.split(b"\0")
    names = b"\0".join(name for name in listed if name and (PROJECT / os.fsdecode(name)).exists())
    subprocess.run(  # nosec B603 B607
        ["tar", "-C", str(PROJECT), "--null", "-T", "-", "-cf", str(archive)], input=names, check=True
    )


def _new_folder(path: Path) -> Path:
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True)
    return path


def summary(results: list[Result]) -> str:
    """Word the outcome: a line a suite and step."""
    lines = []
    for result in results:
        lines.append(f"{result.suite}: {result.versions}")
        lines += [f"    make {step:<10} {said}" for step, (_, said) in result.steps.items()]
        if not result.passed and result.suite in MAY_FAIL:
            lines.append("    warning only: this suite may fail")
    return "\n".join(lines)


def main(arguments: list[str]) -> int:
    """Run the suites that are named.

    Args:
        arguments: Their names.

    Returns:
        0, or 1 where a suite failed that must not.

    Raises:
        SystemExit: Wrong usage, or a chroot cannot be made.
    """
    if not arguments or any(not re.fullmatch(r"[a-z]+", name) for name in arguments):
        raise SystemExit(__doc__)
    results = [run(suite) for suite in arguments]
    text = summary(results)
    (OUT / "summary.txt").write_text(text + "\n", encoding="utf-8")
    print(f"\n{text}\nLogs and pictures: {OUT}")
    return int(any(not result.passed and result.suite not in MAY_FAIL for result in results))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
