// What is done once.
function makeKinds() {
  const box = (label, number, change) => {
    const input = element("input", { type: "checkbox", checked: "" });
    input.addEventListener("change", () => { change(input.checked); updateSoon(); });
    return element("label", {}, input, label, element("span", { class: "number" }, number.toLocaleString("en")));
  };
  const size = (cards) => sum(cards.map((card) => card.within + card.across));
  for (const kind of kinds) {
    const change = (on) => (on ? filters.kinds.add(kind) : filters.kinds.delete(kind));
    by("kinds").append(box(kind, size(report.cards.filter((card) => card.kind === kind)), change));
  }
  const aside = report.cards.filter((card) => card.why);
  if (aside.length) by("kinds").append(box("also what is not counted", size(aside), (on) => { filters.aside = on; }));
}

function listen() {
  by("score").addEventListener("input", (event) => setScore(event.target.valueAsNumber));
  for (const name of ["document", "words", "where"]) {
    by(name).addEventListener("input", (event) => { filters[name] = event.target.value.trim(); updateSoon(); });
  }
  by("order").addEventListener("change", update);
  by("group").addEventListener("click", () => chooseGroup(null));
  by("filters").addEventListener("submit", (event) => event.preventDefault());
  by("filters").addEventListener("reset", () => {
    Object.assign(filters, { kinds: new Set(kinds), aside: true, document: "", words: "", where: "all", group: null });
    setTimeout(() => setScore(report.min_score)); // after the fields have got their first values back
  });
  by("theme").addEventListener("click", changeTheme);
  by("help-opener").addEventListener("click", onKey["?"]);
  by("keys").addEventListener("change", () => remember("keys", by("keys").checked ? "on" : "off"));
  document.addEventListener("keydown", pressed);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", showTheme);
  addEventListener("resize", updateSoon);
  addEventListener("beforeprint", () => listed.forEach(fill));
}

function start() {
  const known = remember("theme");
  if (known === "light" || known === "dark") root.dataset.theme = known;
  by("keys").checked = remember("keys") !== "off";
  showTheme();
  document.querySelector(".tools").hidden = false;
  if (!report.cards.length) return;
  by("filters").hidden = false;
  document.querySelector(".bar").hidden = false;
  document.querySelector("#filters > details").open = matchMedia("(min-width: 62rem)").matches;
  by("words-field").hidden = report.texts.length === 0;
  by("legend").hidden = !report.cards.some((card) => card.marks.some((marks) => marks.length));
  by("documents").append(...report.documents.map((name) => element("option", { value: name })));
  makeKinds();
  const least = Math.floor(report.min_score * BINS + 1e-9) / BINS;
  by("score").min = least;
  by("score").defaultValue = least;
  setScore(least);
  shells.forEach((shell) => observer.observe(shell));
}

listen();
start();
