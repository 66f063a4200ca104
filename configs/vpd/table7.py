"""VPD's Table 7: detection by activation threshold, AP at temporal IoU 0.5.

  python launch.py --mode=run --config=configs/vpd/table7.py --workdir=runs/vpd_skating_routines

About 1 CPU-hour (size=overnight: 15), shared with table4 in one workdir. docs/VPD.md, "Tables".
Source: Hong et al. 2021, Video Pose Distillation (arXiv 2109.01305).
"""

from __future__ import annotations

from ml_collections import config_dict

from configs.vpd import common


def get_config(arg: str | None = None) -> config_dict.ConfigDict:
  """`dataset`, `size` and `debug` as in common.py."""
  return common.get_config('table7', arg, dataset='skating_routines')
