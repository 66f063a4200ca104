"""Writes a report's folder, whole or not at all."""

from __future__ import annotations

import os
import pathlib
import shutil

from sportjax.errors import InputError
from sportjax.report import page
from sportjax.report.content import ReportContent
from sportjax.report.media import Media

_PAGE = 'report.html'


def write_report(folder: str | os.PathLike[str], content: ReportContent) -> pathlib.Path:
  """Writes report.html and its media into `folder` and returns the page's path; an earlier report there is replaced.

  The report is built beside the folder and moved into place when complete, so a reader never meets half of one, and a
  run that dies leaves the earlier report as it was.

  Raises:
    InputError: `folder` holds something that is no report, which replacing would destroy.
  """
  folder = pathlib.Path(folder).absolute()
  if folder.exists() and not (folder / _PAGE).is_file() and (not folder.is_dir() or any(folder.iterdir())):
    raise InputError(f'{folder}: exists and is no report; name another folder, or empty this one')
  part, old = (folder.with_name(f'{folder.name}.{state}.partial') for state in ('new', 'old'))
  _restore(old, folder)
  shutil.rmtree(part, ignore_errors=True)
  part.mkdir(parents=True)
  try:
    (part / _PAGE).write_text(page.page(content, Media(part)), encoding='utf-8')
    if folder.exists():
      folder.rename(old)
    part.rename(folder)
  finally:
    shutil.rmtree(part, ignore_errors=True)
    _restore(old, folder)
  return folder / _PAGE


def _restore(old: pathlib.Path, folder: pathlib.Path) -> None:
  """Puts the earlier report back where nothing took its place; else removes it."""
  if old.exists() and not folder.exists():
    old.rename(folder)
  shutil.rmtree(old, ignore_errors=True)
