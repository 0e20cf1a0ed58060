// What every page needs of its own: a failed htmx request is said aloud and stays until read,
// and messages can be put away.
function complain(words, { look = false, kind = 'data-note' } = {}) {
  const notes = document.querySelector('[data-notes]');
  const template = document.querySelector(`template[${kind}]`);
  if (!notes || !template || notes.textContent.includes(words)) return;
  const note = template.content.cloneNode(true);
  // It stays until it is read, also when the link is back: so it says when that was.
  const at = new Intl.DateTimeFormat(document.documentElement.lang || 'en', {
    hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone: document.body.dataset.liveZone,
  }).format();
  note.querySelector('[data-words]').textContent = `${at}: ${words}`;
  if (look) Object.assign(note.querySelector('[data-look]'), { hidden: false, href: location.href });
  notes.append(note);
}

/** The words of a refusal, where its page marks them: <p data-said>…</p>. */
function said({ response }) {
  const page = new DOMParser().parseFromString(response ?? '', 'text/html');
  return [...page.querySelectorAll('[data-said]')].map((part) => part.textContent.trim()).join(' ');
}

/** Nobody asked for what a page asks by itself again and again; it says how old it is. */
function polls({ elt, requestConfig }) {
  return requestConfig?.triggeringEvent?.type === 'live' || (elt?.matches?.('[data-bench-poll]') ?? false);
}

document.addEventListener('htmx:responseError', ({ detail }) => {
  const { xhr, requestConfig } = detail;
  const { refused, failed, unshown } = document.querySelector('template[data-note]')?.dataset ?? {};
  if (xhr.status < 500) complain(said(xhr) || refused);
  else if (!polls(detail)) complain(requestConfig?.verb === 'get' ? unshown : failed);
});
for (const silence of ['htmx:sendError', 'htmx:timeout']) {
  document.addEventListener(silence, ({ detail }) => {
    const { unreachable, unopened, slow } = document.querySelector('template[data-note]')?.dataset ?? {};
    if (polls(detail)) return;
    if (detail.requestConfig?.verb === 'get') complain(unopened);
    else complain(silence === 'htmx:timeout' ? slow : unreachable, { look: true });
  });
}
// live.js has fetched anew what a press without an answer may have changed: nothing is awaited now.
document.addEventListener('looked', () => {
  for (const link of document.querySelectorAll('[data-look][href]')) link.closest('li').remove();
  const { looked } = document.querySelector('template[data-note]')?.dataset ?? {};
  complain(looked, { kind: 'data-looked-note' });
});
document.addEventListener('click', (event) => {
  event.target.closest('[data-put-away]')?.closest('li')?.remove();
});
// A list that lies over the page closes when the focus goes on; one that stands in it moves nothing.
document.addEventListener('focusin', ({ target }) => {
  for (const list of document.querySelectorAll('.pick details[open]')) {
    const over = getComputedStyle(list.querySelector('.picks')).position === 'absolute';
    if (over && !list.contains(target)) list.open = false;
  }
});
