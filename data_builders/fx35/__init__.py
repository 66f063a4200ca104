"""FX35: 35 elements of FineGym's floor exercise, with features, poses or crops of the VPD reference."""
