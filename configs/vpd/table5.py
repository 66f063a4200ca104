"""VPD's Table 5: students of frames above a score, and how many frames that leaves.

  python launch.py --mode=run --config=configs/vpd/table5.py --workdir=runs/vpd_diving

About 1 CPU-hour (size=overnight: 20). docs/VPD.md, "Tables", says what the datasets and sizes are.
Source: Hong et al. 2021, Video Pose Distillation (arXiv 2109.01305).
"""

from __future__ import annotations

from ml_collections import config_dict

from configs.vpd import common


def get_config(arg: str | None = None) -> config_dict.ConfigDict:
  """`dataset`, `size` and `debug` as in common.py."""
  return common.get_config('table5', arg)
