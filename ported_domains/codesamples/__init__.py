"""Examples of code in the slider of the home page, which is where they are asked for."""

from ported_domains.codesamples.mapping import MAPPING
from ported_domains.domain import Domain

CODESAMPLES = Domain(
    name="codesamples",
    mapping=MAPPING,
)
