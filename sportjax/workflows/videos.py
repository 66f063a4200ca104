"""A user's folder of videos, by name."""

from __future__ import annotations

import glob
import pathlib

from sportjax.errors import InputError

SUFFIXES = ('.mp4', '.mov', '.avi', '.mkv', '.webm', '.m4v', '.mpg', '.mpeg', '.ts', '.mts', '.wmv', '.flv', '.3gp')


def find_videos(pattern: str) -> dict[str, pathlib.Path]:
  """Videos of a folder or a glob pattern, by stem.

  Raises:
    InputError: nothing matches, or two videos share a stem (labels and keypoints could not tell them apart).
  """
  folder = pathlib.Path(pattern).expanduser()
  if folder.is_dir():
    paths = sorted(p for p in folder.iterdir() if p.suffix.lower() in SUFFIXES)
  else:
    paths = sorted(pathlib.Path(p) for p in glob.glob(str(folder), recursive=True) if pathlib.Path(p).is_file())
  if not paths:
    raise InputError(
      f"--config.videos={pattern!r}: no video there; give a folder or a quoted pattern such as 'clips/*.mp4'"
    )
  found: dict[str, pathlib.Path] = {}
  for path in paths:
    if path.stem in found:
      raise InputError(f'{found[path.stem]} and {path} share the name {path.stem!r}; rename one of them')
    found[path.stem] = path.absolute()  # not resolved: a link's own name is what labels and keypoints go by
  return found
