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
    if (!box.checked) return;
    if (box === none) document.querySelectorAll("[name=item]:checked").forEach((one) => { one.checked = false; });
    else none.checked = false;
  };
  const turnGroup = () => {
    const choices = [...document.querySelectorAll("[name=group]")];
    if (!choices.length) return;
    const at = choices.findIndex((one) => one.checked);
    choices[(at + 1) % choices.length].checked = true;
  };

  document.addEventListener("change", (event) => {
    if (event.target.matches?.("[data-item]") && event.target.checked) {
      event.target.checked = false;
      tick(event.target);
    }
  });

  document.addEventListener("keydown", (event) => {
    const {key, target} = event;
    if (event.altKey || event.metaKey || event.isComposing) return;
    if (isField(target)) {
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
    if (key === "Enter") {
      if (!form || target.closest?.("a, button, summary")) return;
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
    else if (key === "?" && find("#keys")) find("#keys").open = !find("#keys").open;
    else return;
    event.preventDefault();
  });
})();
