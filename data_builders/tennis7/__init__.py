"""Tennis7: seven swings of tennis, with features, poses or crops of the VPD reference."""
