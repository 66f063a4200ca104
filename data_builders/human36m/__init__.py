"""Human3.6M's 3D poses, in VIPE*'s skeleton."""
