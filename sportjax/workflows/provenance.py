"""What a report says of its run: command, commit, machine, versions, and the stages that it went through."""

from __future__ import annotations

import os
import pathlib
import platform
import subprocess
from collections.abc import Iterable, Sequence
from importlib import metadata

import jax

import sportjax
from sportjax.pipeline import Done
from sportjax.report.content import DataKind, Provenance, Skip, Stage


def provenance(
  command: str, kind: DataKind, data: str, *, seeds: tuple[int, ...] = (), devices: Sequence[jax.Device] = ()
) -> Provenance:
  """Of this process.

  Args:
    command: line that was typed.
    kind: of the data.
    data: which, in words.
    seeds: of data and training.
    devices: that were computed on; none where the host did it all, as asking for them would claim an accelerator.
  """
  host = f'{os.cpu_count()} cores, {platform.machine()}'
  versions = {'sportjax': sportjax.__version__, 'python': platform.python_version()}
  return Provenance(
    command=command,
    commit=commit(),
    hardware=f'{len(devices)} x {devices[0].device_kind}, {host}' if devices else host,
    data_kind=kind,
    data=data,
    seeds=seeds,
    versions=versions | {name: metadata.version(name) for name in ('jax', 'flax') if devices},
  )


def stages(done: Iterable[Done]) -> tuple[Stage, ...]:
  """Each stage once, however often it was asked for."""
  return tuple(_stage(each) for each in {each.folder: each for each in done}.values())


def _stage(done: Done) -> Stage:
  counts_in = {k.removesuffix('_in'): v for k, v in done.counts.items() if k.endswith('_in')}
  counts_out = {k.removesuffix('_out'): v for k, v in done.counts.items() if not k.endswith('_in')}
  skipped = tuple(Skip(s.item, s.reason) for s in done.skipped)
  return Stage(done.name, done.seconds, counts_in, counts_out, skipped)


def commit() -> str:
  """The code's commit, with a mark where it was changed since; 'unknown' outside a checkout."""
  here = pathlib.Path(__file__).parent
  try:
    found = subprocess.run(
      ['git', 'describe', '--always', '--dirty'], cwd=here, capture_output=True, text=True, check=True, timeout=10
    )
  except (OSError, subprocess.SubprocessError):
    return 'unknown'
  return found.stdout.strip()
