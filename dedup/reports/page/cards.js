// What all of the script knows, and the cards. The files of this folder are one script, in the order that html.py gives.

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
