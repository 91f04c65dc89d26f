"""Methods on scenes to scores and a report: the work of hdr-evaluate."""
