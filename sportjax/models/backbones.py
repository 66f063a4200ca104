"""Networks from images to features, by their config, and weights that others trained for them."""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Mapping
from types import MappingProxyType
from typing import Protocol

import numpy as np
from flax import nnx

from sportjax.errors import InputError
from sportjax.models import efficientnet, inception
from sportjax.models.checkpoints.load import load
from sportjax.models.checkpoints.name_map import NameMap, Rule, Transpose
from sportjax.models.checkpoints.tensors import Tensors, open_tensors
from sportjax.models.efficientnet import EfficientNet, EfficientNetConfig
from sportjax.models.inception import GatedInception, Inception, InceptionConfig
from sportjax.nn import resnet, weights_file
from sportjax.nn.gate_shift import GatedResNet
from sportjax.nn.resnet import ResNet, ResNetConfig

BackboneConfig = ResNetConfig | EfficientNetConfig | InceptionConfig
Backbone = ResNet | EfficientNet | Inception

PRESETS: Mapping[str, BackboneConfig] = MappingProxyType(
  {**resnet.PRESETS, **efficientnet.PRESETS, **inception.PRESETS}
)
_COLOURS = 3
# The first kernel of each, which is fitted to other inputs than colours.
_FIRST: dict[type, str] = {
  ResNetConfig: 'conv.kernel',
  EfficientNetConfig: 'stem.conv.kernel',
  InceptionConfig: 'stem.0.conv.kernel',
}


def make(config: BackboneConfig, channels: int, *, frames: int | None = None, rngs: nnx.Rngs) -> Backbone:
  """The network for images of so many planes; with `frames` GSM's, over clips of so many.

  Raises:
    InputError: GSM has no form of this network.
  """
  config = dataclasses.replace(config, in_channels=channels)
  if isinstance(config, ResNetConfig):
    return ResNet(config, rngs=rngs) if frames is None else GatedResNet(config, frames, rngs=rngs)
  if isinstance(config, InceptionConfig):
    return Inception(config, rngs=rngs) if frames is None else GatedInception(config, frames, rngs=rngs)
  if frames is not None:
    raise InputError('GSM on an EfficientNet is not known; choose a ResNet or inception_v3')
  return EfficientNet(config, rngs=rngs)


def read(config: BackboneConfig, channels: int, tensors: Tensors) -> Backbone:
  """The network with the weights of a file of torchvision's or, of an EfficientNet of TensorFlow's, of its package.

  Raises:
    InputError: the file does not hold the weights of this network.
  """
  return load(lambda: make(config, channels, rngs=nnx.Rngs(0)), tensors, name_map(config))


def pretrained(path: pathlib.Path, config: BackboneConfig, channels: int) -> dict[str, np.ndarray]:
  """What a file of weights trained on colour images says of the network, by the place of each in it.

  Where the network reads other planes than colours, the first kernel is its mean over colours for each of them.
  Source: Wang et al. 2016 (TSN), "cross modality pre-training"; the VPD reference does the same with five planes.

  Raises:
    InputError: the file does not hold the weights of this network.
  """
  network = read(config, _COLOURS, open_tensors(path))
  found = {name: np.asarray(variable[...]) for name, variable in weights_file.variables(network).items()}
  if channels != _COLOURS:
    first = _FIRST[type(config)]
    found[first] = np.repeat(found[first].mean(2, keepdims=True), channels, axis=2)
  return found


class Network(Protocol):
  """A config of a network that has a backbone, as its attribute `backbone`."""

  @property
  def backbone(self) -> BackboneConfig: ...
  @property
  def channels(self) -> int: ...


def start(path: pathlib.Path | None, config: Network) -> dict[str, np.ndarray]:
  """What training of the network begins with: `pretrained` by the places in the whole network, or nothing."""
  if path is None:
    return {}
  return {f'backbone.{name}': x for name, x in pretrained(path, config.backbone, config.channels).items()}


def name_map(config: BackboneConfig) -> NameMap:
  """Their names, without the classifier."""
  if isinstance(config, EfficientNetConfig):
    return efficientnet.name_map(config)
  return _resnet_names(config) if isinstance(config, ResNetConfig) else inception.name_map()


def _resnet_names(config: ResNetConfig) -> NameMap:
  network = nnx.eval_shape(lambda: ResNet(config, rngs=nnx.Rngs(0)))
  places = {id(variable): place for place, variable in weights_file.variables(network).items()}
  turned = (Transpose((2, 3, 1, 0)),)
  rules = (
    Rule(name, places[id(variable)], turned if variable.ndim == 4 else ())
    for name, variable in resnet.torch_names(network).items()
  )
  return NameMap(tuple(rules), ignored=('fc.*', '*.num_batches_tracked'))
