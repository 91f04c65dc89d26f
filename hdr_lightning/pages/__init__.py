"""Pages: one HTML file each that needs nothing else, neither a server nor the network."""
