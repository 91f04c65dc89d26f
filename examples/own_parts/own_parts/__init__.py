"""One part of every kind for hdr-lightning."""
