// On the form for a new release: the address of the notes follows from the name, until it is typed.
document.addEventListener("DOMContentLoaded", () => {
  const name = document.getElementById("id_name");
  const notes = document.getElementById("id_release_notes_url");
  if (!name || !notes || !location.pathname.endsWith("/add/")) return;

  let typed = notes.value !== "";
  notes.addEventListener("input", () => {
    typed = true;
  });
  name.addEventListener("input", () => {
    if (!typed) notes.value = notesOf(name.value);
  });
});

function notesOf(name) {
  const parts = /^Python (\d+\.\d+)(\.\d+)((?:a|b|rc)\d+)?$/.exec(name.trim());
  if (!parts) return "";
  const [, series, patch, stage] = parts;
  return stage
    ? `https://docs.python.org/${series}/whatsnew/${series}.html`
    : `https://docs.python.org/release/${series}${patch}/whatsnew/changelog.html`;
}
