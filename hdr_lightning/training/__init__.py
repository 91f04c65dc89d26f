"""A training run: what is trained, watched, logged and left behind."""

SWEEP_RECORD = "sweep.yaml"
"""Lies in the folder of a sweep: its words on the command line, and the keys that vary in it."""
