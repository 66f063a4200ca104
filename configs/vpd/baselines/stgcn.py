"""ST-GCN on tracked 2D joints, with all labels or with few of each class.

  python launch.py --mode=run --config=configs/vpd/baselines/stgcn.py --workdir=runs/vpd_stgcn
  python launch.py --mode=run --config=configs/vpd/baselines/stgcn.py --config.shots=16 --workdir=runs/vpd_stgcn_16

Source: Yan et al. 2018 (arXiv 1801.07455); VPD (arXiv 2109.01305), supplement B3.
"""

from __future__ import annotations

from ml_collections import config_dict

from configs.vpd.baselines import common


def get_config(arg: str | None = None) -> config_dict.ConfigDict:
  """`sport`, `size` and `debug` as in common.py."""
  return common.get_config(arg, 'stgcn', ('joint',), steps=1000, learning_rate=3e-3)
