"""What is wrong with each video, its keypoints and its labelled clips: the first steps of training, tried out."""

from __future__ import annotations

import collections
import dataclasses
import functools
import json
import pathlib
from collections.abc import Iterator, Mapping

import numpy as np

from sportjax.data.labels import MIN_FRAMES, Clip
from sportjax.errors import InputError
from sportjax.pipeline import Work, item_folders, map_items, write_json
from sportjax.pose.normalise import teacher_pose
from sportjax.pose.skeletons import convert, get_skeleton
from sportjax.pose.track import Detections
from sportjax.report.content import Finding
from sportjax.video.athlete import follow_athlete
from sportjax.video.check import CheckParams, check_video
from sportjax.video.decode import VideoInfo, probe
from sportjax.video.tracking import track_people
from sportjax.workflows.stages.track import AthleteConfig, read_people

_FILE = 'findings.json'
_UNCLEAR = 0.6  # share of the followed person among all; 0.5 is a tie of two


@dataclasses.dataclass(frozen=True)
class GivenVideo:
  """One video and what was given with it."""

  video: pathlib.Path
  keypoints: pathlib.Path | None = None
  clips: tuple[Clip, ...] = ()


def check_videos(
  work: Work, *, videos: Mapping[str, GivenVideo], athlete: AthleteConfig, limits: CheckParams, processes: int
) -> None:
  """Each video's findings, one file an item; `limits` say from where on something is worth a finding."""
  map_items(work, videos, functools.partial(_check_one, athlete=athlete, limits=limits), processes=processes)


def findings_of(stage_folder: pathlib.Path) -> list[Finding]:
  """All findings of a finished stage, in the order of the videos' names."""
  return [
    Finding(**found)
    for folder in item_folders(stage_folder).values()
    for found in json.loads((folder / _FILE).read_text())
  ]


def from_error(error: InputError, video: pathlib.Path, *paths: pathlib.Path | None) -> Finding:
  """What a step had to say against a video, 'file: what; remedy', with the names of `paths` in place of the paths."""
  what, _, remedy = _short(str(error), video, *paths).removeprefix(f'{video.name}: ').rpartition('; ')
  return Finding('error', video.name, what or remedy, remedy if what else '')


def _short(text: str, *paths: pathlib.Path | None) -> str:
  for path in paths:
    if path is not None and path.is_absolute() and path.name:
      text = text.replace(str(path), path.name)
  return text


def _check_one(
  given: GivenVideo, folder: pathlib.Path, *, athlete: AthleteConfig, limits: CheckParams
) -> dict[str, int]:
  findings = list(_caught(_findings(given, athlete, limits), given))
  write_json(folder / _FILE, [dataclasses.asdict(finding) for finding in findings])
  counts = collections.Counter(finding.severity for finding in findings)
  return {'errors': counts['error'], 'warnings': counts['warning'], 'notes': counts['info']}


def _caught(findings: Iterator[Finding], given: GivenVideo) -> Iterator[Finding]:
  """The findings, and last the error that ended them, where there was one."""
  try:
    yield from findings
  except InputError as error:
    yield from_error(error, given.video, given.keypoints)


def _findings(given: GivenVideo, athlete: AthleteConfig, limits: CheckParams) -> Iterator[Finding]:
  info, people = probe(given.video), None
  if given.keypoints:
    try:
      people = _people(info, given.keypoints, athlete)
    except InputError as error:
      yield from_error(error, given.video, given.keypoints)
  yield from _caught(_check_video(given, people, limits), given)
  if people is not None and len(people):
    yield from _caught(_check_athlete(given, info, people, athlete, limits), given)
  yield from _check_clips(given, info)


def _check_video(given: GivenVideo, people: Detections | None, limits: CheckParams) -> Iterator[Finding]:
  for found in check_video(given.video, people, limits):
    if people is None and found.what == 'no keypoints':
      continue  # none were given, or what is wrong with them is said already
    severity = 'info' if found.severity == 'note' else found.severity
    yield Finding(severity, given.video.name, _short(found.what, given.video, given.keypoints), found.remedy)


def _people(info: VideoInfo, keypoints: pathlib.Path, athlete: AthleteConfig) -> Detections:
  people = read_people(info, keypoints, athlete)
  if len(people) and not people.keypoints.shape[1]:
    raise InputError(f'{keypoints}: boxes only, no joints to learn from; give keypoints or --config.pose_model')
  return people


def _check_athlete(
  given: GivenVideo, info: VideoInfo, people: Detections, config: AthleteConfig, limits: CheckParams
) -> Iterator[Finding]:
  """Whether one person can be followed, for how long, how surely, and whether their joints make a pose."""
  name, choose = given.video.name, 'say whom to follow with athlete.rule or athlete.box'
  track, quality = follow_athlete(track_people(people, info.t_ms, info.size), info, config.rule, box=config.box)
  peopled = len(np.unique(people.frame))
  if len(track.frame) < limits.min_covered * peopled:
    what = f'the athlete is followed in {len(track.frame)} of {info.n_frames} frames, somebody is seen in {peopled}'
    yield Finding('warning', name, what, choose)
  if quality.margin < _UNCLEAR:
    what = f'several people: the one followed has {quality.margin:.0%} of what counts for the rule {config.rule!r}'
    yield Finding('info', name, what, f'if it is not the right one, {choose}')
  joints = convert(track.keypoints, get_skeleton(track.skeleton), get_skeleton('coco17'))
  _, score = teacher_pose(joints, track=track.id, frame=track.frame)
  if not score.any():
    what = f'no pose in any of {len(score)} frames: both hips and a shoulder are needed, the skeleton is'
    yield Finding('error', name, f'{what} {track.skeleton}', 'use a pose estimator of the whole body')


def _check_clips(given: GivenVideo, info: VideoInfo) -> Iterator[Finding]:
  """Whether each labelled interval lies in the video and holds frames enough."""
  last_ms = float(info.t_ms[-1])
  end_ms = last_ms + 1.5 * float(np.diff(info.t_ms).max(initial=0))  # the last frame is shown for a while
  for clip in given.clips:
    what = f'label {clip.label!r}, {clip.start_ms:.0f} to {clip.end_ms:.0f} ms'
    frames = int(np.count_nonzero((clip.start_ms <= info.t_ms) & (info.t_ms < clip.end_ms)))
    span = f'the video runs from {info.t_ms[0]:.0f} to {last_ms:.0f} ms'
    if not frames:
      yield Finding('error', given.video.name, f'{what}: holds no frame, {span}', 'give milliseconds of this very file')
    elif clip.end_ms > end_ms:
      yield Finding('warning', given.video.name, f'{what}: ends after the video, {span}', 'correct its end_ms')
    elif frames < MIN_FRAMES:
      held = f'holds {frames} frame{"s" * (frames > 1)}, {MIN_FRAMES} are needed'
      yield Finding('warning', given.video.name, f'{what}: {held}', 'times are milliseconds, not seconds or frames')
