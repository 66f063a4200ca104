"""A named set of the simulated world: films it, builds its TFDS dataset, reads it back, and writes what it cost.

  python launch.py --mode=run --config=configs/film_set.py:set=diving_routines,size=tiny --workdir=runs/diving_routines
  python launch.py --mode=run --config=configs/film_set.py:set=ui_prmd,size=small --config.mocap_dir=recordings \
      --workdir=runs/ui_prmd

The sets and their sizes are in docs/WORLD.md. The workdir gets the videos with their truth (stages/film-*), the dataset
(stages/dataset-*/tfds), results.json, cost.md and report/report.html. Killed, it goes on where it was.
"""

from __future__ import annotations

from ml_collections import config_dict

from configs.common import parse_arg


def get_config(arg: str | None = None) -> config_dict.ConfigDict:
  """`set` and `size`: of sportjax/synth/sets.py; `debug`: the smallest size in one process."""
  choice = parse_arg(arg, set='diving', size='small', debug=False)
  config = config_dict.ConfigDict(
    {
      'workflow': 'film_set',
      'name': choice.set,
      'size': choice.size,
      'mocap_dir': config_dict.placeholder(str),
      'processes': 2,
    }
  )
  if choice.debug:
    config.update({'size': 'tiny', 'processes': 0})
  return config
