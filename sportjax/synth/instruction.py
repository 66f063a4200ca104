"""Instruction videos: a coach teaches one class with talk, demonstrations right and wrong, and captions out of step."""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Iterator

import numpy as np

from sportjax.errors import InputError
from sportjax.formats.vtt import Cue, write_vtt
from sportjax.synth import lesson_script, skills, takes
from sportjax.synth.athletes import sample_athlete
from sportjax.synth.corpus import PLACES, WORLD_VERSION
from sportjax.synth.filming.shots import Shot
from sportjax.synth.filming.truth import Frame
from sportjax.synth.lesson import Lesson, Segment, Stage
from sportjax.synth.motion import Motion
from sportjax.synth.speech import Spoken, sample_voice
from sportjax.synth.transcript import recognise, sample_recogniser
from sportjax.synth.world import World
from sportjax.text import howto

# Streams of their own: words can tell nothing of clothes and cameras (1 and 2, takes.shoot), fillers nothing of the
# class, whatever any of them draws.
_MOVING, _SCRIPT, _WORDS, _FILLERS, _TIMING, _RECOGNISING, _TITLE = 0, 3, 4, 5, 6, 7, 8


@dataclasses.dataclass(frozen=True)
class InstructionSpec:
  """Instruction videos of one sport: every coach teaches `videos` classes; every third coach is held out."""

  sport: str
  classes: int  # the first so many of the sport's
  coaches: int
  videos: int = 1
  shortest_s: float = 90.0
  longest_s: float = 240.0
  permuted: bool = False  # the world in which an attribute means another movement in every sport
  seed: int = 0

  def __post_init__(self):
    if min(self.classes, self.coaches, self.videos) < 1 or not 0 < self.shortest_s <= self.longest_s:
      raise InputError(
        'instruction: classes, coaches and videos must be at least 1, and the seconds ascend from above 0'
      )


@dataclasses.dataclass(frozen=True)
class InstructionTake:
  """One video to film. Held-out coaches speak in held-out phrasings."""

  name: str
  title: str
  sport: str
  label: str
  athlete: str  # the coach
  split: str
  seconds: float  # at least: one mistake is always shown, and the last round is finished
  permuted: bool
  athlete_seed: tuple[int, ...]
  seed: tuple[int, ...]

  def film(self, folder: pathlib.Path) -> dict[str, int]:
    """Writes the take's files, `<name>.vtt` among them; returns counts."""
    taught, shot, frames = shoot(self)
    write_vtt(folder / f'{self.name}.vtt', taught.cues)
    about = takes.About(
      self.name, 'instruction', self.sport, self.athlete, self.split, events=events_of(self, taught),
      transcript=f'{self.name}.vtt',
    )  # fmt: skip
    return takes.write_filmed(folder, about, taught.motion.actions, frames, crf=shot.crf)


@dataclasses.dataclass(frozen=True)
class Taught:
  """What happens in an instruction video: the truth, and what a recogniser heard."""

  motion: Motion
  segments: tuple[Segment, ...]
  spoken: tuple[Spoken, ...]
  cues: tuple[Cue, ...]


def plan(spec: InstructionSpec) -> tuple[InstructionTake, ...]:
  """The takes; more coaches begin with those of fewer.

  Raises:
    InputError: the sport is unknown or has fewer classes.
  """
  classes = skills.classes(spec.sport)
  if spec.classes > len(classes):
    raise InputError(f'instruction.classes={spec.classes}: {spec.sport} has {len(classes)} classes')
  return tuple(take for coach in range(spec.coaches) for take in _of_coach(spec, coach, classes[: spec.classes]))


def teach(take: InstructionTake) -> Taught:
  """The lesson of a take, by its seeds."""
  moving, script, words, fillers, timing = (
    np.random.default_rng([*take.seed, stream]) for stream in (_MOVING, _SCRIPT, _WORDS, _FILLERS, _TIMING)
  )
  athlete = sample_athlete(np.random.default_rng(take.athlete_seed))
  voice = sample_voice(np.random.default_rng([*take.athlete_seed, 1]))
  world = World(take.permuted)
  speech = lesson_script.prepare_speech(take.sport, take.label, take.split, athlete.left_handed, words, fillers)
  lesson = Lesson(Stage(world, take.sport, take.label, athlete, voice, moving, timing))
  lesson.play(lesson_script.opening(speech, script))
  further = lesson_script.rounds(speech, world.class_mistakes(take.sport, take.label), script)
  lesson.play(next(further))
  while lesson.seconds < take.seconds:
    lesson.play(next(further))
  lesson.play(lesson_script.closing(speech, script))
  hearing = np.random.default_rng([*take.seed, _RECOGNISING])
  cues = recognise(lesson.spoken, sample_recogniser(hearing), hearing)
  return Taught(lesson.motion(), tuple(lesson.segments), tuple(lesson.spoken), cues)


def shoot(take: InstructionTake) -> tuple[Taught, Shot, Iterator[Frame]]:
  """The lesson, the shot and its frames; all by the take's seeds."""
  taught = teach(take)
  shot, frames = takes.shoot(taught.motion, PLACES[take.sport], take.seed)
  return taught, shot, frames


def events_of(take: InstructionTake, taught: Taught) -> tuple[takes.Event, ...]:
  """The truth of a lesson: its title, its segments (outcome: what is shown) and its sentences, in order of time."""
  title = takes.Event('title', 0.0, taught.motion.duration_ms, text=take.title, about=take.label)
  segments = [takes.Event('segment', s.start_ms, s.end_ms, outcome=s.shown, about=s.mistake) for s in taught.segments]
  spoken = [
    takes.Event(s.sentence.kind, s.start_ms, s.end_ms, text=s.sentence.text, about=s.sentence.topic, action=s.action)
    for s in taught.spoken
  ]
  return title, *sorted([*segments, *spoken], key=lambda event: event.start_ms)


def _of_coach(spec: InstructionSpec, coach: int, classes: tuple[str, ...]) -> list[InstructionTake]:
  world = (WORLD_VERSION, spec.seed, takes.seed_of(f'{spec.sport} instruction'))
  drawing = np.random.default_rng([*world, 1, coach])
  split, out = takes.held_out(coach), []
  order = np.concatenate([drawing.permutation(len(classes)) for _ in range(-(-spec.videos // len(classes)))])
  for n, k in enumerate(order[: spec.videos].tolist()):
    seed = (*world, 3, coach, n)
    out.append(
      InstructionTake(
        name=f'{spec.sport}_instruction_a{coach:03d}_{n:03d}',
        title=howto.title(spec.sport, classes[k], np.random.default_rng([*seed, _TITLE]), split).text,
        sport=spec.sport,
        label=classes[k],
        athlete=f'{spec.sport}_a{coach:03d}',
        split=split,
        seconds=round(float(drawing.uniform(spec.shortest_s, spec.longest_s)), 2),
        permuted=spec.permuted,
        athlete_seed=(*world, 2, coach),
        seed=seed,
      )
    )
  return out
