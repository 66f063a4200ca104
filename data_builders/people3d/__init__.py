"""3DPeople's 3D poses, in VIPE*'s skeleton."""
