// Keys, and light and dark.
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
