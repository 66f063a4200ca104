"""The page's pictures: query clips with their matches, an alignment to step through, poses over crops."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sportjax.report import draw
from sportjax.report.content import Alignment, Clip, DrawnPose, Match, PoseExample, RankedQuery
from sportjax.report.markup import Markup, join, json_block, tag
from sportjax.report.media import Media, Sprite

_STRIP_FRAMES = 8
_POSE_WIDTH_PX = 100  # a pose picture's own units across; strokes and radii are in them


def query_rows(queries: Sequence[RankedQuery], media: Media) -> Markup:
  """Each query beside its matches, one line of matches for each kind of feature."""
  return join(*(_query(query, media) for query in queries))


def alignment_player(alignment: Alignment, number: int, media: Media) -> Markup:
  """The two clips in step along the path, the cost matrix with the path, and a strip of paired frames."""
  clips = (alignment.query, alignment.match)
  sprites = [media.sprite(clip.frames) for clip in clips]
  path = np.asarray(alignment.path)
  panes = [_pane(clip, sprite, at, role) for clip, sprite, at, role in zip(
    clips, sprites, path[0], ('Query', 'Match'), strict=True)]  # fmt: skip
  scrubber = tag(
    'input', type='range', min=0, max=len(path) - 1, value=0, aria_label=f'Place on the path of {alignment.title}'
  )
  play = tag('button', 'Play', type='button', class_='play')
  data = {
    'path': path.tolist(),
    't_ms': [_from_zero(clip.t_ms) for clip in clips],
    'grids': [[sprite.columns, sprite.rows] for sprite in sprites],
  }
  controls = tag('div', play, scrubber, tag('output', '', aria_live='off'), class_='controls')
  left = tag('div', tag('div', *panes, class_='panes'), controls, _strip(path, sprites), class_='pair')
  return tag(
    'article', tag('h3', alignment.title), tag('div', left, _cost_view(alignment, media), class_='columns'),
    tag('p', alignment.note) if alignment.note else None, json_block(data), class_='alignment',
    id=f'alignment-{number}',
  )  # fmt: skip


def pose_cards(examples: Sequence[PoseExample], media: Media) -> Markup:
  """Crops with all their poses, and a legend whose boxes hide and show each of them."""
  names = list(dict.fromkeys(pose.name for example in examples for pose in example.poses))
  boxes = [
    tag(
      'label',
      tag('input', type='checkbox', checked=True, value=n),
      tag('i', class_=f'swatch s{n % 6}'),
      name,
    )
    for n, name in enumerate(names)
  ]
  scale = tag('span', 'joint score 0', tag('i', class_='score-scale'), '1', class_='score-legend')
  cards = [_pose_card(example, names, media) for example in examples]
  return tag(
    'div', tag('div', *boxes, scale, class_='pose-legend'), tag('div', *cards, class_='pose-cards'), class_='poses'
  )


def _query(query: RankedQuery, media: Media) -> Markup:
  head = tag('div', _clip_figure(query.query, media, 'Query'), class_='query-clip')
  lines = []
  for ranking in query.rankings:
    matches = [tag('li', _match(match, rank, media)) for rank, match in enumerate(ranking.matches, 1)]
    known = [match.correct for match in ranking.matches if match.correct is not None]
    told = f': {sum(known)} of {len(known)} correct' if known else ''
    lines.append(
      tag('div', tag('h4', f'Closest by {ranking.by}{told}'), tag('ol', *matches, class_='matches', tabindex='0'))
    )
  return tag('article', head, tag('div', *lines, class_='rankings'), class_='query')


def _match(match: Match, rank: int, media: Media) -> Markup:
  verdict = None
  if match.correct is not None:
    symbol, word = ('✓', 'same') if match.correct else ('✗', 'other')
    verdict = tag('span', tag('b', symbol, aria_hidden='true'), f' {word}', class_='verdict')
  score = tag('span', f'{match.score:.3g}', class_='score', title='distance: smaller is closer')
  line = tag('div', tag('span', f'{rank}', class_='rank'), verdict, score, class_='match-line')
  kind = {True: 'right', False: 'wrong', None: None}[match.correct]
  return tag(
    'div', _video(match.clip, media), line, _clip_caption(match.clip), class_=f'match {kind}' if kind else 'match'
  )


def _clip_figure(clip: Clip, media: Media, role: str) -> Markup:
  return tag('figure', _video(clip, media), tag('figcaption', tag('span', role, class_='role'), _clip_caption(clip)))


def _clip_caption(clip: Clip) -> Markup:
  return tag('div', tag('strong', clip.label) if clip.label else None, tag('small', clip.title), class_='clip-caption')


def _video(clip: Clip, media: Media) -> Markup:
  files = media.clip(clip)
  return tag(
    'video', src=files.video, poster=files.poster, width=files.width, height=files.height, muted=True, loop=True,
    playsinline=True, preload='none', disablepictureinpicture=True, controls=True,
    aria_label=f'Clip: {clip.label} {clip.title}',
  )  # fmt: skip


def _pane(clip: Clip, sprite: Sprite, frame: int, role: str) -> Markup:
  caption = tag('figcaption', tag('span', role, class_='role'), _clip_caption(clip))
  return tag('figure', _frame_view(sprite, int(frame), f'{role}: {clip.title}'), caption, class_='pane')


def _frame_view(sprite: Sprite, frame: int, alt: str = '') -> Markup:
  """One frame of a sprite: the whole picture, moved behind a window of the frame's size. The script moves it on."""
  x, y = frame % sprite.columns / sprite.columns, frame // sprite.columns / sprite.rows
  place = f'width:{100 * sprite.columns}%;transform:translate({-100 * x:.4f}%,{-100 * y:.4f}%)'
  picture = tag('img', src=sprite.file, alt=alt, style=place)
  return tag('div', picture, class_='frame', style=f'aspect-ratio:{sprite.width}/{sprite.height}')


def _strip(path: np.ndarray, sprites: Sequence[Sprite]) -> Markup:
  """Frames that the path pairs, evenly along it: one column is one pair, and a button that goes there."""
  places = np.unique(np.linspace(0, len(path) - 1, _STRIP_FRAMES).round().astype(int))
  pairs = [
    tag('button', *(_frame_view(sprite, int(frame)) for sprite, frame in zip(sprites, path[place], strict=True)),
        type='button', data_place=int(place), aria_label=f'Go to pair {place + 1} of {len(path)}')
    for place in places
  ]  # fmt: skip
  return tag('div', *pairs, class_='strip', style=f'--pairs:{len(places)}')


def _cost_view(alignment: Alignment, media: Media) -> Markup:
  """The cost matrix, the match's time to the right and the query's upwards, with the path and the present place."""
  n, m = alignment.cost.shape
  picture = media.heat_map(np.asarray(alignment.cost, float)[::-1])
  points = ' '.join(f'{j + 0.5:g},{n - i - 0.5:g}' for i, j in np.asarray(alignment.path).tolist())
  image = tag('image', href=picture, width=m, height=n, preserveAspectRatio='none')
  lines = [tag('polyline', points=points, class_=name) for name in ('path-edge', 'path')]
  marker = tag('div', class_='marker', hidden=True)
  matrix = tag(
    'svg', image, *lines, viewBox=f'0 0 {m} {n}', preserveAspectRatio='none', role='img',
    aria_label='Cost of pairing each frame of the query with each of the match, and the cheapest path',
  )  # fmt: skip
  seconds = [f'{_from_zero(clip.t_ms)[-1] / 1000:.1f} s' for clip in (alignment.query, alignment.match)]
  return tag(
    'figure',
    tag('div', 'query ', f'0–{seconds[0]} →', class_='y-label'),
    tag('div', matrix, marker, class_='cost', style=f'aspect-ratio:{np.clip(m / n, 0.5, 2):.3f}', data_size=f'{n} {m}'),
    tag('div', f'match 0–{seconds[1]} →', class_='x-label'),
    tag('figcaption', 'alike', tag('i', class_='cost-scale'), 'unlike'),
    class_='cost-view',
  )  # fmt: skip


def _from_zero(t_ms: np.ndarray) -> list[float]:
  return (np.asarray(t_ms, float) - float(t_ms[0])).round(1).tolist()


def _pose_card(example: PoseExample, names: Sequence[str], media: Media) -> Markup:
  height, width = example.image.shape[:2]
  unit = _POSE_WIDTH_PX / width
  image = tag('image', href=media.picture(example.image), width=_POSE_WIDTH_PX, height=height * unit)
  drawn = [_pose(pose, names.index(pose.name), unit) for pose in example.poses]
  svg = tag(
    'svg', image, *drawn, viewBox=f'0 0 {_POSE_WIDTH_PX} {height * unit:.4g}', role='img', aria_label=example.title
  )
  caption = tag('figcaption', tag('strong', example.title), tag('small', example.note) if example.note else None)
  return tag('figure', svg, caption, class_='pose-card')


def _pose(pose: DrawnPose, number: int, unit: float) -> Markup:
  keypoints = np.asarray(pose.keypoints, float)
  places = (keypoints[:, :2] + 0.5) * unit  # a pixel's coordinates are its centre's
  lines = [
    tag('path', d=f'M{places[i, 0]:.2f} {places[i, 1]:.2f}L{places[j, 0]:.2f} {places[j, 1]:.2f}')
    for i, j in draw.bones(pose.skeleton, keypoints)
  ]
  joints = [
    _joint(pose.skeleton.joints[i].replace('_', ' '), places[i], keypoints[i, 2])
    for i in np.flatnonzero(draw.found(keypoints))
  ]
  return tag('g', *lines, *joints, class_=f'pose pose-{number} s{number % 6}')


def _joint(name: str, place: np.ndarray, score: float) -> Markup:
  known = not np.isnan(score)
  fill = 'rgb({},{},{})'.format(*draw.score_colour(score)) if known else None
  told = f'{name}, score {score:.2f}' if known else name
  return tag('circle', tag('title', told), cx=float(place[0]), cy=float(place[1]), r=1.5, fill=fill)
