"""The code samples of the home page are those that were recorded of the real site."""

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from ported_domains.codesamples.queries import first_published
from proxy.databases import open_engine
from tests.ported_domains.golden import recorded


@pytest.mark.golden
async def test_the_first_five(whole_dataset_url: str) -> None:
    engine = open_engine(whole_dataset_url, pool_size=1, name="code samples")
    async with AsyncSession(engine) as db:
        samples = await first_published(db)
    await engine.dispose()
    home = next(one for one in recorded("/") if one["url"] == "/")
    assert [{"model": "codesamples.codesample", "pk": one.id} for one in samples] == (
        home["context"]["code_samples"]
    )
    first = samples[0]
    assert first.code.markup_type == "html"
    assert str(first.code).startswith('<pre><code><span class="go"># Simple output')
    assert first.copy
    assert first.copy.rendered != str(first.code)
