"""Your own videos: distil a student of your sport from a pose estimator's output, extract, rank, report.

  python launch.py --mode=run --config=configs/own_videos.py --config.videos='clips/*.mp4' --config.keypoints=DIR \
      --workdir=runs/mine

Optional: --config.labels=labels.csv (video,start_ms,end_ms,label[,athlete][,split]); instead of keypoints,
--config.pose_model=rtmpose.onnx --config.detector=rtmdet.onnx --config.detector_kind=rtmdet.
`--config=configs/own_videos.py:preset=small` trains the small student on 64-pixel crops, which is what a laptop's CPU
can do in minutes; the default is the paper's ResNet-34 on 128-pixel crops, for a GPU or TPU.
Source: Hong et al. 2021, Video Pose Distillation (arXiv 2109.01305).
"""

from __future__ import annotations

from ml_collections import config_dict

from configs.common import parse_arg


def get_config(arg: str | None = None) -> config_dict.ConfigDict:
  """`preset`: a student of sportjax/models/vpd.py; `debug`: two steps, to see that everything runs."""
  choice = parse_arg(arg, preset='vpd_resnet34', debug=False)
  small = choice.preset.startswith('small')
  steps = 1500 if small else 200_000
  config = config_dict.ConfigDict(
    {
      'workflow': 'own_videos',
      'videos': config_dict.placeholder(str),
      'keypoints': config_dict.placeholder(str),
      'pose_model': config_dict.placeholder(str),
      'detector': config_dict.placeholder(str),
      'detector_kind': 'yolox',
      'labels': config_dict.placeholder(str),
      'chain': {
        'athlete': {
          'rule': 'largest',
          'box': config_dict.placeholder(tuple),
          'bridge': 'line',
          'keypoint_format': config_dict.placeholder(str),
          'skeleton': config_dict.placeholder(str),
        },
        'crop': {
          'size': 64 if small else 128,
          'flow_preset': 'medium',
          'flow_gap_ms': 40.0,
          'pad_px': 25.0,
          'join_previous': True,
          'cut': 'exact',
          'subtract_median': True,
        },
        'student': {
          'preset': choice.preset,
          'pretrained': config_dict.placeholder(str),
          'rgb': 'imagenet',
          'stem_init': 'independent',
          'learning_rate': 5e-4,
          'weight_decay': 0.01,
          'frames': {
            'batch_size': 100,
            'min_score': 0.5,
            'held_out': 0.2,
            'seed': 0,
            'draws': 'once',
            'resident_gib': 4.0,
          },
          'loop': {
            'total_steps': steps,
            'log_every_steps': 50,
            'eval_every_steps': max(steps // 30, 1),
            'save_every_steps': max(steps // 10, 1),
            'select_window': 5,
            'seed': 0,
          },
          'rules': 'dp',
        },
        'raft': config_dict.placeholder(str),
        'raft_preset': 'raft_large',
        'smooth_ms': 60.0,
        'processes': 2,
      },
      'evaluate': {'shots': 8, 'subsets': 5, 'seed': 0},
    }
  )
  if choice.debug:
    config.chain.student.loop.total_steps = 2
    config.chain.student.loop.eval_every_steps = 1
    config.chain.student.frames.batch_size = 8
  return config
