"""VPD's Figure 3 and Table 6: recognition from 4 to 64 clips a class, by BiGRU and by nearest neighbour.

  python launch.py --mode=run --config=configs/vpd/figure3.py --workdir=runs/vpd_diving

About 0.6 CPU-hours (size=overnight: 20). docs/VPD.md, "Tables", says what the datasets and sizes are.
Source: Hong et al. 2021, Video Pose Distillation (arXiv 2109.01305).
"""

from __future__ import annotations

from ml_collections import config_dict

from configs.vpd import common


def get_config(arg: str | None = None) -> config_dict.ConfigDict:
  """`dataset`, `size` and `debug` as in common.py."""
  return common.get_config('figure3', arg)
