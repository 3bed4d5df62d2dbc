// Comfort only: every page works without this file.
"use strict";
(() => {
  const make = (tag, props, ...children) => {
    const node = Object.assign(document.createElement(tag), props);
    node.append(...children);
    return node;
  };

  // Live filtering of the list.
  const box = document.querySelector("[data-filter]");
  let filter = () => {};
  if (box) {
    const input = make("input", { type: "search", id: "filter", placeholder: "Find in these sessions" });
    const told = make("span", { className: "hide", role: "status" });
    box.append(make("label", { className: "hide", htmlFor: "filter", textContent: "Find in these sessions" }), input, told);
    filter = () => {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      const rows = document.querySelectorAll("[data-row]");
      for (const row of rows) {
        const text = row.textContent.toLowerCase();
        row.hidden = !words.every((w) => text.includes(w));
        if (!row.hidden) shown++;
      }
      told.textContent = words.length ? `${shown} of ${rows.length} sessions` : "";
    };
    input.addEventListener("input", filter);
  }

  // All details of the steps at once.
  const expand = () => {
    const place = document.querySelector("[data-expand]");
    if (!place || !document.querySelector(".told") || place.firstChild) return;
    const button = make("button", { type: "button", className: "button small", textContent: "Show what the planner was told" });
    button.setAttribute("aria-pressed", "false");
    button.addEventListener("click", () => {
      const open = button.getAttribute("aria-pressed") !== "true";
      button.setAttribute("aria-pressed", String(open));
      for (const d of document.querySelectorAll(".told")) d.open = open;
    });
    place.append(button);
  };
  expand();

  // Who writes the right action says that the step was wrong.
  document.addEventListener("input", (event) => {
    const [, step] = /^corrected-(\d+)$/.exec(event.target.name) ?? [];
    if (!step || !event.target.value.trim()) return;
    const wrong = document.querySelector(`input[name="verdict-${step}"][value="wrong"]`);
    if (wrong) wrong.checked = true;
  });

  // What runs is brought up to date in place.
  const refresh = async () => {
    if (document.hidden) return;
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const old of document.querySelectorAll("[data-live]")) {
      const next = fresh.querySelector(`[data-live="${old.dataset.live}"]`);
      if (!next) continue;
      const open = [...old.querySelectorAll("details[open][id]")].map((d) => d.id);
      const active = old.contains(document.activeElement) ? document.activeElement : null;
      if (active?.matches("input:not([type=hidden]), textarea") && active.value) continue; // somebody writes there
      const same = active?.id ? `#${CSS.escape(active.id)}` : active?.getAttribute("href") && `a[href="${CSS.escape(active.getAttribute("href"))}"]`;
      old.replaceWith(document.adoptNode(next));
      for (const id of open) document.getElementById(id)?.setAttribute("open", "");
      if (same) next.querySelector(same)?.focus({ preventScroll: true });
    }
    if (fresh.body.dataset.refresh) document.body.dataset.refresh = fresh.body.dataset.refresh;
    else delete document.body.dataset.refresh;
    filter();
    expand();
  };
  const tick = () => {
    const seconds = Number(document.body.dataset.refresh);
    if (!seconds) return;
    setTimeout(() => refresh().catch(() => {}).then(tick), 1000 * seconds);
  };
  tick();
})();
