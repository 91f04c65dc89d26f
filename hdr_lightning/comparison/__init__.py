"""Runs or evaluations side by side, read from their own files: the work of hdr-compare."""
