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

# Commands draw to files only, and whatever a notebook has set for its own Python may not be installed here.
os.environ["MPLBACKEND"] = "agg"

# A user by number alone, as containers have them, has neither a home nor a name, which libraries ask for.
if hasattr(os, "getuid") and (os.path.expanduser("~") == "/" or not os.path.isdir(os.path.expanduser("~"))):
    from tempfile import gettempdir

    name = f"user-{os.getuid()}"
    home = os.path.join(gettempdir(), name)
    os.makedirs(home, mode=0o700, exist_ok=True)
    os.environ |= {"HOME": home, "USER": name}

# Names of files may hold any bytes: one that cannot be printed is no reason to fail.
for stream in (sys.stdout, sys.stderr):
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")
