"""Named sets of the simulated world, each in four sizes; with the world's version a name and a size say every pixel."""

from __future__ import annotations

import dataclasses
import functools
import pathlib
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from sportjax.errors import InputError
from sportjax.synth import coaching_corpus, corpus, instruction, mocap_corpus, routine_corpus, skills
from sportjax.synth.coaching_corpus import CoachingSpec
from sportjax.synth.corpus import CorpusSpec
from sportjax.synth.instruction import InstructionSpec, InstructionTake
from sportjax.synth.mocap_corpus import MocapSpec
from sportjax.synth.reels import reel
from sportjax.synth.reels.reel import ReelSpec
from sportjax.synth.routine_corpus import RoutineSpec
from sportjax.synth.takes import Take

SIZES = ('tiny', 'small', 'medium', 'large')


@dataclasses.dataclass(frozen=True)
class NamedSet:
  """One set: what it is for, how its takes are planned, and its size by name of the size."""

  kind: str
  about: str
  plan: Callable[..., Sequence[Take]]  # of a specification, and of the folder of recordings where there are such
  sizes: Mapping[str, Any]
  recorded: bool = False  # films motion capture, which a user must have


def plan(name: str, size: str, recordings: pathlib.Path | None = None) -> tuple[Take, ...]:
  """The takes of a set.

  Raises:
    InputError: unknown name or size; no folder of recordings for a set that needs one, or one that lacks some.
  """
  chosen = get_set(name)
  if size not in SIZES:
    raise InputError(f'no size {size!r}; sets come in {", ".join(SIZES)}')
  spec = chosen.sizes[size]
  if not chosen.recorded:
    return tuple(chosen.plan(spec))
  if recordings is None:
    raise InputError(
      f'set {name} films motion capture: set mocap_dir to the folder that holds it; docs/WORLD.md tells how'
    )
  return tuple(chosen.plan(spec, recordings))


def get_set(name: str) -> NamedSet:
  """The set of that name. Raises: InputError for an unknown one."""
  if name not in SETS:
    raise InputError(f'no set {name!r}; known are {", ".join(SETS)}')
  return SETS[name]


def _fine(sport: str) -> NamedSet:
  classes = len(skills.classes(sport))
  spec = functools.partial(CorpusSpec, sport)
  sizes = (
    spec(classes=2, athletes=3, test_athletes=1),
    spec(classes=min(8, classes), athletes=36, test_athletes=12),  # diving's is the quickstart's corpus
    spec(classes=classes, athletes=60, test_athletes=20),
    spec(classes=classes, athletes=300, test_athletes=60, repeats=2),
  )
  return NamedSet('fine', f'{sport}: one action a video, fine classes', corpus.plan, _by_size(sizes))


def _routines(sport: str) -> NamedSet:
  classes = len(skills.classes(sport))
  spec = functools.partial(RoutineSpec, sport)
  sizes = (
    spec(classes=2, athletes=3, shortest_s=8.0, longest_s=12.0),
    spec(classes=min(8, classes), athletes=12, shortest_s=60.0, longest_s=90.0),
    spec(classes=classes, athletes=30, repeats=2),
    spec(classes=classes, athletes=120, repeats=4),
  )
  return NamedSet('routine', f'{sport}: actions with idle between, labelled in time', routine_corpus.plan,
                  _by_size(sizes))  # fmt: skip


def _coaching(permuted: bool) -> NamedSet:
  spec = functools.partial(CoachingSpec, permuted=permuted)
  sizes = (
    spec(skills.SPORTS[:2], athletes=3),
    spec(skills.SPORTS, athletes=12, repeats=3),
    spec(skills.SPORTS, athletes=48, repeats=8),
    spec(skills.SPORTS, athletes=240, repeats=10),
  )
  about = 'all sports: proficiency by attribute, level and mistakes' + ', attributes permuted by sport' * permuted
  return NamedSet('coaching', about, coaching_corpus.plan, _by_size(sizes))


def _reels() -> NamedSet:
  sizes = (
    ReelSpec(players=3, seconds=(10.4, 10.4), test_players=1),
    ReelSpec(players=24, seconds=(60.0, 90.0), test_players=8),
    ReelSpec(players=90, test_players=30),
    ReelSpec(players=600, test_players=120),
  )
  return NamedSet('reel', 'basketball: twenty skills on five levels, from possessions cut together', reel.plan,
                  _by_size(sizes))  # fmt: skip


def _instruction() -> NamedSet:
  sizes = (
    _lessons(skills.SPORTS[:1], classes=2, coaches=3, shortest_s=20.0, longest_s=30.0),
    _lessons(skills.SPORTS, classes=4, coaches=3, videos=2, shortest_s=60.0, longest_s=90.0),
    _lessons(skills.SPORTS, coaches=12, videos=6),
    _lessons(skills.SPORTS, coaches=60, videos=10),
  )
  return NamedSet('instruction', 'all sports: talk, right and wrong demonstrations, captions out of step',
                  _plan_lessons, _by_size(sizes))  # fmt: skip


def _lessons(sports: Sequence[str], classes: int | None = None, **settings: Any) -> tuple[InstructionSpec, ...]:
  return tuple(InstructionSpec(sport, classes or len(skills.classes(sport)), **settings) for sport in sports)


def _plan_lessons(specs: Sequence[InstructionSpec]) -> tuple[InstructionTake, ...]:
  return tuple(take for spec in specs for take in instruction.plan(spec))


def _ui_prmd() -> NamedSet:
  spec = functools.partial(MocapSpec, 'ui_prmd')
  sizes = (
    spec(exercises=1, people=3, repetitions=1),
    spec(people=6, repetitions=1),
    spec(),
    spec(views=4),
  )
  return NamedSet('mocap', 'UI-PRMD: 10 exercises, correct and incorrect, by person', mocap_corpus.plan,
                  _by_size(sizes), recorded=True)  # fmt: skip


_FEW = ('deepmimic_backflip', 'cmu_02_03', 'cmu_13_30', 'cmu_14_14')


def _mocap() -> NamedSet:
  spec = functools.partial(MocapSpec, 'several')
  sizes = (spec(names=_FEW, until_s=4.0), spec(), spec(views=5), spec(views=25))
  return NamedSet('mocap', 'whole recordings of DeepMimic and CMU', mocap_corpus.plan, _by_size(sizes), recorded=True)


def _by_size(specs: Sequence[Any]) -> Mapping[str, Any]:
  return MappingProxyType(dict(zip(SIZES, specs, strict=True)))


SETS: Mapping[str, NamedSet] = MappingProxyType(
  {sport: _fine(sport) for sport in skills.SPORTS}
  | {f'{sport}_routines': _routines(sport) for sport in skills.SPORTS}
  | {'coaching': _coaching(False), 'coaching_permuted': _coaching(True)}
  | {'basketball_reels': _reels(), 'instruction': _instruction()}
  | {'ui_prmd': _ui_prmd(), 'mocap': _mocap()}
)
