// The page itself is the same for every visitor; what depends on the visitor is fetched here.
for (const place of document.querySelectorAll("[data-fragment]")) {
  fetch(place.dataset.fragment, { credentials: "same-origin" })
    .then((answer) => (answer.ok ? answer.text() : Promise.reject(answer.status)))
    .then((html) => {
      place.innerHTML = html;
    })
    .catch(() => {
      // Without the fragment the page is complete, only less convenient.
    });
}

for (const link of document.querySelectorAll(".site-header .menu a")) {
  if (location.pathname.startsWith(link.pathname)) link.setAttribute("aria-current", "page");
}
