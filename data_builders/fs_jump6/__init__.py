"""FSJump6: six jumps of figure skating, with features, poses or crops of the VPD reference."""
