// The live link of a page. A message may be lost: each carries a journal position, and after a
// break the page asks for what it missed. The screen itself is never built here: a region that
// an event concerns fetches itself again by htmx.
//
//   <body data-live-url="/ws/live/…/" data-live-position="48217" data-live-zone="Europe/London">
//   <section data-live="visits alarms" hx-get="…" hx-trigger="live" hx-swap="outerHTML">
//   <p class="fresh" data-fresh>            words with an age (templates/components/fresh.html)
//   <div data-offline hidden>               the banner (templates/components/offline.html)
//   <button data-command>                   stopped, not queued, while the link is down; so is
//                                           every button of a desk's form
//   <body data-link="live|old|late|off">    written here, for style sheets and other modules
//   <section data-live="…" data-at="badge">  where the server stood as it made the region
//
// INVARIANT: nothing that was pressed is ever sent again from here. After a press without an answer
// the page looks how it stands; a region whose data-at has moved on is shown, though what was typed
// for the press still stands in it.
//
// To the server:    {"type": "resume", "after": 48217}
// From the server:  {"type": "event", "position": 48218, "topics": ["visits"]}
//                   {"type": "beat", "position": 48218}      at least once a second
//                   {"type": "reset", "position": 48218}     too long ago: fetch everything again
//                   close code 4401                          signed out: the page asks again
const LATE_MS = 5_000;
const OFFLINE_MS = 15_000;
const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 8_000;
const FIRST_ASK_MS = 1_000; // a region that could not be fetched is asked for again,
const LAST_ASK_MS = 30_000; // the later the oftener it failed
const SIGNED_OUT = 4401;
const SETTLED_MS = 60; // htmx wires a new region 20 ms after it has put it in place
// One without topics shows what is shown once, such as a PIN: it is never fetched anew.
const LIVE = '[data-live]:not([data-live=""])';
const COMMANDS = '[data-command], [hx-boost="true"] form[method="post"] button:not([type="button"])';

const page = document.body.dataset;
let position = Number(page.livePosition || 0);
const started = performance.now();
// The server's time when the page was made: this device's clock may be wrong.
const startedAt = Date.parse(document.documentElement.dataset.now ?? '') || Date.now();
let heard = started;
let retry = FIRST_RETRY_MS;
let resumedFrom = null;
let cutAt = null; // when a request found no network; a word of the server's ends it
let state = 'live';
const waiting = new Map(); // region -> how many events are held back, and since when
const newsAt = new WeakMap(); // request of a whole page -> how much news there was as it was sent
let news = 0; // events heard so far
const asked = new Map(); // id of a region whose answer is awaited -> whether news came meanwhile
const owed = new Map(); // id of a region whose fetch failed -> how often, since when, when to ask

function connect() {
  const address = new URL(page.liveUrl, location.href);
  address.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
  const socket = new WebSocket(address);
  socket.addEventListener('open', () => {
    retry = FIRST_RETRY_MS;
    socket.send(JSON.stringify({ type: 'resume', after: position }));
  });
  socket.addEventListener('message', ({ data }) => receive(JSON.parse(data)));
  socket.addEventListener('close', ({ code }) => {
    if (code === SIGNED_OUT) {
      location.reload();
      return;
    }
    resumedFrom = position;
    setTimeout(connect, retry * (0.75 + Math.random() / 2));
    retry = Math.min(retry * 2, LAST_RETRY_MS);
  });
}

function receive(message) {
  heard = performance.now();
  cutAt = null;
  if (message.type !== 'beat') news += 1;
  if (message.type === 'event') {
    for (const region of document.querySelectorAll(LIVE)) {
      const topics = region.dataset.live.split(' ');
      if (message.topics.some((topic) => topics.includes(topic))) refresh(region);
    }
  } else if (message.type === 'reset') {
    document.querySelectorAll(LIVE).forEach(refresh);
  } else {
    resumedFrom = null; // a beat follows what was missed
  }
  position = Math.max(position, message.position ?? 0);
  askOwed();
  show();
}

/** What was typed, chosen or signed in a region and not yet sent. */
function unsent(region) {
  const typed = [...region.querySelectorAll('input, textarea')].some((field) => (
    field.type === 'checkbox' || field.type === 'radio'
      ? field.checked !== field.defaultChecked
      : field.type !== 'hidden' && field.value !== field.defaultValue));
  return typed || [...region.querySelectorAll('[data-signature] > input')].some((field) => field.value);
}

/** Nothing moves under a finger, a half-typed word or a form whose answer is awaited: a region in
 *  use waits until it is let go. */
function inUse(region) {
  const focused = document.activeElement;
  return region.matches(':active') || region.querySelector('[aria-busy="true"]') !== null
    || (region.contains(focused) && focused.matches('input, textarea, select'))
    || unsent(region);
}

/** In the region stands a press that got no answer: the server may be further than it shows. */
function unanswered(region) {
  return 'unanswered' in region.dataset;
}

function refresh(region) {
  if (inUse(region) && !unanswered(region)) hold(region);
  else if (asked.has(region.id)) asked.set(region.id, true);
  else region.dispatchEvent(new CustomEvent('live'));
}

/** An answer puts another region in the place of the one that asked, and htmx forgets with that one
 *  what it was to ask next. News that came while it was awaited may be missing in it: ask anew. */
function awaitAnswer({ detail: { requestConfig: { elt, triggeringEvent }, xhr } }) {
  if (triggeringEvent?.type !== 'live' || !elt.id) return;
  asked.set(elt.id, false);
  xhr.addEventListener('loadend', () => setTimeout(() => {
    const again = asked.get(elt.id);
    asked.delete(elt.id);
    const region = document.getElementById(elt.id);
    if (owed.has(elt.id)) show();
    else if (again && region) refresh(region);
  }, SETTLED_MS));
  xhr.addEventListener('loadend', () => {
    if (xhr.status < 200 || xhr.status >= 400) owe(elt.id);
    else if (owed.delete(elt.id) && unanswered(elt)) document.dispatchEvent(new CustomEvent('looked'));
  });
}

/** A region that could not be fetched is old under the liveliest link. It is asked for again at a
 *  sign of life, at the next one first. */
function owe(id) {
  const at = performance.now();
  const { failed = 0, since = at } = owed.get(id) ?? {};
  const wait = failed && Math.min(FIRST_ASK_MS * 2 ** (failed - 1), LAST_ASK_MS);
  owed.set(id, { failed: failed + 1, since, due: at + wait });
}

function askOwed() {
  for (const [id, { due }] of owed) {
    const region = document.getElementById(id);
    if (!region) owed.delete(id);
    else if (!asked.has(id) && !waiting.has(region) && performance.now() >= due) refresh(region);
  }
}

/** A press that got no answer may have been done all the same. */
function lookAgain({ detail: { requestConfig: { elt, verb } } }) {
  if (verb === 'get') return;
  const region = elt.closest(LIVE);
  if (region) region.dataset.unanswered = '';
  for (const { id } of document.querySelectorAll(LIVE)) if (id) owe(id);
}

/** Whether an answer shows a region further on than it stands here since a press without answer. */
function movedOn(region, { response }) {
  if (!unanswered(region)) return false;
  const page = new DOMParser().parseFromString(response, 'text/html');
  return (page.getElementById(region.id)?.dataset.at ?? region.dataset.at) !== region.dataset.at;
}

/** News that came while a whole page was awaited found the page before it, and may be missing in
 *  this one: its regions ask anew, once htmx has wired them. */
function catchUp({ detail: { target, xhr } }) {
  if (target !== document.body || (newsAt.get(xhr) ?? news) === news) return;
  newsAt.set(xhr, news); // it is told of every element that was put in place
  document.querySelectorAll(LIVE).forEach(refresh);
}

function hold(region) {
  const { held = 0, since = performance.now() } = waiting.get(region) ?? {};
  waiting.set(region, { held: held + 1, since });
  const sign = region.querySelector('[data-live-waiting]');
  if (sign) {
    sign.hidden = false;
    sign.textContent = sign.dataset.text.replace('{n}', held + 1);
  }
}

function release() {
  for (const region of [...waiting.keys()]) {
    if (!region.isConnected) waiting.delete(region);
    else if (!inUse(region)) {
      waiting.delete(region);
      region.dispatchEvent(new CustomEvent('live'));
    }
  }
}

function phrase(words, values) {
  return words.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

function clock(at) {
  return new Intl.DateTimeFormat(document.documentElement.lang || 'en', {
    hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone: page.liveZone || 'UTC',
  }).format(startedAt + at - started);
}

function show() {
  const age = performance.now() - heard;
  const silent = cutAt !== null || age >= OFFLINE_MS;
  // What is held back under a hand is as old as what could not be fetched.
  const old = [...owed.values(), ...waiting.values()];
  const lively = old.length ? 'old' : 'live';
  const next = silent ? 'off' : age < LATE_MS ? lively : 'late';
  const since = clock(next === 'old' ? Math.min(...old.map((each) => each.since)) : heard);
  for (const badge of document.querySelectorAll('[data-fresh]')) {
    const { dataset } = badge;
    let words = phrase(dataset[next], {
      age: next === 'live' ? (age / 1000).toFixed(1) : Math.round(age / 1000), since,
    });
    if (next === 'late' && resumedFrom !== null) {
      words += phrase(dataset.catching, { position: resumedFrom });
    }
    dataset.state = next;
    badge.querySelector('[data-words]').textContent = words;
  }
  page.link = next;
  if (next === state) return;
  state = next;
  for (const region of document.querySelectorAll('[data-fresh-spoken]')) {
    region.textContent = phrase(region.dataset[next], { since });
  }
  for (const banner of document.querySelectorAll('[data-offline]')) {
    banner.hidden = next !== 'off';
    for (const place of banner.querySelectorAll('[data-offline-since]')) place.textContent = since;
  }
  // What may have changed unseen is not shown as if it held.
  for (const place of document.querySelectorAll('[data-live-only]')) place.hidden = next === 'off';
  stopCommands(next === 'off');
}

/** Commands are stopped with their reason inside, and given back as they were. */
function stopCommands(stop) {
  const reason = document.querySelector('[data-offline]')?.dataset.reason ?? '';
  for (const command of document.querySelectorAll(COMMANDS)) {
    if (stop && !command.disabled) {
      command.disabled = true;
      const note = document.createElement('small');
      note.textContent = reason;
      note.dataset.offlineReason = '';
      command.append(note);
    } else if (!stop) {
      const note = command.querySelector('[data-offline-reason]');
      if (note) {
        note.remove();
        command.disabled = false;
      }
    }
  }
}

if (page.liveUrl) {
  connect();
  show();
  setInterval(() => { release(); show(); }, 500);
  // A request without an answer says at once what silence says after a while.
  const cut = () => {
    cutAt = performance.now();
    show();
  };
  for (const event of ['htmx:sendError', 'htmx:timeout']) {
    document.addEventListener(event, lookAgain);
    document.addEventListener(event, cut);
  }
  window.addEventListener('offline', cut);
  document.addEventListener('htmx:beforeSend', awaitAnswer);
  document.addEventListener('htmx:beforeSend', ({ detail }) => newsAt.set(detail.xhr, news));
  // A region may have been taken into use since its refresh was asked for.
  document.addEventListener('htmx:beforeSwap', ({ detail }) => {
    const { target, requestConfig } = detail;
    if (requestConfig.triggeringEvent?.type !== 'live' || !inUse(target)) return;
    if (movedOn(target, detail.xhr)) return;
    detail.shouldSwap = false;
    hold(target);
  });
  document.addEventListener('htmx:afterSwap', ({ detail }) => {
    // A page that was just made has no banner and no stopped command yet.
    if (detail.target === document.body) {
      [state, cutAt] = ['live', null];
      owed.clear();
    } else stopCommands(state === 'off');
    show();
  });
  document.addEventListener('htmx:afterSettle', catchUp);
  for (const event of ['pointerup', 'pointercancel', 'focusout']) {
    document.addEventListener(event, () => setTimeout(release), true);
  }
}
