"use strict";
// The page is whole without this. It makes the table answer: sort by a column, keep some of the rows.
(() => {
  const find = (selector) => document.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const body = find("#book tbody");
  if (!body) return;
  const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const heads = all("#book thead th");
  const first = heads.findIndex((head) => "question" in head.dataset);
  // Read once: asking the page again for each sort would take longer than the sort.
  const rows = [...body.rows].map((row, order) => {
    const cells = [...row.cells];
    return {
      row, order, text: plain(cells[0].textContent), flags: row.dataset.f || "",
      mistakes: (row.dataset.m || "").split(" "),
      // The true minus of a deduction is no minus to a program; what holds no number sorts last.
      values: cells.map((cell) => parseFloat(cell.textContent.trim().replace("\u2212", ""))),
      tones: cells.slice(first).map((cell) => cell.className.split(" ")),
    };
  });
  const [text, state, question, mistake] = ["text", "state", "question", "mistake"].map((id) => find("#by-" + id));
  const shown = find("#shown");
  const FLAG = {waits: "w", failed: "f", late: "l", extended: "x"};
  const TONE = {waits: "o", lost: "b", failed: "e"};
  let sorted = {column: 0, falling: false};

  const keeps = (item, wanted) => {
    if (!item.text.includes(wanted)) return false;
    if (mistake.value !== "" && !item.mistakes.includes(mistake.value)) return false;
    if (state.value === "") return true;
    const tone = TONE[state.value];
    if (question.value !== "" && tone)
      return item.tones[Number(question.value)].includes(tone) ||
        (state.value === "failed" && !item.row.querySelector("a"));
    if (state.value === "lost") return item.tones.some((tones) => tones.includes("b"));
    return item.flags.includes(FLAG[state.value]);
  };

  const say = (count) => {
    const {column, falling} = sorted;
    const name = heads[column].dataset.name;
    const way = column === 0 ? (falling ? "Z to A" : "A to Z") : falling ? "highest first" : "lowest first";
    const part = count === rows.length ? `All ${count}` : `${count} of ${rows.length}`;
    shown.textContent = `${part} hand-ins shown, sorted by ${name}, ${way}.`;
  };

  const sheet = document.styleSheets[0], place = sheet.cssRules.length;
  const pick = (number) => {
    if (sheet.cssRules.length > place) sheet.deleteRule(place);
    const column = first + Number(number) + 1;
    if (number !== "") sheet.insertRule(`#book tr > :nth-child(${column}) { background: var(--well); }`, place);
  };

  // What is filtered stands in the address: whoever comes back from a report finds the table as it was.
  const PREFIX = "#show:";
  const remember = () => {
    const kept = new URLSearchParams();
    for (const field of [text, state, question, mistake])
      if (field.value !== "") kept.set(field.id.slice(3), field.value);
    const address = `${kept}` === "" ? "" : PREFIX + kept;
    if (address !== (location.hash.startsWith(PREFIX) ? location.hash : ""))
      history.replaceState(null, "", address || location.href.split("#")[0]);
  };
  const recall = () => {
    if (!location.hash.startsWith(PREFIX)) return;
    const kept = new URLSearchParams(location.hash.slice(PREFIX.length));
    for (const field of [text, state, question, mistake]) field.value = kept.get(field.id.slice(3)) || "";
  };

  const filter = () => {
    remember();
    const wanted = plain(text.value.trim());
    let count = 0;
    for (const item of rows) {
      const keep = keeps(item, wanted);
      if (item.row.hidden === keep) item.row.hidden = !keep;
      count += keep;
    }
    pick(question.value);
    say(count);
  };

  const sort = (column, falling) => {
    sorted = {column, falling};
    const sign = falling ? -1 : 1;
    rows.sort((a, b) => {
      if (column === 0) return sign * (a.order - b.order);
      const x = a.values[column], y = b.values[column];
      if (isNaN(x) || isNaN(y)) return isNaN(x) - isNaN(y) || a.order - b.order;
      return sign * (x - y) || a.order - b.order;
    });
    body.append(...rows.map((item) => item.row));
    heads.forEach((head, i) => {
      if (i === column) head.setAttribute("aria-sort", falling ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    });
    say(rows.filter((item) => !item.row.hidden).length);
  };

  const button = (around, press) => {
    const made = document.createElement("button");
    made.type = "button";
    made.append(...around.childNodes);
    around.append(made);
    made.addEventListener("click", press);
  };

  heads.forEach((head, column) => button(head, () => {
    const again = sorted.column === column;
    sort(column, again ? !sorted.falling : "falling" in head.dataset);
  }));
  all("[data-show]").forEach((link) => button(link, () => {
    text.value = "";
    state.value = link.dataset.show;
    question.value = link.dataset.question || "";
    mistake.value = link.dataset.mistake || "";
    filter();
    find("#hand-ins").scrollIntoView();
    find("#book").focus({preventScroll: true});
  }));
  text.addEventListener("input", filter);
  for (const choice of [state, question, mistake]) choice.addEventListener("change", filter);
  find("#reset").addEventListener("click", () => {
    for (const field of [text, state, question, mistake]) field.value = "";
    filter();
  });
  find("#filters").hidden = false;
  addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (/^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName)) return;
    event.preventDefault();
    text.focus();
    text.select();
  });
  addEventListener("hashchange", () => { recall(); filter(); });
  // A browser that comes back to the page may have kept what was in the fields.
  recall();
  filter();
})();
