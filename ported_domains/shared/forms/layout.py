"""A whole form as HTML."""

from collections.abc import Sequence

from ported_domains.shared.forms.bound import BoundField
from ported_domains.shared.forms.errors import ErrorList
from ported_domains.shared.forms.html import Called, quoted


def as_p(
    visible: Sequence[BoundField], hidden: Sequence[BoundField], non_field: ErrorList
) -> Called:
    """A paragraph a field; white space as Django 5.2 leaves it."""
    top = non_field
    for field in hidden:
        top = top.and_hidden(field.name, field.errors)
    inputs = "".join(field.as_widget() for field in hidden)
    if visible:
        last = visible[-1]
        paragraphs = [_paragraph(field, inputs if field is last else None) for field in visible]
        parts = [top.as_ul, "", "".join(paragraphs)]
    elif top:
        parts = [top.as_ul, f"\n  <p>{inputs}</p>\n"]
    else:
        parts = [inputs]
    return Called("\n".join(parts).strip())


def _paragraph(field: BoundField, hidden: str | None) -> str:
    """`hidden`: inputs without a place of their own go into the last one."""
    classes = f' class="{quoted(field.css_classes)}"' if field.css_classes else ""
    label = field.label_tag if field.label else ""
    described = (
        f'<span class="helptext" id="{quoted(field.auto_id)}_helptext">{field.help_text}</span>'
    )
    help_text = f"\n      {described}\n    " if field.help_text else ""
    rest = "" if hidden is None else f"\n      {hidden}\n    "
    return (
        f"\n  {field.errors.as_ul}\n  <p{classes}>\n    {label}\n    {field.as_widget()}"
        f"\n    {help_text}\n    {rest}\n  </p>\n"
    )
