// The page of the runs: a list that the server pushes, and the curves of the runs that are ticked.
const COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7f7f7f", "#8c564b"];
const AXES = ["steps", "epochs", "equivalent", "seconds"];
const AXIS_NAMES = { steps: "steps", epochs: "epochs of data", equivalent: "equivalent epochs", seconds: "training time" };
const percent = v => v == null ? "" : (100 * v).toFixed(1) + "%";
const CHARTS = [
  { key: "accuracy", title: "Accuracy", evaluation: true, format: percent },
  { key: "knnAccuracy", title: "Accuracy of nearest neighbours", evaluation: true, format: percent },
  { key: "loss", id: "validationLoss", title: "Validation loss", evaluation: true },
  { key: "loss", title: "Training loss" },
  { key: "learningRate", title: "Learning rate" },
  { key: "bandwidth", title: "Bandwidth B in pixels", held: true },
  { key: "magnitude", title: "Magnitude m", held: true },
  { key: "imagesPerSecond", title: "Images per second", also: "networkPerSecond", alsoName: "network alone" },
  { key: "waitingShare", title: "Share of time that the network waits for images", format: percent },
  { key: "gradientNorm", title: "Norm of the gradient" },
];

const byId = id => document.getElementById(id);
const state = { runs: [], shown: new Set(), known: new Set(), focus: null, axis: "equivalent", details: new Map(), plots: new Map() };

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (key === "class") made.className = value;
    else if (value !== false && value != null) made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.filter(c => c != null));
  return made;
}

function duration(seconds) {
  if (seconds == null) return "?";
  const s = Math.round(seconds), two = n => String(n).padStart(2, "0");
  if (s < 60) return s + "s";
  if (s < 3600) return Math.floor(s / 60) + "m" + two(s % 60) + "s";
  if (s < 86400) return Math.floor(s / 3600) + "h" + two(Math.floor(s / 60) % 60) + "m";
  return Math.floor(s / 86400) + "d" + two(Math.floor(s / 3600) % 24) + "h";
}

const number = v => v == null ? "-" : Math.abs(v) >= 1e4 ? Math.round(v).toLocaleString("en") : String(Number(v.toPrecision(4)));
const colour = id => COLOURS[state.runs.findIndex(r => r.id === id) % COLOURS.length];
const mainText = run => run.main == null ? "-" : run.mainName === "accuracy" ? percent(run.main) : run.mainName + " " + number(run.main);

// ---- the list ----

function takeRuns(runs) {
  state.runs = runs;
  for (const run of runs) {
    // What is new is shown, up to a number that a chart can hold.
    if (!state.known.has(run.id) && state.shown.size < 6) state.shown.add(run.id);
    state.known.add(run.id);
  }
  if (!runs.some(r => r.id === state.focus)) state.focus = (runs.find(r => r.state === "running") ?? runs[0])?.id ?? null;
  drawList();
  drawRun();
}

function drawList() {
  const active = document.activeElement?.closest("#runs li")?.dataset.id;
  const onBox = document.activeElement?.type === "checkbox";
  byId("runs").replaceChildren(...state.runs.map(listItem));
  if (active) document.querySelector(`#runs li[data-id="${active}"] ${onBox ? "input" : "button"}`)?.focus();
  if (state.runs.length === 0) byId("runs").append(element("li", { class: "empty" }, "no runs yet"));
}

function listItem(run) {
  const box = element("input", { type: "checkbox", "aria-label": "show " + run.name, onchange: e => show(run.id, e.target.checked) });
  box.checked = state.shown.has(run.id);
  box.style.accentColor = colour(run.id);
  const figures = element("span", { class: "figures" },
    element("span", { class: "state " + run.state }, run.state),
    element("b", {}, mainText(run)),
    run.rate != null && run.state === "running" ? element("span", {}, number(run.rate) + " images/s") : null,
    run.state === "running" && run.secondsLeft != null ? element("span", {}, duration(run.secondsLeft) + " left") : element("span", {}, duration(run.trainingSeconds)));
  const bar = run.totalSteps ? element("progress", { max: run.totalSteps, value: run.step, "aria-label": "steps done" }) : null;
  const open = element("button", { type: "button", onclick: () => focusOn(run.id) }, element("span", { class: "title" }, run.name), figures, bar);
  return element("li", { "data-id": run.id, class: run.id === state.focus ? "focus" : "" }, box, open);
}

function show(id, on) {
  if (on) state.shown.add(id); else state.shown.delete(id);
  drawList();
  loadShown();
}

function focusOn(id) {
  state.focus = id;
  drawList();
  load(id).then(drawRun);
}

// ---- one run ----

const SVG = "http://www.w3.org/2000/svg";
function svg(name, attributes, text) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text != null) made.textContent = text;
  return made;
}

function drawRun() {
  const run = state.runs.find(r => r.id === state.focus);
  byId("run").hidden = !run;
  if (!run) return;
  byId("name").textContent = run.name;
  const fact = (name, value) => value === "" || value == null ? null : element("span", {}, name + " ", element("b", {}, value));
  byId("facts").replaceChildren(...[
    fact("", run.state), fact("", run.model), fact("curriculum", run.curriculum), fact(run.mainName === "accuracy" ? "accuracy" : "", mainText(run)),
    fact("step", number(run.step) + (run.totalSteps ? " of " + number(run.totalSteps) : "")),
    fact("now", run.bandwidth == null ? null : `B ${run.bandwidth}, m ${number(run.magnitude)}`),
    fact("images/s", run.rate == null ? null : number(run.rate)),
    fact("waiting for images", run.waiting == null ? null : percent(run.waiting)),
    fact("training", duration(run.trainingSeconds)), fact("left", run.state === "running" ? duration(run.secondsLeft) : null),
  ].filter(f => f));
  byId("notes").replaceChildren(...run.notes.map(n => element("p", {}, n)));
  const detail = state.details.get(run.id);
  drawTimeline(run, detail?.phases ?? []);
  drawPictures(run, detail);
}

function drawTimeline(run, phases) {
  if (phases.length === 0) {
    byId("timeline").replaceChildren(element("p", { class: "empty" }, "this run wrote down no plan"));
    return;
  }
  const cost = p => state.axis === "equivalent" || state.axis === "seconds" ? p.steps * p.batchSize * p.imageCost : p.steps;
  const total = phases.reduce((sum, p) => sum + cost(p), 0), top = Math.max(...phases.map(p => p.bandwidth));
  const width = Math.max(300, byId("timeline").clientWidth);
  const picture = svg("svg", { viewBox: `0 0 ${width} 76`, role: "img", "aria-label": "stages of the curriculum" });
  let x = 0, now = 0;
  for (const p of phases) {
    const w = width * cost(p) / total, h = 50 * p.bandwidth / top;
    const rect = svg("rect", { x, y: 54 - h, width: Math.max(0.5, w - 1), height: h, "fill-opacity": 0.3 + 0.065 * p.magnitude });
    rect.append(svg("title", {}, `B ${p.bandwidth}, m ${number(p.magnitude)}, ${p.steps} steps`));
    picture.append(rect);
    if (w > 74) picture.append(svg("text", { x: x + w / 2, y: 70, "text-anchor": "middle" }, `B ${p.bandwidth}, m ${number(p.magnitude)}`));
    const done = Math.min(1, Math.max(0, (run.step - p.firstStep) / p.steps));
    if (done > 0) now = x + done * w;
    x += w;
  }
  now = Math.min(width - 1, Math.max(1, now));
  picture.append(svg("line", { x1: now, x2: now, y1: 0, y2: 58, class: "now" }));
  byId("timeline").replaceChildren(picture);
}

function drawPictures(run, detail) {
  const samples = detail?.samples ?? [];
  const key = JSON.stringify([run.id, samples, run.phase]);
  if (byId("pictures").dataset.key === key) return;
  byId("pictures").dataset.key = key;
  const figure = s => element("figure", { class: s.stage != null && s.stage - 1 === run.phase ? "now" : "" },
    element("img", { src: `api/runs/${run.id}/samples/${s.name}?v=${s.version}`, alt: s.caption, loading: "lazy" }), element("figcaption", {}, s.caption));
  const batch = samples.filter(s => s.name.startsWith("batch-")), stages = samples.filter(s => s.stage != null);
  const back = samples.filter(s => s.name === "reconstruction.png");
  const parts = [];
  if (batch.length) parts.push(element("h3", {}, "The last batch as the network sees it"), element("div", { class: "strip", id: "batch" }, figure(batch[batch.length - 1])));
  if (stages.length) parts.push(element("h3", {}, "The same images at every stage"), element("div", { class: "strip", tabindex: 0 }, ...stages.map(figure)));
  if (back.length) parts.push(element("h3", {}, "What comes back of hidden images"), element("div", { class: "strip", id: "back", tabindex: 0 }, ...back.map(figure)));
  byId("pictures").replaceChildren(...parts);
}

// ---- curves ----

async function load(id) {
  const points = Math.max(60, Math.min(500, Math.round(4000 / Math.max(1, state.shown.size))));
  const answer = await fetch(`api/runs/${id}?axis=${state.axis}&points=${points}`);
  if (answer.ok) state.details.set(id, await answer.json());
}

let loading = Promise.resolve();
function loadShown(only) {
  loading = loading.then(async () => {
    const ids = state.runs.map(r => r.id).filter(id => (state.shown.has(id) || id === state.focus) && (!only || only.has(id)));
    for (let i = 0; i < ids.length; i += 4) await Promise.all(ids.slice(i, i + 4).map(load));
    drawCharts();
    drawRun();
  }).catch(() => {});
  return loading;
}

const idOf = chart => chart.id ?? chart.key;

/** The curves of a chart: one of each run, or two, of which the second is dashed. */
function linesOf(run, chart) {
  const detail = state.details.get(run.id), from = chart.evaluation ? detail.evaluations : detail.curves;
  const lines = [{ run, name: run.name, curve: from[chart.key] }];
  if (chart.also) lines.push({ run, name: run.name + ", " + chart.alsoName, curve: from[chart.also], dashed: true });
  return lines.filter(l => l.curve?.x.length);
}

function drawCharts() {
  const shown = state.runs.filter(r => state.shown.has(r.id) && state.details.has(r.id));
  for (const chart of CHARTS) {
    drawChart(chart, shown.flatMap(run => linesOf(run, chart)));
  }
  byId("charts").dataset.ready = String(shown.length);
}

function drawChart(chart, lines) {
  const known = state.plots.get(idOf(chart));
  if (lines.length === 0) {
    known?.plot.destroy();
    known?.box.remove();
    state.plots.delete(idOf(chart));
    return;
  }
  const data = lines.length === 1 ? [lines[0].curve.x, lines[0].curve.y] : uPlot.join(lines.map(l => [l.curve.x, l.curve.y]));
  const shape = JSON.stringify([state.axis, lines.map(l => [l.run.id, l.name, colour(l.run.id)]), document.documentElement.className]);
  if (known?.shape === shape) {
    known.plot.setData(data);
    known.box.dataset.points = String(data[0].length);
    known.box.dataset.last = String(data[0][data[0].length - 1]);
    return;
  }
  const box = known?.box ?? element("div", { class: "chart", "data-chart": idOf(chart) });
  known?.plot.destroy();
  box.replaceChildren(element("h3", {}, chart.title));
  if (chart.also) box.append(element("p", { class: "hint" }, "full line: with the image workers; dashed: the " + chart.alsoName));
  if (!known) place(box, chart);
  const plot = new uPlot(options(chart, lines, box.clientWidth - 22), data, box);
  box.dataset.points = String(data[0].length);
  box.dataset.last = String(data[0][data[0].length - 1]);
  state.plots.set(idOf(chart), { plot, box, shape });
}

/** Charts keep their order whichever comes first. */
function place(box, chart) {
  const later = CHARTS.slice(CHARTS.indexOf(chart) + 1).map(c => state.plots.get(idOf(c))?.box).find(b => b);
  byId("charts").insertBefore(box, later ?? null);
}

/** A little more than the values take; shares stay within 0 and 1. */
function span(low, high, share) {
  if (low == null) return [0, 1];
  const room = high > low ? 0.06 * (high - low) : Math.abs(high) * 0.1 || 1;
  return share ? [Math.max(0, low - room), Math.min(1, high + room)] : [low >= 0 ? Math.max(0, low - room) : low - room, high + room];
}

function options(chart, lines, width) {
  const css = getComputedStyle(document.documentElement), ink = css.getPropertyValue("--soft").trim(), grid = css.getPropertyValue("--line").trim();
  const format = chart.format ?? number;
  const acrossValue = v => state.axis === "seconds" ? duration(v) : number(v);
  const line = { stroke: ink, grid: { stroke: grid, width: 1 }, ticks: { stroke: grid } };
  return {
    width: Math.max(240, width), height: 230, cursor: { sync: { key: "across" }, drag: { x: true, y: false } },
    legend: { show: lines.length <= 6 },
    scales: { x: { time: false, range: (_, low, high) => [0, high > 0 ? high : 1] }, y: { range: (_, low, high) => span(low, high, format === percent) } },
    axes: [{ ...line, values: (_, ticks) => ticks.map(acrossValue), label: AXIS_NAMES[state.axis], labelSize: 18, size: 36 },
           { ...line, size: 62, values: (_, ticks) => ticks.map(format) }],
    series: [{ label: AXIS_NAMES[state.axis], value: (_, v) => v == null ? "" : acrossValue(v) },
      ...lines.map(l => ({ label: l.name, dash: l.dashed ? [5, 4] : undefined, stroke: colour(l.run.id), width: 1.5, spanGaps: true, value: (_, v) => v == null ? "" : format(v),
        points: { show: !!chart.evaluation, size: 5 }, paths: chart.held ? uPlot.paths.stepped({ align: 1 }) : undefined }))],
  };
}

new ResizeObserver(() => {
  for (const { plot, box } of state.plots.values()) plot.setSize({ width: Math.max(240, box.clientWidth - 22), height: 230 });
  drawRun();
}).observe(byId("charts"));

// ---- what people do ----

function setAxis(axis) {
  state.axis = axis;
  document.querySelector(`input[name=axis][value=${axis}]`).checked = true;
  loadShown();
}

function setTheme(dark) {
  document.documentElement.classList.toggle("dark", dark);
  try { localStorage.setItem("dark", dark ? "1" : "0"); } catch { /* not kept */ }
  drawCharts();
}

document.querySelectorAll("input[name=axis]").forEach(input => input.addEventListener("change", () => setAxis(input.value)));
byId("theme").addEventListener("click", () => setTheme(!document.documentElement.classList.contains("dark")));
byId("all").addEventListener("click", () => { state.runs.forEach(r => state.shown.add(r.id)); drawList(); loadShown(); });
byId("none").addEventListener("click", () => { state.shown.clear(); drawList(); drawCharts(); });
document.addEventListener("keydown", e => {
  if (e.ctrlKey || e.metaKey || e.altKey) return;
  const at = state.runs.findIndex(r => r.id === state.focus);
  if (e.key === "t") byId("theme").click();
  else if (AXES[Number(e.key) - 1] && e.target.type !== "text") setAxis(AXES[Number(e.key) - 1]);
  else if (e.key === "x" && state.focus) show(state.focus, !state.shown.has(state.focus));
  else if ((e.key === "j" || e.key === "k") && state.runs.length) {
    focusOn(state.runs[Math.min(state.runs.length - 1, Math.max(0, at + (e.key === "j" ? 1 : -1)))].id);
    document.querySelector("#runs li.focus")?.scrollIntoView({ block: "nearest" });
  } else return;
  e.preventDefault();
});

let stored = null;
try { stored = localStorage.getItem("dark"); } catch { /* not kept */ }
document.documentElement.classList.toggle("dark", stored === null ? matchMedia("(prefers-color-scheme: dark)").matches : stored === "1");

const events = new EventSource("api/events");
let first = true;
events.addEventListener("runs", e => {
  byId("connection").textContent = "live";
  const { runs, changed } = JSON.parse(e.data);
  takeRuns(runs);
  loadShown(first ? null : new Set(changed));
  first = false;
});
events.onerror = () => { byId("connection").textContent = "not connected: is the dashboard still running?"; };
