"""Ratios of time and memory within one run: `make bench` runs those that need no photographs."""

import hdr_lightning.commands  # noqa: F401 - its setting of waiting threads, before OpenMP is loaded
