// Signature pad (templates/components/signature.html). The strokes go, as JSON, into the hidden
// field; by keyboard a name is typed instead, and the record says that it was typed.
//
//   {"kind": "drawn", "width": 300, "height": 140, "strokes": [[[x, y], …], …]}
//   {"kind": "typed", "text": "M. Okafor"}
const LINE_WIDTH = 2.6;
const NEAR_PX = 1; // closer points say nothing

function start(pad) {
  const canvas = pad.querySelector('canvas');
  const field = pad.querySelector('input[type="hidden"]');
  const typed = pad.querySelector('[data-typed]');
  const hint = pad.querySelector('[data-here]');
  const status = pad.querySelector('[data-sign-state]');
  const context = canvas.getContext('2d');
  let strokes = [];
  let current = null;

  function draw() {
    const { width, height } = canvas.getBoundingClientRect();
    const scale = window.devicePixelRatio || 1;
    canvas.width = width * scale;
    canvas.height = height * scale;
    context.scale(scale, scale);
    context.lineWidth = LINE_WIDTH;
    context.lineCap = context.lineJoin = 'round';
    context.strokeStyle = getComputedStyle(canvas).color;
    for (const stroke of strokes) {
      context.beginPath();
      context.moveTo(...stroke[0]);
      for (const point of stroke) context.lineTo(...point);
      context.stroke();
    }
  }

  function store() {
    const box = canvas.getBoundingClientRect();
    const text = typed.value.trim();
    let value = '';
    if (strokes.length) {
      value = JSON.stringify({
        kind: 'drawn', width: Math.round(box.width), height: Math.round(box.height), strokes,
      });
    } else if (text) {
      value = JSON.stringify({ kind: 'typed', text });
    }
    field.value = value;
    hint.hidden = strokes.length > 0;
    status.textContent = value ? status.dataset.signed : status.dataset.empty;
    // Bubbles, so that a form can enable its next act.
    field.dispatchEvent(new Event('change', { bubbles: true }));
  }

  function point(event) {
    const box = canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top].map((n) => Math.round(n * 10) / 10);
  }

  canvas.addEventListener('pointerdown', (event) => {
    if (!event.isPrimary || event.button !== 0) return;
    event.preventDefault();
    canvas.setPointerCapture(event.pointerId);
    if (typed.value) typed.value = '';
    current = [point(event)];
    strokes.push(current);
    draw();
  });
  canvas.addEventListener('pointermove', (event) => {
    if (!current) return;
    for (const part of event.getCoalescedEvents?.() ?? [event]) {
      const [x, y] = point(part);
      const [lastX, lastY] = current.at(-1);
      if (Math.hypot(x - lastX, y - lastY) >= NEAR_PX) current.push([x, y]);
    }
    draw();
  });
  for (const end of ['pointerup', 'pointercancel']) {
    canvas.addEventListener(end, () => {
      if (!current) return;
      current = null;
      store();
    });
  }
  pad.querySelector('[data-clear]').addEventListener('click', () => {
    strokes = [];
    typed.value = '';
    draw();
    store();
  });
  typed.addEventListener('input', () => {
    strokes = [];
    draw();
    store();
  });
  new ResizeObserver(draw).observe(canvas);
}

function startAll(root) {
  for (const pad of root.querySelectorAll('[data-signature]:not([data-started])')) {
    pad.dataset.started = '';
    start(pad);
  }
}

startAll(document);
document.addEventListener('htmx:afterSwap', () => startAll(document));
