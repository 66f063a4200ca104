"""AMASS's 3D poses as VPD's reference renders them, in VIPE*'s skeleton."""
