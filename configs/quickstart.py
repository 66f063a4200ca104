"""The whole way in a few minutes: simulated divers are filmed, a student is distilled, its features are put to use.

  python launch.py --mode=run --config=configs/quickstart.py --workdir=runs/quickstart

Films a corpus of one sport (H.264 files), estimates poses with the world's weak teacher, tracks, crops, builds the TFDS
dataset, distils the small student, extracts features, ranks clips by alignment, classifies from 8 labels a class, and
writes report/report.html and a table. Under 8 minutes on 2 CPU cores; killed, it goes on where it was.
"""

from __future__ import annotations

from ml_collections import config_dict

from configs import own_videos
from configs.common import parse_arg


def get_config(arg: str | None = None) -> config_dict.ConfigDict:
  """`sport`: one of the world's; `debug`: the smallest corpus and two steps, to see that everything runs."""
  choice = parse_arg(arg, sport='diving', debug=False)
  shared = own_videos.get_config('preset=small_spatial')
  config = config_dict.ConfigDict(
    {
      'workflow': 'quickstart',
      'corpus': {
        'sport': choice.sport,
        'classes': 8,
        'athletes': 36,
        'repeats': 1,
        'test_athletes': 12,
        'seed': 0,
      },
      'chain': shared.chain,
      'evaluate': shared.evaluate,
    }
  )
  config.chain.crop.update({'flow_preset': 'fast', 'pad_px': 10.0})
  student = config.chain.student
  student.learning_rate = 1e-3
  student.frames.min_score = 0.35  # of this teacher's scores; see docs/RESULTS.md
  student.loop.update({'total_steps': 1000, 'eval_every_steps': 100, 'save_every_steps': 100, 'select_window': 3})
  if choice.debug:
    config.corpus.update({'classes': 2, 'athletes': 3, 'test_athletes': 1, 'repeats': 2})
    config.chain.student.frames.update({'batch_size': 8, 'min_score': 0.0})
    config.chain.student.loop.update({'total_steps': 2, 'eval_every_steps': 1})
    config.chain.processes = 0
    config.evaluate.update({'shots': 1, 'subsets': 2})
  return config
