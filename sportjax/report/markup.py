"""HTML and SVG as nested calls: whatever is not `Markup` already is escaped, so no text can become code."""

from __future__ import annotations

import html
import json

from sportjax.typing import JSON

_VOID = frozenset({'br', 'hr', 'img', 'input', 'link', 'meta', 'source'})


class Markup(str):
  """Text that is well-formed HTML and goes into the page as it stands."""

  __slots__ = ()


def tag(name: str, /, *children: str | None, **attributes: str | float | bool | None) -> Markup:
  """One element. `class_` and `stroke_width` become class and stroke-width; True is a bare attribute, None none."""
  head = ''.join([f'<{name}', *(_attribute(key, value) for key, value in attributes.items()), '>'])
  if name in _VOID:
    return Markup(head)
  return Markup(f'{head}{join(*children)}</{name}>')


def join(*children: str | None) -> Markup:
  """Children side by side, escaped where they are plain text; None is nothing."""
  return Markup(''.join(escape(child) for child in children if child is not None))


def escape(text: str) -> Markup:
  """Plain text as HTML; Markup unchanged."""
  return text if isinstance(text, Markup) else Markup(html.escape(text))


def json_block(value: JSON, **attributes: str) -> Markup:
  """Data for the page's script; `<` is written as an escape, so the data cannot close the element."""
  text = json.dumps(value, allow_nan=False, separators=(',', ':')).replace('<', '\\u003c')
  return tag('script', Markup(text), type='application/json', **attributes)


def _attribute(key: str, value: str | float | bool | None) -> str:
  if value is None or value is False:
    return ''
  name = key.rstrip('_').replace('_', '-')
  if value is True:
    return f' {name}'
  text = f'{value:.6g}' if isinstance(value, float) else str(value)
  return f' {name}="{html.escape(text)}"'
