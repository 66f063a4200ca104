"""Diving48, versions 1 and 2, with features, poses or crops of the VPD reference."""
