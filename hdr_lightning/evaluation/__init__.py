"""Methods on scenes to scores and a report: the work of hdr-evaluate."""

REPORT = "report.html"
"""The page in the folder of an evaluation."""
