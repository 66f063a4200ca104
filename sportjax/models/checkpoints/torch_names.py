"""Rules for the layers that torch's own modules name: convolutions of two dimensions, norms, linear layers."""

from __future__ import annotations

from collections.abc import Sequence

from sportjax.models.checkpoints.name_map import TRANSPOSED, Concatenate, Rule, Transpose

_NORM = (('weight', 'scale'), ('bias', 'bias'), ('running_mean', 'mean'), ('running_var', 'var'))


def conv(theirs: str, ours: str) -> tuple[Rule, ...]:
  """A convolution over height and width with its bias."""
  return (
    Rule(f'{theirs}.weight', f'{ours}.kernel', (Transpose((2, 3, 1, 0)),)),
    Rule(f'{theirs}.bias', f'{ours}.bias'),
  )


def conv3d(theirs: str, ours: str) -> tuple[Rule, ...]:
  """A convolution over three dimensions with its bias."""
  return (
    Rule(f'{theirs}.weight', f'{ours}.kernel', (Transpose((2, 3, 4, 1, 0)),)),
    Rule(f'{theirs}.bias', f'{ours}.bias'),
  )


def norm(theirs: str, ours: str) -> tuple[Rule, ...]:
  """Batch normalisation with its statistics."""
  return tuple(Rule(f'{theirs}.{t}', f'{ours}.{o}') for t, o in _NORM)


def norms(theirs: Sequence[str], ours: str, width: int) -> tuple[Rule, ...]:
  """Several normalisations of this width each as one over all their channels."""
  side_by_side = Concatenate(0, (width,) * len(theirs))
  return tuple(Rule(tuple(f'{norm}.{t}' for norm in theirs), f'{ours}.{o}', (side_by_side,)) for t, o in _NORM)


def dense(theirs: str, ours: str) -> tuple[Rule, ...]:
  """A linear layer with its bias."""
  return (Rule(f'{theirs}.weight', f'{ours}.kernel', TRANSPOSED), Rule(f'{theirs}.bias', f'{ours}.bias'))


def conv_norm(conv_name: str, norm_name: str, ours: str) -> tuple[Rule, ...]:
  """An `nn.conv_norm.ConvNorm`: a convolution without bias over height and width, and its normalisation."""
  return (conv(conv_name, f'{ours}.conv')[0], *norm(norm_name, f'{ours}.norm'))
