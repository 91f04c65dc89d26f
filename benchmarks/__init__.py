"""Ratios of time and memory within one run: ``make bench`` runs them all."""

import os

# Before OpenMP is loaded: threads that spin while they wait are slow when another program wants the cores.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
