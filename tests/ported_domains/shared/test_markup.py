"""The HTML of texts: what Django's site made of the same ones, recorded or asked."""

import pytest
from django.utils.html import escape, linebreaks, urlize
from hypothesis import given
from hypothesis import strategies as st

from ported_domains.pages.markup import render_page
from ported_domains.shared.markup import render, sanitise

WORDS = (
    "www.python.org",
    "http://e.org/a?b=1&c=é#d",
    "https://e.org/(x)",
    "a@b.org",
    "javascript:x",
    "&amp;",
    "&lt",
    "<b>",
    "'\"",
    ".,:;!",
    "()[]",
    "ü",
    "\n",
    "\n\n",
    "\r\n",
    " ",
    "%7e",
)
LINK = 'rel="noopener noreferrer"'


@given(text=st.lists(st.sampled_from(WORDS) | st.text(max_size=3)).map("".join))
def test_plain_text_is_what_django_makes_of_it(text: str) -> None:
    html = linebreaks(urlize(escape(text)))
    assert render_page(text, "plain") == html
    assert render(text, "plain") == sanitise(html)


@pytest.mark.parametrize(
    ("html", "left"),
    [
        ("<p style=a data-x=1 aria-label=y onclick=z class=c id=i title=t>x", '<p class="c" id="i" title="t">x</p>'),  # noqa: E501
        ("a<script>1</script><style>2</style><!-- 3 -->b", "ab"),
        ('<a href="/x" target=_blank rel=x>l</a>', f'<a href="/x" {LINK}>l</a>'),
        ('<a href="//e.org">l</a>', f'<a href="//e.org" {LINK}>l</a>'),
        ('<a href="mailto:a@b.org">l</a>', f'<a href="mailto:a@b.org" {LINK}>l</a>'),
        ('<a href="javascript:x">l</a>', f"<a {LINK}>l</a>"),
        ('<a href="ftp://e.org">l</a>', f"<a {LINK}>l</a>"),
        ('<img src=data:x><img src=/a width=1 height=2 alt=x srcset=z>', '<img><img src="/a" width="1" height="2" alt="x">'),  # noqa: E501
        ("<font>a</font><u>b</u><video>c</video>", "abc"),
        ("<ul><li>a<li>b", "<ul><li>a</li><li>b</li></ul>"),
        ("<th scope=col align=left valign=x>", ""),
        ("a & b < c", "a &amp; b &lt; c"),
    ],
)  # fmt: skip
def test_sanitised(html: str, left: str) -> None:
    assert render(html, "html") == left
    assert render_page(html, "html") == html


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("Title\n=====\n\nText", "<p>Text</p>\n"),
        ("Title\n=====\n\nSub\n---\n\ntext\n", "<p>text</p>\n"),
        ("", ""),
        (
            ".. code:: python\n\n   x = 'a<b'\n",
            (
                '<div class="highlight"><pre><span></span><span class="n">x</span> '
                '<span class="o">=</span> <span class="s1">\'a&lt;b\'</span>\n</pre></div>\n'
            ),
        ),
        (
            ".. code:: python\n   :number-lines:\n\n   x = 1\n",
            '<div class="highlight"><pre><span></span>x = 1\n</pre></div>\n',
        ),
        (
            ".. code:: no-such-language\n\n   a < b\n",
            '<div class="highlight"><pre><span></span>a &lt; b\n</pre></div>\n',
        ),
        (
            ".. code-block:: python\n\n   x = 1\n",
            (
                '<pre class="code python literal-block"><span class="name">x</span> '
                '<span class="operator">=</span> <span class="literal number integer">1</span>\n'
                "</pre>\n"
            ),
        ),
        (
            ".. include:: /etc/passwd\n",
            (
                '<div class="system-message">\n<p class="system-message-title">System Message: '
                'WARNING/2 (&lt;string&gt;, line 1)</p>\n<p>"include" directive disabled.</p>\n'
                '<pre class="literal-block">.. include:: /etc/passwd\n</pre>\n</div>\n'
            ),
        ),
    ],
)
def test_restructured_text(text: str, html: str) -> None:
    assert render(text, "restructuredtext") == html


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (".. raw:: html\n\n   <b>\n", '"raw" directive disabled.'),
        (".. csv-table:: x\n   :file: /etc/passwd\n", "File and URL access deactivated"),
        (".. code::\n\n   x\n", "1 argument(s) required, 0 supplied."),
        (".. nope:: x\n", 'Unknown directive type "nope".'),
        ("* a\n\n  b\n  =====\n", "Unexpected section title."),
    ],
)
def test_faults_show_in_the_text(text: str, said: str) -> None:
    html = render(text, "restructuredtext")
    assert said in html
    assert "root:" not in html


def test_the_two_kinds_of_markdown() -> None:
    text = "~~a~~ <b onclick=x>b</b> http://e.org\n\n```python\nx\n```\n\na | b\n--|--\n1 | 2\n"
    assert render(text, "markdown") == (
        "<p>~~a~~ <b>b</b> http://e.org</p>\n<p><code>python\nx</code></p>\n"
        "<p>a | b\n--|--\n1 | 2</p>"
    )
    assert render("    :::python\n    x\n", "markdown") == (
        '<div class="highlight"><pre><span></span><code><span class="n">x</span>\n</code></pre>'
        "</div>"
    )
    omitted = "<!-- raw HTML omitted -->"
    page = (
        '<p><del>a</del> {}b{} <a href="http://e.org">http://e.org</a></p>\n'
        '<pre lang="python"><code>x\n</code></pre>\n<table>\n<thead>\n<tr>\n<th>a</th>\n'
        "<th>b</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td>1</td>\n<td>2</td>\n</tr>\n</tbody>\n</table>\n"
    )
    assert render_page(text, "markdown") == page.format(omitted, omitted)
    assert render_page(text, "markdown_unsafe") == page.format("<b onclick=x>", "</b>")


def test_escaped_text_shows_its_html() -> None:
    assert render("<b>x</b>", "html", escaped=True) == "&lt;b&gt;x&lt;/b&gt;"
    assert render("*a* <b>", "markdown", escaped=True) == "<p><em>a</em> &lt;b&gt;</p>"


@pytest.mark.parametrize(("render_it", "kind"), [(render, "markdown_unsafe"), (render_page, "")])
def test_unknown_markup(render_it: object, kind: str) -> None:
    with pytest.raises(KeyError):
        render_it("x", kind)  # type: ignore[operator]
