"""Networks in files, and ways to fuse by the name that people type."""
