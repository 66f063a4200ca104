"""A llama decoder in plain torch with fused attention, a static cache and LoRA: the peer of benchmarks/lm.py."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional as F

from sportjax.models.lm.config import LMConfig


class LoRALinear(nn.Module):
  """A frozen linear layer and its low-rank update, where it has one."""

  def __init__(self, inputs: int, outputs: int, r: int = 0, alpha: float = 16.0):
    super().__init__()
    self.weight = nn.Parameter(torch.empty(outputs, inputs), requires_grad=False)
    self.scale = alpha / r if r else 0.0
    self.a = nn.Parameter(torch.randn(r, inputs) * inputs**-0.5) if r else None
    self.b = nn.Parameter(torch.zeros(outputs, r)) if r else None

  def forward(self, x):
    y = F.linear(x, self.weight)
    if self.a is None:
      return y
    return y + F.linear(F.linear(x, self.a.to(x.dtype)), self.b.to(x.dtype)) * self.scale


class Block(nn.Module):
  """One layer."""

  def __init__(self, config: LMConfig, r: int):
    super().__init__()
    d, wide, narrow = config.width, config.heads * config.head_dim, config.kv_heads * config.head_dim
    self.config = config
    self.norms = nn.ModuleList([nn.RMSNorm(d, config.norm_epsilon) for _ in range(2)]).requires_grad_(False)
    self.q, self.k, self.v = LoRALinear(d, wide, r), LoRALinear(d, narrow), LoRALinear(d, narrow, r)
    self.o = LoRALinear(wide, d)
    self.gate, self.up = LoRALinear(d, config.mlp_width), LoRALinear(d, config.mlp_width)
    self.down = LoRALinear(config.mlp_width, d)

  def forward(self, x, cos, sin, mask=None, cache=None, at=None):
    config, (b, length, _) = self.config, x.shape
    y = self.norms[0](x)
    q, k, v = (part(y).view(b, length, -1, config.head_dim).transpose(1, 2) for part in (self.q, self.k, self.v))
    q, k = rotate(q, cos, sin), rotate(k, cos, sin)
    if cache is not None:
      for old, new in zip(cache, (k, v), strict=True):
        old.index_copy_(2, at, new)
      k, v = cache
    y = F.scaled_dot_product_attention(q, k, v, mask, is_causal=mask is None, enable_gqa=True)
    x = x + self.o(y.transpose(1, 2).reshape(b, length, -1))
    y = self.norms[1](x)
    return x + self.down(F.silu(self.gate(y)) * self.up(y))


class Llama(nn.Module):
  """The decoder, its head tied."""

  def __init__(self, config: LMConfig, r: int):
    super().__init__()
    self.config = config
    self.embedding = nn.Parameter(torch.empty(config.vocab, config.width), requires_grad=False)
    self.layers = nn.ModuleList([Block(config, r) for _ in range(config.layers)])
    self.norm = nn.RMSNorm(config.width, config.norm_epsilon).requires_grad_(False)

  def rotation(self, positions, dtype):
    """Cosines and sines by position."""
    exponents = torch.arange(0, self.config.head_dim, 2, device=positions.device) / self.config.head_dim
    angles = positions[:, None].float() * self.config.rope.theta ** -exponents[None]
    return angles.cos().to(dtype), angles.sin().to(dtype)

  def forward(self, tokens):
    """Scores of every place."""
    x = self.embedding[tokens]
    cos, sin = self.rotation(torch.arange(tokens.shape[1], device=tokens.device), x.dtype)
    for layer in self.layers:
      x = layer(x, cos, sin)
    return F.linear(self.norm(x), self.embedding)

  def extend(self, tokens, at, caches):
    """Scores of what follows tokens at places `at`, which join the cache."""
    x = self.embedding[tokens]
    cos, sin = self.rotation(at, x.dtype)
    mask = torch.arange(caches[0][0].shape[2], device=at.device)[None] <= at[:, None]
    for layer, cache in zip(self.layers, caches, strict=True):
      x = layer(x, cos, sin, mask, cache, at)
    return F.linear(self.norm(x[:, -1]), self.embedding)


def rotate(x, cos, sin):
  """Turns the first half of the head with the second."""
  first, second = x.chunk(2, -1)
  return torch.cat([first * cos - second * sin, second * cos + first * sin], -1)
