"""Folders of other people's files, in and out.

python -m sportjax.commands teacher_features --poses=poses --vipe=runs/vipe --out=features/vipe
python -m sportjax.commands --list
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
    sys.stdout.write(''.join(f'{name}  {about}\n' for name, about in commands().items()))
    return 0
  try:
    told = importlib.import_module(f'sportjax.commands.{args.command}').main(args)
  except InputError as error:
    sys.stderr.write(f'error: {error}\n')
    return 2
  sys.stdout.write(f'{args.out}: {told}\n')
  return 0


def commands() -> dict[str, str]:
  """Each command with a line about it. Their modules are read, not imported, which would take seconds."""
  found = sorted(pathlib.Path(__file__).parent.glob('[!_]*.py'))
  return {path.stem: (ast.get_docstring(ast.parse(path.read_text())) or '').partition('\n')[0] for path in found}


def _parser(argv: Sequence[str]) -> argparse.ArgumentParser:
  """Arguments of the one command that `argv` names: the others stay unimported."""
  parser = _Parser(prog='python -m sportjax.commands', description=__doc__, allow_abbrev=False,
                   formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
  parser.add_argument('--list', action='store_true', help='list the commands')
  named = parser.add_subparsers(dest='command', required='--list' not in argv, metavar='COMMAND', parser_class=_Parser)
  for name, about in commands().items():
    one = named.add_parser(name, help=about, description=about, allow_abbrev=False)
    if name in argv:
      importlib.import_module(f'sportjax.commands.{name}').add_arguments(one)
      one.add_argument('--out', type=_folder, required=True, help='folder to write into')
  return parser


def _folder(text: str) -> pathlib.Path:
  return pathlib.Path(text).expanduser()


if __name__ == '__main__':
  sys.exit(main(sys.argv[1:]))
