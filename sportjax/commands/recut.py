"""Recordings cut into routines by the reference's files, and the cache of their rates and lengths.

Writes <name>.mp4 and, last, video_meta.json, which stands for the reference's <set>.video_meta.pkl.
"""

from __future__ import annotations

import argparse
import pathlib

from absl import logging

from sportjax.command_line import given_folder
from sportjax.errors import InputError
from sportjax.formats.actions import VideoMeta, write_video_meta
from sportjax.formats.segments import EVENTS, Segment, read_finegym_segments, read_fs_segments
from sportjax.video.cut import cut, frames_between
from sportjax.video.decode import VideoInfo, probe

META = 'video_meta.json'
_ENDINGS = ('.mkv', '.mp4', '.webm')


def add_arguments(parser: argparse.ArgumentParser) -> None:
  """What the command line takes."""
  parser.add_argument('--videos', type=given_folder, required=True, help='folder of whole recordings')
  parser.add_argument('--segments', type=given_folder, required=True, help="segments.csv, or FineGym's annotations")
  parser.add_argument('--event', choices=sorted(EVENTS), default='FX', help='of FineGym')
  parser.add_argument('--allow_missing', action='store_true', help='cut without the recordings that are not there')
  parser.add_argument('--out', type=given_folder, required=True, help='folder to write into')


def main(args: argparse.Namespace) -> str:
  """Cuts what is not there yet; says how many. Raises InputError for whatever the user can mend."""
  whole_end = args.segments.suffix == '.json'
  segments = read_finegym_segments(args.segments, args.event) if whole_end else read_fs_segments(args.segments)
  recordings = _recordings(args.videos, segments, allow_missing=args.allow_missing)
  meta: dict[str, VideoMeta] = {}
  for video, path in recordings.items():
    info = probe(path)
    for segment in (segment for segment in segments if segment.video == video):
      start, end = frames_between(info, segment.start_s, segment.end_s, whole_end=whole_end)
      name = segment.name.format(start=start, end=end)
      meta[name] = _cut_one(info, start, end, args.out / f'{name}.mp4')
  write_video_meta(args.out / META, meta)
  return f'{len(meta)} routines of {len(recordings)} recordings, {META}'


def _recordings(folder: pathlib.Path, segments: list[Segment], *, allow_missing: bool) -> dict[str, pathlib.Path]:
  names = list(dict.fromkeys(segment.video for segment in segments))
  there = {name: path for name in names for ending in _ENDINGS if (path := folder / f'{name}{ending}').is_file()}
  missing = [name for name in names if name not in there]
  if missing and (not allow_missing or not there):
    raise InputError(
      f'{folder}: {len(missing)} of {len(names)} recordings are not in it, the first is {missing[0]}; '
      'get them, or cut without them: --allow_missing'
    )
  if missing:
    logging.warning('%s: %d of %d recordings are not in it: %s', folder, len(missing), len(names), ', '.join(missing))
  return there


def _cut_one(info: VideoInfo, start: int, end: int, path: pathlib.Path) -> VideoMeta:
  """A file that is there is whole: one appears only when complete."""
  if not path.exists():
    cut(info, start, end, path)
  made = probe(path)
  if made.n_frames != end - start:
    raise InputError(f'{path}: {made.n_frames} frames, not {end - start}; remove it, and it is cut again')
  return VideoMeta(made.nominal_fps, made.n_frames, made.width, made.height)
