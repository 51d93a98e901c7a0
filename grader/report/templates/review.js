"use strict";
// The pages are whole without this. It gives keys to what is on them: each presses a button, follows a link or ticks a box.
(() => {
  const form = document.getElementById("marking");
  const find = (selector) => document.querySelector(selector);
  const isField = (element) => element instanceof HTMLInputElement && !["checkbox", "radio"].includes(element.type);
  let sent = false;
  // A key that is held down, or pressed again while the next answer is on its way, saves once.
  document.addEventListener("submit", (event) => {
    if (sent) event.preventDefault();
    sent = true;
  });
  window.addEventListener("pageshow", () => { sent = false; });

  const save = () => form.requestSubmit(find("button[value=save]"));
  const tick = (box) => {
    box.checked = !box.checked;
    const none = find("[data-item='0']");
    if (!box.checked) return total();
    if (box === none) document.querySelectorAll("[name=item]:checked").forEach((one) => { one.checked = false; });
    else none.checked = false;
    total();
  };
  // What the server will make of it: of items of one part the best, within the points of the question.
  const total = () => {
    const output = find(".sum output");
    if (!output) return;
    const chosen = [...document.querySelectorAll("[name=item]:checked")];
    const besides = find("[name=adjust]").value.trim().replace(",", ".").replace("\u2212", "-");
    output.parentElement.hidden = !chosen.length && !besides && !find("[data-item='0']").checked;
    let sum = Number(besides);
    const best = new Map();
    for (const {dataset: {points, part}} of chosen)
      if (part) best.set(part, Math.max(Number(points), best.get(part) ?? -Infinity));
      else sum += Number(points);
    for (const points of best.values()) sum += points;
    const most = Number(output.dataset.most);
    output.value = Number.isNaN(sum) ? "?" : Math.round(100 * Math.min(most, Math.max(0, sum))) / 100;
  };
  const turnGroup = () => {
    const choices = [...document.querySelectorAll("[name=group]")];
    if (!choices.length) return;
    const at = choices.findIndex((one) => one.checked);
    choices[(at + 1) % choices.length].checked = true;
  };

  document.addEventListener("change", (event) => {
    if (!event.target.matches?.("[data-points], [data-item]")) return;
    event.target.checked = !event.target.checked;
    tick(event.target);
  });
  document.addEventListener("input", (event) => { if (event.target.name === "adjust") total(); });
  total();

  // What has become of the answer meanwhile: it is asked for as long as somebody looks at the page.
  const since = find("#since");
  const AGAIN_MS = 5000;
  const look = async () => {
    if (document.hidden || sent) return;
    let text = "grade review does not answer: nothing can be saved until it runs.";
    try {
      const answer = await fetch(since.dataset.at);
      if (answer.ok) text = await answer.text();
      else if (answer.status === 403) text = "grade review was started anew: open the address that stands on the terminal.";
    } catch { /* said above */ }
    if (since.textContent !== text) since.textContent = text;
  };
  if (since) setInterval(look, AGAIN_MS);

  document.addEventListener("keydown", (event) => {
    const {target} = event;
    if (event.altKey || event.metaKey || event.isComposing) return;
    if (isField(target)) {
      const {key} = event;
      if (!form || !form.contains(target)) return;
      if (key === "Escape") target.blur();
      // Only with Ctrl: Enter alone chooses one of the notes that are offered.
      if (key === "Enter") {
        event.preventDefault();
        if (event.ctrlKey) save();
      }
      return;
    }
    if (event.ctrlKey || event.repeat) return;
    if (["Enter", " "].includes(event.key) && target.closest?.("a, button, summary")) return;
    const key = keys.meaning(event.key);
    if (!key) return;
    if (key === "Enter") {
      if (!form) return;
      event.preventDefault();
      save();
      return;
    }
    const box = form && find(`[data-item="${CSS.escape(key)}"]`);
    const pressed = /^[a-z]$/.test(key) && find(`[data-key="${key}"]`);
    if (box) tick(box);
    else if (pressed) pressed.click();
    else if (key === "g") turnGroup();
    else if (key === "c" && form) find("[name=note]").focus();
    else if (key === "/" && find("[name=who], nav a")) {
      const field = find("[name=who]"); // else to the first page, which has it
      if (field) field.focus();
      else find("nav a").click();
    }
    else if (key === "?" && find("#keys")) {
      find("#keys").open = !find("#keys").open;
      find("#keys").scrollIntoView({block: "nearest"});
    }
    else return;
    event.preventDefault();
  });
})();
