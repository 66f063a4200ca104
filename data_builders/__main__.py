"""Builds a TFDS dataset without a workflow, and without TensorFlow, which `tfds build` needs.

python -m data_builders sports_tracks --stage=runs/mine --out=~/tensorflow_datasets --split='test=diver_3*'
python -m data_builders --list
"""

from __future__ import annotations

import argparse
import pathlib
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sportjax.command_line import Family

if TYPE_CHECKING:
  import tensorflow_datasets as tfds


def _tell(_: argparse.Namespace, info: tfds.core.DatasetInfo) -> str:
  told = ', '.join(f'{split} {found.num_examples} records' for split, found in info.splits.items())
  return f'{info.data_dir}: {told}'


FOLDERS = {path.parent.name: path.parent for path in sorted(pathlib.Path(__file__).parent.glob('*/build.py'))}
BUILDERS = Family(
  prog='python -m data_builders',
  description=__doc__ or '',
  modules={name: f'data_builders.{name}.build' for name in FOLDERS},
  about={name: folder / '__init__.py' for name, folder in FOLDERS.items()},
  tell=_tell,
)


def main(argv: Sequence[str]) -> int:
  """Runs one builder; 0, or 2 with a line for the user on stderr."""
  return BUILDERS.run(argv)


if __name__ == '__main__':
  sys.exit(main(sys.argv[1:]))
