"""VPD's Table 3: clips that are found by alignment, precision at 1, 10 and 50; students are of the whole corpus.

  python launch.py --mode=run --config=configs/vpd/table3.py --workdir=runs/vpd_diving

About 0.3 CPU-hours (size=overnight: 4). docs/VPD.md, "Tables", says what the datasets and sizes are.
Source: Hong et al. 2021, Video Pose Distillation (arXiv 2109.01305).
"""

from __future__ import annotations

from ml_collections import config_dict

from configs.vpd import common


def get_config(arg: str | None = None) -> config_dict.ConfigDict:
  """`dataset`, `size` and `debug` as in common.py."""
  return common.get_config('table3', arg)
