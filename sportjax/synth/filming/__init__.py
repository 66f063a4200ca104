"""Films a motion: a camera, a dressed body, a cluttered scene, and the truth of every frame."""
