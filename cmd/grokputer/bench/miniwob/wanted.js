// wanted lists what the eyes should see on the page: controls with what they
// say, and lines of text. It knows HTML, and nothing of any page.
const wanted = () => {
  const control = {icon: ['button', 'icon'], button: ['button'], link: ['link'], tab: ['tab'], field: ['field'], check: ['check'],
    radio: ['radio'], menu: ['menu'], list: ['menu', 'field', 'button'], image: ['icon', 'image'], text: ['text']};
  const typed = ['text', 'password', 'email', 'number', 'search', 'tel', 'url', 'date', 'time', ''];

  // The kind of control that an element is, '' for none.
  const kindOf = el => {
    const role = el.getAttribute('role') || '', type = (el.getAttribute('type') || '').toLowerCase();
    const style = getComputedStyle(el);
    switch (el.tagName) {
      case 'BUTTON': return 'button';
      case 'TEXTAREA': return 'field';
      case 'SELECT': return el.multiple || el.size > 1 ? '' : 'list';
      case 'IMG': case 'CANVAS': case 'svg': return 'image';
      case 'INPUT':
        if (type === 'checkbox') return 'check';
        if (type === 'radio') return 'radio';
        if (['submit', 'button', 'reset'].includes(type)) return 'button';
        return typed.includes(type) ? 'field' : '';
    }
    if (role === 'tab') return 'tab';
    if (role === 'menuitem') return 'menu';
    if (role === 'button' || el.classList.contains('ui-button')) return 'button';
    if (role === 'link' || el.tagName === 'A' && el.hasAttribute('href')) return 'link';
    if (el.isContentEditable && !(el.parentElement && el.parentElement.isContentEditable)) return 'field';
    if (style.textDecorationLine.includes('underline') && style.cursor === 'pointer') return 'link';
    if (style.content.startsWith('url(')) return 'image';
    if (style.cursor.endsWith('-resize')) return ''; // a grip at an edge
    // A picture behind nothing, as symbols are made; larger ones are decoration.
    if (style.backgroundImage.startsWith('url(') && !el.firstChild && el.offsetWidth <= 48 && el.offsetHeight <= 48) return 'image';
    return '';
  };

  const cut = (a, b) => ({left: Math.max(a.left, b.left), top: Math.max(a.top, b.top),
    right: Math.min(a.right, b.right), bottom: Math.min(a.bottom, b.bottom)});
  const join = (a, b) => a ? {left: Math.min(a.left, b.left), top: Math.min(a.top, b.top),
    right: Math.max(a.right, b.right), bottom: Math.max(a.bottom, b.bottom)} : b;
  const area = r => Math.max(0, r.right - r.left) * Math.max(0, r.bottom - r.top);
  const edges = r => ({left: r.left, top: r.top, right: r.right, bottom: r.bottom});

  // How a rectangle of an element is seen: 'none', 'part' or 'whole'.
  const seen = (rect, el) => {
    const style = getComputedStyle(el);
    let opacity = 1;
    for (let up = el; up; up = up.parentElement) opacity *= Number(getComputedStyle(up).opacity);
    if (style.visibility !== 'visible' || opacity < 0.1 || area(rect) === 0) return 'none';
    let left = cut(rect, {left: 0, top: 0, right: innerWidth, bottom: innerHeight});
    for (let up = el; up && up !== document.body; up = up.parentElement) {
      if (up !== el && getComputedStyle(up).overflow !== 'visible') left = cut(left, edges(up.getBoundingClientRect()));
    }
    if (area(left) === 0) return 'none';
    const hit = document.elementFromPoint((left.left + left.right) / 2, (left.top + left.bottom) / 2);
    const free = hit && (hit.contains(el) || el.contains(hit));
    return free && area(left) >= 0.75 * area(rect) ? 'whole' : 'part';
  };

  const controls = [], lines = [];
  const records = new Map();
  const record = el => {
    if (!records.has(el)) {
      const r = {el, kind: kindOf(el), rect: edges(el.getBoundingClientRect()), words: [], part: false};
      records.set(el, r);
      controls.push(r);
    }
    return records.get(el);
  };
  const blockOf = el => {
    while (getComputedStyle(el).display.startsWith('inline') && getComputedStyle(el).display !== 'inline-block') el = el.parentElement;
    return el;
  };

  let open = null, paragraphs = 0; // the line that a next word may belong to
  const addWord = (text, rect, block, spaced) => {
    const overlap = open ? Math.min(open.rect.bottom, rect.bottom) - Math.max(open.rect.top, rect.top) : 0;
    const height = rect.bottom - rect.top;
    if (open && open.block === block && overlap > height / 2 && rect.left >= open.rect.right - 1 && rect.left - open.rect.right < 1.5 * height) {
      open.text += (spaced ? ' ' : '') + text;
      open.rect = join(open.rect, rect);
      return open;
    }
    const follows = open && open.block === block && overlap <= height / 2;
    open = {kind: 'text', text, rect, block, paragraph: follows ? open.paragraph : ++paragraphs, part: false};
    lines.push(open);
    return open;
  };

  const textOf = (node, owner) => {
    const el = node.parentElement, style = getComputedStyle(el), range = document.createRange();
    const transform = {uppercase: t => t.toUpperCase(), lowercase: t => t.toLowerCase(),
      capitalize: t => t.replace(/^\p{L}/u, c => c.toUpperCase())}[style.textTransform] || (t => t);
    for (const word of node.data.matchAll(/\S+/g)) {
      range.setStart(node, word.index);
      range.setEnd(node, word.index + word[0].length);
      const rect = edges(range.getBoundingClientRect());
      const how = seen(rect, el);
      if (how === 'none') continue;
      const text = transform(word[0]);
      const spaced = word.index > 0 || (node.previousSibling && /\s$/.test(node.previousSibling.textContent)) || !node.previousSibling;
      if (owner) {
        owner.words.push(text);
        owner.part ||= how === 'part';
        if (owner.kind === 'check' || owner.kind === 'radio') owner.rect = join(owner.rect, rect);
      } else if (addWord(text, rect, blockOf(el), spaced)) {
        open.part ||= how === 'part';
      }
    }
  };

  const walk = (el, owner) => {
    if (el.id === 'query' || ['SCRIPT', 'STYLE', 'NOSCRIPT', 'OPTION', 'TITLE'].includes(el.tagName)) return;
    if (getComputedStyle(el).display === 'none') return;
    if (!owner) {
      const marked = el.tagName === 'LABEL' && el.control && ['checkbox', 'radio'].includes(el.control.type) ? el.control : null;
      if (marked || kindOf(el)) {
        owner = record(marked || el);
        open = null; // no line of text goes on beyond a control
      }
    } else if (el.tagName === 'INPUT' && owner.el !== el && kindOf(el)) {
      record(el); // a control within a label
    }
    if (el.tagName === 'svg') return;
    for (const child of el.childNodes) {
      if (child.nodeType === Node.TEXT_NODE) textOf(child, owner);
      else if (child.nodeType === Node.ELEMENT_NODE) walk(child, owner);
    }
    if (owner && owner.el === el) open = null;
  };
  walk(document.body, null);

  const found = [];
  const put = (kinds, text, judged, rect, paragraph, checked = false) => {
    const x = screenX + (outerWidth - innerWidth) / 2, y = screenY + outerHeight - innerHeight, ratio = devicePixelRatio;
    found.push({kinds, text, judged, paragraph, checked, left: (rect.left + x) * ratio, top: (rect.top + y) * ratio,
      right: (rect.right + x) * ratio, bottom: (rect.bottom + y) * ratio});
  };
  for (const c of controls) {
    if (c.part || seen(edges(c.el.getBoundingClientRect()), c.el) !== 'whole') continue;
    let text = c.words.join(' '), judged = true, kinds = control[c.kind];
    switch (c.kind) {
      case 'field':
        text = c.el.value === undefined ? text : c.el.value || c.el.placeholder || '';
        judged = c.el.type !== 'password' || text === '';
        break;
      case 'list':
        text = c.el.selectedIndex < 0 ? '' : c.el.options[c.el.selectedIndex].text.trim();
        break;
      case 'image':
        judged = false;
        break;
      case 'button':
        if (c.el.tagName === 'INPUT') text = c.el.value;
        if (text === '') [kinds, judged] = [control.icon, false];
        break;
      case 'check': case 'radio':
        judged = text !== '';
    }
    put(kinds, text, judged, c.rect, 0, ['check', 'radio'].includes(c.kind) && c.el.checked);
  }
  for (const l of lines) if (!l.part) put(control.text, l.text, true, l.rect, l.paragraph);
  return found;
};
