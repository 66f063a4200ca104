"""Checks your videos, keypoints and labels before anything long starts; ends with status 1 where an error is found.

  python launch.py --mode=run --config=configs/check_data.py --config.videos='clips/*.mp4' --config.keypoints=DIR \
      --config.labels=labels.csv --workdir=runs/check

Every video is decoded to its end, its athlete is followed as training would, and each labelled interval is looked up.
The list is on the terminal, in findings.json and in report/report.html. Without keypoints or labels, the rest is
checked.
"""

from __future__ import annotations

from ml_collections import config_dict

from configs.common import parse_arg


def get_config(arg: str | None = None) -> config_dict.ConfigDict:
  """No arguments."""
  parse_arg(arg)
  return config_dict.ConfigDict(
    {
      'workflow': 'check_data',
      'videos': config_dict.placeholder(str),
      'keypoints': config_dict.placeholder(str),
      'labels': config_dict.placeholder(str),
      'athlete': {
        'rule': 'largest',
        'box': config_dict.placeholder(tuple),
        'keypoint_format': config_dict.placeholder(str),
        'skeleton': config_dict.placeholder(str),
        'first_frame': config_dict.placeholder(int),
      },
      'limits': {
        'gap_ms': 500.0,
        'min_side_px': 128,
        'min_person_px': 64.0,
        'min_fps': 15.0,
        'min_score': 0.3,
        'max_repeated': 0.2,
        'min_covered': 0.9,
      },
      'processes': 2,
    }
  )
