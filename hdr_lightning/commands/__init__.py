"""Command lines: light modules that answer at once and import the work when there is some."""

import io
import os
import sys

# Threads that wait without spinning lose little on a free machine and are many times faster on a busy one.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

# Names of files may hold any bytes: one that cannot be printed is no reason to fail.
for stream in (sys.stdout, sys.stderr):
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")
