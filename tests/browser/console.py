"""What an operator does in a browser, and what can be measured of the page that is seen."""

from typing import Final

from playwright.async_api import Page, expect

from tests.proxy.console.system import TOKEN

CONTRASTS: Final = """() => {
  const channel = (value) => {
    value /= 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  const luminance = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const colour = (text) => text.match(/[\\d.]+/g).map(Number);
  const background = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const found = colour(getComputedStyle(at).backgroundColor);
      if (found.length < 4 || found[3] === 1) return found;
    }
    return [255, 255, 255];
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    const text = walker.currentNode.textContent.trim();
    if (!text || !element.checkVisibility()) continue;
    const one = luminance(colour(getComputedStyle(element).color));
    const other = luminance(background(element));
    const [high, low] = one > other ? [one, other] : [other, one];
    found.push({ text: text.slice(0, 40), contrast: (high + 0.05) / (low + 0.05) });
  }
  return found;
}"""
"""Of each text that is seen: how far it stands out, as WCAG 2 has it."""

UNNAMED: Final = """() => [
  ...[...document.querySelectorAll("input:not([type=hidden]), select")]
    .filter((field) => ![...field.labels].some((label) => label.innerText.trim())),
  ...[...document.querySelectorAll("a, button")].filter((one) => !one.innerText.trim()),
  ...[...document.querySelectorAll("svg:not([aria-hidden])")]
    .filter((one) => one.getAttribute("role") !== "img" || !one.getAttribute("aria-label")),
  ...[...document.querySelectorAll("[aria-labelledby]")]
    .filter((one) => !document.getElementById(one.getAttribute("aria-labelledby"))),
  ...[...document.querySelectorAll("nav, [role=region]")]
    .filter((one) => !one.getAttribute("aria-label") && !one.getAttribute("aria-labelledby")),
].map((one) => one.outerHTML)"""

FLAT: Final = """() => document.getAnimations()
  .filter((animation) => animation.playState === "running")
  .map((animation) => animation.animationName)"""


async def come_in(page: Page) -> None:
    """With the token, to the overview."""
    await page.goto("login")
    await page.get_by_label("Token").fill(TOKEN)
    await page.get_by_role("main").get_by_role("button", name="Log in").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Overview")


async def rolled_back(page: Page) -> None:
    """The domain downloads, to the legacy side."""
    await page.goto("domains/downloads/rollback")
    await page.get_by_role("button", name="Roll back to legacy").click()
    await expect(page.locator(".standing .has")).to_have_text("legacy")
