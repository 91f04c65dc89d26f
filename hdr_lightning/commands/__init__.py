"""Command lines: light modules that answer at once and import the work when there is some."""
