"""C++ kernels for CPUs, compiled on first use: how they are built, chosen and run on XLA's threads."""
