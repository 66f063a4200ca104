"""Builds a TFDS dataset without a workflow, and without TensorFlow, which `tfds build` needs.

python -m data_builders sports_tracks --stage=runs/mine --out=~/tensorflow_datasets --split='test=diver_3*'
python -m data_builders --list
"""

from __future__ import annotations

import argparse
import ast
import importlib
import pathlib
import sys
from collections.abc import Sequence
from typing import NoReturn

from sportjax.errors import InputError


class _Parser(argparse.ArgumentParser):
  """Says what is wrong in one line."""

  def error(self, message: str) -> NoReturn:
    self.exit(2, f'error: {message}; see {self.prog} --help\n')


def main(argv: Sequence[str]) -> int:
  """Runs one command; 0, or 2 with a line for the user on stderr."""
  args = _parser(argv).parse_args(argv)
  if args.list:
    sys.stdout.write(''.join(f'{name}  {about}\n' for name, about in builders().items()))
    return 0
  try:
    info = importlib.import_module(f'data_builders.{args.builder}.build').main(args)
  except InputError as error:
    sys.stderr.write(f'error: {error}\n')
    return 2
  told = ', '.join(f'{split} {found.num_examples} records' for split, found in info.splits.items())
  sys.stdout.write(f'{info.data_dir}: {told}\n')
  return 0


def builders() -> dict[str, str]:
  """Each builder with a line about it. Their modules are read, not imported, which would take seconds."""
  found = sorted(pathlib.Path(__file__).parent.glob('*/build.py'))
  return {path.parent.name: _about(path.with_name('__init__.py')) for path in found}


def _about(module: pathlib.Path) -> str:
  return (ast.get_docstring(ast.parse(module.read_text())) or '').partition('\n')[0]


def _parser(argv: Sequence[str]) -> argparse.ArgumentParser:
  """Arguments of the one builder that `argv` names: the others stay unimported."""
  parser = _Parser(prog='python -m data_builders', description=__doc__, allow_abbrev=False,
                   formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
  parser.add_argument('--list', action='store_true', help='list the builders')
  named = parser.add_subparsers(dest='builder', required='--list' not in argv, metavar='BUILDER', parser_class=_Parser)
  for name, about in builders().items():
    one = named.add_parser(name, help=about, description=about, allow_abbrev=False)
    if name in argv:
      importlib.import_module(f'data_builders.{name}.build').add_arguments(one)
  return parser


if __name__ == '__main__':
  sys.exit(main(sys.argv[1:]))
