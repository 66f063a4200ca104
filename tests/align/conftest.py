"""Native kernels are tested where there is a compiler; one that fails on our source fails the tests."""

import pytest

from sportjax.align.native import build
from sportjax.errors import InputError


@pytest.fixture(autouse=True)
def _compiler(request):
  callspec = getattr(request.node, 'callspec', None)
  native = request.path.name.startswith('native_') or (callspec and callspec.params.get('impl') == 'native')
  if not native:
    return
  try:
    build._compiler()
  except InputError as error:
    pytest.skip(str(error))
