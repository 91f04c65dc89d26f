"""Time and peak memory of the fusers beside OpenCV's MergeMertens and enfuse, in one run.

    python -m benchmarks.fusion [--megapixels 12] [--repeats 3]

Repeats are interleaved and the least of each counts. Peak memory is that of a process of its own with one
method, its libraries and the decoded pair. enfuse reads and writes files, which its time includes.
"""

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

REFERENCE = "OpenCV MergeMertens"
OURS = ("average", "mertens", "variance", "adaptive", "bandnet")
FILES = ("under.tif", "over.tif")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--megapixels", type=float, default=12)
    parser.add_argument("--repeats", type=int, default=3)
    args = parser.parse_args()
    methods = [REFERENCE, *OURS, *(["enfuse"] if shutil.which("enfuse") else [])]
    with tempfile.TemporaryDirectory() as folder:
        child(folder, "write", str(args.megapixels))
        seconds = child(folder, "seconds", str(args.repeats), *methods)
        peaks = [child(folder, "peak", name)[0] for name in methods]
    print(f"{args.megapixels:g} megapixels, 2 exposures, least of {args.repeats} repeats")
    print(f"{'method':22}{'seconds':>9}{'ratio':>7}{'peak MB':>9}{'ratio':>7}")
    for name, second, peak in zip(methods, seconds, peaks, strict=True):
        print(f"{name:22}{second:9.2f}{second / seconds[0]:7.2f}{peak:9.0f}{peak / peaks[0]:7.2f}")


def child(folder: str, *arguments: str) -> list[float]:
    """What a process of this file prints. It inherits our peak memory, so nothing is imported here."""
    command = [sys.executable, str(Path(__file__).resolve()), "--child", *arguments]
    # Threads that spin while they wait are several times slower when another program wants the cores.
    environment = {"OMP_WAIT_POLICY": "passive", **os.environ}
    done = subprocess.run(command, cwd=folder, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    return [float(number) for number in done.stdout.split()]


def write(megapixels: str) -> None:
    """A generated scene, two stops under and two stops over, as the working folder's files."""
    import cv2
    import numpy as np

    side = round((float(megapixels) * 1e6 / 12) ** 0.5)
    noise = np.random.default_rng(0)
    coarse = [noise.random((3 * n, 4 * n, 3), np.float32) for n in (2, 16, 128)]
    scene = sum(cv2.resize(x, (4 * side, 3 * side), interpolation=cv2.INTER_CUBIC) for x in coarse) / 3
    for name, gain in zip(FILES, (0.5, 2.0), strict=True):
        cv2.imwrite(name, np.rint(np.clip(gain * scene, 0, 1) * 255).astype(np.uint8))


def fuser(name: str) -> Callable[[], object]:
    """A function of no arguments that fuses the pair of the working folder, already decoded."""
    if name == "enfuse":
        return lambda: subprocess.run(["enfuse", "-o", "fused.tif", *FILES], check=True, capture_output=True)
    import cv2

    pair = [cv2.imread(file)[..., ::-1].copy() for file in FILES]
    if name == REFERENCE:
        return lambda: cv2.createMergeMertens().process(pair)
    import torch

    from hdr_lightning.methods import resolve

    exposures = torch.stack([torch.from_numpy(x).permute(2, 0, 1).float().div_(255) for x in pair])[None]
    fusion = resolve(name)

    def fuse() -> object:
        with torch.inference_mode():
            return fusion.blend(exposures)

    return fuse


def measure(repeats: str, *names: str) -> None:
    """Print the least seconds of each method; one run before does not count."""
    methods = [fuser(name) for name in names]
    runs = []
    for _ in range(int(repeats) + 1):
        runs.append([])
        for method in methods:
            start = time.perf_counter()
            method()
            runs[-1].append(time.perf_counter() - start)
    print(*(min(seconds) for seconds in zip(*runs[1:], strict=True)))


def peak(name: str) -> None:
    """Print the peak memory in MB of this process, or of enfuse."""
    fuser(name)()
    print(
        max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        / 1024
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        {"write": write, "seconds": measure, "peak": peak}[sys.argv[2]](*sys.argv[3:])
    else:
        main()
