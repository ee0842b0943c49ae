// Scores as a picture and as a table.
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
