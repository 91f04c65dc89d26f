"""Image files to pixels and back, with the metadata of a photograph."""
