"""Convolution in C++ for CPUs, called by XLA: built on first use where there is a compiler."""
