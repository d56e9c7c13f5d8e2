"use strict";
(() => {
  document.documentElement.classList.add("js");
  // On paper nothing may stay folded away.
  addEventListener("beforeprint", () => { for (const d of document.querySelectorAll("details")) d.open = true; });
  const findings = [...document.querySelectorAll(".finding")];
  const items = new Map([...document.querySelectorAll(".index li")].map((li) => [li.dataset.target, li]));
  const chips = [...document.querySelectorAll(".filters button")];
  const rule = document.getElementById("by-rule");
  const reading = document.getElementById("by-reading");
  const count = document.getElementById("shown");
  const none = document.getElementById("none-shown");
  if (!findings.length) return;

  const filter = () => {
    const wanted = new Set(chips.filter((c) => c.getAttribute("aria-pressed") === "true").map((c) => c.dataset.severity));
    let shown = 0;
    for (const f of findings) {
      const visible = wanted.has(f.dataset.severity) && (!rule.value || f.dataset.rule === rule.value) && (!reading.value || f.dataset.reading === reading.value);
      f.hidden = !visible;
      items.get(f.id).hidden = !visible;
      if (visible) shown += 1;
    }
    count.textContent = `显示 ${shown} / ${findings.length}`;
    none.hidden = shown > 0;
  };
  for (const chip of chips) chip.addEventListener("click", () => {
    chip.setAttribute("aria-pressed", chip.getAttribute("aria-pressed") === "true" ? "false" : "true");
    filter();
  });
  rule.addEventListener("change", filter);
  reading.addEventListener("change", filter);

  let current = -1;
  const mark = (index) => {
    if (current >= 0) items.get(findings[current].id).classList.remove("current");
    current = index;
    const li = items.get(findings[index].id);
    li.classList.add("current");
    const list = li.parentElement;
    if (li.offsetTop < list.scrollTop || li.offsetTop + li.offsetHeight > list.scrollTop + list.clientHeight) list.scrollTop = li.offsetTop - list.clientHeight / 3;
  };
  const step = (by) => {
    for (let i = current + by; i >= 0 && i < findings.length; i += by) {
      if (findings[i].hidden) continue;
      mark(i);
      findings[i].focus({ preventScroll: true });
      findings[i].scrollIntoView({ block: "start" });
      return;
    }
  };
  findings.forEach((f, i) => f.addEventListener("focusin", () => mark(i)));
  for (const [id, li] of items) li.querySelector("a").addEventListener("click", () => mark(findings.findIndex((f) => f.id === id)));

  const dialog = document.getElementById("whole-page");
  const stage = dialog.querySelector(".page");
  const caption = dialog.querySelector(".what");
  let crops = [];
  let at = 0;
  const show = (index) => {
    at = (index + crops.length) % crops.length;
    const source = crops[at].querySelector("svg");
    const svg = source.cloneNode(true);
    svg.setAttribute("viewBox", `0 0 ${source.dataset.width} ${source.dataset.height}`);
    stage.replaceChildren(svg);
    caption.textContent = `问题${crops[at].closest(".finding").dataset.number} · 第${source.dataset.page}页`;
    const first = svg.querySelector(".box");
    stage.scrollTop = 0;
    if (first) first.scrollIntoView({ block: "center", inline: "center" });
    for (const b of dialog.querySelectorAll(".turn")) b.hidden = crops.length < 2;
  };
  const open = (figure) => {
    crops = [...figure.closest(".finding").querySelectorAll(".crop")];
    dialog.showModal();
    show(crops.indexOf(figure));
  };
  for (const figure of document.querySelectorAll(".crop")) {
    figure.querySelector("button").addEventListener("click", () => open(figure));
    figure.querySelector("svg").addEventListener("click", () => open(figure));
  }
  dialog.querySelector(".close").addEventListener("click", () => dialog.close());
  dialog.querySelector(".zoom").addEventListener("click", () => { dialog.classList.toggle("large"); show(at); });
  dialog.querySelector(".previous").addEventListener("click", () => show(at - 1));
  dialog.querySelector(".next").addEventListener("click", () => show(at + 1));
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });

  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) return;
    if (dialog.open) {
      if (event.key === "o") dialog.close();
      else if (event.key === "ArrowRight" && crops.length > 1) show(at + 1);
      else if (event.key === "ArrowLeft" && crops.length > 1) show(at - 1);
      return;
    }
    if (event.key === "j") step(1);
    else if (event.key === "k") step(-1);
    else if (event.key === "o" && current >= 0) {
      const figure = findings[current].querySelector(".crop");
      if (figure) open(figure);
    } else return;
    event.preventDefault();
  });
  filter();
})();
