"""The simulated world looked at and measured: samples of every class and mistake, what tells the classes, what not.

  python launch.py --mode=run --config=configs/world.py --workdir=runs/world

Films every sport, class and mistake to be looked at, and for each sport a corpus on which it is measured how well true
pose and everything less than it tell the classes, that camera, place, clothing and length tell nothing, and where the
weak teacher fails. Writes report/report.html, results.json and world.md. About 1.5 CPU-hours; fewer sports with
--config.sports="('diving',)". A real estimator's confidence stands beside the weak teacher's where its files are given:
--config.real_videos='views/*.mp4' --config.real_keypoints=DIR --config.real_athlete.skeleton=body25b
"""

from __future__ import annotations

from ml_collections import config_dict

from configs import quickstart
from configs.common import parse_arg


def get_config(arg: str | None = None) -> config_dict.ConfigDict:
  """`debug`: one sport, two classes, the fewest athletes."""
  choice = parse_arg(arg, debug=False)
  shared = quickstart.get_config('debug' if choice.debug else None)
  config = config_dict.ConfigDict(
    {
      'workflow': 'world',
      'sports': ('diving', 'gymnastics', 'skating', 'tennis', 'golf', 'basketball', 'football', 'weightlifting'),
      'athletes': 14,
      'test_athletes': 8,
      'classes': config_dict.placeholder(int),
      'trials': 3,
      'seed': 7,
      'real_videos': '',
      'real_keypoints': config_dict.placeholder(str),
      'real_athlete': quickstart.get_config().chain.athlete,
      'chain': shared.chain,
    }
  )
  if choice.debug:
    config.update({'sports': ('golf',), 'classes': 2, 'athletes': 2, 'test_athletes': 1, 'trials': 1})
  return config
