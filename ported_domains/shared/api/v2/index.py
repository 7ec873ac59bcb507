"""`/api/v2/`: the lists of API v2, as the root of a router of Django REST framework (api.md C.1).

It is throttled, and wrong credentials are refused, but nobody needs any.
"""

from collections.abc import Sequence

from ported_domains.shared.api.inquiry import ApiAnswer, Inquiry
from ported_domains.shared.api.sources import Sources
from ported_domains.shared.api.v2 import faults
from ported_domains.shared.api.v2.admission import READ_ONLY, Caller, answered, anybody
from ported_domains.shared.api.v2.metadata import metadata
from ported_domains.shared.api.v2.question import Told, links_of

_TOLD = metadata("Api Root", "The default basic root view for DefaultRouter")
"""As the framework calls it where a site has no words of its own for it."""


async def answer_index(
    names: Sequence[str], inquiry: Inquiry, sources: Sources, suffix: str | None
) -> ApiAnswer:
    """`names` of resources, in the order in which they are shown."""

    async def ask(_caller: Caller) -> Told:
        match inquiry.method:
            case "GET" | "HEAD":
                links = links_of(inquiry, suffix)
                return Told({name: links.to_list(name) for name in names})
            case "OPTIONS":
                return Told(_TOLD)
            case method:
                raise faults.method_not_allowed(method)

    return await answered(inquiry, sources, suffix, READ_ONLY, anybody, ask)
