"""The page of `hdr-studio`: a server for this machine alone, and a process that works like `hdr-fuse`."""
