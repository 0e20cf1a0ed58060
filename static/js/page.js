// What every page needs of its own: a failed htmx request is said aloud and stays until read,
// and messages can be put away.
function complain(words) {
  const notes = document.querySelector('[data-notes]');
  const template = document.querySelector('template[data-note]');
  if (!notes || !template || notes.textContent.includes(words)) return;
  const note = template.content.cloneNode(true);
  note.querySelector('[data-words]').textContent = words;
  notes.append(note);
}

document.addEventListener('htmx:responseError', ({ detail }) => {
  const { refused, failed } = document.querySelector('template[data-note]')?.dataset ?? {};
  complain(detail.xhr.status < 500 ? refused : failed);
});
for (const silence of ['htmx:sendError', 'htmx:timeout']) {
  document.addEventListener(silence, () => {
    complain(document.querySelector('template[data-note]')?.dataset.unreachable);
  });
}
document.addEventListener('click', (event) => {
  event.target.closest('[data-put-away]')?.closest('li')?.remove();
});
