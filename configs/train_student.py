"""The paper's student on a built dataset: ResNet-34, 5 x 128 x 128, AdamW 5e-4, batch 100.

  python launch.py --mode=train --config=configs/train_student.py --config.dataset=DIR --workdir=runs/student
  python launch.py --mode=compile --config=configs/train_student.py --topology=v5e:4x4 --workdir=runs/compile

The paper trains 1000 epochs of 20,000 frames, 200,000 steps. `:preset=vpd_resnet18` and others of
sportjax/models/vpd.py; on several devices the batch is divided over them.
Source: Hong et al. 2021, Video Pose Distillation (arXiv 2109.01305), supplement A.
"""

from __future__ import annotations

from ml_collections import config_dict

from configs import own_videos
from configs.common import parse_arg


def get_config(arg: str | None = None) -> config_dict.ConfigDict:
  """`preset` and `debug` as in own_videos.py."""
  parse_arg(arg, preset='vpd_resnet34', debug=False)
  student = own_videos.get_config(arg).chain.student
  student.mesh = {'data': -1, 'fsdp': 1, 'tensor': 1}
  return config_dict.ConfigDict(
    {'workflow': 'train_student', 'dataset': config_dict.placeholder(str), 'student': student, 'size_px': 128, 'd': 26}
  )
