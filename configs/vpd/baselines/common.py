"""What the baselines of VPD share: the quickstart's films, and the training of a network from labels alone."""

from __future__ import annotations

from ml_collections import config_dict

from configs import quickstart
from configs.common import parse_arg


def get_config(
  arg: str | None,
  network: str,
  streams: tuple[str, ...],
  *,
  steps: int,
  learning_rate: float,
  paper_backbone: str | None = None,
) -> config_dict.ConfigDict:
  """A network of tasks/recognise.py; `network` is the family, `paper_backbone` what the paper's reads frames with.

  `size`: small (what two CPU cores train in minutes) or paper; `sport`: one of the world's; `debug`: two steps of
  the smallest network; of networks on frames `backbone`: small, resnet18, resnet34, resnet50 or inception_v3, else as
  the size has it.
  """
  on_frames = {} if paper_backbone is None else {'backbone': ''}
  choice = parse_arg(arg, sport='diving', size='small', debug=False, **on_frames)
  if choice.size not in ('small', 'paper'):
    raise ValueError(f'config argument size={choice.size!r}: known are small, paper')
  shared = quickstart.get_config(f'sport={choice.sport}{",debug" if choice.debug else ""}')
  small = choice.size == 'small'
  chain = shared.chain
  form = choice.get('backbone') or ('tiny' if choice.debug else 'small' if small else paper_backbone)
  if form not in ('tiny', 'small'):
    chain.crop.size = 128
  config = config_dict.ConfigDict(
    {
      'workflow': 'vpd_baseline',
      'corpus': shared.corpus,
      'chain': chain,
      'baseline': {
        'preset': f'{network}_{form}' if form else network,
        'stream': streams[0],
        'optim': {
          'name': 'adamw', 'learning_rate': learning_rate, 'weight_decay': 0.01, 'schedule': 'cosine', 'clip_norm': 1.0,
        },
        'loop': {
          'total_steps': steps if small else 20_000,
          'log_every_steps': 50,
          'save_every_steps': max(steps // 4, 1),
          'seed': 0,
        },
        'batch_size': 16 if small else 32,
        'test_clips': 2,
        'augment': True,
        'pretrained': config_dict.placeholder(str),
      },
      'streams': streams,
      'cropped': True,
      'shots': config_dict.placeholder(int),
      'subsets': 5,
      'seed': 0,
    }
  )  # fmt: skip
  if choice.debug:
    config.baseline.loop.update({'total_steps': 2, 'save_every_steps': 2})
    config.baseline.batch_size = 4
  return config
