"""The simulated world's weak teacher: a small pose network trained on clean pictures of other athletes.

  python launch.py --mode=run --config=configs/pose_teacher.py --workdir=runs/pose_teacher

Writes pose_teacher.safetensors, of which sportjax/models/weights/ ships one. About 25 minutes on 2 CPU cores.
"""

from __future__ import annotations

from ml_collections import config_dict

from configs.common import parse_arg


def get_config(arg: str | None = None) -> config_dict.ConfigDict:
  """`debug`: a handful of pictures and two steps."""
  choice = parse_arg(arg, debug=False)
  steps = config_dict.FieldReference(2200)
  config = config_dict.ConfigDict(
    {
      'workflow': 'pose_teacher',
      'stills': {'takes': 2000, 'size': 80, 'roll_deg': 30.0, 'any_roll': 0.3, 'seed': 0},
      'teacher': {'learning_rate': 2e-3, 'sigma_cells': 0.8, 'total_steps': steps},
      'loop': {'total_steps': steps, 'log_every_steps': 50, 'eval_every_steps': 500, 'save_every_steps': 500},
      'batch_size': 128,
      'seed': 0,
      'processes': 2,
    }
  )
  if choice.debug:
    config.stills.takes = 8
    config.teacher.total_steps = 2
    config.batch_size = 8
    config.processes = 0
  return config
