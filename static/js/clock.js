// Clocks and elapsed times. The server's time decides; between two pages the monotonic clock runs,
// so that a tablet whose clock is wrong or jumps still shows the right second.
//
//   <html data-now="2026-11-24T10:42:18Z">            the server's time when the page was made
//   <time data-clock data-zone="Europe/London">       10:42:18
//   <time data-since="2026-11-24T10:41:30Z">          0:48, or 12 min from 10 minutes on
//   <rect data-since=… data-limit="900" data-width="520">   grows to its width at the limit
const started = performance.now();
const base = Date.parse(document.documentElement.dataset.now ?? '') || Date.now();
const formats = new Map();

/** The server's time, milliseconds since the epoch. */
function now() {
  return base + performance.now() - started;
}

function clockText(zone, lang) {
  const key = `${lang} ${zone}`;
  if (!formats.has(key)) {
    formats.set(key, new Intl.DateTimeFormat(lang, {
      hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23', timeZone: zone,
    }));
  }
  return formats.get(key).format(now());
}

function elapsedText(seconds, exact) {
  if (seconds >= 600 && !exact) return `${Math.floor(seconds / 60)} min`;
  return `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`;
}

function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function tick() {
  const lang = document.documentElement.lang || 'en';
  for (const clock of document.querySelectorAll('[data-clock]')) {
    write(clock, clockText(clock.dataset.zone || 'UTC', lang));
  }
  for (const element of document.querySelectorAll('[data-since]')) {
    const seconds = Math.max(0, (now() - Date.parse(element.dataset.since)) / 1000);
    const { limit, width } = element.dataset;
    if (width === undefined) {
      write(element, elapsedText(seconds, limit !== undefined));
    } else {
      element.setAttribute('width', String(Math.min(1, seconds / limit) * width));
      element.classList.toggle('over', seconds > limit);
    }
  }
}

tick();
setInterval(tick, 500);
