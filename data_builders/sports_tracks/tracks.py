"""What tracks are built from when they are not our own crop files, and what is said of those that lack a part."""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Callable, Mapping

from absl import logging

from sportjax.errors import InputError
from sportjax.video.crop_file import TrackCrops

_NAMED = 3


@dataclasses.dataclass(frozen=True)
class Tracks:
  """Tracks by name, each with the path it is known by, and how they are read."""

  paths: dict[str, pathlib.Path]
  width: int  # of the teacher's pose
  load: Callable[[pathlib.Path], TrackCrops]
  splits: Mapping[str, str] = dataclasses.field(default_factory=dict)  # the source's own, by name


def complete(
  paths: Mapping[str, pathlib.Path], lacks: Callable[[pathlib.Path], str], source: str, *, allowed: bool
) -> dict[str, pathlib.Path]:
  """Those that lack nothing; `lacks` names the first part that one lacks, `source` what all are and where.

  Raises:
    InputError: some lack a part and that is not allowed, or all do.
  """
  lacking = {name: what for name, path in paths.items() if (what := lacks(path))}
  if not len(lacking) < len(paths):
    raise InputError(f'{source}: {len(paths)}, none with all parts; {_told(lacking)}')
  if lacking and not allowed:
    raise InputError(f'{_told(lacking)}, of {len(paths)} videos; add them, or build without them: --allow_missing')
  if lacking:
    logging.warning('%s, of %d videos, which are left out', _told(lacking), len(paths))
  return {name: path for name, path in paths.items() if name not in lacking}


def _told(lacking: Mapping[str, str]) -> str:
  """How many videos lack what."""
  by_part: dict[str, list[str]] = {}
  for video, what in lacking.items():
    by_part.setdefault(what, []).append(video)
  return '; '.join(
    f'{len(videos)} without {what} ({", ".join(videos[:_NAMED])}{", ..." if len(videos) > _NAMED else ""})'
    for what, videos in by_part.items()
  )
