"""Cropped tracks of athletes with their teacher's pose."""
