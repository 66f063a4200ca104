"""The paper's student on a built dataset: ResNet-34, 5 x 128 x 128, AdamW 5e-4, batch 100.

  python launch.py --mode=train --config=configs/train_student.py --config.dataset=DIR --workdir=runs/student
  python launch.py --mode=compile --config=configs/train_student.py --topology=v5e:4x4 --workdir=runs/compile
  python launch.py --mode=train --config=configs/train_student.py:aligned --config.dataset=DIR --workdir=runs/aligned

The paper trains 1000 epochs of 20,000 frames, 200,000 steps. `:preset=vpd_resnet18` and others of
sportjax/models/vpd.py; on several devices the batch is divided over them. `:aligned` trains on windows of 8 frames in
a row, aligned by soft-DTW with the teacher's poses, whose timing may be off; the paper compares frame by frame.
Students begin at random, or with --config.student.pretrained=FILE, weights of colour images for their backbone.
Source: Hong et al. 2021, Video Pose Distillation (arXiv 2109.01305), supplement A.
"""

from __future__ import annotations

from ml_collections import config_dict

from configs import own_videos
from configs.common import parse_arg


def get_config(arg: str | None = None) -> config_dict.ConfigDict:
  """`preset` and `debug` as in own_videos.py; `aligned`: windows of frames aligned with the teacher's."""
  choice = parse_arg(arg, preset='vpd_resnet34', debug=False, aligned=False)
  debug = str(choice.debug).lower()
  student = own_videos.get_config(f'preset={choice.preset},debug={debug}').chain.student
  student.gamma = config_dict.placeholder(float)
  student.frames.window = 1
  if choice.aligned:
    student.gamma, student.frames.window = 0.1, 8
    student.frames.batch_size //= student.frames.window  # about as many frames
  student.mesh = {'data': -1, 'fsdp': 1, 'tensor': 1}
  return config_dict.ConfigDict(
    {'workflow': 'train_student', 'dataset': config_dict.placeholder(str), 'student': student, 'size_px': 128, 'd': 26}
  )
