"""What a language model is made of, and the presets by name."""

from __future__ import annotations

import dataclasses
from typing import Literal

from sportjax.errors import InputError
from sportjax.nn.linear import ACTIVATIONS
from sportjax.nn.rotary import Rope

Family = Literal['llama', 'qwen2', 'qwen3', 'gemma2', 'gemma3_text']


@dataclasses.dataclass(frozen=True)
class LMConfig:
  """A decoder of `layers` blocks. The defaults are Llama's; `family` names the checkpoint's layout.

  `windows` says for each layer how many places back it sees, itself included; None for all. Layers with a window rotate
  by `local_rope` where it is given. `query_scale` is the factor on attention scores, None for head_dim ** -0.5.

  Raises:
    InputError: sizes that do not fit each other.
  """

  family: Family
  vocab: int
  width: int
  layers: int
  heads: int
  kv_heads: int
  head_dim: int
  mlp_width: int
  norm_epsilon: float = 1e-6
  rope: Rope = Rope()
  local_rope: Rope | None = None
  windows: tuple[int | None, ...] = ()
  activation: str = 'silu'
  qkv_bias: bool = False
  out_bias: bool = False
  mlp_bias: bool = False
  qk_norm: bool = False
  gemma_norms: bool = False  # norms also behind attention and MLP, and scales kept as 1 + scale
  scale_embeddings: bool = False
  query_scale: float | None = None
  attention_softcap: float | None = None
  logit_softcap: float | None = None
  tied: bool = False

  def __post_init__(self):
    sizes = (self.vocab, self.width, self.layers, self.heads, self.kv_heads, self.head_dim, self.mlp_width)
    if min(sizes) < 1 or self.heads % self.kv_heads or self.head_dim % 2:
      raise InputError(f'language model {self}: sizes must be positive, head_dim even, and kv_heads divide heads')
    if self.windows and len(self.windows) != self.layers:
      raise InputError(f'language model: {len(self.windows)} windows for {self.layers} layers')
    if any(window is not None and window < 1 for window in self.windows):
      raise InputError(f'language model: windows {self.windows} must be at least 1')
    if self.activation not in ACTIVATIONS:
      raise InputError(f'language model: activation {self.activation!r} is unknown; known: {", ".join(ACTIVATIONS)}')

  def window(self, layer: int) -> int | None:
    """How many places back a layer sees."""
    return self.windows[layer] if self.windows else None

  def rope_of(self, layer: int) -> Rope:
    """The rotation of a layer."""
    local = self.local_rope is not None and self.window(layer) is not None
    return self.local_rope if local and self.local_rope is not None else self.rope

  @property
  def kinds(self) -> tuple[tuple[int | None, Rope], ...]:
    """The window and the rotation that each layer has."""
    return tuple((self.window(layer), self.rope_of(layer)) for layer in range(self.layers))

  @property
  def score_scale(self) -> float:
    """The factor on attention scores."""
    return self.head_dim**-0.5 if self.query_scale is None else self.query_scale


def every(period: int, layers: int, window: int) -> tuple[int | None, ...]:
  """A window in each layer but every `period`-th."""
  return tuple(window if (i + 1) % period else None for i in range(layers))


_SMOL = LMConfig('llama', 49152, 576, 30, 9, 3, 64, 1536, norm_epsilon=1e-5, rope=Rope(100_000.0), tied=True)
_QWEN3 = LMConfig('qwen3', 151936, 1024, 28, 16, 8, 128, 3072, rope=Rope(1e6), qk_norm=True, tied=True)

PRESETS = {
  'Llama-3.1-8B': LMConfig(
    'llama', 128256, 4096, 32, 32, 8, 128, 14336, norm_epsilon=1e-5, rope=Rope(500_000.0, 'llama3', 8.0, 1.0, 4.0, 8192)
  ),
  'Qwen3-0.6B': _QWEN3,
  'Qwen3-1.7B': dataclasses.replace(_QWEN3, width=2048, mlp_width=6144),
  'SmolLM2-135M': _SMOL,
  'SmolLM2-360M': dataclasses.replace(_SMOL, width=960, layers=32, heads=15, kv_heads=5, mlp_width=2560),
  'Gemma-3-1B': LMConfig(
    'gemma3_text', 262144, 1152, 26, 4, 1, 256, 6912,
    rope=Rope(1e6), local_rope=Rope(10_000.0), windows=every(6, 26, 512), activation='gelu_tanh', qk_norm=True,
    gemma_norms=True, scale_embeddings=True, query_scale=256**-0.5, tied=True,
  ),
}  # fmt: skip
