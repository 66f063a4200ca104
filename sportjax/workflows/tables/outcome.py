"""What a cell answered, pooled over worlds, and the number it comes to with its interval over people."""

from __future__ import annotations

import dataclasses
import json
import pathlib
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from sportjax.data.labels import Clip
from sportjax.evals import recognition_report
from sportjax.metrics import bootstrap, detection
from sportjax.metrics.bootstrap import Interval
from sportjax.metrics.detection import AP, Scored
from sportjax.typing import Float
from sportjax.workflows.stages import detect, retrieve


@dataclasses.dataclass(frozen=True)
class Entry:
  """One number of a table."""

  interval: Interval
  subset_sd: float = 0.0  # over the subsets of labels, as the paper gives its spread
  count: int = 0  # clips asked, or actions to be found
  groups: int = 0  # people or videos
  above_teacher: Interval | None = None  # on the same clips


class Answers(NamedTuple):
  """Values of clips, of which the mean is taken. s: subsets of labels."""

  ids: tuple[str, ...]
  values: Float[np.ndarray, 's b']


def recognised(folder: pathlib.Path) -> Answers:
  """Whether each test clip was told right, out of the predictions that a cell or a baseline wrote."""
  return Answers(*recognition_report.read_correct(folder))


def retrieved(folder: pathlib.Path, k: int) -> Answers:
  """Each query's precision at k."""
  found = json.loads((folder / retrieve.PRECISION).read_text())[f'P@{k}']
  return Answers(tuple(found), np.array([list(found.values())]))


class World(NamedTuple):
  """One world's answers: its clips, and those of them that are asked about; all where None."""

  answers: Answers
  clips: Sequence[Clip]
  asked: frozenset[str] | None


class Pooled(NamedTuple):
  """Answers of several worlds together. A person of one world is none of another's."""

  values: Float[np.ndarray, 'b']
  groups: np.ndarray
  subset_sd: float  # over subsets of labels, population, mean over worlds, as the paper gives its spread


def pool(worlds: Sequence[World]) -> Pooled:
  """The values of all clips asked about, and whose they are."""
  values, groups, spreads = [np.zeros(0)], [], []
  for number, (answers, clips, asked) in enumerate(worlds):
    athlete = {clip.id: f'{number} {clip.athlete}' for clip in clips}
    kept = np.array([asked is None or name in asked for name in answers.ids])
    if kept.any():
      values.append(answers.values[:, kept].mean(0))
      groups += [athlete[name] for name, keep in zip(answers.ids, kept, strict=True) if keep]
      spreads.append(answers.values[:, kept].mean(1).std())
  return Pooled(np.concatenate(values), np.array(groups), float(np.mean(spreads)) if spreads else 0.0)


def entry(pooled: Pooled, teacher: Pooled | None, *, n: int, seed: int) -> Entry:
  """The mean with its interval over people, and by how much it is above the teacher's on the same clips."""
  above = None
  if teacher is not None:
    above = bootstrap.paired_difference(pooled.values, teacher.values, pooled.groups, n=n, seed=seed)
  interval = bootstrap.bootstrap(pooled.values, pooled.groups, n=n, seed=seed)
  return Entry(interval, pooled.subset_sd, len(pooled.values), len(set(pooled.groups.tolist())), above)


def found_in(folder: pathlib.Path) -> list[dict[str, Any]]:
  """What a cell of detection wrote."""
  return json.loads((folder / detect.FOUND).read_text())


def average_precision(
  worlds: Sequence[Sequence[Mapping[str, Any]]], *, threshold: float, tiou: float, rule: AP, n: int, seed: int
) -> Entry:
  """AP over the videos of all worlds, its mean over tasks and trials; the interval is over videos drawn anew."""
  videos = sorted({(number, one['video']) for number, found in enumerate(worlds) for one in found})
  at = {name: i for i, name in enumerate(videos)}
  parts: dict[tuple[str, int], list[tuple[int, Scored, np.ndarray]]] = {}
  for number, found in enumerate(worlds):
    for one in found:
      scored = one['found'][f'{threshold:g}']
      scored = Scored(np.reshape(scored['intervals'], (-1, 2)), np.array(scored['scores'], float))
      part = (at[number, one['video']], scored, np.reshape(one['truth'], (-1, 2)))
      parts.setdefault((one['task'], one['trial']), []).append(part)

  def statistic(drawn: np.ndarray) -> float:
    times = np.bincount(drawn, minlength=len(videos))
    aps = []
    for members in parts.values():
      used = [(scored, truth) for video, scored, truth in members for _ in range(times[video])]
      if sum(len(truth) for _, truth in used):
        aps.append(detection.average_precision([s for s, _ in used], [t for _, t in used], tiou, rule=rule))
    return float(np.mean(aps)) if aps else float('nan')

  interval = bootstrap.of_statistic(statistic, len(videos), n=n, seed=seed)
  actions = sum(len(truth) for members in parts.values() for _, _, truth in members)
  return Entry(interval, 0.0, actions, len(videos))
