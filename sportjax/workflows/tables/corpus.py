"""What a table is made on: labelled clips of some people, and the features of any method."""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Callable, Mapping

import numpy as np

from sportjax.data.labels import Clip
from sportjax.errors import InputError
from sportjax.evals import few_shot
from sportjax.report.content import DataKind
from sportjax.typing import Float, Int
from sportjax.workflows.tables.methods import Method
from sportjax.workflows.vpd_baseline import Network

Subsets = list[Int[np.ndarray, 'b']]
Intervals = Mapping[str, Float[np.ndarray, 'n 2']]  # [start_ms, end_ms) by video


@dataclasses.dataclass(frozen=True)
class Routines:
  """Whole videos in which actions are to be found; with several kinds of actions each is a task of its own."""

  tasks: Mapping[str, Intervals]  # of all videos, also of those that show none
  trials: tuple[tuple[str, ...], ...]  # videos to train on, one trial each
  test: tuple[str, ...]
  store: Callable[[Method], pathlib.Path]  # features of the whole videos
  mean_ms: Mapping[str, float] | None = None  # length of an action by task; that of the trial's videos where None


@dataclasses.dataclass(frozen=True)
class Corpus:
  """One world of clips, whatever they come from. A row is a method; its features are made when they are asked for."""

  about: str
  kind: DataKind
  clips: tuple[Clip, ...]
  store: Callable[[Method], pathlib.Path]
  ask_network: Callable[[Network, Subsets], pathlib.Path] | None = None  # the folder of a baseline's predictions
  queries: frozenset[str] | None = None  # ids of the clips that ask in retrieval, where not all do
  query_sets: Mapping[str, frozenset[str]] = dataclasses.field(default_factory=dict)  # clips that are looked at apart
  lists: Mapping[tuple[int, int], tuple[str, ...]] = dataclasses.field(default_factory=dict)  # fixed few-shot subsets
  kept: Callable[[Method], Mapping[str, float]] | None = None  # shares of the frames that a student may learn from
  routines: Routines | None = None

  def split(self, name: str) -> tuple[Clip, ...]:
    """Clips to train or to test on."""
    return tuple(clip for clip in self.clips if clip.split == name)

  def subsets(self, shots: int | None, count: int, seed: int) -> Subsets:
    """Training clips of each subset of so many a class: those of fixed lists, else drawn; all where `shots` is None.

    Raises:
      InputError: there are fixed lists, but not these.
    """
    train = self.split('train')
    if shots is None:
      return [np.arange(len(train))]
    if self.lists:
      absent = next((i for i in range(count) if (shots, i) not in self.lists), None)
      if absent is not None:
        raise InputError(f'no list train_{shots}_{absent}.ids.txt: copy it, or leave {shots} out of --config.shots')
      return few_shot.listed_subsets([clip.video for clip in train], [self.lists[shots, i] for i in range(count)])
    labels, athletes = (np.array([getattr(clip, name) for clip in train]) for name in ('label', 'athlete'))
    return few_shot.few_shot_subsets(labels, athletes, shots=shots, n_subsets=count, seed=seed)
