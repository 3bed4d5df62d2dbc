// Runs in each page, after the script of the stage and within the same function: it
// tells the recorder, and nobody else, which controls there are and how they are.
const edges = r => ({left: r.left, top: r.top, right: r.right, bottom: r.bottom});
const join = (a, b) => ({left: Math.min(a.left, b.left), top: Math.min(a.top, b.top),
  right: Math.max(a.right, b.right), bottom: Math.max(a.bottom, b.bottom)});

// The rectangle of an element, with its label where a click there is one on it.
const rectOf = el => {
  let rect = edges(el.getBoundingClientRect());
  if (['checkbox', 'radio'].includes(el.type)) for (const label of el.labels || []) rect = join(rect, edges(label.getBoundingClientRect()));
  return rect;
};

const inView = r => r.top >= 0 && r.bottom <= innerHeight && r.left >= 0 && r.right <= innerWidth;

const free = el => {
  const r = el.getBoundingClientRect();
  const hit = document.elementFromPoint((r.left + r.right) / 2, (r.top + r.bottom) / 2);
  return Boolean(hit && (el.contains(hit) || hit.contains(el) && hit !== document.body && hit !== document.documentElement));
};

const nameOf = el => {
  if (el.dataset.n !== undefined) return el.dataset.n;
  if (el.tagName === 'INPUT' && ['button', 'submit'].includes(el.type)) return el.value;
  if (['checkbox', 'radio'].includes(el.type)) return Array.from(el.labels || [], l => l.textContent.trim()).join(' ');
  if (['INPUT', 'TEXTAREA', 'SELECT'].includes(el.tagName)) return '';
  return el.textContent.trim();
};

const valueOf = el => {
  if (el.tagName === 'SELECT') return el.selectedIndex < 0 ? '' : el.options[el.selectedIndex].text.trim();
  if (el.dataset.value !== undefined) return el.dataset.value;
  return el.value === undefined ? el.textContent.trim() : el.value;
};

const state = () => {
  const x = screenX + (outerWidth - innerWidth) / 2, y = screenY + outerHeight - innerHeight, ratio = devicePixelRatio;
  const controls = Array.from(document.querySelectorAll('[data-t]'), el => {
    const rect = rectOf(el);
    return {
      id: el.dataset.t, kind: el.dataset.k, name: nameOf(el),
      left: (rect.left + x) * ratio, top: (rect.top + y) * ratio, right: (rect.right + x) * ratio, bottom: (rect.bottom + y) * ratio,
      shown: rect.right > rect.left && rect.bottom > rect.top, in: inView(el.getBoundingClientRect()), free: free(el), below: rect.top > 0,
      value: valueOf(el), checked: Boolean(el.checked), focused: document.activeElement === el && document.hasFocus(),
      expanded: el.getAttribute('aria-expanded') === 'true',
      clicks: counts.clicks[el.dataset.t] || 0, enters: counts.enters[el.dataset.t] || 0,
    };
  });
  const there = new Set(controls.map(c => c.id));
  for (const [id, clicks] of Object.entries(counts.clicks)) if (!there.has(id)) controls.push({id, clicks, shown: false});
  return {controls};
};

orders.state = async () => {
  await shown();
  await post('state', state());
};
orders.blur = async () => {
  document.activeElement.blur();
  await shown();
  await post('state', state());
};
window.addEventListener('load', async () => {
  await document.fonts.ready;
  await shown();
  post('state', state());
});
