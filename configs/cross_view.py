"""Synchronised views of one athlete: a student distilled on all views but one, tested on the one it has not seen.

  python launch.py --mode=run --config=configs/cross_view.py --config.videos='views/*.mp4' --config.keypoints=DIR \
      --config.calibration=Calib.qca.txt --config.markers=triangulated.trc --workdir=runs/cross_view

Each view is held out in turn (--config.held_out=NAME for one). Measured are the pose of the held-out view against the
projected 3D joints (where calibration and markers are given), and how well alignment with each other view recovers
`draws` random cuts and time warps; --config.vipe=runs/vipe adds the features of VIPE* as rows. Writes results.json,
results.md and contact sheets.
"""

from __future__ import annotations

from ml_collections import config_dict

from configs import own_videos
from configs.common import parse_arg


def get_config(arg: str | None = None) -> config_dict.ConfigDict:
  """`debug`: two steps and two draws, to see that everything runs."""
  choice = parse_arg(arg, debug=False)
  shared = own_videos.get_config('preset=small,debug' if choice.debug else 'preset=small')
  if not choice.debug:
    # A few hundred frames: more steps would memorise them.
    shared.chain.student.learning_rate = 1e-3
    shared.chain.student.loop.update({'total_steps': 300, 'eval_every_steps': 50, 'save_every_steps': 300})
  return config_dict.ConfigDict(
    {
      'workflow': 'cross_view',
      **{name: config_dict.placeholder(str) for name in ('videos', 'keypoints', 'pose_model', 'detector')},
      'detector_kind': 'yolox',
      **{name: config_dict.placeholder(str) for name in ('calibration', 'markers', 'held_out', 'vipe')},
      'seeds': (0,) if choice.debug else (0, 1),
      'draws': 2 if choice.debug else 50,
      'seed': 0,
      'chain': shared.chain,
    }
  )
