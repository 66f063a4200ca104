"""One file, one experiment or workflow."""
