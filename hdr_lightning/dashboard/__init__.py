"""Offline W&B runs in a local dashboard: the work of hdr-dashboard."""
