"""A lesson on the clock: the script performed, joined into one motion, and spoken out of step with it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

import numpy as np

from sportjax.synth.athletes import Athlete
from sportjax.synth.idle import stand_about
from sportjax.synth.lesson_script import Beat
from sportjax.synth.motion import Motion, cut_together
from sportjax.synth.routine import walked
from sportjax.synth.speech import Spoken, Voice, speaking_s
from sportjax.synth.world import World
from sportjax.text.phrases import Sentence

_CUT_SPORTS = ('diving', 'weightlifting', 'skating')  # nobody walks from the talk into the performance
_WALKED = 0.4  # share of demonstrations that the coach walks into while the camera runs
_LAG_S = 0.9  # standard deviation of when a demonstration is spoken of, from its start
_SPILL_S = 1.5  # at most so much of the talk is spoken over what comes next
_SHORTEST_TALK_S = 1.2
_WALK_S = 5.0  # about what a walk over to the performance takes


@dataclasses.dataclass(frozen=True)
class Segment:
  """A stretch of a lesson: 'talk', 'right', 'replay', 'wrong' or 'correction'."""

  shown: str
  start_ms: float
  end_ms: float
  action: int = -1  # of the motion; -1 for talk
  mistake: str = ''  # that is shown, or corrected


@dataclasses.dataclass(frozen=True)
class Stage:
  """Who teaches what, where performances and talk are drawn from, and how the coach speaks."""

  world: World
  sport: str
  label: str
  athlete: Athlete
  voice: Voice
  moving: np.random.Generator
  timing: np.random.Generator


class Lesson:
  """A lesson as it grows, beat by beat."""

  def __init__(self, stage: Stage):
    """Nothing is shown or said yet."""
    self.stage = stage
    self.segments: list[Segment] = []
    self.spoken: list[Spoken] = []
    self._clips: list[Motion] = []
    self._clip_ms = 0.0  # where the last clip starts
    self._now_ms = 0.0
    self._free_ms = 0.0  # when the voice is free
    self._actions = 0
    self._open = False  # the last clip is talk that a demonstration may follow without a cut
    # A performance whose scene the coach talks in; it is shown first.
    self._next = self._last = self._performed(None)

  @property
  def seconds(self) -> float:
    """How long it lasts so far."""
    return self._now_ms / 1000

  def motion(self) -> Motion:
    """All that is shown, cut together."""
    return cut_together(self._clips)

  def play(self, beats: Iterable[Beat]) -> None:
    """Performs and speaks some beats."""
    for beat in beats:
      if beat.shown == 'talk':
        self._talk(beat)
      else:
        self._show(beat)

  def _talk(self, beat: Beat) -> None:
    rng = self.stage.timing
    self._free_ms = max(self._free_ms, self._now_ms + 1000 * rng.uniform(0.1, 0.6))
    for sentence, ahead in beat.said:
      self._say(sentence, self._free_ms, self._actions + ahead - (ahead > 0) if ahead else -1)
    spill_ms = 1000 * rng.uniform(0, _SPILL_S) * (beat.spills and rng.random() < 0.4)
    length_s = max((self._free_ms - spill_ms - self._now_ms) / 1000, _SHORTEST_TALK_S)
    start_ms = self._now_ms
    self._cut_to(stand_about(self._next, self.stage.athlete, length_s, self.stage.moving))
    self._open = True
    self.segments.append(Segment('talk', start_ms, self._now_ms))

  def _show(self, beat: Beat) -> None:
    take = self._take_of(beat)
    walks = self._open and self.stage.sport not in _CUT_SPORTS and self.stage.timing.random() < _WALKED
    if walks:
      self._walk_into(take)
    else:
      self._cut_to(take)
    start_ms = self._now_ms - take.duration_ms
    for sentence, _ in beat.said:
      wanted_ms = start_ms + take.actions[0].start_ms + 1000 * _LAG_S * self.stage.timing.normal()
      self._say(sentence, max(wanted_ms, self._free_ms), self._actions)
    mistake = beat.mistake.name if beat.mistake else ''
    self.segments.append(Segment(beat.shown, start_ms, self._now_ms, self._actions, mistake))
    self._actions += 1
    self._open = False

  def _take_of(self, beat: Beat) -> Motion:
    """The performance of a beat; talk after it is in its scene."""
    if beat.shown == 'wrong':
      return self._performed(beat)
    if beat.shown != 'replay':
      self._last, self._next = self._next, self._performed(None)
    return self._last

  def _performed(self, beat: Beat | None) -> Motion:
    stage, mistake = self.stage, beat.mistake if beat else None
    return stage.world.perform(stage.sport, stage.athlete, stage.label, stage.moving, None, mistake)

  def _say(self, sentence: Sentence, start_ms: float, action: int) -> None:
    end_ms = start_ms + 1000 * speaking_s(sentence.text, self.stage.voice)
    self.spoken.append(Spoken(sentence, start_ms, end_ms, action))
    self._free_ms = end_ms + 1000 * self.stage.timing.uniform(*self.stage.voice.pause_s)

  def _cut_to(self, clip: Motion) -> None:
    self._clips.append(clip)
    self._clip_ms, self._now_ms = self._now_ms, self._now_ms + clip.duration_ms

  def _walk_into(self, take: Motion) -> None:
    """The camera runs on from the talk, through the walk, to the end of the performance; the coach talks walking."""
    standing = max(len(self._clips[-1].joints_m) - round(_WALK_S * take.fps), round(_SHORTEST_TALK_S * take.fps))
    self._clips[-1] = walked(_until(self._clips[-1], standing), take, self.stage.athlete, self.stage.moving)
    self._now_ms = self._clip_ms + self._clips[-1].duration_ms
    start_ms = self._now_ms - take.duration_ms
    self.segments[-1] = dataclasses.replace(self.segments[-1], end_ms=start_ms)


def _until(clip: Motion, frames: int) -> Motion:
  """The beginning of idle motion."""
  equipment = {name: points[:frames] for name, points in clip.equipment.items()}
  return dataclasses.replace(clip, joints_m=clip.joints_m[:frames], equipment=equipment)
