"""TimeSformer and VideoMAE in plain torch under Hugging Face's names: peer of video.py."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional


def attend(q, k, v, heads):
  """Torch's own fused attention, by head."""
  q, k, v = (x.unflatten(-1, (heads, -1)).transpose(1, 2) for x in (q, k, v))
  return functional.scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(2)


class Holder(nn.Module):
  """A place in the tree of names."""

  def __init__(self, **parts):
    super().__init__()
    for name, part in parts.items():
      setattr(self, name, part)


class DividedLayer(nn.Module):
  """Attention over time, then over space."""

  def __init__(self, width, heads, hidden):
    super().__init__()
    self.heads = heads
    for name in ('attention', 'temporal_attention'):
      inner = Holder(qkv=nn.Linear(width, 3 * width))
      setattr(self, name, Holder(attention=inner, output=Holder(dense=nn.Linear(width, width))))
    self.temporal_dense = nn.Linear(width, width)
    for name in ('temporal_layernorm', 'layernorm_before', 'layernorm_after'):
      setattr(self, name, nn.LayerNorm(width, 1e-6))
    self.intermediate, self.output = Holder(dense=nn.Linear(width, hidden)), Holder(dense=nn.Linear(hidden, width))

  def run(self, part, x):
    """One attention with its projection."""
    return part.output.dense(attend(*part.attention.qkv(x).chunk(3, -1), self.heads))

  def forward(self, first, x):
    """The class token (b, 1, d) and patches (b, t, n, d)."""
    b, t, n, d = x.shape
    over = self.temporal_layernorm(x.transpose(1, 2).flatten(0, 1))
    over = self.temporal_dense(self.run(self.temporal_attention, over))
    x = x + over.unflatten(0, (b, n)).transpose(1, 2)
    frames = torch.cat([first[:, None].expand(b, t, 1, d), x], 2).flatten(0, 1)
    frames = self.run(self.attention, self.layernorm_before(frames)).unflatten(0, (b, t))
    first, x = first + frames[:, :, 0].mean(1, keepdim=True), x + frames[:, :, 1:]
    both = torch.cat([first, x.flatten(1, 2)], 1)
    both = both + self.output.dense(functional.gelu(self.intermediate.dense(self.layernorm_after(both))))
    return both[:, :1], both[:, 1:].unflatten(1, (t, n))


class TimeSformer(nn.Module):
  """Of a sportjax.models.timesformer config; the pooled feature."""

  def __init__(self, config):
    super().__init__()
    c = config.transformer
    embeddings = Holder(
      cls_token=nn.Parameter(0.02 * torch.randn(1, 1, c.width)),
      position_embeddings=nn.Parameter(0.02 * torch.randn(1, 1 + config.side**2, c.width)),
      time_embeddings=nn.Parameter(0.02 * torch.randn(1, config.frames, c.width)),
      patch_embeddings=Holder(projection=nn.Conv2d(3, c.width, config.patch_px, config.patch_px)),
    )
    layers = nn.ModuleList([DividedLayer(c.width, c.heads, c.mlp_width) for _ in range(c.depth)])
    norm = nn.LayerNorm(c.width, 1e-6)
    self.timesformer = Holder(embeddings=embeddings, encoder=Holder(layer=layers), layernorm=norm)

  def forward(self, video):
    """(b, t, c, h, w) to (b, d)."""
    e = self.timesformer.embeddings
    x = e.patch_embeddings.projection(video.flatten(0, 1)).flatten(2).transpose(1, 2).unflatten(0, video.shape[:2])
    x = x + e.position_embeddings[:, None, 1:] + e.time_embeddings[:, :, None]
    first = (e.cls_token + e.position_embeddings[:, :1]).expand(len(x), 1, -1)
    for layer in self.timesformer.encoder.layer:
      first, x = layer(first, x)
    return self.timesformer.layernorm(first[:, 0])


class PlainLayer(nn.Module):
  """A pre-norm block whose keys have no bias."""

  def __init__(self, width, heads, hidden):
    super().__init__()
    inner = Holder(
      query=nn.Linear(width, width, bias=False), key=nn.Linear(width, width, bias=False),
      value=nn.Linear(width, width, bias=False), q_bias=nn.Parameter(torch.zeros(width)),
      v_bias=nn.Parameter(torch.zeros(width)),
    )  # fmt: skip
    self.attention, self.heads = Holder(attention=inner, output=Holder(dense=nn.Linear(width, width))), heads
    self.layernorm_before, self.layernorm_after = nn.LayerNorm(width, 1e-12), nn.LayerNorm(width, 1e-12)
    self.intermediate, self.output = Holder(dense=nn.Linear(width, hidden)), Holder(dense=nn.Linear(hidden, width))

  def forward(self, x):
    """(b, l, d) to the same."""
    part, y = self.attention.attention, self.layernorm_before(x)
    y = attend(part.query(y) + part.q_bias, part.key(y), part.value(y) + part.v_bias, self.heads)
    x = x + self.attention.output.dense(y)
    return x + self.output.dense(functional.gelu(self.intermediate.dense(self.layernorm_after(x))))


class VideoMAE(nn.Module):
  """Of a sportjax.models.videomae config; the pooled feature. `positions`: (l, d), the table of sines."""

  def __init__(self, config, positions):
    super().__init__()
    c, size = config.transformer, (config.tubelet, config.patch_px, config.patch_px)
    embeddings = Holder(patch_embeddings=Holder(projection=nn.Conv3d(3, c.width, size, size)))
    layers = nn.ModuleList([PlainLayer(c.width, c.heads, c.mlp_width) for _ in range(c.depth)])
    self.videomae, self.fc_norm = Holder(embeddings=embeddings, encoder=Holder(layer=layers)), nn.LayerNorm(c.width)
    self.register_buffer('positions', torch.from_numpy(positions), persistent=False)

  def forward(self, video):
    """(b, t, c, h, w) to (b, d)."""
    x = self.videomae.embeddings.patch_embeddings.projection(video.transpose(1, 2)).flatten(2).transpose(1, 2)
    x = x + self.positions
    for layer in self.videomae.encoder.layer:
      x = layer(x)
    return self.fc_norm(x.mean(1))
