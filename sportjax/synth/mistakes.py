"""Mistakes: one attribute that fails altogether, at a known time of the action."""

from __future__ import annotations

import dataclasses

from sportjax.errors import InputError
from sportjax.synth.attributes import ATTRIBUTES, BY_MISTAKE, class_attributes, use_of
from sportjax.synth.faults import event_s
from sportjax.synth.motion import Motion


@dataclasses.dataclass(frozen=True)
class Mistake:
  """What goes wrong, and the attribute whose absence it is."""

  name: str  # e.g. 'late_hips'
  attribute: str


def class_mistakes(sport: str, label: str) -> tuple[Mistake, ...]:
  """The mistakes that a class can show, at least three. Raises: InputError for an unknown sport."""
  return tuple(Mistake(ATTRIBUTES[name].mistake, name) for name in class_attributes(sport, label))


def get_mistake(name: str) -> Mistake:
  """The mistake of that name. Raises: InputError for an unknown one."""
  if name not in BY_MISTAKE:
    raise InputError(f'no mistake {name!r}; known are {", ".join(BY_MISTAKE)}')
  return Mistake(name, BY_MISTAKE[name].name)


def marked(motion: Motion, mistake: Mistake) -> Motion:
  """A motion of one action that tells the mistake in it and when it shows.

  Raises:
    InputError: the action's class cannot show the mistake.
  """
  (action,) = motion.actions
  use = use_of(action.sport, action.label, mistake.attribute)
  if use is None:
    raise InputError(f'{action.sport} {action.label} cannot show {mistake.name}; class_mistakes tells what it can')
  time_ms = 1000 * event_s({name: time / 1000 for name, time in action.events_ms.items()}, use.at)
  action = dataclasses.replace(action, mistake=mistake.name, events_ms=action.events_ms | {'mistake': time_ms})
  return dataclasses.replace(motion, actions=(action,))
