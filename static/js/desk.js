// The desk's links and forms go by htmx boost: a page is swapped in, so that a lost network leaves
// the page and what was typed where they are. Without script they are plain links and forms.
//
//   <body hx-boost="true" data-desk="/desk/ml/">   answers of this desk are swapped in
//   <a hx-boost="false" data-opens="muster">        opens <dialog id="muster">, with no network
//   <button data-closes> · <button data-prints>     inside that dialog
//   <form data-keep="name-of-the-form">             what was typed outlives a reload until it is sent
const { desk } = document.body.dataset;
const KEPT = 'desk:';
let sending = null; // the form whose answer is awaited

function boosted({ elt }) {
  return elt.matches('form, a') && elt.closest('[hx-boost="true"]') !== null;
}

// A second press while the first waits for its answer would be a second act.
document.addEventListener('htmx:beforeRequest', (event) => {
  const { elt, requestConfig } = event.detail;
  if (!boosted(event.detail) || requestConfig.verb !== 'post') return;
  if (sending?.isConnected) event.preventDefault();
  else {
    sending = elt;
    elt.setAttribute('aria-busy', 'true');
  }
});

// A form that was swapped away is no more where the event arrives: the request knows it.
document.addEventListener('htmx:afterRequest', ({ detail }) => {
  if (detail.requestConfig.elt !== sending) return;
  sending.removeAttribute('aria-busy');
  if (detail.successful) forget(sending);
  sending = null;
});

document.addEventListener('htmx:beforeSwap', (event) => {
  const { detail } = event;
  if (!boosted(detail) || detail.xhr.status >= 500) return;
  const { status, responseURL, response } = detail.xhr;
  if (new URL(responseURL).pathname.startsWith(desk) && response.includes('data-desk=')) {
    // A refusal (409, 422) is a page of the desk, with the reason beside its control.
    detail.shouldSwap = true;
    detail.isError = false;
  } else if (status < 400 || detail.requestConfig.verb === 'get') {
    detail.shouldSwap = false;
    location.assign(responseURL); // signed out, another desk, or not there
  } else {
    detail.shouldSwap = true;
    detail.isError = false;
    detail.target = document.getElementById('main');
    detail.selectOverride = '#main > *';
  }
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
});

document.addEventListener('click', (event) => {
  const opener = event.target.closest('[data-opens]');
  const dialog = opener ? document.getElementById(opener.dataset.opens) : null;
  if (dialog) {
    event.preventDefault();
    if (!dialog.open) dialog.showModal();
  } else if (event.target.closest('[data-closes]')) event.target.closest('dialog').close();
  else if (event.target.closest('[data-prints]')) window.print();
});

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
