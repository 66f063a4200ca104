"""Folders of other people's files, in and out.

python -m sportjax.commands teacher_features --poses=poses --vipe=runs/vipe --out=features/vipe
python -m sportjax.commands --list
"""

from __future__ import annotations

import argparse
import pathlib
import sys
from collections.abc import Sequence

from sportjax.command_line import Family


def _tell(args: argparse.Namespace, done: str) -> str:
  return f'{args.out}: {done}'


FILES = {path.stem: path for path in sorted(pathlib.Path(__file__).parent.glob('[!_]*.py'))}
COMMANDS = Family(
  'python -m sportjax.commands', __doc__ or '', {name: f'sportjax.commands.{name}' for name in FILES}, FILES, _tell
)


def main(argv: Sequence[str]) -> int:
  """Runs one command; 0, or 2 with a line for the user on stderr."""
  return COMMANDS.run(argv)


if __name__ == '__main__':
  sys.exit(main(sys.argv[1:]))
