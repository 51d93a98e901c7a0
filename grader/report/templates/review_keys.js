"use strict";
// Which key does what: as printed on the page, or as somebody has changed it. Kept in a cookie, which browsers send to each
// port of a machine: the port is another one each time, and with it would be all else that a browser keeps.
const keys = (() => {
  const NAME = "grade-review-keys";
  const YEAR = 365 * 24 * 3600;
  const canBeKey = (key) => key === "Enter" || [...key].length === 1;
  const shown = (key) => (key === " " ? "Space" : key);

  const read = () => {
    const found = new Map();
    try {
      const text = document.cookie.split("; ").find((one) => one.startsWith(`${NAME}=`)).slice(NAME.length + 1);
      // Whoever else has pages on this machine can write it: taken is only what we could have written.
      for (const [action, key] of Object.entries(JSON.parse(decodeURIComponent(text))))
        if (typeof key === "string" && canBeKey(action) && canBeKey(key)) found.set(action, key);
    } catch { /* none was changed */ }
    return found;
  };
  const write = () => {
    const text = encodeURIComponent(JSON.stringify(Object.fromEntries(changed)));
    document.cookie = `${NAME}=${text}; path=/; samesite=strict; max-age=${changed.size ? YEAR : 0}`;
  };
  let changed = read();
  // What a key stands for, by the name that it has where nothing is changed; empty where it stands for nothing.
  const meaning = (key) => {
    for (const [action, own] of changed) if (own === key) return action;
    return changed.has(key) ? "" : key;
  };
  const of = (action) => changed.get(action) ?? (meaning(action) === action ? action : "");
  const print = () => {
    for (const one of document.querySelectorAll("kbd[data-for]")) {
      one.textContent = shown(of(one.dataset.for)) || "·";
      if (one.parentElement.matches(".keys button"))
        one.parentElement.setAttribute("aria-label", `${one.textContent} is the key for: ${one.dataset.does}. Change it`);
    }
  };

  const list = document.getElementById("keys");
  const said = (text) => { list.querySelector("[role=status]").textContent = text; };
  let waiting = "";
  const named = (action) => list.querySelector(`kbd[data-for="${CSS.escape(action)}"]`)?.dataset.does ?? "an item";
  const begin = (action) => {
    waiting = action;
    said(`Press the new key for: ${named(action)}. Esc leaves it as it is.`);
  };
  const change = (action, key) => {
    const there = [...document.querySelectorAll("kbd[data-for]")].map((one) => one.dataset.for);
    const taken = there.find((one) => one !== action && of(one) === key);
    if (taken) return said(`${shown(key)} is the key for: ${named(taken)}. Press another one, or change that first.`);
    if (key === action) changed.delete(action);
    else changed.set(action, key);
    write();
    print();
    waiting = "";
    said(`${shown(key)} is the key for: ${named(action)}.`);
  };
  const edit = () => {
    for (const one of list.querySelectorAll("dt kbd[data-for]")) {
      const button = document.createElement("button");
      button.type = "button";
      one.replaceWith(button);
      button.append(one);
      button.addEventListener("click", () => begin(one.dataset.for));
    }
    print();
    list.querySelector("[name=change]").hidden = true;
    list.querySelector("[name=reset]").hidden = false;
    said("Choose one, and press its new key.");
  };
  const reset = () => {
    changed = new Map();
    write();
    print();
    waiting = "";
    said("All keys are as they were.");
  };

  if (list) {
    const [start, back] = ["change", "reset"].map((name) => list.querySelector(`[name=${name}]`));
    start.hidden = false;
    start.addEventListener("click", edit);
    back.addEventListener("click", reset);
    document.addEventListener("keydown", (event) => {
      if (!waiting || event.ctrlKey || event.altKey || event.metaKey || event.key === "Tab") return;
      event.stopImmediatePropagation();
      event.preventDefault();
      if (event.repeat || event.isComposing) return;
      if (event.key === "Escape") {
        waiting = "";
        said("It stays as it was.");
      } else if (canBeKey(event.key)) change(waiting, event.key);
      else if (event.key !== "Shift") said(`${event.key} can be no key here: press a letter, a digit, a sign, or Enter.`);
    }, true);
  }
  print();
  return {meaning};
})();
