
const AHEAD = "1200px"; // texts are put in place when this near to being seen
const BINS = 100; // of the histogram, each 0.01 wide
const NAMED = 8; // places of equal texts that are shown at once
const TALL = 104; // of the histogram, in its own units
const PARTS = 10_000; // of a score, so that scores are compared as whole numbers

const report = JSON.parse(document.getElementById("report").textContent);
const root = document.documentElement;
const by = (id) => document.getElementById(id);
const kinds = [...new Set(report.kinds.filter((kind) => report.cards.some((card) => card.kind === kind)))];
const lower = { documents: report.documents.map(folded), texts: report.texts.map(folded) };
const total = sum(report.cards.map((card) => card.within + card.across));
const shells = report.cards.map(makeShell);
const filters = { score: 0, kinds: new Set(kinds), aside: true, document: "", words: "", where: "all", group: null };

let listed = []; // numbers of the cards that pass, in their order
let order = null; // the one in which all cards stand on the page
let current = null; // the card that the keys are at
let waiting = false;

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

function drawn(name, attributes, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

function folded(text) {
  return text.toLowerCase();
}

function sum(numbers) {
  return numbers.reduce((one, other) => one + other, 0);
}

function counted(number, noun) {
  return `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;
}

// ---------------------------------------------------------------------------------------------------------------- cards

function makeShell(card, number) {
  const heading = element("h3", { id: `heading-${number}` }, element("span", { class: "score" }, card.score.toFixed(4)));
  heading.append(element("span", { class: "kind" }, card.kind));
  const places = card.a.length + card.b.length;
  if (places > 2) heading.append(element("span", { class: "aside" }, counted(places, "place")));
  if (card.group !== null) {
    const group = element("button", { type: "button", title: "Show this group only" }, `group ${card.group}`);
    group.addEventListener("click", () => chooseGroup(card.group));
    heading.append(group);
  }
  if (card.why) heading.append(element("span", { class: "aside" }, card.why));
  heading.append(element("span", { class: "rank" }, `${number + 1}`));
  const shell = element("article", { tabindex: "-1", "aria-labelledby": heading.id, "data-number": number }, heading);
  shell.style.containIntrinsicSize = `auto ${expectedHeight(card)}px`;
  shell.addEventListener("focus", () => goTo(number, false));
  return shell;
}

function expectedHeight(card) {
  const longest = Math.max(0, ...card.texts.map((text) => report.texts[text].length));
  return 150 + 27 * Math.ceil(longest / 52);
}

function fill(number) {
  const article = shells[number];
  if (article.childElementCount > 1) return;
  const card = report.cards[number];
  const sides = [card.a, card.b].filter((places) => places.length);
  const made = sides.map((places, side) => makeSide(places, card.texts[side], card.marks[side]));
  article.append(element("div", { class: sides.length === 1 ? "sides single" : "sides" }, ...made));
  article.append(element("ul", { class: "reasons" }, ...card.reasons.map((reason) => element("li", {}, reason))));
}

function makeSide(places, text, marks) {
  const side = element("div", { class: "side" });
  const names = places.map((place) => element("p", { class: "place" }, element("bdi", {}, report.places[place][1])));
  side.append(...names.slice(0, NAMED));
  if (names.length > NAMED) {
    const more = counted(names.length - NAMED, "more place");
    side.append(element("details", {}, element("summary", {}, more), ...names.slice(NAMED)));
  }
  if (text !== undefined) side.append(element("p", { class: "words", lang: "", dir: "auto" }, ...marked(report.texts[text], marks)));
  return side;
}

// marks: gap and length by turns; a negative length is of a word that both have.
function* marked(text, written) {
  const marks = written ? written.split(" ").map(Number) : [];
  let end = 0;
  for (let place = 0; place < marks.length; place += 2) {
    const first = end + marks[place];
    const last = first + Math.abs(marks[place + 1]);
    if (first > end) yield text.slice(end, first);
    yield element(marks[place + 1] < 0 ? "b" : "mark", {}, text.slice(first, last));
    end = last;
  }
  yield text.slice(end);
}

const observer = new IntersectionObserver(
  (entries) => entries.filter((entry) => entry.isIntersecting).forEach(({ target }) => {
    observer.unobserve(target);
    fill(Number(target.dataset.number));
  }),
  { rootMargin: AHEAD },
);

// -------------------------------------------------------------------------------------------------------------- filters

function weight(card) {
  if (filters.where === "within") return card.within;
  return filters.where === "across" ? card.across : card.within + card.across;
}

function passing() {
  const wanted = documentsWanted();
  const words = folded(filters.words).split(/\s+/).filter(Boolean);
  const known = new Map(); // one text may stand in many cards
  const holds = (text) => {
    if (!known.has(text)) known.set(text, words.every((word) => lower.texts[text].includes(word)));
    return known.get(text);
  };
  return [...report.cards.keys()].filter((number) => {
    const card = report.cards[number];
    return filters.kinds.has(card.kind) && weight(card) > 0
      && (filters.aside || !card.why)
      && (filters.group === null || card.group === filters.group)
      && (!wanted || [...card.a, ...card.b].some((place) => wanted[report.places[place][0]]))
      && (!words.length || card.texts.some(holds));
  });
}

// A whole name means that document only, part of one all that have it.
function documentsWanted() {
  if (!filters.document) return null;
  const exact = report.documents.indexOf(filters.document);
  if (exact >= 0) return report.documents.map((_, number) => number === exact);
  const part = folded(filters.document);
  return lower.documents.map((name) => name.includes(part));
}

function reaches(card) {
  return Math.round(card.score * PARTS) >= Math.round(filters.score * PARTS);
}

function update() {
  waiting = false;
  const passed = passing();
  const kept = passed.filter((number) => reaches(report.cards[number]));
  listed = ordered(kept);
  showListed();
  const pairs = sum(kept.map((number) => weight(report.cards[number])));
  by("count").textContent = `Showing ${pairs.toLocaleString("en")} of ${counted(total, "repeat")}`;
  by("empty").hidden = listed.length > 0;
  by("score-shown").textContent = filters.score.toFixed(2);
  by("score").setAttribute("aria-valuetext", `${filters.score.toFixed(2)}, ${counted(pairs, "repeat")}`);
  by("group").hidden = filters.group === null;
  by("group").textContent = `Group ${filters.group} only ×`;
  by("consequence").textContent = consequence();
  drawHistogram(passed);
}

// Hiding is quicker than taking out, and most changes leave the order as it is.
function showListed() {
  if (order !== by("order").value) {
    order = by("order").value;
    by("list").replaceChildren(...ordered([...shells.keys()]).map((number) => shells[number]));
  }
  const kept = new Set(listed);
  shells.forEach((shell, number) => {
    if (shell.hidden === kept.has(number)) shell.hidden = !kept.has(number);
  });
}

// What a check with this threshold would find, whatever else is filtered.
function consequence() {
  if (filters.score <= report.min_score) return "All that the check kept.";
  const kept = report.cards.filter((card) => !card.why && reaches(card));
  const pairs = sum(kept.map((card) => card.within + card.across));
  return `--min-score ${filters.score.toFixed(2)} leaves ${counted(pairs, "repeat")} that ${pairs === 1 ? "counts" : "count"}.`;
}

function updateSoon() {
  if (!waiting) requestAnimationFrame(update);
  waiting = true;
}

function ordered(numbers) {
  if (by("order").value === "doubtful") return numbers.reverse();
  if (by("order").value !== "place") return numbers;
  const place = (number) => [report.cards[number].a[0], report.cards[number].b[0] ?? -1];
  return numbers.sort((one, other) => place(one)[0] - place(other)[0] || place(one)[1] - place(other)[1]);
}

function chooseGroup(group) {
  filters.group = group;
  update();
  by("count").scrollIntoView({ block: "nearest" });
  (group === null ? by("pairs") : by("group")).focus({ preventScroll: true });
}

function setScore(score) {
  const slider = by("score");
  slider.value = score;
  filters.score = slider.valueAsNumber;
  updateSoon();
}

// ------------------------------------------------------------------------------------------------------------ histogram

function drawHistogram(numbers) {
  const first = Math.min(Math.floor(report.min_score * BINS + 1e-9), BINS - 1);
  const bins = new Array(BINS - first).fill(0);
  for (const number of numbers) {
    const card = report.cards[number];
    const bin = Math.min(BINS - 1, Math.floor(Math.round(card.score * PARTS) / (PARTS / BINS)));
    bins[bin - first] += weight(card);
  }
  const most = Math.max(1, ...bins);
  // As wide as the way of the thumb of the slider below it, which is 18 px less than the slider itself.
  const wide = Math.max(100, (by("histogram").clientWidth || 288) - 18);
  const x = (score) => 9 + ((score * BINS - first) / (BINS - first)) * wide;
  const y = (count) => TALL - 18 - Math.sqrt(count / most) * (TALL - 34);
  const bars = bins.map((count, number) => {
    const score = (first + number) / BINS;
    const kept = Math.round(score * BINS) >= Math.round(filters.score * BINS);
    const top = count ? Math.min(y(count), TALL - 20) : TALL - 18;
    const [left, right] = [x(score), x(score + 1 / BINS)];
    const size = { x: left + 0.5, y: top, width: Math.max(1, right - left - 1), height: TALL - 18 - top };
    return drawn("rect", kept ? { ...size, class: "kept" } : size);
  });
  const label = (score, anchor) => drawn("text", { x: x(score), y: TALL - 4, "text-anchor": anchor }, score.toFixed(2));
  const kept = sum(numbers.filter((number) => reaches(report.cards[number])).map((number) => weight(report.cards[number])));
  const all = sum(bins);
  const title = drawn("title", {}, `Histogram of scores from ${(first / BINS).toFixed(2)} to 1.00: ${counted(all, "pair")}, `
    + `${kept.toLocaleString("en")} at or above the threshold of ${filters.score.toFixed(2)}; at most ${most.toLocaleString("en")} in one step of 0.01`);
  const picture = drawn("svg", { role: "img", viewBox: `0 0 ${wide + 18} ${TALL}`, preserveAspectRatio: "none" }, title);
  picture.append(drawn("text", { x: 9, y: 11 }, `tallest: ${counted(most, "pair")}; heights by square root`), ...bars);
  picture.append(drawn("line", { class: "axis", x1: 9, x2: wide + 9, y1: TALL - 17.5, y2: TALL - 17.5 }));
  const at = x(Math.max(filters.score, first / BINS));
  picture.append(drawn("line", { class: "line", x1: at, x2: at, y1: 16, y2: TALL - 14 }));
  picture.append(label(first / BINS, "start"), label(1, "end"));
  if (first <= BINS - 20) picture.append(label((first + BINS) / 2 / BINS, "middle"));
  picture.addEventListener("click", (event) => {
    const box = picture.getBoundingClientRect();
    const share = (((event.clientX - box.left) / box.width) * (wide + 18) - 9) / wide;
    setScore(Math.round(first + share * (BINS - first)) / BINS);
  });
  by("histogram").replaceChildren(picture);
  const rows = bins.map((count, number) => [first + number, count]).filter(([, count]) => count);
  by("bins").replaceChildren(...rows.map(([bin, count]) => {
    const range = `${(bin / BINS).toFixed(4)} – ${bin === BINS - 1 ? "1.0000" : (bin / BINS + 0.0099).toFixed(4)}`;
    return element("tr", {}, element("th", { scope: "row" }, range), element("td", {}, count.toLocaleString("en")));
  }));
}

// ------------------------------------------------------------------------------------------------------- keys and theme

function goTo(number, move = true) {
  shells[current]?.classList.remove("current");
  current = number;
  const article = shells[number];
  article.classList.add("current");
  if (!move) return;
  fill(number);
  article.focus({ preventScroll: true });
  article.scrollIntoView({ block: "start" });
}

function step(by_) {
  if (!listed.length) return;
  const place = listed.indexOf(current);
  const next = place < 0 ? 0 : Math.min(Math.max(place + by_, 0), listed.length - 1);
  goTo(listed[next]);
}

const onKey = {
  j: () => step(1),
  k: () => step(-1),
  "/": () => {
    document.querySelector("#filters > details").open = true;
    by("document").focus();
    by("document").select();
  },
  "?": () => by("help").showModal(),
  "[": () => setScore(Math.round(filters.score * BINS - 1) / BINS),
  "]": () => setScore(Math.round(filters.score * BINS + 1) / BINS),
  t: () => by("theme").click(),
};

function pressed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || by("help").open) return;
  const target = event.target instanceof Element ? event.target : document.body;
  const typing = target.matches("input[type=search], select");
  if (event.key === "Escape" && typing) target.blur();
  const onCard = target.matches("article") && { ArrowDown: onKey.j, ArrowUp: onKey.k }[event.key];
  const action = onCard || (by("keys").checked && !typing && Object.hasOwn(onKey, event.key) && onKey[event.key]);
  if (!action) return;
  event.preventDefault();
  action();
}

// A page of a file may be refused a memory.
function remember(name, value) {
  try {
    if (value === undefined) return localStorage.getItem(`dedup-${name}`);
    localStorage.setItem(`dedup-${name}`, value);
  } catch { /* then it starts anew each time */ }
  return null;
}

function isDark() {
  return root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

function showTheme() {
  by("theme").textContent = isDark() ? "Light" : "Dark";
  by("theme").setAttribute("aria-label", isDark() ? "Change to light colours" : "Change to dark colours");
}

function changeTheme() {
  root.dataset.theme = isDark() ? "light" : "dark";
  remember("theme", root.dataset.theme);
  showTheme();
}

// ---------------------------------------------------------------------------------------------------------------- start

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
