// The bench asks every half second what has changed; htmx swaps it in. This adds what a poll alone
// does not give: the age of what is shown, a keypad, an ordered log, and a hand that is not disturbed.
const LATE_MS = 2_000;
const OFFLINE_MS = 5_000;
const SHOWN_ROWS = 60;

const badge = document.querySelector('[data-fresh]');
const spoken = document.querySelector('[data-fresh-spoken]');
const rows = document.getElementById('bench-rows');
let heard = performance.now();
let heardAt = new Date();
let state = 'live';

function phrase(words, values) {
  return words.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

function show() {
  const age = performance.now() - heard;
  const next = age < LATE_MS ? 'live' : age < OFFLINE_MS ? 'late' : 'off';
  const values = { age: (age / 1000).toFixed(1), since: heardAt.toLocaleTimeString(document.documentElement.lang || 'en', { hourCycle: 'h23' }) };
  badge.dataset.state = next;
  badge.querySelector('[data-words]').textContent = phrase(badge.dataset[next], values);
  if (next !== state && spoken) spoken.textContent = phrase(spoken.dataset[next], values);
  state = next;
}

/** Newest first: the sources are not heard in the order of what happened. */
function order() {
  if (!rows) return; // the machine room has no log
  const known = new Map();
  for (const row of rows.rows) known.set(row.dataset.row, row);
  const sorted = [...known.values()].sort((a, b) => b.dataset.at - a.dataset.at);
  rows.replaceChildren(...sorted.slice(0, SHOWN_ROWS));
}

// A region under a pressed button is left alone: the next poll brings it. A link on the plan that
// had the focus gets it back.
let focused = null;
document.addEventListener('htmx:oobBeforeSwap', ({ detail }) => {
  const region = detail.target;
  if (region.matches('[data-region]:active')) detail.shouldSwap = false;
  else if (region.contains(document.activeElement)) {
    focused = document.activeElement.getAttribute('href');
  }
});

document.addEventListener('htmx:afterRequest', ({ detail }) => {
  if (!detail.elt.matches('[data-bench-poll]') || !detail.successful) return;
  // A page that is signed out is sent to the sign-in page.
  if (!detail.xhr.responseURL.includes('/bench/')) {
    location.reload();
    return;
  }
  heard = performance.now();
  heardAt = new Date();
  order();
  if (focused) {
    const links = [...document.querySelectorAll('.plan a')];
    links.find((link) => link.getAttribute('href') === focused)?.focus({ preventScroll: true });
    focused = null;
  }
  show();
});

const keypad = document.getElementById('bench-keys');
if (keypad) {
  const typed = keypad.elements.digits;
  keypad.addEventListener('click', ({ target }) => {
    const { key } = target.closest('[data-key]')?.dataset ?? {};
    if (key !== undefined) typed.value = key && (typed.value + key).slice(0, typed.maxLength);
  });
  keypad.addEventListener('htmx:afterRequest', () => { typed.value = ''; });
}

show();
setInterval(show, 100);
