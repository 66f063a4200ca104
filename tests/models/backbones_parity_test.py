"""EfficientNet beside torchvision's and the package that VPD's code has, InceptionV3 beside torchvision's."""

import pytest
from flax import nnx

from sportjax.models import efficientnet, inception
from sportjax.models.efficientnet import EfficientNet
from sportjax.models.inception import Inception
from tests.models.backbones_test import NARROW, PACKAGE, TINY
from tests.models.parity import Case, check_export, check_outputs_and_gradients

CASES = [
  Case('efficientnet', lambda: EfficientNet(TINY, rngs=nnx.Rngs(0)), efficientnet.name_map(TINY)),
  Case('efficientnet_package', lambda: EfficientNet(PACKAGE, rngs=nnx.Rngs(0)), efficientnet.name_map(PACKAGE)),
  Case('inception_v3', lambda: Inception(NARROW, rngs=nnx.Rngs(0)), inception.name_map()),
]
each = pytest.mark.parametrize('case', CASES, ids=lambda case: case.name)


@each
def test_outputs_and_gradients_equal_torch(case):
  check_outputs_and_gradients(case)


@each
def test_export_gives_their_weights_back(case):
  check_export(case)
