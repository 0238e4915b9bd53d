// A counterexample, step by step: CPUs with their store buffers, memory, the step in words, and the
// PlusCal that it comes from. One module without dependencies; a report and a notebook share it.
//
//   const explorer = mount(root, data, { name: "smp_mb-x86", address: true });
//   explorer.go(14);
//   explorer.destroy();
//
// `data` is what slubtla.barriers.show.report.explorer_data() returns. Options: `name`, the trace's name in the
// address; `address`, whether the step is kept there; `step`, where to begin; `interval`,
// milliseconds between steps when it plays; `onStep`, which hears the number of each step.
// Every text goes into the page as text, never as HTML.

const KEYS = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity };

export function mount(root, data, options = {}) {
  const states = fold(data);
  const last = data.steps.length - 1;
  const parts = build(root, data, states, move);
  const events = new AbortController();
  const signal = events.signal;
  let at = -1;
  let timer = null;

  function show(index) {
    const to = Math.min(Math.max(index, 0), last);
    if (to === at) return;
    const onward = to === at + 1;
    at = to;
    parts.render(at, onward);
    options.onStep?.(data.steps[at].number);
  }

  function move(by) {
    pause();
    show(Number.isFinite(by) ? at + by : by < 0 ? 0 : last);
    keepAddress();
  }

  function moveTo(index) {
    pause();
    show(index);
    keepAddress();
  }

  function keepAddress() {
    if (options.address) history.replaceState(null, "", addressOf(options.name, data.steps[at].number));
  }

  function play() {
    if (at === last) show(0);
    timer = setInterval(() => {
      show(at + 1);
      keepAddress();
      if (at === last) pause();
    }, options.interval ?? 1600);
    parts.playing(true);
  }

  function pause() {
    clearInterval(timer);
    timer = null;
    parts.playing(false);
  }

  parts.play.addEventListener("click", () => (timer === null ? play() : pause()), { signal });
  parts.slider.addEventListener("input", () => moveTo(Number(parts.slider.value)), { signal });
  parts.film?.addEventListener("click", (event) => moveTo(parts.indexAt(event.clientX)), { signal });
  root.addEventListener(
    "keydown",
    (event) => {
      const plain = !(event.altKey || event.ctrlKey || event.metaKey || event.shiftKey);
      if (!plain || !(event.key in KEYS) || event.target === parts.slider) return;
      event.preventDefault();
      move(KEYS[event.key]);
    },
    { signal },
  );
  parts.address(options.address ? options.name : null);
  show(indexOf(data, options.step ?? data.steps[0].number));

  return {
    go(number) {
      pause();
      show(indexOf(data, number));
    },
    step(by) {
      move(by);
    },
    destroy() {
      pause();
      events.abort();
      root.replaceChildren();
      root.classList.remove("slubtla-explorer");
    },
  };
}

export function addressOf(name, number) {
  return `#trace=${encodeURIComponent(name)}&step=${number}`;
}

function indexOf(data, number) {
  const found = data.steps.findIndex((step) => step.number >= number);
  return found < 0 ? data.steps.length - 1 : found;
}

// Each step tells what it changed; a state is all that was told so far.
function fold(data) {
  const states = [];
  let places = {};
  let cpus = {};
  let doing = {};
  for (const step of data.steps) {
    const before = { places, cpus };
    places = { ...places, ...step.set };
    cpus = { ...cpus, ...step.cpus };
    if (step.cpu && !step.hardware) doing = { ...doing, [step.cpu]: step };
    states.push({ step, places, cpus, doing, before: states.length ? before : null });
  }
  return states;
}

function element(tag, name, ...children) {
  const made = document.createElement(tag);
  if (name) made.className = name;
  made.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return made;
}

function build(root, data, states, move) {
  root.classList.add("slubtla-explorer");
  const last = states.length - 1;
  const button = (sign, label, by) => {
    const made = element("button", "", sign);
    made.type = "button";
    made.setAttribute("aria-label", label);
    made.title = label;
    if (by !== undefined) made.addEventListener("click", () => move(by));
    return made;
  };
  const back = [button("«", "first step", -Infinity), button("‹", "previous step", -1)];
  const on = [button("›", "next step", 1), button("»", "last step", Infinity)];
  const play = button("Play", "play");
  play.classList.add("play");
  const slider = element("input");
  Object.assign(slider, { type: "range", min: 0, max: last, value: 0 });
  slider.setAttribute("aria-label", "step");
  const count = element("output", "count");
  const link = element("a", "link", "link to this step");
  const bar = element("div", "bar", ...back, play, ...on, slider, count, link);
  bar.setAttribute("role", "group");
  bar.setAttribute("aria-label", "steps");

  const words = element("div", "words");
  words.setAttribute("aria-live", "polite");
  words.setAttribute("aria-atomic", "true");
  const code = element("div", "code");
  const film = data.cpus.length ? filmOf(data, states) : null;
  const stage = element("div", `stage cpus-${data.cpus.length}`);
  const help = element("p", "help", ...helpOf(data));
  const pair = element("div", "pair", words, code);
  root.replaceChildren(bar, pair, ...(film ? [film.root] : []), stage, help);
  let name = null;

  return {
    play,
    slider,
    film: film?.tracks,
    indexAt: (x) => film.indexAt(x),
    address(kept) {
      name = kept;
      link.hidden = kept === null;
    },
    playing(now) {
      play.textContent = now ? "Pause" : "Play";
      play.setAttribute("aria-label", now ? "pause" : "play");
      play.title = now ? "pause" : "play";
    },
    render(index, onward) {
      const state = states[index];
      slider.value = index;
      slider.setAttribute("aria-valuetext", `step ${state.step.number} of ${last + 1}`);
      count.textContent = `${state.step.number} / ${last + 1}`;
      if (name !== null) link.href = addressOf(name, state.step.number);
      // Not `disabled`: that would take the focus away from who steps by the button.
      for (const each of back) each.setAttribute("aria-disabled", String(index === 0));
      for (const each of on) each.setAttribute("aria-disabled", String(index === last));
      words.replaceChildren(...wordsOf(data, state, index === last));
      code.replaceChildren(...codeOf(data, state.step));
      film?.mark(index);
      stage.classList.toggle("moving", onward);
      stage.replaceChildren(...stageOf(data, state));
    },
  };
}

function helpOf(data) {
  const keys = "Keys: ← → step, Home first, End last. ◆ changed in this step.";
  if (!data.cpus.length) return [keys];
  return [
    `${keys} ◇ a newer store waits in a store buffer. Above, a column is a step: ● of a task or ` +
      "interrupt, ○ of the hardware; a bar is a store that waits; ▲ what to notice.",
  ];
}

function wordsOf(data, { step }, atEnd) {
  const who = [step.cpu, step.context].filter(Boolean).join(" · ");
  const head = element("p", "who", element("b", "", `step ${step.number}`), who && ` · ${who}`);
  const made = [head];
  const title = step.function || (data.cpus.length ? "" : step.action);
  if (title) made.push(element("p", "function", element("code", "", title)));
  const said = step.words || (step.number === 1 && !step.action ? "initial state" : "");
  if (said) made.push(element("p", "says", said));
  for (const note of step.notes) {
    const fatal = step.number === data.fatal;
    const mark = element("b", "", fatal ? "▲ Here it goes wrong: " : "▲ ");
    made.push(element("p", fatal ? "note fatal" : "note", mark, note));
  }
  if (atEnd && data.ends) made.push(element("p", "note", data.ends));
  if (atEnd) for (const sentence of data.summary) made.push(element("p", "sum", sentence));
  return made;
}

function codeOf(data, step) {
  const found = data.code[step.action];
  if (!found) return [element("p", "where", step.action ? `action ${step.action}` : "the initial state")];
  const listing = element("pre");
  listing.tabIndex = 0;
  listing.setAttribute("role", "group");
  listing.setAttribute("aria-label", `lines of ${step.action} in ${data.module}.tla`);
  found.lines.forEach((text, index) => {
    const comment = text.trimStart().startsWith("\\*");
    const label = text.trimStart().startsWith(`${step.action}:`);
    const line = element("span", label ? "line label" : comment ? "line comment" : "line");
    const number = element("span", "number", text === "…" ? "" : String(found.first + index));
    number.setAttribute("aria-hidden", "true");
    line.append(number, element("span", "text", text || " "));
    listing.append(line, "\n");
  });
  return [element("p", "where", `${data.module}.tla, `, element("code", "", step.action)), listing];
}

// The whole trace at a glance: a track for each CPU, a bar for each store that waits.
function filmOf(data, states) {
  const count = states.length;
  const place = (index) => `${((index + 0.5) / count) * 100}%`;
  const index = new Map(data.steps.map((step, at) => [step.number, at]));
  const tracks = element("div", "tracks");
  const names = element("div", "names");
  for (const cpu of data.cpus) {
    const track = element("div", "track");
    names.append(element("span", "", cpu));
    const busy = [];
    for (const wait of data.waits.filter((each) => each.cpu === cpu)) {
      const end = wait.drained === null ? count - 1 : index.get(wait.drained);
      const begin = index.get(wait.made);
      const found = busy.findIndex((until) => until <= begin);
      const slot = found < 0 ? busy.length : found;
      busy[slot] = end;
      const bar = element("i", "wait");
      bar.style.left = place(begin);
      bar.style.width = `${((end - begin) / count) * 100}%`;
      bar.style.top = `${1.35 + slot * 0.45}rem`;
      track.append(bar);
    }
    track.style.height = `${1.55 + Math.max(busy.length, 1) * 0.45}rem`;
    data.steps.forEach((step, at) => {
      if (step.cpu !== cpu) return;
      const kind = step.notes.length ? "dot noted" : step.hardware ? "dot hardware" : "dot";
      const dot = element("i", step.number === data.fatal ? `${kind} fatal` : kind);
      dot.style.left = place(at);
      track.append(dot);
    });
    names.lastChild.style.height = track.style.height;
    tracks.append(track);
  }
  const now = element("i", "now");
  now.style.width = `${100 / count}%`;
  tracks.append(now);
  const root = element("div", "film", names, tracks);
  root.setAttribute("aria-hidden", "true");
  return {
    root,
    tracks,
    mark: (at) => (now.style.left = `${(at / count) * 100}%`),
    indexAt(x) {
      const box = tracks.getBoundingClientRect();
      return Math.floor(((x - box.left) / box.width) * count);
    },
  };
}

function stageOf(data, state) {
  const memory = memoryOf(data, state);
  const cards = data.cpus.map((cpu) => cpuOf(data, state, cpu));
  const half = Math.ceil(cards.length / 2);
  return [...cards.slice(0, half), memory, ...cards.slice(half)];
}

function cpuOf(data, state, cpu) {
  const { step } = state;
  const now = state.cpus[cpu];
  const before = state.before?.cpus[cpu];
  const moved = step.cpu === cpu;
  const fatal = moved && step.number === data.fatal;
  const head = element(
    "h4",
    "",
    cpu,
    element("span", "runs", now.handler ? `${now.handler}, over ${now.task}` : now.task),
  );
  const flags = element(
    "p",
    "flags",
    flag("irqs", now.irqs_on, before?.irqs_on),
    flag("preemption", now.preempt_count === 0, before && before.preempt_count === 0),
  );
  const doing = moved ? step : state.doing[cpu];
  const what = doing
    ? element(
        "p",
        moved ? "doing" : "doing past",
        moved ? "" : element("span", "when", `step ${doing.number}: `),
        doing.function ? element("code", "", doing.function) : element("em", "", doing.context),
        ` ${doing.words}`,
      )
    : element("p", "doing past", "has not moved yet");
  const list = element("p", "list", "its partial list in memory: ");
  list.append(element("code", "", now.partial.join(" → ") || "empty"));
  if (before && before.partial.join() !== now.partial.join()) list.prepend(mark());
  const card = element("div", "cpu", head, flags, what, bufferOf(now, before), list);
  card.setAttribute("role", "group");
  card.setAttribute("aria-label", cpu);
  card.classList.toggle("moved", moved);
  card.classList.toggle("fatal", fatal);
  return card;
}

function mark(text = "◆ ") {
  const made = element("b", "mark", text);
  made.title = "changed in this step";
  return made;
}

function flag(name, on, was) {
  const made = element("span", on ? "flag" : "flag off", `${name} ${on ? "on" : "off"}`);
  if (was !== undefined && was !== on) made.prepend(mark());
  return made;
}

// The queue: what came in this step has a plus, what went to memory in this step leaves below.
function bufferOf(now, before) {
  const gone = before ? missing(before.buffer, now.buffer) : [];
  const came = before ? missing(now.buffer, before.buffer) : [];
  const queue = element("ol", "queue");
  now.buffer.forEach((entry, index) => {
    const fresh = came.includes(entry) && index === now.buffer.lastIndexOf(entry);
    const item = element("li", fresh ? "entry fresh" : "entry");
    if (fresh) item.append(mark("+ "));
    item.append(element("code", "", entry));
    queue.append(item);
  });
  const head = element("p", "caption", "store buffer");
  const box = element("div", "buffer", head);
  if (now.buffer.length) box.append(queue);
  else box.append(element("p", "empty", "empty"));
  for (const entry of gone) {
    box.append(element("p", "gone", mark("↓ "), "to memory: ", element("code", "", entry)));
  }
  return box;
}

// The elements of one list that another has fewer of.
function missing(list, other) {
  const left = [...other];
  return list.filter((each) => {
    const found = left.indexOf(each);
    if (found >= 0) left.splice(found, 1);
    return found < 0;
  });
}

function memoryOf(data, state) {
  const body = element("tbody");
  for (const place of data.places) {
    const value = state.places[place];
    const was = state.before?.places[place];
    const changed = state.before !== null && place in state.step.set;
    const cell = element("td", "", element("code", "", value));
    if (changed) {
      cell.prepend(mark());
      if (data.cpus.length) cell.append(element("span", "was", `was ${was}`));
    }
    for (const wait of waiting(data, state.step.number, place)) {
      const text = `◇ ${wait.value} waits in ${wait.cpu}'s buffer`;
      cell.append(element("span", "waits", text));
    }
    const head = element("th", "", element("code", "", place));
    head.scope = "row";
    const row = element("tr", changed ? "changed" : "", head, cell);
    body.append(row);
  }
  const title = data.cpus.length ? "memory: what every CPU sees" : "variables";
  const table = element("table", "", element("caption", "", title), body);
  const card = element("div", "memory", table);
  card.setAttribute("role", "group");
  card.setAttribute("aria-label", data.cpus.length ? "memory" : "variables");
  return card;
}

function waiting(data, number, place) {
  return data.waits.filter(
    (each) =>
      each.place === place &&
      each.made <= number &&
      (each.drained === null || number < each.drained),
  );
}
