"""The folder of a run: what lies in it, its record, its lock, and how it is read back."""
