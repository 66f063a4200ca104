"""NBA2K's 3D poses, in VIPE*'s skeleton."""
