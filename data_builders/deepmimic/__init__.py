"""DeepMimic's motions of its humanoid."""
