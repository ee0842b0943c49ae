// Which cards are listed.
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
