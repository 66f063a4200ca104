"""Penn Action by nearest neighbour: VIPE*'s features, or any others, of a user's copy of the dataset.

  python -m sportjax.commands teacher_features --poses=poses --vipe=runs/vipe --out=features/vipe
  python -m data_builders penn_action --labels=Penn_Action/labels --features=features/vipe --out=~/tensorflow_datasets
  python launch.py --mode=run --config=configs/vpd/penn_action.py --config.dataset=DATASET --workdir=runs/penn_action

Poses are an estimator's, a folder a sequence. 1,068 sequences are compared with 1,258, which takes minutes.
"""

from __future__ import annotations

from ml_collections import config_dict

from configs.common import parse_arg


def get_config(arg: str | None = None) -> config_dict.ConfigDict:
  """`debug`: few resamples."""
  choice = parse_arg(arg, debug=False)
  return config_dict.ConfigDict(
    {
      'workflow': 'vpd_penn',
      'dataset': config_dict.placeholder(str),
      'left_out': (),
      'unit_norm': False,
      'resamples': 20 if choice.debug else 1000,
      'seed': 0,
    }
  )
