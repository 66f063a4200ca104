"""What is wrong with labelled clips as a set: unknown videos, splits that mix or leave nothing to do."""

from __future__ import annotations

import collections
import difflib
from collections.abc import Collection, Iterator, Sequence
from typing import Literal

from sportjax.data.labels import Clip
from sportjax.report.content import Finding

_Fault = tuple[Literal['error', 'warning', 'info'], str, str]  # what is wrong, and what to do about it


def label_faults(clips: Sequence[Clip], videos: Collection[str], source: str) -> list[Finding]:
  """Findings on the clips of the file `source`, given the names of all videos."""
  known = [clip for clip in clips if clip.video in videos]
  faults = [*_unknown_videos(clips, videos), *_mixed_splits(known), *_empty_splits(known, len(videos))]
  return [Finding(severity, source, what, remedy) for severity, what, remedy in faults]


def _unknown_videos(clips: Sequence[Clip], videos: Collection[str]) -> Iterator[_Fault]:
  for name, count in collections.Counter(clip.video for clip in clips if clip.video not in videos).items():
    near = difflib.get_close_matches(name, videos, 1)
    remedy = f'did you mean {near[0]!r}?' if near else 'correct the name, or add the video'
    yield 'error', f'{count} clip{"s" * (count > 1)} of {name!r}, which is none of the videos', remedy


def _mixed_splits(clips: Sequence[Clip]) -> Iterator[_Fault]:
  of_video, of_athlete = collections.defaultdict(set), collections.defaultdict(set)
  for clip in clips:
    of_video[clip.video].add(clip.split)
  mixed = sorted(video for video, splits in of_video.items() if len(splits) > 1)
  for video in mixed:
    yield 'error', f'video {video!r} has clips in train and in test', 'give all clips of a video one split'
  for clip in clips:
    if clip.video not in mixed:
      of_athlete[clip.athlete].add(clip.split)
  for athlete in sorted(athlete for athlete, splits in of_athlete.items() if len(splits) > 1):
    yield 'warning', f'athlete {athlete!r} is in train and in test', 'give each athlete one split, or results flatter'


def _empty_splits(clips: Sequence[Clip], n_videos: int) -> Iterator[_Fault]:
  test, labelled = [clip for clip in clips if clip.split == 'test'], {clip.video for clip in clips}
  if len(test) < 2:
    yield 'error', f'clips in the split test: {len(test)}; 2 are needed to compare', 'mark more clips as test'
  if len(labelled) < n_videos:
    yield 'info', f'{n_videos - len(labelled)} of {n_videos} videos have no labels: they only train', ''
  elif len(test) == len(clips):
    yield 'error', 'every video is in the split test: none is left to train on', 'mark some clips as train'
