"""Command lines: light modules that answer at once and import the work when there is some."""

import io
import os
import sys

# On a free machine threads that sleep at once when they have to wait take 1.7 times as long to fuse; on a
# busy one those that spin as long as OpenMP's do by default take 3 times as long. GNU's OpenMP, for which
# the second setting overrides the first, can spin for a moment, which is near the best of both.
if "OMP_WAIT_POLICY" not in os.environ:
    os.environ["OMP_WAIT_POLICY"] = "passive"
    os.environ.setdefault("GOMP_SPINCOUNT", "3000")

# Names of files may hold any bytes: one that cannot be printed is no reason to fail.
for stream in (sys.stdout, sys.stderr):
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")
