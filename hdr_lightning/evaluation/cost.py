"""What a piece of work costs: seconds, and the memory that it needs on top of what was held before."""

import ctypes
import time
from contextlib import suppress
from types import TracebackType
from typing import Self

import torch

_RESET_PEAK = "5"
_STATUS, _CLEAR = "/proc/self/status", "/proc/self/clear_refs"
_MIB = 2**20


class Cost:
    """Measure what happens inside a `with` block.

    Args:
        device: Where the work is done.

    Attributes:
        seconds: Wall-clock time; work queued on a GPU is waited for.
        memory_mb: Peak minus start, in MiB: of the GPU's allocator there, of the process on a CPU. None
            where the system does not tell (only Linux does).
    """

    def __init__(self, device: torch.device) -> None:
        self.device = device
        self.seconds = 0.0
        self.memory_mb: float | None = None

    def __enter__(self) -> Self:
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)
            torch.cuda.reset_peak_memory_stats(self.device)
        self._held = self._peak_after_reset()
        self._start = time.perf_counter()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)
        self.seconds = time.perf_counter() - self._start
        peak = self._peak()
        if peak is not None and self._held is not None:
            self.memory_mb = max(peak - self._held, 0.0)

    def _peak_after_reset(self) -> float | None:
        if self.device.type != "cuda":
            # Memory that was freed but not handed back would hide what the work needs.
            with suppress(OSError, AttributeError, TypeError):  # another library of C, or Windows
                ctypes.CDLL(None).malloc_trim(0)
            try:
                with open(_CLEAR, "w") as stream:
                    stream.write(_RESET_PEAK)
            except OSError:
                return None
        return self._peak()

    def _peak(self) -> float | None:
        if self.device.type == "cuda":
            return torch.cuda.max_memory_allocated(self.device) / _MIB
        try:
            with open(_STATUS) as stream:
                peaks = [int(line.split()[1]) for line in stream if line.startswith("VmHWM:")]
        except OSError:
            return None
        return peaks[0] / 1024 if peaks else None
