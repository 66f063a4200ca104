"""Features of a pretrained R3D-18 in windows of eight frames: the baseline of VPD's detection (Table 4).

  python launch.py --mode=extract --config=configs/vpd/baselines/r3d.py --config.dataset=DIR \
      --config.weights=r3d_18.pth --workdir=runs/vpd_r3d

The weights are torchvision's r3d_18 of Kinetics-400, saved as a state dict; without trained weights there is nothing to
extract. Crops are read at the dataset's size (the paper's 128 pixels), frames at its rate.
Source: Tran et al. 2018 (arXiv 1711.11248); VPD (arXiv 2109.01305), supplement D.
"""

from __future__ import annotations

from ml_collections import config_dict

from configs.common import parse_arg


def get_config(arg: str | None = None) -> config_dict.ConfigDict:
  """`debug`: windows of two frames."""
  choice = parse_arg(arg, debug=False)
  return config_dict.ConfigDict(
    {
      'workflow': 'vpd_r3d',
      'dataset': config_dict.placeholder(str),
      'weights': config_dict.placeholder(str),
      'preset': 'r3d_18',
      'window': 2 if choice.debug else 8,
    }
  )
