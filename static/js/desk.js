// The desk's links and forms go by htmx boost: a page is swapped in, so that a lost network leaves
// the page and what was typed where they are. Without script they are plain links and forms.
//
//   <body hx-boost="true" data-desk="/desk/ml/">   answers of this desk are swapped in
//   <a hx-boost="false" data-opens="muster">        opens <dialog id="muster">, with no network
//   <button data-closes> · <button data-prints>     inside that dialog
//   <form data-keep="name-of-the-form">             what was typed outlives a reload until it is sent
//   <button data-takes>                             in such a form: the only button that sends it
//   <button data-fills="kind" data-value="Phone">   writes into the field of that name
//   <a data-puts-off>                               blanks <p data-put-off> at once, with no network
//   <a data-opens-offline="by-hand">                opens <dialog id="by-hand"> while there is no link
const { desk, working } = document.body.dataset;
const KEPT = 'desk:';
const WORKING_MS = 300; // an answer that takes longer is said to be awaited
const PRESS = '[hx-boost="true"] form[method="post"] button:not([type="button"])';
let sending = null; // the form whose answer is awaited, its button, what it held back

/** Whether the form whose answer is awaited still stands here. INVARIANT: one that is gone stops
 *  nothing: a desk on which nobody can lock down or answer an alarm is worse than a second act. */
function awaited() {
  return sending?.form.isConnected ?? false;
}

// A second press while the first waits for its answer would be a second act; so would the second
// half of a double press, on whatever button the answer has put under the finger meanwhile.
document.addEventListener('click', (event) => {
  if (event.target.closest(PRESS) && (awaited() || event.detail > 1)) stop(event);
}, true);
document.addEventListener('submit', (event) => {
  if (awaited() && event.target.closest('[hx-boost="true"]')) stop(event);
}, true);

function stop(event) {
  event.preventDefault();
  event.stopImmediatePropagation();
}

document.addEventListener('htmx:beforeSend', ({ detail: { requestConfig, xhr } }) => {
  const { boosted, verb, elt: form, triggeringEvent } = requestConfig;
  if (!boosted || verb !== 'post') return;
  // What is typed after the press would be swept away by the answer.
  const held = [...form.elements].filter((field) => field.matches('input, textarea') && !field.readOnly);
  for (const field of held) field.readOnly = true;
  form.setAttribute('aria-busy', 'true');
  const button = triggeringEvent?.submitter ?? null;
  const own = { form, button, held, timer: setTimeout(() => busy(button), WORKING_MS) };
  sending = own;
  // The request tells its end itself, whatever has become of the form's place in the page.
  xhr.addEventListener('loadend', () => over(own, xhr));
});

function busy(button) {
  if (!button?.isConnected) return;
  const note = document.createElement('small');
  note.textContent = working;
  note.setAttribute('role', 'status');
  note.dataset.workingNote = '';
  button.append(note);
  button.setAttribute('aria-disabled', 'true');
}

function over(own, xhr) {
  const { form, button, held, timer } = own;
  if (sending === own) sending = null;
  clearTimeout(timer);
  form.removeAttribute('aria-busy');
  for (const field of held) field.readOnly = false;
  button?.querySelector('[data-working-note]')?.remove();
  button?.removeAttribute('aria-disabled');
  const takes = form.querySelector('[data-takes]');
  const done = xhr.status >= 200 && xhr.status < 400 && ours(xhr);
  if (done && (!takes || takes === button)) forget(form);
}

/** Whether an answer is a page of this desk. */
function ours({ responseURL, response }) {
  return new URL(responseURL).pathname.startsWith(desk) && response.includes('data-desk=');
}

document.addEventListener('htmx:beforeSwap', ({ detail }) => {
  const { xhr, requestConfig } = detail;
  if (!requestConfig.boosted || xhr.status >= 500) return;
  if (ours(xhr)) {
    // A refusal (409, 422) is a page of the desk, with the reason beside its control.
    detail.shouldSwap = true;
    detail.isError = false;
  } else if (xhr.status < 400 || requestConfig.verb === 'get') {
    detail.shouldSwap = false;
    location.assign(xhr.responseURL); // signed out, another desk, or not there
  }
  // Any other refusal leaves the page with what was typed; page.js says its words.
});

// An act that leads to the page it was done on adds nothing to go back to.
document.addEventListener('htmx:beforeHistoryUpdate', ({ detail }) => {
  const { history } = detail;
  if (history.type === 'push' && history.path === location.pathname) history.type = 'replace';
});

// Like a new page, a swapped one begins at its content.
document.addEventListener('htmx:afterSwap', ({ detail }) => {
  if (detail.target !== document.body) return;
  document.getElementById('main')?.focus({ preventScroll: true });
  recall();
  show();
});

const FIRST = ['.step .field.bad', '.step .note[role="alert"]', '.step [data-signature]'];

/** What the next act needs is in sight: what is to be mended, else where to sign; in a list that
 *  grows, its end. */
function show() {
  for (const list of document.querySelectorAll('.listed:has(~ .adding)')) {
    list.scrollTop = list.scrollHeight;
  }
  const found = FIRST.map((part) => document.querySelector(part)).find(Boolean);
  found?.scrollIntoView({ block: 'nearest' });
}

// What was turned to a visitor is gone from sight before an answer comes, or where none comes.
document.addEventListener('click', ({ target }) => {
  if (!target.closest('[data-puts-off]')) return;
  for (const part of document.querySelectorAll('[data-put-off]')) part.remove();
}, true);

document.addEventListener('click', (event) => {
  const off = document.body.dataset.link === 'off';
  const opener = event.target.closest(off ? '[data-opens], [data-opens-offline]' : '[data-opens]');
  const { opens, opensOffline } = opener?.dataset ?? {};
  const dialog = document.getElementById(opens ?? opensOffline ?? '');
  const filler = event.target.closest('[data-fills]');
  if (filler) fill(filler);
  else if (dialog) {
    event.stopImmediatePropagation();
    event.preventDefault();
    if (!dialog.open) dialog.showModal();
  } else if (event.target.closest('[data-closes]')) event.target.closest('dialog').close();
  else if (event.target.closest('[data-prints]')) window.print();
}, true);

/** A usual thing by one press: its word into the field, then on to the one that it still needs. */
function fill({ form, dataset }) {
  const { [dataset.fills]: field, [dataset.next]: next } = form.elements;
  field.value = dataset.value;
  field.dispatchEvent(new Event('input', { bubbles: true }));
  next.focus();
}

// While the link holds, the muster list is never older than this.
const MUSTER_MS = 30_000;
setInterval(() => {
  if (document.querySelector('[data-offline]')?.hidden) {
    document.getElementById('muster-list')?.dispatchEvent(new CustomEvent('live'));
  }
}, MUSTER_MS);

/** What may be kept of a form: neither signatures nor PINs nor anything hidden. */
function keepable(form) {
  return [...form.elements].filter((field) => (
    field.name && !['hidden', 'password', 'submit', 'button', 'file'].includes(field.type)
    && !field.closest('[data-signature]')));
}

function keep(form) {
  const typed = keepable(form).filter((field) => field.value && (
    !['radio', 'checkbox'].includes(field.type) || field.checked));
  sessionStorage.setItem(KEPT + form.dataset.keep,
    JSON.stringify(typed.map(({ name, value }) => [name, value])));
}

function forget(form) {
  if (form.dataset.keep) sessionStorage.removeItem(KEPT + form.dataset.keep);
}

function recall() {
  for (const form of document.querySelectorAll('form[data-keep]')) {
    const kept = JSON.parse(sessionStorage.getItem(KEPT + form.dataset.keep) ?? '[]');
    for (const field of keepable(form)) {
      const own = kept.filter(([name]) => name === field.name).map(([, value]) => value);
      if (['radio', 'checkbox'].includes(field.type)) field.checked ||= own.includes(field.value);
      else if (own.length && !field.value) [field.value] = own;
    }
  }
}

document.addEventListener('input', ({ target }) => {
  if (target.form?.dataset.keep) keep(target.form);
});
// Who locks the screen, or sends the form without this module's help, leaves nothing behind.
document.addEventListener('submit', ({ target }) => {
  if (target.matches('[data-leaves]')) sessionStorage.clear();
});
recall();
show();
