from legacy_site.apps.cms.seeding import put
from legacy_site.apps.codesamples.models import CodeSample

_PROMPT = '<span class="gp">&gt;&gt;&gt; </span>'
_SAMPLES = (
    (
        "Greeting",
        "Ask and answer in two lines.",
        f'{_PROMPT}name = input("Who? ")\n{_PROMPT}print(f"Hello, {{name}}!")',
        True,
    ),
    (
        "Sums",
        "Numbers are as long as you need.",
        f"{_PROMPT}2 ** 100\n1267650600228229401496703205376",
        True,
    ),
    (
        "Lists",
        "Build one list from another.",
        f"{_PROMPT}[n * n for n in range(5)]\n[0, 1, 4, 9, 16]",
        True,
    ),
    ("Draft", "Not shown yet.", "...", False),
)


def seed() -> None:
    for title, text, code, is_published in _SAMPLES:
        put(
            CodeSample,
            {"code": f"<pre><code>{code}</code></pre>"},
            copy=f"<h2>{title}</h2>\n<p>{text}</p>",
            is_published=is_published,
        )
