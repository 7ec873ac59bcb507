"""How the site looks: what the native side shows its pages by.

`native_app` is given one, so that what is shared by all domains need not know any of them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from legacy_bridge.templates.environment import TemplateEnvironment
from ported_domains.shared.rendering import Rendering
from ported_domains.shared.resolver import Urls
from ported_domains.shared.visitors.names import Person, TemplateRequest
from ported_domains.templatetags.content import Content


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """`environment` has the templates, `built_in` those that come with the project, for
    when the site's own cannot serve. `content` is what the site's own tags show, `person` a
    signed-in user as templates see them, `names` are those that every page has beside Django's
    own. `package_index` is what the page for 404 points to; `state` is what handlers find in the
    app's state."""

    environment: TemplateEnvironment
    built_in: TemplateEnvironment
    content: Callable[[Rendering], Content]
    person: Person
    names: Callable[[Rendering, TemplateRequest], Mapping[str, Any]]
    package_index: str
    state: Mapping[str, Any] = field(default_factory=dict)


LookOf = Callable[[Urls], Look]
"""For the site with these native URLs."""
