"""Labels of the VPD reference: FSJump6 and Tennis7, with their splits and the ends of the court."""

from __future__ import annotations

import pathlib
import re
from collections.abc import Mapping

from sportjax.errors import InputError
from sportjax.formats.actions import Action, Counts, VideoMeta, read_labelled_lines, read_lines

FS_CLASSES = ('axel', 'lutz', 'flip', 'loop', 'salchow', 'toe_loop')
TENNIS_CLASSES = (
  'forehand_topspin', 'forehand_slice', 'backhand_topspin', 'backhand_slice', 'forehand_volley', 'backhand_volley',
  'overhead',
)  # fmt: skip
SWING_CLASSES = (*TENNIS_CLASSES, 'serve', 'unknown_swing')  # what detection looks for
# Source: Hong et al. 2021 (VPD), section 4 and tables 10 and 11.
FS_COUNTS = Counts(
  splits={'train': 743, 'val': 183, 'test': 520},
  classes={'axel': 371, 'flip': 179, 'loop': 94, 'lutz': 244, 'salchow': 61, 'toe_loop': 497},
)
TENNIS_COUNTS = Counts(
  splits={'train': 4592, 'val': 1142, 'test': 2509},
  classes={
    'backhand_slice': 812, 'backhand_topspin': 3134, 'backhand_volley': 140, 'forehand_slice': 215,
    'forehand_topspin': 3732, 'forehand_volley': 123, 'overhead': 87,
  },
)  # fmt: skip
_FS_TEST = re.compile(r'(men|women)_(olympic|world)_short_program_2018')  # all of 2018
_TENNIS_TEST = (
  'usopen_2015_mens_final_federer_djokovic', 'usopen_2019_womens_osaka_gauff',
  'wimbledon_2019_mens_semifinal_federer_nadal', 'wimbledon_2019_womens_final_halep_williams',
)  # fmt: skip
_FS_ID = re.compile(r'(\w+):(\d+):(\d+)')
_TENNIS_ID = re.compile(r'(\w+):(front|back):(\d+)')
_POINT = re.compile(r'(\w+)_(\d+)_(\d+)')


def read_fs(folder: pathlib.Path) -> list[Action]:
  """Jumps of `all.txt`, lines of `video:start:end label`; those of 2018 test, those of `val.ids.txt` validate.

  Raises:
    InputError: a file is absent, or a line is none of these.
  Source: VPD reference, action_dataset/eval.py.
  """
  path = folder / 'all.txt'
  val = frozenset(read_lines(folder / 'val.ids.txt'))
  out = []
  for name, label in read_labelled_lines(path):
    match = _FS_ID.fullmatch(name)
    if match is None or label not in FS_CLASSES or int(match[2]) >= int(match[3]):
      raise InputError(f'{path}: {name} {label} is not video:start:end and a jump; copy the file again')
    split = _split(name, bool(_FS_TEST.match(name)), val)
    out.append(Action(name, match[1], int(match[2]), int(match[3]), label, split, match[1]))
  return out


def read_tennis(
  folder: pathlib.Path, videos: Mapping[str, VideoMeta], classes: tuple[str, ...] = TENNIS_CLASSES
) -> list[Action]:
  """Swings of `all.txt`, lines of `match:front|back:frame label`, at their frame of contact.

  A video is one point, `<match>_<start>_<end>`, and the player at one end of it: `front__...`. Where two points hold
  the frame, the one it lies deeper in has it. Labels outside `classes` (serves, frames without a shot) are left out.

  Raises:
    InputError: a file is absent, a line is none of these, or no point holds the frame.
  """
  path = folder / 'all.txt'
  val = frozenset(read_lines(folder / 'val.ids.txt'))
  points = _points(videos)
  out = []
  for name, label in read_labelled_lines(path):
    match = _TENNIS_ID.fullmatch(name)
    if match is None:
      raise InputError(f'{path}: {name} is not match:front|back:frame; copy the file again')
    if label in classes:
      start, end = _point_of(match[1], int(match[3]), points, path)
      contact = int(match[3]) - start
      split = _split(name, match[1] in _TENNIS_TEST, val)
      video = f'{match[2]}__{match[1]}_{start}_{end}'
      out.append(Action(name, video, contact, contact + 1, label, split, match[1]))
  return out


def tennis_video(track: str) -> str:
  """The point's video of a player's track: `front__<point>` and `back__<point>` are filmed in one."""
  return track.partition('__')[2] or track


def _split(name: str, test: bool, val: frozenset[str]) -> str:
  return 'test' if test else 'val' if name in val else 'train'


def _points(videos: Mapping[str, VideoMeta]) -> dict[str, list[tuple[int, int]]]:
  """First and last frame (exclusive) of every point, by match."""
  out: dict[str, list[tuple[int, int]]] = {}
  for name in videos:
    match = _POINT.fullmatch(name)
    if match is None:
      raise InputError(f'video {name!r} is not <match>_<start>_<end>; give the metadata of tennis')
    out.setdefault(match[1], []).append((int(match[2]), int(match[3])))
  return out


def _point_of(match: str, frame: int, points: Mapping[str, list[tuple[int, int]]], path: pathlib.Path) -> tuple:
  held = [(start, end) for start, end in points.get(match, ()) if start <= frame < end]
  if not held:
    raise InputError(f'{path}: no point of {match} holds frame {frame}; give the metadata of all points')
  return max(held, key=lambda point: (min(frame - point[0], point[1] - frame), -point[0]))
