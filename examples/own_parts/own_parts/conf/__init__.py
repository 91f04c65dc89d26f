"""Configurations: hydra.searchpath=[pkg://own_parts.conf]."""
