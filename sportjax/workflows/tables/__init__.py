"""The tables of the VPD paper as grids: methods against questions, on any corpus, over seeds."""
