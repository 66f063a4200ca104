"""A clip and its mirror image: how the views of the same frames enter an alignment."""

from __future__ import annotations

from typing import Any, Literal

from sportjax.errors import InputError

Flip = Literal['min', 'concat', 'none']


def arrange(frames: Any, flip: Flip) -> list[Any]:
  """Frames (..., v, d) as the feature sequences (..., d) to compare: one for each view with 'min', one otherwise.

  'min' aligns every view of the query with every view of the reference and keeps the best (the VPD paper); 'concat'
  sets the views side by side as one wide feature (its reference implementation's retrieval); 'none' takes the clip as
  filmed.

  Raises:
    InputError: no way of that name.
  """
  if flip == 'concat':
    return [frames.reshape(*frames.shape[:-2], frames.shape[-2] * frames.shape[-1])]
  if flip == 'none':
    return [frames[..., 0, :]]
  if flip == 'min':
    return [frames[..., view, :] for view in range(frames.shape[-2])]
  raise InputError(f"flip {flip!r} is unknown; choose 'min', 'concat' or 'none'")
