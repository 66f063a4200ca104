"""Items of a stage: done one by one in worker processes, each kept as soon as it is whole."""

from __future__ import annotations

import concurrent.futures
import json
import multiprocessing
import os
import pathlib
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

import tqdm
from absl import logging

from sportjax.errors import InputError
from sportjax.pipeline.stage import Work, write_json

T = TypeVar('T')
ItemFunction = Callable[[T, pathlib.Path], dict[str, int]]


def map_items(work: Work, items: Mapping[str, T], function: ItemFunction, *, processes: int = 0) -> None:
  """Runs `function(item, folder) -> counts` for every named item not yet done.

  What it leaves in its folder becomes `work.folder/items/<name>` when it returns. An item that raises InputError is
  booked as skipped; any other error ends the stage and keeps what is done. Workers are spawned, because a forked one
  would inherit an accelerator's runtime.

  Args:
    work: the stage at work; its counts gain `items_in`, `items_out` and the sums of the items' counts.
    items: by name; names become folder names.
    function: at module level, or a partial of such a function.
    processes: worker processes; 0 works in this one.

  Raises:
    InputError: no item came out.
  """
  folder = work.folder / 'items'
  folder.mkdir(exist_ok=True)
  pending = {name: item for name, item in items.items() if not (folder / name / 'item.json').exists()}
  if len(pending) < len(items):
    logging.info('%s: %d of %d items done before', work.folder.stem, len(items) - len(pending), len(items))
  bar = progress(_run(pending, function, folder, processes), total=len(pending), what=work.folder.name.split('-')[0])
  for _ in bar:
    pass
  _book(work, items, folder)


def item_folders(stage_folder: pathlib.Path) -> dict[str, pathlib.Path]:
  """The finished items of a stage by name, without the skipped ones."""
  folders = sorted((stage_folder / 'items').iterdir())
  return {f.name: f for f in folders if (f / 'item.json').exists() and 'skipped' not in _record(f)}


def progress(iterable, *, total: int | None = None, what: str = ''):
  """A progress bar with what remains, on a terminal; silent elsewhere."""
  return tqdm.tqdm(iterable, total=total, desc=what, disable=not sys.stderr.isatty(), dynamic_ncols=True, leave=False)


def _run(pending: Mapping[str, T], function: ItemFunction, folder: pathlib.Path, processes: int) -> Iterator[None]:
  if processes == 0 or len(pending) < 2:
    for name, item in pending.items():
      yield _one(function, item, folder / name)
    return
  spawn = multiprocessing.get_context('spawn')
  with concurrent.futures.ProcessPoolExecutor(processes, mp_context=spawn, initializer=_single_thread) as pool:
    futures = [pool.submit(_one, function, item, folder / name) for name, item in pending.items()]
    try:
      for future in concurrent.futures.as_completed(futures):
        yield future.result()
    except BaseException:
      pool.shutdown(wait=False, cancel_futures=True)
      raise


def _single_thread() -> None:
  import cv2  # workers share the cores already; OpenCV's own threads would only contend

  cv2.setNumThreads(1)


def _one(function: ItemFunction, item: Any, folder: pathlib.Path) -> None:
  partial = folder.with_name(folder.name + '.partial')
  shutil.rmtree(partial, ignore_errors=True)
  partial.mkdir()
  try:
    record = {'counts': function(item, partial)}
  except InputError as error:
    record = {'skipped': str(error)}
  write_json(partial / 'item.json', record)
  os.rename(partial, folder)


def _record(folder: pathlib.Path) -> dict[str, Any]:
  return json.loads((folder / 'item.json').read_text())


def _book(work: Work, items: Mapping[str, Any], folder: pathlib.Path) -> None:
  work.count(items_in=len(items), items_out=0)
  for name in items:
    record = _record(folder / name)
    if 'skipped' in record:
      work.skip(name, record['skipped'])
    else:
      work.count(items_out=1, **record['counts'])
  if items and not work.counts['items_out']:
    raise InputError(f'none of {len(items)} items could be used; the first: {work.skipped[0].reason}')
