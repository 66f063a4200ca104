"""Answers as text while they are made: stop strings, and only what later tokens cannot change."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from sportjax.models.lm.generate import Decoding, cut, stream
from sportjax.models.lm.model import LanguageModel
from sportjax.models.lm.prompt import Prompt

Decode = Callable[[Sequence[int]], str]  # a tokenizer's
_UNFINISHED = '\ufffd'  # how a decoder shows a character of which some bytes are still to come


@dataclasses.dataclass
class _Text:
  """One row's answer so far."""

  stop: tuple[str, ...]
  tokens: list[int] = dataclasses.field(default_factory=list)
  told: int = 0
  done: bool = False

  def add(self, tokens: np.ndarray, last: bool, decode: Decode) -> str:
    """What the new tokens let be told: up to a stop string, and short of what may yet become one."""
    if self.done:
      return ''
    self.tokens += tokens.tolist()
    text = decode(self.tokens)
    ends = [at for stop in self.stop if (at := text.find(stop)) >= 0]
    self.done = last or bool(ends)
    until = min(ends) if ends else len(text) if last else _settled(text, self.stop)
    new, self.told = text[self.told : until], max(self.told, until)
    return new


def _settled(text: str, stop: tuple[str, ...]) -> int:
  """The length of the text that no later token changes, and that begins no stop string."""
  end = len(text.rstrip(_UNFINISHED))
  begun = [k for word in stop for k in range(1, len(word)) if text[:end].endswith(word[:k])]
  return end - max(begun, default=0)


def stream_text(
  model: LanguageModel, prompt: Prompt, decoding: Decoding, decode: Decode, *, stop: tuple[str, ...] = (), seed: int = 0
) -> Iterator[list[str]]:
  """What each row's answer gains, step by step, until every row has come to a stop token or a stop string."""
  rows = [_Text(stop) for _ in prompt.there]
  made = 0
  for tokens in stream(model, prompt, decoding, seed=seed):
    made += tokens.shape[1]
    parts = [cut(row, decoding.stop_ids) for row in tokens]
    lasts = [len(part) < tokens.shape[1] or made >= decoding.max_tokens for part in parts]
    yield [text.add(part, last, decode) for text, part, last in zip(rows, parts, lasts, strict=True)]
    if all(text.done for text in rows):
      return


def answer(
  model: LanguageModel, prompt: Prompt, decoding: Decoding, decode: Decode, *, stop: tuple[str, ...] = (), seed: int = 0
) -> list[str]:
  """The whole answer of each row, without stop tokens and stop strings."""
  parts = list(stream_text(model, prompt, decoding, decode, stop=stop, seed=seed))
  return [''.join(row) for row in zip(*parts, strict=True)]
