"""VPD's Table 2, what of the distillation helps: students of RGB alone, without motion, of other frames.

  python launch.py --mode=run --config=configs/vpd/table2.py --workdir=runs/vpd_diving
  python launch.py --mode=run --config=configs/vpd/table2.py:dataset=ui_prmd --config.markers=../shared/data \
      --workdir=runs/vpd_ui_prmd
  python launch.py --mode=run --config=configs/vpd/table2.py:dataset=fs_jump6,size=paper --config.features=features/fs \
      --config.labels=vpd/action_dataset/fs --config.few_shot=vpd/action_dataset/fs \
      --config.video_meta=vpd/data/sports.cache/fs.video_meta.pkl --workdir=runs/vpd_fs

About 1 CPU-hour (size=overnight: 25). docs/VPD.md, "Tables", says what the datasets and sizes are.
Source: Hong et al. 2021, Video Pose Distillation (arXiv 2109.01305).
"""

from __future__ import annotations

from ml_collections import config_dict

from configs.vpd import common


def get_config(arg: str | None = None) -> config_dict.ConfigDict:
  """`dataset`, `size` and `debug` as in common.py."""
  return common.get_config('table2', arg)
