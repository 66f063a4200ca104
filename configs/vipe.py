"""VIPE*: poses of recorded people that are told from 2D joints alike from all sides, and found again across views.

  python launch.py --mode=run --config=configs/vipe.py --config.markers=../shared/data --workdir=runs/vipe

About 0.4 CPU-hours, most of it for VIPE* and the same network without its contrast; the paper's training is 250,000
steps at a rate of 1e-4, 20 CPU-hours or more. Needs motion capture: UI-PRMD, DeepMimic's clips and CMU's subjects 02,
13 and 14 (docs/WORLD.md says in which folders). `:aligned` adds a loss that the paper has not: movements of 8 poses,
seen from two sides, are told from others by aligning their embeddings.

With Human3.6M, AMASS, 3DPeople or NBA2K, built by `python -m data_builders`, beside the recordings or instead of them:

  python launch.py --mode=run --config=configs/vipe.py --config.sets.human36m=DATASET --config.views.human36m=COCOPOSE \
      --workdir=runs/vipe
"""

from __future__ import annotations

from ml_collections import config_dict

from configs.common import parse_arg

# A marker of the pelvis was not found in a single frame of these.
WITHOUT_PELVIS = (
  'm03_s10_e01_incorrect', 'm03_s10_e02_incorrect', 'm08_s10_e01', 'm08_s10_e02', 'm08_s10_e03',
  'm08_s10_e01_incorrect', 'm08_s10_e02_incorrect', 'm08_s10_e03_incorrect',
)  # fmt: skip


def get_config(arg: str | None = None) -> config_dict.ConfigDict:
  """What is trained, and how.

  `debug`: two people, one exercise, two recordings, two steps; `aligned`: movements are told apart as well;
  `estimated`: joints are off as a weak estimator's are, which a teacher of videos needs where no view was filmed.
  """
  choice = parse_arg(arg, debug=False, aligned=False, estimated=False)
  folders = {name: config_dict.placeholder(str) for name in ('human36m', 'amass', 'people3d', 'nba2k')}
  config = config_dict.ConfigDict(
    {
      'workflow': 'vipe',
      'markers': config_dict.placeholder(str),
      'sets': folders,
      'views': {name: config_dict.placeholder(str) for name in folders},
      'motion': {'exercises': 10, 'people': 10, 'repetitions': 3, 'several': (), 'every_ms': 100.0,
        'left_out': WITHOUT_PELVIS, 'held_out': ('ui_prmd/s03', 'ui_prmd/s06', 'ui_prmd/s09', 'cmu/s14')},
      'task': {
        'net': {'d': 64, 'hidden': 1024, 'blocks': 2, 'dropout': 0.2, 'residual': 'add'},
        'contrastive_weight': 1.0, 'lifting_weight': 1.0, 'learning_rate': 1e-3, 'weight_decay': 0.01,
        'angle': 'turns',
        'views': {'elevation_deg': 30.0, 'roll_deg': 30.0, 'lowest_confidence': 0.5, 'joint_error': 0.0},
        'movement_weight': 0.0, 'movement': 8, 'gamma': 0.1,
      },
      'loop': {'total_steps': 6000, 'log_every_steps': 100, 'eval_every_steps': 500, 'save_every_steps': 3000,
        'select_window': 1},
      'shares': {'cmu': 20.0, 'deepmimic': 20.0, 'ui_prmd': 60.0, 'human36m': 40.0, 'amass': 40.0, 'people3d': 10.0,
        'nba2k': 10.0},
      'retrieval': {'poses': 300, 'angles_deg': (15.0, 30.0, 60.0, 90.0, 180.0), 'k': 1, 'resamples': 1000, 'seed': 0},
      'batch_size': 100,
      'val_batches': 20,
      'seed': 0,
    }
  )  # fmt: skip
  if choice.estimated:
    config.task.views.update({'lowest_confidence': 0.05, 'joint_error': 0.7})
  if choice.aligned:
    config.task.movement_weight = 0.1
  if choice.debug:
    config.motion.update({'exercises': 1, 'people': 2, 'repetitions': 1, 'held_out': ('ui_prmd/s02',)})
    config.motion.left_out = ()
    config.motion.several = ('deepmimic_walk', 'cmu_02_01')
    config.task.net.update({'d': 8, 'hidden': 16, 'blocks': 1})
    config.loop.update({'total_steps': 2, 'eval_every_steps': 1})
    config.retrieval.update({'poses': 12, 'resamples': 20})
    config.batch_size = 16
    config.val_batches = 1
  return config
