"""The folder of a run: its record, its lock, and how it is read back."""

SWEEP_RECORD = "sweep.yaml"
"""Lies in the folder of a sweep: its words on the command line, and the keys that vary in it."""
