"""GSM on crops of the athlete, with all labels or with few of each class.

  python launch.py --mode=run --config=configs/vpd/baselines/gsm.py --workdir=runs/vpd_gsm
  python launch.py --mode=run --config=configs/vpd/baselines/gsm.py --config.shots=16 --workdir=runs/vpd_gsm_16

The whole picture instead of crops: --config.cropped=False. The backbone is a
small ResNet, with `:size=paper` the paper's InceptionV3, or what `:backbone=` names; it starts at random, or from a
file of torchvision's ImageNet weights of it: --config.baseline.pretrained=inception_v3.pth.
Source: Sudhakaran et al. 2020 (arXiv 1912.00381); VPD (arXiv 2109.01305), supplement B3.
"""

from __future__ import annotations

from ml_collections import config_dict

from configs.vpd.baselines import common


def get_config(arg: str | None = None) -> config_dict.ConfigDict:
  """`sport`, `size` and `debug` as in common.py."""
  return common.get_config(arg, 'gsm', ('rgb',), steps=600, learning_rate=1e-3, paper_backbone='inception_v3')
