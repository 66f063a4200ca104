"""Stages that workflows chain: one file each, its imports being the code its key stands for."""
