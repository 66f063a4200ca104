import jax
import pytest

from sportjax.dist.mesh import MeshConfig, make_mesh
from sportjax.errors import InputError


@pytest.mark.parametrize(
  ('config', 'shape'),
  [
    (MeshConfig(), (8, 1, 1)),
    (MeshConfig(data=2, fsdp=-1), (2, 4, 1)),
    (MeshConfig(data=2, fsdp=2, tensor=2), (2, 2, 2)),
    (MeshConfig(data=1, fsdp=1, tensor=-1), (1, 1, 8)),
  ],
)
def test_mesh_shape_with_free_axis(config, shape):
  mesh = make_mesh(config)
  assert tuple(mesh.shape.values()) == shape
  assert mesh.axis_names == ('data', 'fsdp', 'tensor')
  assert set(mesh.axis_types) == {jax.sharding.AxisType.Auto}


@pytest.mark.parametrize(
  'config',
  [
    MeshConfig(data=3),
    MeshConfig(data=4),
    MeshConfig(data=-1, fsdp=3),
    MeshConfig(data=-1, fsdp=-1),
    MeshConfig(data=0),
    MeshConfig(data=16),
  ],
)
def test_mesh_that_does_not_fit_is_one_line(config):
  with pytest.raises(InputError) as error:
    make_mesh(config)
  assert '\n' not in str(error.value)
  assert f'data={config.data}' in str(error.value)


def test_mesh_of_given_devices():
  assert make_mesh(MeshConfig(), devices=jax.devices()[:1]).size == 1
