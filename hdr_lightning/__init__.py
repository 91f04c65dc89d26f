"""Multi-exposure fusion: fuse differently exposed photographs, and train networks that do it."""

__version__ = "0.1.0"
