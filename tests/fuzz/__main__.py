"""`python -m tests.fuzz [--seconds 60] [--jobs 2] [target ...]`: looks for input that breaks a target, by atheris.

Every target gets so many seconds, several at once in processes of their own. What breaks one is written to its corpus
as `find-...`; `pytest tests/fuzz` then fails until it is mended. Where atheris cannot be installed, input is made up
without looking at what it reaches. `grow` in place of targets looks for what takes longer than its size says.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.fuzz.mutating import growing, mutants
from tests.fuzz.targets import LARGEST, Target, load

_SLOW = 5  # seconds for one input are a find
_GROWN = 1.0


def main() -> int:
    """0 when nothing was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--alone", help=argparse.SUPPRESS)
    parser.add_argument("names", nargs="*", metavar="target")
    arguments = parser.parse_args()
    if arguments.alone:
        return _alone(arguments.alone, arguments.seconds, Path(arguments.names[0]))
    if arguments.names == ["grow"]:
        return _grow(list(load().values()))
    names = arguments.names or list(load())
    print(f"{len(names)} targets, {arguments.seconds} s each, {arguments.jobs} at once", flush=True)
    with ThreadPoolExecutor(arguments.jobs) as pool:
        found = list(pool.map(lambda name: _apart(load()[name], arguments.seconds), names))
    return 1 if any(found) else 0


def _apart(target: Target, seconds: int) -> bool:
    """Runs one target in a process of its own, which a find ends; says what came of it."""
    with tempfile.TemporaryDirectory(prefix=f"fuzz-{target.name}-") as folder:
        command = [sys.executable, "-m", "tests.fuzz", "--alone", target.name, "--seconds", str(seconds), folder]
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
        finds = [path.read_bytes() for path in Path(folder).glob("find-*")]
        for data in finds:
            target.folder.mkdir(parents=True, exist_ok=True)
            (target.folder / f"find-{hashlib.sha256(data).hexdigest()[:12]}").write_bytes(data)
        said = (done.stdout + done.stderr).strip().splitlines()
    runs = next((line for line in reversed(said) if "Done " in line), "")
    print(
        f"{target.name:16} {f'{len(finds)} FOUND' if finds or done.returncode else runs or 'nothing found'}", flush=True
    )
    if done.returncode:
        told = [line[:300] for line in said if not line.startswith(("#", "INFO", "20"))]
        print("\n".join(f"    {line}" for line in told[-30:]), flush=True)
    return bool(finds or done.returncode)


def _alone(name: str, seconds: int, folder: Path) -> int:
    """One target in this process, until something is found or the time is up."""
    if importlib.util.find_spec("atheris") is None:
        return _by_chance(load()[name], seconds, folder)
    import atheris  # noqa: PLC0415  not needed to feed the corpora, and not to be had for every Python

    with atheris.instrument_imports(include=["lib", "tomllib"]):
        target = load()[name]
    new = folder / "corpus"
    new.mkdir()
    options = [f"-max_total_time={seconds}", f"-max_len={LARGEST}", f"-timeout={_SLOW}", "-rss_limit_mb=2048"]
    options += [f"-artifact_prefix={folder}/find-", "-print_final_stats=0", "-verbosity=1", str(new)]
    options += [str(target.folder)] if target.corpus else []
    atheris.Setup([sys.argv[0], *options], target.feed)
    atheris.Fuzz()
    return 0


def _by_chance(target: Target, seconds: int, folder: Path) -> int:
    corpus = [path.read_bytes() for path in target.corpus] or [b""]
    ends, seed = time.monotonic() + seconds, 0
    while time.monotonic() < ends:
        seed += 1
        for data in mutants(corpus, 100, seed):
            (folder / "find-last").write_bytes(data)  # stays when this process ends
            target.feed(data)
    (folder / "find-last").unlink(missing_ok=True)
    print(f"Done {seed * 100} runs")
    return 0


def _grow(targets: list[Target]) -> int:
    """Says what takes more than a second at 10 kB, by the processor's clock. It is a find like any other."""
    found = 0
    for target in targets:
        slowest = (0.0, b"")
        for piece, data in growing([path.read_bytes() for path in target.corpus] or [b""], LARGEST):
            started = time.process_time()
            try:
                target.feed(data)
            except Exception as error:  # noqa: BLE001  a find of another kind
                found += 1
                print(f"    {target.name}: {error!r:.200} for {data[:60]!r} ... {piece!r}", flush=True)
            took = time.process_time() - started
            slowest = max(slowest, (took, piece))
            if took > _GROWN:
                found += 1
                print(f"    {target.name}: {took:.1f} s for {data[:60]!r} ... {piece!r}", flush=True)
        print(f"{target.name:16} at most {slowest[0] * 1000:.0f} ms, of {slowest[1]!r}", flush=True)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
