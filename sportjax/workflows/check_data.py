"""What is wrong with a folder of videos, keypoints and labels, said before anything long starts."""

from __future__ import annotations

import collections
import dataclasses
import functools
import pathlib
import sys
from collections.abc import Iterator, Mapping, Sequence

from sportjax.data.labels import Clip, read_labels
from sportjax.errors import InputError
from sportjax.formats.keypoints import find_keypoints
from sportjax.pipeline import write_json
from sportjax.report.content import Finding, Highlight, ReportContent, Stage
from sportjax.report.write import write_report
from sportjax.video.check import CheckParams
from sportjax.workflows.dispatch import Context
from sportjax.workflows.label_faults import label_faults
from sportjax.workflows.stages import check
from sportjax.workflows.stages.check import GivenVideo, from_error
from sportjax.workflows.stages.track import AthleteConfig
from sportjax.workflows.videos import SUFFIXES, find_videos

MODES = ('run',)
_ORDER = {'error': 0, 'warning': 1, 'info': 2}
_WORDS = {'error': 'error', 'warning': 'warning', 'info': 'note'}
_SHOWN = 5  # names of files that one finding lists


@dataclasses.dataclass(frozen=True)
class Settings:
  """What `configs/check_data.py` sets, named as in `configs/own_videos.py`, where `athlete` is a part of `chain`."""

  videos: str  # folder or pattern
  keypoints: pathlib.Path | None = None
  labels: pathlib.Path | None = None
  athlete: AthleteConfig = AthleteConfig()
  limits: CheckParams = CheckParams()
  processes: int = 2

  def __post_init__(self):
    for name in ('keypoints', 'labels'):
      path = getattr(self, name)
      if path is not None and not path.exists():
        raise InputError(f'{name}={path}: no such file or folder')
    if self.processes < 0:
      raise InputError('processes must be 0 or more')


def run(settings: Settings, context: Context) -> int:
  """Checks everything, lists the findings, writes findings.json and a report; 1 where one is an error."""
  videos = find_videos(settings.videos)
  clips, of_labels = _clips(settings, videos)
  given, of_files = _given(settings, videos, clips)
  done = context.pipeline.run(
    'check',
    functools.partial(
      check.check_videos,
      videos=given,
      athlete=settings.athlete,
      limits=settings.limits,
      processes=settings.processes,
    ),
    inputs={'videos': given, 'athlete': settings.athlete, 'limits': settings.limits},
  )
  unordered = [*of_labels, *of_files, *check.findings_of(done.folder)]
  findings = sorted(unordered, key=lambda finding: (_ORDER[finding.severity], finding.subject))
  counts = collections.Counter(finding.severity for finding in findings)
  record = {'videos': len(videos), 'errors': counts['error'], 'findings': list(map(dataclasses.asdict, findings))}
  write_json(context.workdir / 'findings.json', record)
  page = write_report(context.workdir / 'report', _report(settings, findings, Stage('check', done.seconds), videos))
  closing = f'{len(videos)} video{"s" * (len(videos) > 1)}: {_told(findings)}; {page}'
  sys.stdout.write(''.join(f'{line}\n' for line in (*listed(findings), closing)))
  return int(counts['error'] > 0)


def listed(findings: Sequence[Finding]) -> list[str]:
  """Lines of text: severity, file and finding in columns, the remedy below the finding."""
  width = max((len(finding.subject) for finding in findings), default=0)
  lines = []
  for finding in findings:
    lines.append(f'{_WORDS[finding.severity]:7}  {finding.subject:{width}}  {finding.message}')
    lines += [f'{"":7}  {"":{width}}  {finding.remedy}'] if finding.remedy else []
  return lines


def _told(findings: Sequence[Finding]) -> str:
  """Such as '2 errors, 1 note'."""
  counts = collections.Counter(_WORDS[finding.severity] for finding in findings)
  told = [f'{counts[word]} {word}{"s" * (counts[word] > 1)}' for word in _WORDS.values() if counts[word]]
  return ', '.join(told) or 'nothing was found wrong'


def _report(
  settings: Settings, findings: Sequence[Finding], stage: Stage, videos: Mapping[str, pathlib.Path]
) -> ReportContent:
  faulty = {finding.subject for finding in findings if finding.severity == 'error'}
  sound = sum(video.name not in faulty for video in videos.values())
  return ReportContent(
    title='Check of your videos',
    subtitle=f'{settings.videos}: {_told(findings)}',
    highlights=(Highlight(f'{sound} of {len(videos)}', 'videos without an error'),),
    findings=tuple(findings),
    stages=(stage,),
  )


def _given(
  settings: Settings, videos: Mapping[str, pathlib.Path], clips: Sequence[Clip]
) -> tuple[dict[str, GivenVideo], list[Finding]]:
  """Each video with its keypoints and clips, and what is wrong with the files as such."""
  folder = settings.keypoints.resolve() if settings.keypoints else None
  given, findings = {}, [*_other_files(settings)]
  for name, video in videos.items():
    keypoints = None
    if folder:
      try:
        keypoints = find_keypoints(folder, video)
      except InputError as error:
        findings.append(from_error(error, video, folder))
    given[name] = GivenVideo(video, keypoints, tuple(clip for clip in clips if clip.video == name))
  if folder is None:
    findings.append(Finding('info', 'keypoints', 'none are given: only videos and labels are checked'))
  elif folder.is_dir():
    findings += _spare_keypoints(folder, {each.keypoints for each in given.values()})
  return given, findings


def _other_files(settings: Settings) -> Iterator[Finding]:
  folder = pathlib.Path(settings.videos).expanduser()
  if not folder.is_dir() or (settings.keypoints and folder.samefile(settings.keypoints)):
    return
  others = [path for path in _visible(folder) if path.is_file() and path.suffix.lower() not in SUFFIXES]
  others = [path for path in others if not (settings.labels and path.samefile(settings.labels))]
  if others:
    yield Finding(
      'info', folder.name, f'not taken for videos: {_names(others)}', f'videos end in {", ".join(SUFFIXES)}'
    )


def _spare_keypoints(folder: pathlib.Path, used: set[pathlib.Path | None]) -> Iterator[Finding]:
  spare = [path for path in _visible(folder) if path not in used and path.suffix.lower() not in (*SUFFIXES, '.csv')]
  if spare:
    what = f'these belong to no video: {_names(spare)}'
    yield Finding('warning', folder.name, what, 'name each after its video, or leave them')


def _visible(folder: pathlib.Path) -> list[pathlib.Path]:
  return sorted(path for path in folder.iterdir() if not path.name.startswith('.'))


def _names(paths: Sequence[pathlib.Path]) -> str:
  more = f' and {len(paths) - _SHOWN} more' if len(paths) > _SHOWN else ''
  return ', '.join(path.name for path in paths[:_SHOWN]) + more


def _clips(settings: Settings, videos: Mapping[str, pathlib.Path]) -> tuple[tuple[Clip, ...], list[Finding]]:
  """The labelled clips, and what is wrong with them as a set."""
  if settings.labels is None:
    return (), []
  labels = settings.labels.resolve()
  try:
    clips = read_labels(labels)
  except InputError as error:
    return (), [from_error(error, labels)]
  return clips, label_faults(clips, videos, labels.name)
