"""VPD's Table 8: classifiers of sequences, with all labels.

  python launch.py --mode=run --config=configs/vpd/table8.py --workdir=runs/vpd_diving

About 0.5 CPU-hours (size=overnight: 12). docs/VPD.md, "Tables", says what the datasets and sizes are.
Source: Hong et al. 2021, Video Pose Distillation (arXiv 2109.01305).
"""

from __future__ import annotations

from ml_collections import config_dict

from configs.vpd import common


def get_config(arg: str | None = None) -> config_dict.ConfigDict:
  """`dataset`, `size` and `debug` as in common.py."""
  return common.get_config('table8', arg)
