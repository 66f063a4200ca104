"""torchvision's residual networks in plain torch, under its names: peer of student.py, oracle of tests/nn."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional


class Block(nn.Module):
  """Basic or bottleneck."""

  def __init__(self, inputs, width, stride, bottleneck):
    super().__init__()
    outputs = width * (4 if bottleneck else 1)
    if bottleneck:
      self.conv1 = nn.Conv2d(inputs, width, 1, bias=False)
      self.conv2 = nn.Conv2d(width, width, 3, stride, 1, bias=False)
      self.conv3 = nn.Conv2d(width, outputs, 1, bias=False)
      self.bn3 = nn.BatchNorm2d(outputs)
    else:
      self.conv1 = nn.Conv2d(inputs, width, 3, stride, 1, bias=False)
      self.conv2 = nn.Conv2d(width, width, 3, 1, 1, bias=False)
    self.bn1, self.bn2 = nn.BatchNorm2d(width), nn.BatchNorm2d(width)
    self.bottleneck = bottleneck
    self.downsample = None
    if stride != 1 or inputs != outputs:
      self.downsample = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

  def forward(self, x):
    shortcut = x if self.downsample is None else self.downsample(x)
    x = self.bn2(self.conv2(functional.relu(self.bn1(self.conv1(x)))))
    if self.bottleneck:
      x = self.bn3(self.conv3(functional.relu(x)))
    return functional.relu(x + shortcut)


class ResNet(nn.Module):
  """Of a sportjax.nn.resnet.ResNetConfig; the pooled feature, without classifier."""

  def __init__(self, config):
    super().__init__()
    width, pooled = config.widths[0], config.stem == 'pooled'
    self.conv1 = nn.Conv2d(config.in_channels, width, 7 if pooled else 3, 2, 3 if pooled else 1, bias=False)
    self.bn1 = nn.BatchNorm2d(width)
    self.pool = nn.MaxPool2d(3, 2, 1) if pooled else nn.Identity()
    for s, (blocks, out) in enumerate(zip(config.stages, config.widths, strict=True), 1):
      layer = []
      for i in range(blocks):
        layer.append(Block(width, out, 2 if s > 1 and i == 0 else 1, config.bottleneck))
        width = out * (4 if config.bottleneck else 1)
      setattr(self, f'layer{s}', nn.Sequential(*layer))
    self.depth = len(config.stages)

  def forward(self, x):
    x = self.pool(functional.relu(self.bn1(self.conv1(x))))
    for s in range(1, self.depth + 1):
      x = getattr(self, f'layer{s}')(x)
    return x.mean((2, 3))


def randomise(net, seed):
  """Statistics and scales away from their start, so that a wrong place for one of them shows."""
  generator = torch.Generator().manual_seed(seed)
  with torch.no_grad():
    for module in net.modules():
      if isinstance(module, nn.BatchNorm2d):
        module.weight.uniform_(0.5, 1.5, generator=generator)
        module.bias.normal_(0, 0.3, generator=generator)
        module.running_mean.normal_(0, 0.3, generator=generator)
        module.running_var.uniform_(0.5, 1.5, generator=generator)
  return net
