"""Which step of a run is the best: by the moving average of a metric over the last evaluations."""

from __future__ import annotations

import dataclasses
import math
from typing import Any, Literal, Self

from sportjax.typing import JSON


@dataclasses.dataclass(frozen=True)
class Selection:
  """What has been evaluated so far. Goes into the checkpoint, so that a resumed run selects the same step."""

  evaluated_step: int | None = None
  recent: tuple[float, ...] = ()  # the last values, oldest first
  best_value: float | None = None  # the best moving average
  best_step: int | None = None

  def update(self, step: int, value: float, *, window: int, mode: Literal['min', 'max']) -> Self:
    """The selection after an evaluation; a step whose value is not finite is never the best.

    Source: Hong et al. 2021 (arXiv:2109.01305), lowest 5-epoch moving average of the validation loss; the average is
    over the evaluations there are while these are fewer.
    """
    recent = (*self.recent, value)[-window:]
    average = math.fsum(recent) / len(recent) if all(map(math.isfinite, recent)) else math.nan
    ahead = self.best_value is None or (average < self.best_value if mode == 'min' else average > self.best_value)
    better = math.isfinite(average) and ahead
    return type(self)(step, recent, average if better else self.best_value, step if better else self.best_step)

  def to_json(self) -> JSON:
    """A dict that `from_json` reads."""
    return dataclasses.asdict(self) | {'recent': list(self.recent)}

  @classmethod
  def from_json(cls, data: dict[str, Any]) -> Self:
    """The selection that `to_json` wrote."""
    values: dict[str, Any] = {**data, 'recent': tuple(data['recent'])}
    return cls(**values)
