"""Sheets of frames with their clips, in groups that open and close."""

from __future__ import annotations

from collections.abc import Sequence

from sportjax.report.content import Sample
from sportjax.report.markup import Markup, join, tag
from sportjax.report.media import Media


def sample_groups(samples: Sequence[Sample], media: Media) -> Markup:
  """One group after the other; only the first is open, so that a page of hundreds of clips comes up at once."""
  groups = list(dict.fromkeys(sample.group for sample in samples))
  return join(
    *(
      tag(
        'details',
        tag('summary', f'{group}: {len(shown)}'),
        *(_card(sample, media) for sample in shown),
        open=n == 0,
      )
      for n, group in enumerate(groups)
      for shown in [[sample for sample in samples if sample.group == group]]
    )
  )


def _card(sample: Sample, media: Media) -> Markup:
  clips = [
    tag(
      'figure',
      tag('video', src=media.copy(path), controls=True, muted=True, loop=True, playsinline=True, preload='none',
          width=192, height=192),
      tag('figcaption', name),
    )
    for name, path in sample.clips.items()
  ]  # fmt: skip
  sheet = tag('img', src=media.copy(sample.sheet), alt=f'frames of {sample.title}', loading='lazy', class_='sheet')
  return tag('article', tag('h3', sample.title), sheet, tag('div', *clips, class_='clips'), class_='panel sample')
