"""A user's folder of videos and keypoint files, as named items."""

from __future__ import annotations

import dataclasses
import glob
import pathlib

from sportjax.errors import InputError

SUFFIXES = ('.mp4', '.mov', '.avi', '.mkv', '.webm', '.m4v', '.mpg', '.mpeg', '.ts', '.mts', '.wmv', '.flv', '.3gp')


@dataclasses.dataclass(frozen=True)
class VideoFile:
  """One video and what the user gave beside it."""

  name: str  # unique in its collection
  path: pathlib.Path
  keypoints: pathlib.Path | None = None


def find_videos(pattern: str) -> dict[str, VideoFile]:
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
  found: dict[str, VideoFile] = {}
  for path in paths:
    if path.stem in found:
      raise InputError(f'{found[path.stem].path} and {path} share the name {path.stem!r}; rename one of them')
    found[path.stem] = VideoFile(path.stem, path.resolve())
  return found
