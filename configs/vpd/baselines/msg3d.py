"""MS-G3D on tracked 2D joints and on bones, and the average of both, with all labels or with few of each class.

  python launch.py --mode=run --config=configs/vpd/baselines/msg3d.py --workdir=runs/vpd_msg3d
  python launch.py --mode=run --config=configs/vpd/baselines/msg3d.py --config.shots=16 --workdir=runs/vpd_msg3d_16

Source: Liu et al. 2020 (arXiv 2003.14111); VPD (arXiv 2109.01305), supplement B3.
"""

from __future__ import annotations

from ml_collections import config_dict

from configs.vpd.baselines import common


def get_config(arg: str | None = None) -> config_dict.ConfigDict:
  """`sport`, `size` and `debug` as in common.py."""
  return common.get_config(arg, 'msg3d', ('joint', 'bone'), steps=600, learning_rate=3e-3)
