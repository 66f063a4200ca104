"""Commands that are modules of one folder: `python -m package name --flags`, and what each is with `--list`."""

from __future__ import annotations

import argparse
import ast
import dataclasses
import importlib
import pathlib
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

from sportjax.errors import InputError


class _Parser(argparse.ArgumentParser):
  """Says what is wrong in one line."""

  def error(self, message: str) -> NoReturn:
    self.exit(2, f'error: {message}; see {self.prog} --help\n')


def given_folder(text: str) -> pathlib.Path:
  """A folder or file of the command line."""
  return pathlib.Path(text).expanduser()


@dataclasses.dataclass(frozen=True)
class Family:
  """Commands of one package.

  `modules`: the module of each, with `add_arguments(parser)` and `main(args)`. `about`: the file of each whose first
  line says what it does; files are read, not imported, which would take seconds. `tell`: the line at the end, of the
  arguments and what `main` returned.
  """

  prog: str
  description: str
  modules: Mapping[str, str]
  about: Mapping[str, pathlib.Path]
  tell: Callable[[argparse.Namespace, Any], str]

  def run(self, argv: Sequence[str]) -> int:
    """Runs one command; 0, or 2 with a line for the user on stderr."""
    args = self._parser(argv).parse_args(argv)
    if args.list:
      sys.stdout.write(''.join(f'{name}  {self.line(name)}\n' for name in self.modules))
      return 0
    try:
      done = importlib.import_module(self.modules[args.command]).main(args)
    except InputError as error:
      sys.stderr.write(f'error: {error}\n')
      return 2
    sys.stdout.write(f'{self.tell(args, done)}\n')
    return 0

  def line(self, name: str) -> str:
    """What a command is."""
    return (ast.get_docstring(ast.parse(self.about[name].read_text())) or '').partition('\n')[0]

  def _parser(self, argv: Sequence[str]) -> argparse.ArgumentParser:
    """Arguments of the one command that `argv` names: the others stay unimported."""
    parser = _Parser(prog=self.prog, description=self.description, allow_abbrev=False,
                     formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument('--list', action='store_true', help='list what there is')
    named = parser.add_subparsers(dest='command', required='--list' not in argv, metavar='NAME', parser_class=_Parser)
    for name, module in self.modules.items():
      one = named.add_parser(name, help=self.line(name), description=self.line(name), allow_abbrev=False)
      if name in argv:
        importlib.import_module(module).add_arguments(one)
    return parser
