"""Photographs of people to fused photographs: the work of hdr-fuse."""
