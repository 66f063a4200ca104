"""Which frames of a video an action is recognised from, and the clip they make."""

from __future__ import annotations

from collections.abc import Callable

from sportjax.data.labels import Clip
from sportjax.formats.actions import Action

Window = Callable[[Action, float], tuple[int, int]]  # of an action and its video's frames a second; end exclusive


def as_labelled(action: Action, fps: float) -> tuple[int, int]:
  """The labelled frames themselves."""
  del fps
  return action.start_frame, action.end_frame


def jump(action: Action, fps: float) -> tuple[int, int]:
  """A figure skating jump with the approach: from 2.5 s before its middle to 0.5 s after, or the label if it is longer.

  Source: VPD reference, recognize.py. Departure: a window that starts before the video starts with it.
  """
  middle = (action.start_frame + action.end_frame) / 2
  start = min(action.start_frame, int(middle - fps * 2.5))
  return max(start, 0), max(action.end_frame, int(middle + fps * 0.5))


def swing(action: Action, fps: float, half_s: float = 0.5) -> tuple[int, int]:
  """A tennis swing: half a second on either side of the contact, a tenth where swings are detected.

  Source: VPD reference, recognize.py and detect.py.
  """
  contact = action.start_frame
  return max(int(contact - fps * half_s), 0), int(contact + fps * half_s)


def frame_ms(frame: int, fps: float) -> float:
  """When a frame of a video of constant rate is shown: all that is known where the video itself is not at hand."""
  return 1000.0 * frame / fps


def clip_of(action: Action, window: Window, fps: float) -> Clip:
  """The action as a clip of its video."""
  start, end = window(action, fps)
  return Clip(action.video, frame_ms(start, fps), frame_ms(end, fps), action.label, action.group, action.split)
