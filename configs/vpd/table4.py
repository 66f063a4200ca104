"""VPD's Table 4: actions found in whole routines after a few labelled ones, AP at temporal IoU 0.3 to 0.7.

  python launch.py --mode=run --config=configs/vpd/table4.py --workdir=runs/vpd_skating_routines
  python launch.py --mode=run --config=configs/vpd/table4.py:dataset=mocap --config.markers=../shared/data \
      --workdir=runs/vpd_mocap

About 1 CPU-hour (size=overnight: 15). docs/VPD.md, "Tables", says what the datasets and sizes are.
Source: Hong et al. 2021, Video Pose Distillation (arXiv 2109.01305).
"""

from __future__ import annotations

from ml_collections import config_dict

from configs.vpd import common


def get_config(arg: str | None = None) -> config_dict.ConfigDict:
  """`dataset`, `size` and `debug` as in common.py."""
  return common.get_config('table4', arg, dataset='skating_routines')
