"""Command lines: light modules that answer at once and import the work when there is some."""

import os

# Threads that wait without spinning lose little on a free machine and are many times faster on a busy one.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
