"""The whole page: header, contents and sections in order, with style and script inside."""

from __future__ import annotations

import importlib.resources
from collections.abc import Callable, Sequence

from sportjax.report import charts, gallery, samples, tables
from sportjax.report.content import Highlight, ReportContent, Stage
from sportjax.report.markup import Markup, join, tag
from sportjax.report.media import Media

_DATA_KINDS = {
  'simulated': ('Simulated athletes', 'Every person and video here is simulated. The numbers show how the method does '
                'in that world, where the truth is known; they are no result on real athletes.'),
  'projected': ('Projected motion capture', 'The motion was recorded from real people; the pictures are rendered from '
                'it.'),
  'real': ('Real video', ''),
}  # fmt: skip


def page(content: ReportContent, media: Media) -> Markup:
  """The report as one HTML document; pictures and clips are written through `media`."""
  sections = [(title, body(content, media)) for title, given, body in _SECTIONS if given(content)]
  anchors = [title.lower().replace(' ', '-') for title, _ in sections]
  links = [tag('a', title, href=f'#{anchor}') for anchor, (title, _) in zip(anchors, sections, strict=True)]
  bodies = [
    tag('section', tag('h2', title), body, id=anchor) for anchor, (title, body) in zip(anchors, sections, strict=True)
  ]
  head = tag(
    'head', tag('meta', charset='utf-8'), tag('meta', name='viewport', content='width=device-width, initial-scale=1'),
    tag('meta', name='color-scheme', content='light dark'), tag('title', content.title),
    tag('link', rel='icon', href='data:,'), tag('style', _asset('style.css')),
  )  # fmt: skip
  body = tag(
    'body', _header(content), tag('nav', *links, aria_label='Contents') if len(links) > 1 else None,
    tag('main', *bodies), tag('footer', 'Written by sportjax. This folder needs no network.'),
    tag('script', _asset('script.js')),
  )  # fmt: skip
  return join(Markup('<!doctype html>\n'), tag('html', head, body, lang='en'), Markup('\n'))


def _header(content: ReportContent) -> Markup:
  badges = [tag('span', f'took {_time_spent(content.stages)}')] if content.stages else []
  warning = None
  if content.provenance:
    kind, told = _DATA_KINDS[content.provenance.data_kind]
    badges.insert(0, tag('span', kind, class_=f'badge {content.provenance.data_kind}'))
    badges.insert(1, tag('span', content.provenance.data))
    badges.append(tag('span', f'on {content.provenance.hardware}'))
    warning = tag('p', told, class_='read') if told else None
  tiles = tag('div', *map(_tile, content.highlights), class_='tiles') if content.highlights else None
  return tag(
    'header', tag('h1', content.title), tag('p', content.subtitle, class_='subtitle') if content.subtitle else None,
    tag('div', *badges, class_='badges') if badges else None, warning, tiles,
  )  # fmt: skip


def _tile(highlight: Highlight) -> Markup:
  detail = tag('small', highlight.detail) if highlight.detail else None
  return tag('div', tag('b', highlight.value), tag('span', highlight.label), detail, class_='tile')


def _time_spent(stages: Sequence[Stage]) -> str:
  reused = sum(stage.reused for stage in stages)
  spent = tables.duration(sum(stage.seconds for stage in stages if not stage.reused))
  return f'{spent}, {reused} of {len(stages)} stages reused' if reused else spent


def _read(text: str) -> Markup:
  """The sentence under a chart that says how to read it."""
  return tag('p', text, class_='read')


def _noted(text: str) -> Markup | None:
  return tag('p', text) if text else None


def _figure(title: str, chart: Markup, note: str) -> Markup:
  return tag('figure', tag('h3', title), chart, _noted(note), class_='panel')


def _findings(content: ReportContent, _: Media) -> Markup:
  return tables.findings_table(content.findings or ())


def _results(content: ReportContent, _: Media) -> Markup:
  return join(*map(tables.results_table, content.results), tables.how_to_read_results(content.results))


def _queries(content: ReportContent, media: Media) -> Markup:
  controls = tag(
    'div', tag('button', 'Pause clips', type='button', id='pause'),
    tag('label', 'Speed ', tag('select', *(tag('option', f'{speed:g}×', value=speed, selected=speed == 1)
                                           for speed in (1, 0.5, 0.25)), id='speed')), class_='controls',
  )  # fmt: skip
  read = _read(
    'Each query clip is a question; beside it are the clips whose movement is most like it, the closest first. '
    '✓ same: it shows the same action; ✗ other: it does not. The small number is the distance: smaller is more alike.'
  )
  return join(controls, gallery.query_rows(content.queries, media), read)


def _alignments(content: ReportContent, media: Media) -> Markup:
  read = _read(
    'Press Play, or drag: both clips move in step, so that frames side by side show the same moment of the movement '
    'although one athlete may be faster. On the map, dark means the two moments look alike, and the line is the path '
    'followed; where it is steep the query takes longer, where it is flat the match does.'
  )
  return join(*(gallery.alignment_player(one, n, media) for n, one in enumerate(content.alignments, 1)), read)


def _poses(content: ReportContent, media: Media) -> Markup:
  read = _read(
    "Where each source places the athlete's joints in the same picture. A joint's fill is the source's own confidence "
    'in it, from black (none) to pale yellow (full); a plain joint has no score. Point at a joint for its name.'
  )
  return join(gallery.pose_cards(content.poses, media), read)


def _confusions(content: ReportContent, _: Media) -> Markup:
  read = _read(
    'A row is a true action, a column what it was taken for; numbers are clips. Everything on the diagonal is right; a '
    'strong colour off it is a pair of actions that get mixed up.'
  )
  charts_ = [
    _figure(one.title, tables.scroller(charts.confusion_chart(one), one.title), one.note) for one in content.confusions
  ]
  return join(tag('div', *charts_, class_='wide-panels'), read)


def _histograms(content: ReportContent, _: Media) -> Markup:
  read = _read(
    'How often each value occurs: the higher the line, the more common. Each set adds up to 100\u00a0% of its own; '
    'the number beside its name is how many values it has.'
  )
  panels = [_figure(one.title, charts.histogram_chart(one), one.note) for one in content.histograms]
  return join(tag('div', *panels, class_='panels'), read)


def _relations(content: ReportContent, _: Media) -> Markup:
  read = _read('How quantities named beside the lines change with the one along the axis; each point is a mean.')
  panels = [_figure(one.title, charts.line_chart(one), one.note) for one in content.relations]
  return join(tag('div', *panels, class_='panels'), read)


def _samples(content: ReportContent, media: Media) -> Markup:
  return samples.sample_groups(content.samples, media)


def _curves(content: ReportContent, _: Media) -> Markup:
  read = _read(
    'From left to right, how training went. A loss should fall; when it goes on falling in training and rises on '
    'held-out data, the network has begun to learn by heart.'
  )
  panels = [_figure(one.title, charts.line_chart(one), one.note) for one in content.curves]
  return join(tag('div', *panels, class_='panels'), read)


def _stages(content: ReportContent, _: Media) -> Markup:
  read = _read(
    'What was done, in order: how long each step took, what went in, what came out, and what was left out and why.'
  )
  return join(tables.stages_table(content.stages), read)


def _caveats(content: ReportContent, _: Media) -> Markup:
  return tag('ul', *(tag('li', caveat) for caveat in content.caveats))


def _provenance(content: ReportContent, _: Media) -> Markup:
  return tables.provenance_list(content.provenance) if content.provenance else join()


# Title, whether the content has it, and its body: the page's order.
_SECTIONS: tuple[tuple[str, Callable[[ReportContent], bool], Callable[[ReportContent, Media], Markup]], ...] = (
  ('Findings', lambda content: content.findings is not None, _findings),
  ('Results', lambda content: bool(content.results), _results),
  ('Closest clips', lambda content: bool(content.queries), _queries),
  ('Alignment', lambda content: bool(content.alignments), _alignments),
  ('Poses', lambda content: bool(content.poses), _poses),
  ('Confusions', lambda content: bool(content.confusions), _confusions),
  ('Distributions', lambda content: bool(content.histograms), _histograms),
  ('Relations', lambda content: bool(content.relations), _relations),
  ('Training', lambda content: bool(content.curves), _curves),
  ('Samples', lambda content: bool(content.samples), _samples),
  ('Stages', lambda content: bool(content.stages), _stages),
  ('Limits', lambda content: bool(content.caveats), _caveats),
  ('Provenance', lambda content: content.provenance is not None, _provenance),
)


def _asset(name: str) -> Markup:
  return Markup(importlib.resources.files('sportjax.report').joinpath(name).read_text(encoding='utf-8'))
