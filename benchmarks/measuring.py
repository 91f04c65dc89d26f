"""What the benchmarks share: turns and ratios, processes of their own, generated photographs, tables.

The machine may be busy with other work. So contestants take turns, every round gives ratios, and their median
counts. Beside the time that passed stands that of the processors, which other work hardly changes.
"""

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import cv2
import numpy as np

CHECKOUT = Path(__file__).parents[1]


class Cost(NamedTuple):
    """Seconds that passed, and seconds of all processors in this process and the children it waited for."""

    wall: float
    cpu: float


def clock() -> Cost:
    torch = sys.modules.get("torch")
    if torch and torch.cuda.is_initialized():
        torch.cuda.synchronize()
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return Cost(time.perf_counter(), time.process_time() + children.ru_utime + children.ru_stime)


def since(start: Cost) -> Cost:
    end = clock()
    return Cost(end.wall - start.wall, end.cpu - start.cpu)


def take_turns(ways: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, list[Cost]]:
    """The cost of each way in each round; a round before does not count."""
    costs: dict[str, list[Cost]] = {name: [] for name in ways}
    for number in range(rounds + 1):
        for name, way in ways.items():
            start = clock()
            way()
            if number:
                costs[name].append(since(start))
    return costs


def typical(costs: Iterable[Cost]) -> Cost:
    walls, cpus = zip(*costs, strict=True)
    return Cost(median(walls), median(cpus))


def ratio(costs: Sequence[Cost], peers: Sequence[Cost]) -> Cost:
    """How many times the peer's cost: the median over the rounds."""
    return typical(Cost(a.wall / b.wall, a.cpu / b.cpu) for a, b in zip(costs, peers, strict=True))


def alone(module: str, *arguments: str) -> Any:
    """What `python -m module arguments` prints as JSON in its last line."""
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, cwd=CHECKOUT, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def memory(kind: str = "VmHWM") -> float:
    """Megabytes of this process: by default the peak. Not getrusage, whose peak a child inherits."""
    files = ("/proc/self/status", "/proc/self/smaps_rollup")
    text = "".join(Path(file).read_text() for file in files)
    return float(text.split(f"{kind}:")[1].split()[0]) / 1024


def photographs(
    folder: Path, megapixels: float, suffix: str = ".jpg", seed: int = 0, count: int = 2
) -> list[Path]:
    """A generated scene of 4 : 3, a stop under to a stop over, as files in a folder, dark to bright."""
    side = round((megapixels * 1e6 / 12) ** 0.5)
    noise = np.random.default_rng(seed)
    coarse = [noise.random((3 * n, 4 * n, 3), np.float32) for n in (2, 16, 128)]
    scene = sum(cv2.resize(x, (4 * side, 3 * side), interpolation=cv2.INTER_CUBIC) for x in coarse) / 3
    folder.mkdir(parents=True, exist_ok=True)
    names = ["under", *(f"middle_{number}" for number in range(1, count - 1)), "over"]
    files = [folder / f"{name}{suffix}" for name in names]
    for file, gain in zip(files, np.geomspace(0.5, 2.0, count), strict=True):
        cv2.imwrite(str(file), np.rint(np.clip(gain * scene, 0, 1) * 255).astype(np.uint8))
    return files


def table(title: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print as Markdown."""
    print(f"\n{title}\n")
    for row in (header, ["---"] * len(header), *rows):
        print(f"| {' | '.join(map(str, row))} |")
    sys.stdout.flush()


def note(text: str) -> None:
    """Say on the terminal what is under way."""
    print(text, file=sys.stderr, flush=True)
