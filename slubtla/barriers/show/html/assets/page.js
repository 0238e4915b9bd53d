// The page around the explorers: each is made when its result is opened, and the address leads to
// a result (#smp_mb-x86) or to a step of its trace (#trace=smp_mb-x86&step=14).

const explorers = new Map();
let current = null;

function openExplorer(name) {
  if (explorers.has(name)) return explorers.get(name);
  const root = document.querySelector(`[data-explorer="${CSS.escape(name)}"]`);
  if (root === null) return null;
  const data = JSON.parse(document.getElementById(`data-${name}`).textContent);
  const onStep = () => (current = explorers.get(name) ?? current);
  const explorer = mount(root, data, { name, address: true, onStep });
  explorers.set(name, explorer);
  foldSteps(root.closest(".body"));
  return explorer;
}

// The table stays for print; on a screen the explorer stands for it, and a button shows it again.
function foldSteps(body) {
  const steps = body.querySelector(".steps");
  const button = body.querySelector(".show-steps");
  const set = (folded) => {
    steps.classList.toggle("folded", folded);
    button.setAttribute("aria-expanded", String(!folded));
  };
  button.addEventListener("click", () => set(!steps.classList.contains("folded")));
  button.hidden = false;
  set(true);
}

function openResult(name) {
  const body = document.getElementById(name);
  const result = body?.closest("details.result");
  if (!result) return null;
  result.open = true;
  const explorer = openExplorer(name);
  if (explorer) current = explorer;
  return result;
}

function follow(event) {
  const asked = new URLSearchParams(location.hash.slice(1));
  const name = asked.get("trace") ?? location.hash.slice(1);
  const result = openResult(name);
  if (result === null) return;
  if (asked.has("step")) explorers.get(name)?.go(Number(asked.get("step")) || 1);
  const explorer = asked.has("step") && result.querySelector("[data-explorer]");
  (explorer || result).scrollIntoView();
  if (event) result.querySelector("summary").focus({ preventScroll: true });
}

for (const result of document.querySelectorAll("details.result")) {
  const name = result.querySelector(".body").id;
  if (result.open) openExplorer(name);
  result.addEventListener("toggle", () => result.open && openExplorer(name));
  result.addEventListener("focusin", () => (current = explorers.get(name) ?? current));
}

// Arrow keys step the explorer that was last used, wherever the focus is.
current ??= explorers.values().next().value ?? null;
document.addEventListener("keydown", (event) => {
  const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  const plain = !(event.altKey || event.ctrlKey || event.metaKey || event.shiftKey);
  const busy = event.target.closest?.("input, select, textarea, pre, .scroll");
  if (by === undefined || !plain || busy || event.defaultPrevented || current === null) return;
  event.preventDefault();
  current.step(by);
});

const theme = document.getElementById("theme");
theme.addEventListener("change", () => {
  for (const each of [document.documentElement, document.body]) each.style.colorScheme = theme.value;
});
document.getElementById("open-all").addEventListener("click", () => {
  for (const result of document.querySelectorAll("details.result")) result.open = true;
});
document.documentElement.classList.add("scripted");
addEventListener("hashchange", follow);
if (location.hash) follow();
