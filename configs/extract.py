"""Apply a trained student to new videos: features of every frame, as a feature store and a CSV file.

  python launch.py --mode=extract --config=configs/extract.py --config.student=runs/mine --config.videos='new/*.mp4' \
      --config.keypoints=DIR --workdir=runs/new

Keypoints (or --config.pose_model) tell who and where the athlete is; the features come from the pixels.
"""

from __future__ import annotations

from ml_collections import config_dict

from configs import own_videos


def get_config(arg: str | None = None) -> config_dict.ConfigDict:
  """The settings of videos and athlete are those of `own_videos.py`; crop size follows the student."""
  shared = own_videos.get_config(arg)
  chain = {name: shared.chain[name] for name in ('athlete', 'crop', 'raft', 'raft_preset', 'processes')}
  return config_dict.ConfigDict(
    {
      'workflow': 'extract',
      'student': config_dict.placeholder(str),
      'videos': config_dict.placeholder(str),
      'keypoints': config_dict.placeholder(str),
      'pose_model': config_dict.placeholder(str),
      'detector': config_dict.placeholder(str),
      'detector_kind': 'yolox',
      'chain': chain,
      'jitter': {'count': 0, 'of': 'colour', 'keep': 'apart', 'seed': 0},
      'csv': True,
    }
  )
