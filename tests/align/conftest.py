"""Native kernels are tested where there is a compiler; one that fails on our source fails the tests."""

import pytest

from sportjax.errors import InputError
from sportjax.native import build


@pytest.fixture(autouse=True)
def _compiler(request):
  callspec = getattr(request.node, 'callspec', None)
  native = request.path.name.startswith('native_') or (callspec and callspec.params.get('impl') == 'native')
  if not native:
    return
  try:
    build.find_compiler()
  except InputError as error:
    pytest.skip(str(error))
