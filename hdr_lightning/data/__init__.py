"""Scenes on the disk to batches of a Lightning run."""
