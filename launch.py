"""sportjax's one command: reads the flags, checks the config, and hands over to the workflow or task it names.

python launch.py --mode=run --config=configs/quickstart.py --workdir=runs/quickstart
python launch.py --mode=serve --workdir=runs/quickstart
"""

from __future__ import annotations

import errno
import logging as python_logging
import pathlib
import sys
from typing import NoReturn, TypeVar

from absl import app, flags, logging
from ml_collections import config_flags

from sportjax.errors import InputError
from sportjax.nn import cpu

T = TypeVar('T')

_CONFIG = config_flags.DEFINE_config_file(
  'config',
  None,
  'Path of a config file, with :argument where it takes one.',
  # Settings that the file leaves at their default are flags too; those that nobody knows, the workflow refuses.
  accept_new_attributes=True,
  lock_config=False,
)
_WORKDIR = flags.DEFINE_string('workdir', None, 'Folder for everything the run writes.')
_MODE = flags.DEFINE_enum('mode', 'run', ['run', 'train', 'eval', 'extract', 'compile', 'serve'], 'What to do.')
_TOPOLOGY = flags.DEFINE_string('topology', None, 'With --mode=compile: the devices to compile for, e.g. v5e:16x16.')
_PORT = flags.DEFINE_integer('port', 8000, 'With --mode=serve: the port on this machine; 0 takes a free one.', 0, 65535)
_DISTRIBUTED = flags.DEFINE_bool('distributed', False, 'Call jax.distributed.initialize() first (pods, several hosts).')


def main(argv: list[str]) -> int:
  """Runs one command and returns its status; a message for the user ends it with status 2, a full disk with 3."""
  if len(argv) > 1:
    _end(f'unexpected argument {argv[1]!r}: every setting is a flag, such as --config.{argv[1]}=...', 2)
  if _MODE.value != 'serve':
    _required(_CONFIG)
  workdir = _required(_WORKDIR)
  _log_to_terminal()
  try:
    return _run(pathlib.Path(workdir).expanduser().resolve())
  except InputError as error:
    _end(str(error), 2)
  except OSError as error:
    if error.errno != errno.ENOSPC:
      raise
    _end(f'the disk is full ({error.filename or workdir}); free some space and run again: it goes on here', 3)
  except KeyboardInterrupt:
    _end('stopped; run the same command again and it goes on here', 130)


def _required(flag: flags.FlagHolder[T | None]) -> T:
  if flag.value is None:
    _end(f'--{flag.name} is missing; see python launch.py --help', 2)
  return flag.value


def _run(workdir: pathlib.Path) -> int:
  if _MODE.value == 'serve':
    from sportjax.serve import server

    return server.serve(workdir / 'report', _PORT.value)
  from sportjax.workflows import dispatch  # after the flags are checked

  return dispatch.run(
    dispatch.Command(
      mode=_MODE.value,
      config=_CONFIG.value,
      workdir=workdir,
      topology=_TOPOLOGY.value,
      distributed=_DISTRIBUTED.value,
      line=' '.join(['python', 'launch.py', *sys.argv[1:]]),
    )
  )


def _parse_flags(argv: list[str]) -> list[str]:
  """Parses as absl does; a wrong flag or config ends like all bad input, with one line and status 2."""
  try:
    rest = flags.FLAGS(argv)
    if _CONFIG.value is not None:
      _CONFIG.value.get('workflow')  # a file that could not be read says so when it is used
  except (flags.Error, OSError) as error:
    cause = str(error).strip().splitlines()[-1]  # above it stands the trace of the config file
    _end(cause.strip().removeprefix('ValueError: '), 2)
  except (KeyError, TypeError) as error:  # ml_collections follows a.b.c without asking whether there is an a.b
    _end(f'a flag --config.NAME names what is not there: {error.args[0]}', 2)
  return rest


def _log_to_terminal() -> None:
  logging.set_verbosity(logging.INFO)
  logging.get_absl_handler().setFormatter(python_logging.Formatter('%(asctime)s %(message)s', '%H:%M:%S'))
  # Libraries log through the same handler; only what goes wrong in them matters here.
  here = str(pathlib.Path(__file__).parent)
  logging.get_absl_handler().addFilter(
    lambda record: record.levelno >= python_logging.WARNING or record.pathname.startswith(f'{here}/sportjax/')
  )


def _end(message: str, status: int) -> NoReturn:
  sys.stderr.write(f'error: {" ".join(message.splitlines())}\n')
  sys.exit(status)


def console() -> None:
  """Entry point of the installed command."""
  cpu.keep_freed_memory()  # before jax is imported, or its allocator no longer asks
  app.run(main, flags_parser=_parse_flags)


if __name__ == '__main__':
  console()
