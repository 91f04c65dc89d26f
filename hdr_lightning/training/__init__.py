"""A training run: what is trained, watched, logged and left behind."""
