"""The paper's figures of any scene: the work of hdr-figures."""
