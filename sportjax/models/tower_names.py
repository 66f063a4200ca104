"""Rules of name maps that the towers share: torch's layers as ours, and where blocks keep their parts."""

from __future__ import annotations

from sportjax.models.checkpoints.name_map import TRANSPOSED, Reshape, Rule, Split, Transpose
from sportjax.nn.vit import TransformerConfig

Rules = tuple[Rule, ...]


def affine(theirs: str, ours: str, *, bias: bool = True) -> Rules:
  """A torch Linear."""
  kernel = Rule(f'{theirs}.weight', f'{ours}.kernel', TRANSPOSED)
  return (kernel, Rule(f'{theirs}.bias', f'{ours}.bias')) if bias else (kernel,)


def norm(theirs: str, ours: str, *, bias: bool = True) -> Rules:
  """A norm's scale, and its bias."""
  scale = Rule(f'{theirs}.weight', f'{ours}.scale')
  return (scale, Rule(f'{theirs}.bias', f'{ours}.bias')) if bias else (scale,)


def patches(theirs: str, ours: str, width: int, size_px: int, *, frames: int | None = None, bias: bool = True) -> Rules:
  """A convolution in space, or with `frames` in time too, as the kernel of `nn.patches`."""
  shape = (size_px, size_px, 3, width) if frames is None else (frames, size_px, size_px, 3, width)
  axes = (2, 3, 1, 0) if frames is None else (2, 3, 4, 1, 0)
  inputs = 3 * size_px**2 * (frames or 1)
  kernel = Rule(f'{theirs}.weight', f'{ours}.projection.kernel', (Transpose(axes), Reshape(shape, (inputs, width))))
  return (kernel, Rule(f'{theirs}.bias', f'{ours}.projection.bias')) if bias else (kernel,)


def squeezed(theirs: str, ours: str, *shape: int, leading: int = 1) -> Rule:
  """A table that torch keeps with axes of length 1 in front."""
  return Rule(theirs, ours, (Reshape((1,) * leading + shape, shape),))


def fused_attention(
  theirs: str, ours: str, config: TransformerConfig, *, out: str | None = 'proj', bias: bool = True
) -> Rules:
  """Query, key and value as one layer `qkv`, and the output projection where it lies beside it."""
  sizes = (config.heads * (config.head_dim or config.width // config.heads),) * 3
  names = [f'{ours}.{n}' for n in ('query', 'key', 'value')]
  kernels = Rule(f'{theirs}.qkv.weight', tuple(f'{n}.kernel' for n in names), (Split(0, sizes), *TRANSPOSED))
  biases = Rule(f'{theirs}.qkv.bias', tuple(f'{n}.bias' for n in names), (Split(0, sizes),))
  rest = () if out is None else affine(f'{theirs}.{out}', f'{ours}.out')
  return (kernels, *((biases,) if bias else ()), *rest)


def separate_attention(theirs: str, ours: str, names: tuple[str, str, str, str], biases: str = 'qkvo') -> Rules:
  """Query, key, value and output as four layers of those names; `biases` says which have one."""
  pairs = zip(names, ('query', 'key', 'value', 'out'), 'qkvo', strict=True)
  return sum((affine(f'{theirs}.{t}', f'{ours}.{o}', bias=b in biases) for t, o, b in pairs), ())


def huggingface_encoder(theirs: str, ours: str) -> Rules:
  """CLIP's and SigLIP's layers."""
  layer, block = f'{theirs}.encoder.layers.{{}}', f'{ours}.blocks.{{}}'
  return (
    *norm(f'{layer}.layer_norm1', f'{block}.norm1'),
    *separate_attention(f'{layer}.self_attn', f'{block}.attention', ('q_proj', 'k_proj', 'v_proj', 'out_proj')),
    *norm(f'{layer}.layer_norm2', f'{block}.norm2'),
    *affine(f'{layer}.mlp.fc1', f'{block}.mlp.up'),
    *affine(f'{layer}.mlp.fc2', f'{block}.mlp.down'),
  )
