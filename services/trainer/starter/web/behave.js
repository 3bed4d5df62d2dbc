// What the controls of the made-up pages do. Each is marked with data- attributes.
(() => {
  const all = (root, query) => Array.from(root.querySelectorAll(query));
  const show = (query, on) => all(document, query).forEach(el => { el.hidden = !on; });
  const counts = window.counts = {clicks: {}, enters: {}}; // outlive what is removed
  const count = (el, what) => { counts[what][el.dataset.t] = (counts[what][el.dataset.t] || 0) + 1; };

  document.addEventListener('click', event => {
    const el = event.target.closest('[data-t]');
    if (!el || !event.isTrusted) return;
    count(el, 'clicks');
  }, true);
  document.addEventListener('keydown', event => {
    const el = event.target.closest && event.target.closest('[data-t]');
    if (el && event.key === 'Enter' && event.isTrusted) {
      count(el, 'enters');
      show('.entered', true);
    }
  }, true);

  document.addEventListener('click', event => {
    const el = event.target.closest('[data-show],[data-hide],[data-tab],[data-toggle],[data-step],[data-remove],[data-mark],[data-menu],[data-option]');
    if (!el) {
      all(document, '.popup').forEach(menu => { menu.hidden = true; });
      return;
    }
    const d = el.dataset;
    if (el.tagName === 'A') event.preventDefault();
    if (d.hide) show(d.hide, false);
    if (d.show) show(d.show, true);
    if (d.tab) {
      all(el.closest('.tabs'), '[data-tab]').forEach(tab => tab.classList.toggle('on', tab === el));
      all(document, '.panel').forEach(panel => { panel.hidden = panel.id !== d.tab; });
    }
    if (d.toggle) {
      const below = document.getElementById(d.toggle);
      below.hidden = !below.hidden;
      el.setAttribute('aria-expanded', String(!below.hidden));
      const mark = el.querySelector('.mark');
      if (mark && mark.dataset.open) mark.textContent = below.hidden ? mark.dataset.closed : mark.dataset.open;
    }
    if (d.step) {
      const box = document.getElementById(d.of);
      const value = Number(box.value === undefined ? box.textContent : box.value) + Number(d.step);
      if (box.value === undefined) box.textContent = String(value);
      else box.value = String(value);
    }
    if (d.remove) el.closest(d.remove).remove();
    if (d.mark) el.classList.toggle('marked');
    if (d.menu) show('#' + d.menu, true);
    if (d.option) {
      const list = document.getElementById(d.option);
      list.querySelector('.chosen').textContent = el.textContent;
      list.dataset.value = el.textContent;
      el.closest('.popup').hidden = true;
    }
  });
  document.addEventListener('click', event => {
    if (event.target.closest('a')) event.preventDefault();
    const node = event.target.closest('.node:not([data-toggle])');
    if (node) all(document, '.node').forEach(other => other.classList.toggle('picked', other === node));
  });
})();
