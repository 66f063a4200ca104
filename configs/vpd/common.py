"""What the tables of VPD share: datasets, sizes, and the settings of every stage."""

from __future__ import annotations

from typing import Any

from ml_collections import config_dict

from configs import own_videos, quickstart
from configs.common import parse_arg
from configs.vpd.baselines import gsm, msg3d, stgcn, trn, tsn

# The paper's dataset whose numbers stand beside ours: the same sport where there is one, else its finest.
_BESIDE = {
  'diving': 'Diving48', 'skating': 'FSJump6', 'tennis': 'Tennis7', 'gymnastics': 'FX35', 'ui_prmd': 'FX35',
  'mocap': 'FSJump6', 'fs_jump6': 'FSJump6', 'tennis7': 'Tennis7', 'fx35': 'FX35', 'diving48': 'Diving48',
}  # fmt: skip
_BASELINES = (
  ('stgcn', 'ST-GCN', stgcn), ('msg3d', 'MS-G3D (ensemble)', msg3d), ('tsn', 'TSN (2-stream)', tsn),
  ('trn', 'TRNms (2-stream)', trn), ('gsm', 'GSM', gsm),
)  # fmt: skip
_OF_PAPER = ('fs_jump6', 'tennis7', 'fx35', 'diving48')
_SIZES = ('reduced', 'overnight', 'paper')
_RULES = ('paper', 'reference')
# Recordings with labels in time: each is held out in turn.
_CMU = ('cmu_13_29_v00', 'cmu_13_30_v00', 'cmu_13_31_v00', 'cmu_14_14_v00', 'cmu_14_20_v00')


def get_config(table: str, arg: str | None, dataset: str = 'diving') -> config_dict.ConfigDict:
  """One table.

  `dataset`: a set of the world or one of the paper's; `size`: reduced, overnight or paper; `rules`: what the paper says
  or what its code does, docs/VPD.md, "Compatibility"; `repeats`: how often every person of a simulated sport performs
  every class; `baselines`: Table 2 has the networks of `configs/vpd/baselines` as rows too; `debug`.
  """
  choice = parse_arg(arg, dataset=dataset, size='reduced', rules='paper', repeats=1, baselines=False, debug=False)
  for name, known in (('size', _SIZES), ('rules', _RULES)):
    if choice[name] not in known:
      raise ValueError(f'config argument {name}={choice[name]!r}: known are {", ".join(known)}')
  config = _paper(table, choice.dataset)
  if choice.size != 'paper':
    _shorten(config, overnight=choice.size == 'overnight')
  if choice.repeats > 1:
    config.corpus.of_set = {'repeats': choice.repeats}
  if choice.baselines:
    config.ask.networks = tuple(
      _network(*each, small=choice.size != 'paper', debug=choice.debug) for each in _BASELINES
    )
  if choice.debug:
    _debug(config)
  if choice.rules == 'reference':
    _as_reference(config)
  return config


def _network(key: str, name: str, module: Any, *, small: bool, debug: bool) -> dict[str, Any]:
  config = module.get_config(f'size={"small" if small else "paper"}{",debug" if debug else ""}')
  return {'key': key, 'name': name, **{part: config[part] for part in ('baseline', 'streams', 'cropped')}}


def _paper(table: str, dataset: str) -> config_dict.ConfigDict:
  """The paper's own settings; students are ResNet-34 on 128-pixel crops."""
  return config_dict.ConfigDict(
    {
      'workflow': 'vpd_tables',
      'table': table,
      'beside': _BESIDE.get(dataset.removesuffix('_routines'), 'FX35'),
      'corpus': {'set': dataset, 'size': 'medium', 'of_set': {}, 'held_out': (), 'recordings_only': ''},
      'markers': config_dict.placeholder(str),
      'features': config_dict.placeholder(str),
      'labels': config_dict.placeholder(str),
      'video_meta': config_dict.placeholder(str),
      'few_shot': config_dict.placeholder(str),
      'reading': 'paper',
      'version': 'v2',
      'allow_missing': False,
      'chain': own_videos.get_config().chain,
      'ask': {
        'teachers': ('2d',), 'rows': (), 'shots': (4, 8, 16, 32, 64) if table == 'figure3' else (16,),
        'ks': (1, 10, 50), 'min_scores': (0.1, 0.3, 0.5, 0.7, 0.9), 'tious': (0.3, 0.4, 0.5, 0.6, 0.7),
        'thresholds': (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9), 'threshold': 0.2,
        'classifiers': ('nns', 'cnn', 'bilstm', 'bilstm_attention', 'bigru', 'bigru_attention'), 'networks': (),
        'by': ('bigru', 'nns'),
      },
      'how': {
        'recognise': {
          'schedule': {'epochs': 500, 'batch': 50, 'learning_rate': 1e-3, 'weight_decay': 0.01, 'kind': 'cosine'},
          'hidden': 128, 'layers': 2, 'frame_step': 1, 'nns_norm': 'unit',
          'patience_epochs': config_dict.placeholder(int),
        },
        'retrieve': {'flip': 'min', 'norm': 'unit'},
        'detect': {
          'detection': {
            'frames': {
              'network': {'hidden': 128, 'layers': 2}, 'folds': 5, 'window_frames': 250, 'steps': 10_000, 'batch': 100,
              'val_every_steps': 50, 'patience_steps': 2500, 'members': config_dict.placeholder(int), 'drawn': 'all',
            },
            'ap': 'voc',
          },
          'train_videos': 5, 'trials': 5,
        },
        'select_on': 'val', 'subsets': 5, 'resamples': 1000, 'seed': 0,
      },
      'seeds': (0,),
    }
  )  # fmt: skip


def _shorten(config: config_dict.ConfigDict, *, overnight: bool) -> None:
  """What two CPU cores can do: small students, smaller classifiers, fewer epochs."""
  small = quickstart.get_config()
  config.chain = small.chain
  config.corpus.size = 'medium' if overnight else 'small'
  if config.corpus.set == 'ui_prmd':
    config.corpus.of_set = {'people': 10, 'repetitions': 3 if overnight else 1}
  if config.corpus.set == 'mocap':
    config.corpus.update({'size': 'small', 'held_out': _CMU, 'recordings_only': 'cmu_1'})
  if config.corpus.set not in _OF_PAPER:
    config.ask.min_scores = (0.1, 0.2, 0.3, 0.4, 0.5)  # the shipped teacher is never as sure as 0.7
  if overnight:
    config.chain.student.loop.update({'total_steps': 3000, 'eval_every_steps': 200, 'save_every_steps': 400})
    config.how.recognise.schedule.epochs = 150
  else:
    config.how.recognise.update({'hidden': 64, 'layers': 1, 'frame_step': 2})
    config.how.recognise.schedule.epochs = 250
  config.seeds = (0, 1, 2) if overnight else (0,)
  config.how.detect.trials = 3 if overnight else 2
  frames = config.how.detect.detection.frames
  frames.update({'steps': 1500 if overnight else 300, 'batch': 50 if overnight else 20, 'window_frames': 125})
  frames.network.update({'hidden': 64 if overnight else 32, 'layers': 1})
  config.how.resamples = 1000 if overnight else 200


def _as_reference(config: config_dict.ConfigDict) -> None:
  """What the released code does, bug by bug; of FX35 and Diving48 it chooses epochs on the test clips."""
  wide = config.corpus.set in ('fx35', 'diving48')
  norm = 'reference_views' if wide else 'unit'
  config.reading = 'reference'
  config.chain.crop.update({'pad_px': 0.0, 'cut': 'reference', 'subtract_median': False})
  config.chain.student.update({'stem_init': 'mean_of_rgb', 'augment_eval': True})
  config.chain.student.augment = {'noise_sd': 0.05**0.5, 'noise_on': 'person'}
  config.chain.student.frames.draws = 'replaced'
  config.how.recognise.schedule.kind = 'restarts'
  config.how.recognise.update({'patience_epochs': max(config.how.recognise.schedule.epochs // 3, 1), 'nns_norm': norm})
  config.how.select_on = 'test' if wide else 'val'
  config.how.retrieve.update({'flip': 'concat', 'norm': norm})
  config.how.detect.detection.update({'ap': 'vpd_reference'})
  config.how.detect.detection.rules = {'min_frames': 5, 'refit': 'limit', 'last_frame': 'out'}
  config.how.detect.detection.frames.drawn = 'longer'


def _debug(config: config_dict.ConfigDict) -> None:
  """The smallest corpus and two steps, to see that everything runs."""
  config.chain = quickstart.get_config('debug').chain
  config.corpus.update({'size': 'tiny', 'held_out': ()})
  config.corpus.of_set = {}
  of_table = {'table2': ('2d', '2d-rgb'), 'table3': ('2d', '2d-vpd-corpus'), 'table5': ('2d', '2d-vpd at 0.2')}
  config.ask.rows = of_table.get(config.table, ())
  config.ask.by = ('nns',)
  config.ask.update({'shots': (1,), 'ks': (1, 2), 'min_scores': (0.0, 0.2), 'tious': (0.3,), 'thresholds': (0.2, 0.5),
                     'classifiers': ('nns', 'cnn')})  # fmt: skip
  config.how.recognise.update({'hidden': 8, 'layers': 1})
  config.how.recognise.schedule.update({'epochs': 1, 'batch': 4})
  frames = config.how.detect.detection.frames
  frames.update({'steps': 2, 'batch': 2, 'window_frames': 50, 'folds': 2, 'val_every_steps': 1})
  frames.network.update({'hidden': 8, 'layers': 1})
  config.how.detect.update({'trials': 1, 'train_videos': 2})
  config.how.update({'subsets': 2, 'resamples': 20})
  config.seeds = (0,)
