"""Discord's markdown, as the page shows it."""

from __future__ import annotations

import pytest

from tests.browser.client import Open

pytestmark = pytest.mark.browser

RENDER = """async (texts) => {
  const { markdown } = await import("/page/markdown.js");
  const names = { person: (id) => ({ 7: "Mona" })[id], channel: (id) => ({ 8: "general" })[id] };
  return texts.map((text) => {
    const block = document.createElement("div");
    block.append(...markdown(text, names));
    for (const element of block.querySelectorAll("*")) {
      for (const { name } of [...element.attributes]) {
        if (name !== "href") element.removeAttribute(name);
      }
    }
    return block.innerHTML;
  });
}"""

MARKDOWN = {
    "**b** *i* _i_ __u__ ~~s~~": (
        "<p><strong>b</strong> <em>i</em> <em>i</em> <u>u</u> <s>s</s></p>"
    ),
    "**bold *and* more**": "<p><strong>bold <em>and</em> more</strong></p>",
    "snake_case_name 2 * 3 * 4": "<p>snake_case_name 2 * 3 * 4</p>",
    r"\*a\* \<@7\> https\://a.example \\": r"<p>*a* &lt;@7&gt; https://a.example \</p>",
    r"\> no quote": "<p>&gt; no quote</p>",
    "`a*b*c` ``x`y``": "<p><code>a*b*c</code> <code>x`y</code></p>",
    "<@7> <#8> </imagine:9>": (
        "<p><span>@Mona</span> <span>#general</span> <span>/imagine</span></p>"
    ),
    "[words](https://a.example/?q=1)": '<p><a href="https://a.example/?q=1">words</a></p>',
    "see https://b.example.": '<p>see <a href="https://b.example">https://b.example</a>.</p>',
    "[no](javascript:alert(1))": "<p>[no](javascript:alert(1))</p>",
    "> one\n> two\n-# small\nrest": (
        "<blockquote><p>one\ntwo</p></blockquote><small>small</small><p>rest</p>"
    ),
    "> > a quote in a quote": "<blockquote><p>&gt; a quote in a quote</p></blockquote>",
    "# big\n- one\n- two": "<h3>big</h3><ul><li>one</li><li>two</li></ul>",
    "```py\n**x**\n```": "<pre><code>**x**</code></pre>",
    "<t:99999999999999:R>": "<p>&lt;t:99999999999999:R&gt;</p>",
    "<b>x</b> &amp; @everyone": "<p>&lt;b&gt;x&lt;/b&gt; &amp;amp; @everyone</p>",
}


async def test_markdown_reads_as_on_discord(open_page: Open) -> None:
    client = await open_page()

    rendered = await client.page.evaluate(RENDER, list(MARKDOWN))

    assert dict(zip(MARKDOWN, rendered, strict=True)) == MARKDOWN
