"use strict";
// Live figures: pieces of the page, by name, as the server draws them. Without this file each page
// is whole all the same, as of the moment when it was loaded.
(() => {
  const status = document.querySelector("[data-stream]");
  if (!status || !window.EventSource) return;
  const state = status.querySelector("[data-state]");
  const said = document.querySelector("[data-said]");
  const AGAIN = 15000;
  let source = null;
  let again = 0;
  let paused = false;

  const show = (text, live) => {
    state.textContent = text;
    status.dataset.on = live ? "yes" : "no";
  };

  const put = (cells) => {
    for (const [key, html] of Object.entries(cells)) {
      for (const place of document.querySelectorAll(`[data-cell="${CSS.escape(key)}"]`)) {
        if (!place.contains(document.activeElement)) place.innerHTML = html;
      }
    }
  };

  const close = () => {
    clearTimeout(again);
    if (source) source.close();
    source = null;
  };

  const open = () => {
    close();
    source = new EventSource(status.dataset.stream);
    source.addEventListener("open", () => show("Live", true));
    source.addEventListener("cells", (event) => put(JSON.parse(event.data)));
    source.addEventListener("said", (event) => { said.textContent = JSON.parse(event.data); });
    source.addEventListener("error", () => {
      show("Not live, trying again", false);
      if (source.readyState === EventSource.CLOSED) again = setTimeout(open, AGAIN);
    });
  };

  const button = document.createElement("button");
  button.type = "button";
  button.className = "quiet";
  button.textContent = "Pause";
  button.addEventListener("click", () => {
    paused = !paused;
    button.textContent = paused ? "Go on" : "Pause";
    if (paused) { close(); show("Paused", false); } else open();
  });
  status.append(button);

  document.addEventListener("visibilitychange", () => {
    if (paused) return;
    if (document.hidden) close(); else open();
  });
  window.addEventListener("pagehide", close);
  open();
})();
