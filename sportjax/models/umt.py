"""Unmasked Teacher's student: VideoMAE's form over single frames. Source: Li et al. 2023 (arXiv:2303.16058)."""

from __future__ import annotations

from sportjax.models import videomae

# Trained on eight frames; its sines are interpolated to other numbers.
PRESETS = {
  'umt_b16': videomae.VideoMAEConfig(videomae.BASE, tubelet=1, table=(8, 14, 14)),
  'umt_l16': videomae.VideoMAEConfig(videomae.LARGE, tubelet=1, table=(8, 14, 14)),
}

UMT = videomae.VideoMAE
name_map = videomae.original_name_map
