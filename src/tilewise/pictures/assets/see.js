// Draws a scene (plain data made by tilewise.pictures) in a page and in a notebook alike. No library, no build step.
// Sections: numbers, data, geometry (twin of tilewise.geometry), colours, elements, plane, arithmetic, network,
// playground, mounting. What is computed here is compared with Python's by tests.

// ---------------------------------------------------------------------------------------------- numbers
const MINUS = "−";
const DECIMALS = [[100, 0], [10, 1], [1, 2], [0.1, 3], [0.01, 4], [0.001, 5]];

// Twin of tilewise.pictures.numbers.written.
export function written(value) {
  if (Number.isNaN(value)) return "NaN";
  const sign = value < 0 ? MINUS : "", size = Math.abs(value);
  if (size === Infinity) return sign + "∞";
  if (size === 0) return "0";
  if (size < 10000) {
    if (Number.isInteger(size)) return sign + size;
    for (const [bound, decimals] of DECIMALS) if (size >= bound) return sign + size.toFixed(decimals);
  }
  const [mantissa, exponent] = size.toExponential(1).split("e");
  return `${sign}${mantissa}e${exponent[0] === "-" ? MINUS : "+"}${exponent.slice(1)}`;
}

// Twin of tilewise.pictures.numbers.brief: for small cells.
export function brief(value) {
  const size = Math.abs(value);
  if (!(size < 9999.5)) return Number.isFinite(value) ? written(value).replace(".0e", "e") : written(value);
  if (Number.isInteger(size)) return written(value);
  return (value < 0 ? MINUS : "") + size.toFixed(size < 9.995 ? 2 : size < 99.95 ? 1 : 0);
}

export const by = (sizes) => sizes.join(" × ");
export const grouped = (count) => count.toLocaleString("en-US");
// For a column: in full up to ten million, then in millions or billions.
const inColumn = (n) => (n < 1e7 ? grouped(n) : n < 1e10 ? `${grouped(Math.round(n / 1e6))} M` : `${grouped(Math.round(n / 1e9))} G`);

// ---------------------------------------------------------------------------------------------- data
const ARRAYS = { f4: Float32Array, f8: Float64Array, i1: Int8Array, u1: Uint8Array };

export function decode(block) {
  if (!block) return null;
  if (typeof block.data !== "string") return block.data; // made in the browser
  const text = atob(block.data), bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return new ARRAYS[block.type](bytes.buffer);
}

// ---------------------------------------------------------------------------------------------- geometry
// Twin of tilewise.geometry; an axis is {size, kernel, stride, before, after, dilation, transposed, outputPadding}.
export const windowSize = (kernel, dilation) => dilation * (kernel - 1) + 1;

export function outputSize(a) {
  const reach = windowSize(a.kernel, a.dilation);
  if (a.transposed) return (a.size - 1) * a.stride - a.before - a.after + reach + a.outputPadding;
  return Math.floor((a.size + a.before + a.after - reach) / a.stride) + 1;
}

export function formula(a) {
  const pad = a.before === a.after ? `2*${a.before}` : `(${a.before} + ${a.after})`;
  const reach = `${a.dilation}*(${a.kernel} - 1)`;
  if (a.transposed) return `(${a.size} - 1)*${a.stride} - ${pad} + ${reach} + ${a.outputPadding} + 1 = ${outputSize(a)}`;
  return `floor((${a.size} + ${pad} - ${reach} - 1) / ${a.stride}) + 1 = ${outputSize(a)}`;
}

export function source(a, output, tap) {
  if (!a.transposed) return output * a.stride + tap * a.dilation - a.before;
  const reached = output + a.before - tap * a.dilation, position = Math.floor(reached / a.stride);
  return position * a.stride === reached && position >= 0 && position < a.size ? position : null;
}

// For a transposed layer: the output to which an input contributes through a tap.
export function landing(a, position, tap) {
  const output = position * a.stride + tap * a.dilation - a.before;
  return output >= 0 && output < outputSize(a) ? output : null;
}

export function samePadding(kernel, dilation) {
  const total = dilation * (kernel - 1), before = Math.floor(total / 2);
  return [before, total - before];
}

const product = (numbers) => numbers.reduce((a, b) => a * b, 1);

// ---------------------------------------------------------------------------------------------- colours
let palette = null;
const TABLES = {};

function table(theme) {
  TABLES[theme] ??= palette.scale[theme].map((c) => [1, 3, 5].map((i) => parseInt(c.slice(i, i + 2), 16)));
  return TABLES[theme];
}

export function position(value, largest) {
  const share = Number.isNaN(value) ? 0 : Math.max(-1, Math.min(1, value / (largest > 0 ? largest : 1)));
  return Math.sign(share) * Math.sqrt(Math.abs(share));
}

function colour(value, largest, theme) {
  const t = table(theme);
  return t[Math.round((position(value, largest) + 1) / 2 * (t.length - 1))];
}

const css = (c) => `rgb(${c[0]} ${c[1]} ${c[2]})`;

// Black or white, whichever contrasts more (WCAG relative luminance).
function readableOn(c) {
  const [r, g, b] = c.map((v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.179 ? "#000000" : "#ffffff";
}

// ---------------------------------------------------------------------------------------------- elements
const SVG = "http://www.w3.org/2000/svg";

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(3).filter((c) => c !== null && c !== undefined && c !== false));
  return element;
}

const h = (tag, attributes, ...children) => fill(document.createElement(tag), attributes, children);
const s = (tag, attributes, ...children) => fill(document.createElementNS(SVG, tag), attributes, children);
// A figure's title is the heading of its own page, and one among others in a notebook.
let topLevel = 2;
const heading = (depth, ...children) => h(`h${topLevel + depth}`, { class: depth ? "about" : "title" }, ...children);
let serial = 0;
const fresh = (name) => `tw-${name}-${++serial}`;

// A labelled choice among numbers, with a step to either side. `options` may be [value, text] pairs.
class Chooser {
  constructor(label, onchange) {
    const id = fresh("choose");
    this.select = h("select", { id, onchange: () => onchange(Number(this.select.value)) });
    const step = (by, sign, text) =>
      h("button", { type: "button", class: "step", "aria-label": `${text} ${label.toLowerCase()}`, onclick: () => this.move(by) }, sign);
    this.element = h("div", { class: "chooser" }, h("label", { for: id }, label),
      h("span", { class: "joined" }, step(-1, "‹", "Previous"), this.select, step(1, "›", "Next")));
    this.onchange = onchange;
  }

  move(by) {
    const { options, selectedIndex } = this.select;
    const next = (selectedIndex + by + options.length) % options.length;
    this.select.selectedIndex = next;
    this.onchange(Number(this.select.value));
  }

  set(values, chosen, name = String) {
    const key = values.map(name).join("|");
    if (key !== this.key) {
      this.key = key;
      this.select.replaceChildren(...values.map((v) => h("option", { value: v }, name(v))));
    }
    this.select.value = chosen;
    this.element.hidden = values.length < 2;
  }
}

// ---------------------------------------------------------------------------------------------- plane
// A grid of numbers as colours on a canvas, with outlines and (where there is room) the numbers above it.
class Plane {
  constructor(name, { onpick, onkey } = {}) {
    this.canvas = h("canvas", { "aria-hidden": "true" });
    this.overlay = s("svg", { class: "overlay", "aria-hidden": "true", preserveAspectRatio: "none" });
    const interactive = onkey ? { tabindex: 0, role: "application" } : { role: "img" };
    this.box = h("div", { class: onpick ? "plane pick" : "plane", "data-plane": name, ...interactive }, this.canvas, this.overlay);
    this.title = h("figcaption");
    this.element = h("figure", { class: `figure ${name}` }, this.title, this.box);
    this.hatch = fresh("hatch");
    if (onkey) this.box.addEventListener("keydown", onkey);
    if (onpick) {
      const pick = (event) => {
        const { left, top, width, height } = this.canvas.getBoundingClientRect();
        const at = (v, n) => Math.max(0, Math.min(n - 1, Math.floor(v * n)));
        onpick(at((event.clientY - top) / height, this.rows), at((event.clientX - left) / width, this.columns));
      };
      this.box.addEventListener("pointerdown", (event) => {
        if (event.button) return;
        event.preventDefault();
        this.box.setPointerCapture?.(event.pointerId);
        if (onkey) this.box.focus({ preventScroll: true });
        pick(event);
      });
      this.box.addEventListener("pointermove", (event) => event.buttons & 1 && pick(event));
    }
  }

  // cell: [width, height] in CSS pixels. marks: [{cells: [[r, c]...], kind} | {box: [r, c, h, w], kind}].
  draw({ title, label, rows, columns, value, largest, theme, cell, hatch = [], marks = [], ticks = null }) {
    this.rows = rows;
    this.columns = columns;
    this.title.replaceChildren(...[title].flat());
    this.box.setAttribute("aria-label", label);
    this.box.style.width = `${columns * cell[0]}px`;
    this.box.style.height = `${rows * cell[1]}px`;
    const { canvas, overlay } = this;
    canvas.width = columns;
    canvas.height = rows;
    const context = canvas.getContext("2d"), image = context.createImageData(columns, rows);
    const numbers = cell[0] >= 30 && cell[1] >= 24 && rows * columns <= 900;
    const texts = [];
    for (let r = 0, i = 0; r < rows; r++) {
      for (let c = 0; c < columns; c++, i += 4) {
        const v = value(r, c), rgb = v === null ? null : colour(v, largest, theme);
        if (rgb === null) continue;
        image.data.set(rgb, i);
        image.data[i + 3] = 255;
        if (numbers) {
          const text = brief(v), size = Math.min(3.2, 14.6 / text.length);
          texts.push(s("text", { x: c * 10 + 5, y: r * 10 + 5 + size * 0.36, "font-size": size, fill: readableOn(rgb) }, text));
        }
      }
    }
    context.putImageData(image, 0, 0);
    overlay.setAttribute("viewBox", `0 0 ${columns * 10} ${rows * 10}`);
    const box = ([r, c, height, width], kind) =>
      s("rect", { x: c * 10, y: r * 10, width: width * 10, height: height * 10, class: kind });
    const lines = marks.flatMap(({ cells, box: outer, kind }) =>
      outer ? [box(outer, kind)] : cells.map(([r, c]) => box([r, c, 1, 1], kind)));
    const step = 70 / Math.max(cell[0], 8);
    const pattern = s("pattern", { id: this.hatch, width: step, height: step, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" },
      s("line", { x1: 0, y1: 0, x2: 0, y2: step, class: "hatching" }));
    overlay.replaceChildren(s("defs", {}, pattern),
      ...hatch.map((b) => s("rect", { x: b[1] * 10, y: b[0] * 10, width: b[3] * 10, height: b[2] * 10, fill: `url(#${this.hatch})` })),
      s("g", { class: "numbers" }, texts), ...this.ticks(ticks, cell), ...lines);
  }

  // Where windows begin: small strokes along the upper and left edge, so that a stride's jumps can be seen.
  ticks(ticks, cell) {
    if (!ticks) return [];
    const x = 60 / cell[0], y = 60 / cell[1];
    return [
      ...ticks.columns.map((c) => s("line", { x1: c * 10 + 0.6, x2: c * 10 + 0.6, y1: -y, y2: -y / 3, class: "tick" })),
      ...ticks.rows.map((r) => s("line", { y1: r * 10 + 0.6, y2: r * 10 + 0.6, x1: -x, x2: -x / 3, class: "tick" })),
    ];
  }
}

// A legend for the diverging scale. `rows` are [name, largest] pairs; one row without a name is the common scale.
function legend(rows, theme) {
  const stops = table(theme).map((c, i, all) => `${css(c)} ${(i / (all.length - 1) * 100).toFixed(2)}%`);
  const marks = [-1, -0.25, 0, 0.25, 1];
  const text = rows.map(([name, largest]) => `${name} from ${written(-largest)} to ${written(largest)}`).join("; ");
  return h("div", { class: "legend", role: "img", "aria-label": `Colour scale: blue below zero, orange above. ${text}.` },
    h("div", { class: "bar", style: `background: linear-gradient(90deg, ${stops.join(", ")})` }),
    ...rows.map(([name, largest]) => h("div", { class: "marks" },
      marks.map((m) => h("span", { style: `left: ${(position(m, 1) + 1) / 2 * 100}%` }, written(m * largest))),
      rows.length > 1 ? h("em", {}, name) : null)));
}

// ---------------------------------------------------------------------------------------------- arithmetic
// One layer on one input, with its sizes lifted to three axes (depth, height, width; 1 where there is none).
export class Layer {
  constructor(scene) {
    const { layer, input, output, weight, bias } = scene;
    const lift = (values, one) => [...Array(3 - layer.dims).fill(one), ...values];
    this.facts = layer;
    this.kernel = lift(layer.kernel_size, 1);
    const size = lift(layer.size, 1), stride = lift(layer.stride, 1), dilation = lift(layer.dilation, 1);
    const padding = lift(layer.padding, [0, 0]), extra = lift(layer.output_padding, 0);
    this.axes = [0, 1, 2].map((i) => ({
      size: size[i], kernel: this.kernel[i], stride: stride[i], before: padding[i][0], after: padding[i][1],
      dilation: dilation[i], transposed: layer.transposed, outputPadding: extra[i],
    }));
    this.input = { origin: lift(input.origin, 0), size: lift(input.size, 1), first: input.channels[0], count: input.channels[1], data: decode(input) };
    this.output = { origin: lift(output.origin, 0), size: lift(output.size, 1), first: output.filters[0], count: output.filters[1], data: decode(output) };
    this.weights = decode(weight);
    this.biases = decode(bias);
    this.taps = product(this.kernel);
    this.perGroup = layer.in_channels / layer.groups;
    this.filtersPerGroup = layer.out_channels / layer.groups;
  }

  firstChannel(filter) {
    return Math.floor(filter / this.filtersPerGroup) * this.perGroup;
  }

  // The channels that take part in a filter: those of its group.
  channels(filter) {
    return range(this.firstChannel(filter), this.perGroup);
  }

  // The input at a position of the unpadded input (padding included where it is held).
  x(channel, [d, r, c]) {
    const { origin, size, first, data } = this.input;
    return data[(((channel - first) * size[0] + d - origin[0]) * size[1] + r - origin[1]) * size[2] + c - origin[2]];
  }

  y(filter, [d, r, c]) {
    const { origin, size, first, data } = this.output;
    return data[(((filter - first) * size[0] + d - origin[0]) * size[1] + r - origin[1]) * size[2] + c - origin[2]];
  }

  w(filter, channel, [d, r, c]) {
    const k = this.kernel, i = channel - this.firstChannel(filter);
    return this.weights[((((filter - this.output.first) * this.perGroup + i) * k[0] + d) * k[1] + r) * k[2] + c];
  }

  bias(filter) {
    return this.biases ? this.biases[filter - this.output.first] : null;
  }

  // Whether an input position is real rather than padding.
  real(place) {
    return place.every((p, i) => p >= 0 && p < this.axes[i].size);
  }

  // The taps of one channel at one output cell, in order, with values and products.
  window(filter, channel, cell) {
    const found = [], k = this.kernel;
    for (let d = 0; d < k[0]; d++) for (let r = 0; r < k[1]; r++) for (let c = 0; c < k[2]; c++) {
      const tap = [d, r, c], place = tap.map((t, i) => source(this.axes[i], cell[i], t));
      const weight = this.w(filter, channel, tap);
      if (place.includes(null)) { found.push({ tap, place: null, value: null, weight, product: null, padding: false }); continue; }
      const value = this.x(channel, place);
      found.push({ tap, place, value, weight, product: value * weight, padding: !this.real(place) });
    }
    return found;
  }

  subtotal(filter, channel, cell) {
    let total = 0;
    for (const { product: p } of this.window(filter, channel, cell)) if (p !== null) total += p;
    return total;
  }
}

const AXES = { 1: ["length"], 2: ["height", "width"], 3: ["depth", "height", "width"] };
const range = (first, count) => Array.from({ length: count }, (_, i) => first + i);
const clamp = (v, low, high) => Math.max(low, Math.min(high, v));

function frame(cells) {
  const [rows, columns] = [0, 1].map((i) => cells.map((c) => c[i])), top = Math.min(...rows), left = Math.min(...columns);
  return [top, left, Math.max(...rows) - top + 1, Math.max(...columns) - left + 1];
}

export class Arithmetic {
  // `beyond` asks for the scene of a cell that this one does not hold: (filter, cell) => a promise of a scene.
  constructor(host, scene, { heading = true, onmove = null, beyond = null } = {}) {
    this.host = host;
    this.beyond = beyond ?? (scene.live ? (filter, cell) => ask("cell", JSON.stringify({ convolution: 0, filter, cell })) : null);
    this.onmove = onmove;
    this.heading = heading;
    this.common = true;
    this.build();
    this.show(scene);
  }

  build() {
    const key = (event, plane) => this.key(event, plane);
    this.planes = {
      input: new Plane("input", { onpick: (r, c) => this.pickInput(r, c), onkey: (e) => key(e, "input") }),
      kernel: new Plane("kernel"),
      output: new Plane("output", { onpick: (r, c) => this.pickOutput(r, c), onkey: (e) => key(e, "output") }),
    };
    this.choose = {
      filter: new Chooser("Filter", (v) => this.set({ filter: v })),
      channel: new Chooser("Channel", (v) => this.set({ channel: v })),
      slice: new Chooser("Output slice", (v) => this.set({ cell: [v, this.cell[1], this.cell[2]] })),
      depth: new Chooser("Kernel slice", (v) => this.set({ depth: v })),
    };
    this.playing = null;
    const button = (text, label, onclick) => h("button", { type: "button", "aria-label": label, onclick }, text);
    this.play = button("▶ Play", "Play", () => this.toggle());
    this.controls = h("div", { class: "controls", role: "group", "aria-label": "Move the window" },
      button("‹", "Step back", () => this.step(-1)), this.play, button("›", "Step", () => this.step(1)),
      ...Object.values(this.choose).map((c) => c.element));
    this.title = heading(0);
    this.facts = h("p", { class: "facts" });
    this.stage = h("div", { class: "stage" }, this.planes.input.element, h("span", { class: "sign", "aria-hidden": "true" }, "∗"),
      this.planes.kernel.element, h("span", { class: "sign", "aria-hidden": "true" }, "="), this.planes.output.element);
    this.sumTitle = heading(1);
    this.grids = h("div", { class: "grids", tabindex: 0, role: "group", "aria-label": "Products of the window" });
    this.chips = h("div", { class: "chips", role: "group", "aria-label": "Sum of each channel" });
    this.result = h("p", { class: "result" });
    this.scatter = h("div", { class: "scatter" });
    this.formulas = h("dl", { class: "formulas" });
    this.notes = h("div", { class: "notes" });
    this.overview = h("div", { class: "overview" });
    this.legend = h("div", { class: "legend-place" });
    this.one = h("input", { type: "checkbox", checked: true, onchange: () => { this.common = this.one.checked; this.draw(); } });
    this.live = h("p", { class: "unseen", "aria-live": "polite" });
    this.section = h("section", { class: "arithmetic", "aria-label": "Arithmetic of one layer" },
      this.heading ? h("header", {}, this.title, this.facts) : null, this.controls, this.stage,
      h("div", { class: "sum" }, this.sumTitle, this.grids, this.chips, this.result, this.scatter),
      h("footer", {}, this.formulas, this.overview, this.notes,
        h("div", { class: "scale" }, this.legend, h("label", { class: "check" }, this.one, " one scale for all planes"))),
      this.live);
    this.host.append(this.section);
    let width = 0;
    new ResizeObserver(() => {
      if (this.layer && Math.abs(this.section.clientWidth - width) > 1) { width = this.section.clientWidth; this.draw(); }
    }).observe(this.section);
  }

  show(scene) {
    this.stop();
    this.scene = scene;
    this.layer = new Layer(scene);
    const lift = (values, one) => [...Array(3 - scene.layer.dims).fill(one), ...values];
    const before = this.cell;
    Object.assign(this, { filter: scene.start.filter, channel: scene.start.channel, cell: lift(scene.start.cell, 0), depth: 0, point: null, grown: null });
    if (scene.keep && before) this.cell = before.map((v, i) => clamp(v, this.layer.output.origin[i], this.layer.output.origin[i] + this.layer.output.size[i] - 1));
    this.depth = this.firstDepth();
    const L = scene.layer;
    this.title.textContent = scene.title;
    this.facts.textContent = [`${by(scene.input.shape)} → ${by(scene.output.shape)}`, `${grouped(L.parameters)} parameters`,
      `${grouped(L.multiply_adds)} multiply-adds`, L.groups > 1 ? `${L.groups} groups` : null].filter(Boolean).join("  ·  ");
    this.formulas.replaceChildren(...AXES[L.dims].flatMap((name, i) => [h("dt", {}, `Output ${name}`), h("dd", {}, L.formulas[i])]));
    this.notes.replaceChildren(...scene.notes.map((n) => h("p", {}, n)));
    this.draw();
  }

  // The first kernel slice that finds an input at this cell.
  firstDepth() {
    const [axis] = this.layer.axes;
    return Math.max(0, range(0, axis.kernel).findIndex((t) => { const p = source(axis, this.cell[0], t); return p !== null && p >= 0 && p < axis.size; }));
  }

  holds(filter, cell) {
    const { origin, size, first, count } = this.layer.output;
    return filter >= first && filter < first + count && cell.every((v, i) => v >= origin[i] && v < origin[i] + size[i]);
  }

  async reach(filter, cell) {
    const turn = this.turn = (this.turn ?? 0) + 1;
    this.section.setAttribute("aria-busy", "true");
    const answer = await this.beyond(filter, cell.slice(3 - this.layer.facts.dims));
    if (turn !== this.turn) return; // a later step has asked again
    this.section.removeAttribute("aria-busy");
    if (answer.error) { this.live.textContent = answer.error; return; }
    this.show(answer);
    this.live.textContent = this.sentence();
    this.onmove?.(this);
  }

  set(change, said = true) {
    const { filter = this.filter, cell = this.cell } = change;
    if (this.beyond && !this.holds(filter, cell)) { this.reach(filter, cell); return; }
    Object.assign(this, change);
    if ("filter" in change && !this.layer.channels(this.filter).includes(this.channel)) [this.channel] = this.layer.channels(this.filter);
    if ("cell" in change || "filter" in change) { this.point = null; this.grown = null; }
    if ("cell" in change && this.layer.kernel[0] > 1 && this.layer.axes[0].transposed) this.depth = this.firstDepth();
    this.draw();
    if (said) this.live.textContent = this.sentence();
    this.onmove?.(this);
  }

  sentence() {
    const { layer, filter } = this, places = this.cell.slice(3 - layer.facts.dims);
    const bias = layer.bias(filter);
    return `Output ${places.join(", ")} of filter ${filter} is ${written(layer.y(filter, this.cell))}: ` +
      `the sum of ${this.products} products${bias === null ? "" : ` plus the bias ${written(bias)}`}.`;
  }

  pickOutput(r, c) {
    const { origin } = this.layer.output;
    this.set({ cell: [this.cell[0], origin[1] + r, origin[2] + c] });
  }

  // A forward window is dragged by its middle; on a transposed layer an input cell is chosen, which scatters.
  pickInput(r, c) {
    const { axes, input, output } = this.layer, place = [0, input.origin[1] + r, input.origin[2] + c];
    if (this.scene.layer.transposed) { this.stamp([this.inputSlice() ?? input.origin[0], place[1], place[2]]); return; }
    const cell = this.cell.map((old, i) => {
      if (i === 0) return old;
      const a = axes[i], middle = place[i] + a.before - (windowSize(a.kernel, a.dilation) - 1) / 2;
      return clamp(Math.round(middle / a.stride), output.origin[i], output.origin[i] + output.size[i] - 1);
    });
    this.set({ cell });
  }

  // Choose an input of a transposed layer; the output cell follows to where its middle tap (or any) lands.
  stamp(point, grown = null) {
    const { axes, output } = this.layer;
    const cell = point.map((p, i) => {
      const lands = range(0, axes[i].kernel).map((t) => landing(axes[i], p, t))
        .filter((o) => o !== null && o >= output.origin[i] && o < output.origin[i] + output.size[i]);
      return lands.length ? lands[Math.floor((lands.length - 1) / 2)] : null;
    });
    this.set({ cell: cell.includes(null) ? this.cell : cell });
    this.point = point;
    this.grown = grown;
    this.draw();
  }

  key(event, plane) {
    const moves = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
    const onInput = plane === "input" && this.scene.layer.transposed;
    const held = onInput ? this.layer.input : this.layer.output;
    const from = onInput ? this.point ?? this.firstInput() : this.cell;
    const whole = this.beyond && !onInput ? this.layer.axes.map(outputSize) : null;
    const low = whole ? [0, 0, 0] : held.origin, high = held.origin.map((o, i) => (whole ? whole[i] : o + held.size[i]) - 1);
    let to = [...from];
    if (moves[event.key]) to = [from[0], from[1] + moves[event.key][0], from[2] + moves[event.key][1]];
    else if (event.key === "Home") to[2] = low[2];
    else if (event.key === "End") to[2] = high[2];
    else if (event.key === "PageUp" || event.key === "PageDown") { this.choose.filter.move(event.key === "PageUp" ? -1 : 1); event.preventDefault(); return; }
    else if (event.key === " " || event.key === "Enter") { this.toggle(); event.preventDefault(); return; }
    else return;
    event.preventDefault();
    to = to.map((v, i) => clamp(v, low[i], high[i]));
    if (onInput) this.stamp(to); else this.set({ cell: to });
  }

  firstInput() {
    const t = this.layer.window(this.filter, this.channel, this.cell).find((tap) => tap.place);
    return t ? t.place : this.layer.input.origin;
  }

  // One step of the walk: over the outputs, or over the inputs of a transposed layer.
  step(by, said = true) {
    const transposed = this.scene.layer.transposed;
    const { origin, size } = transposed ? this.layer.input : this.layer.output;
    const from = transposed ? this.point ?? this.firstInput() : this.cell, total = product(size);
    let index = ((from[0] - origin[0]) * size[1] + from[1] - origin[1]) * size[2] + from[2] - origin[2];
    if (!(transposed && this.playing && this.grown === null)) index = (index + by + total) % total;
    else index = 0;
    const to = [Math.floor(index / (size[1] * size[2])), Math.floor(index / size[2]) % size[1], index % size[2]].map((v, i) => v + origin[i]);
    if (transposed) this.stamp(to, this.playing ? index : null); else this.set({ cell: to }, said);
  }

  toggle() {
    if (this.playing) { this.stop(); this.grown = null; this.draw(); return; }
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.playing = setInterval(() => { if (this.host.isConnected) this.step(1, false); else this.stop(); }, calm ? 1500 : 450);
    this.play.textContent = "❚❚ Pause";
    this.play.setAttribute("aria-label", "Pause");
    this.step(1, false);
  }

  stop() {
    if (this.playing) clearInterval(this.playing);
    this.playing = null;
    this.play.textContent = "▶ Play";
    this.play.setAttribute("aria-label", "Play");
  }

  largest(kind) {
    return this.common ? this.scene.scale.all : this.scene.scale[kind];
  }

  inputSlice() {
    if (this.point) return this.point[0];
    return source(this.layer.axes[0], this.cell[0], this.depth);
  }

  draw() {
    if (!this.layer) return;
    const { layer, scene, filter } = this, L = scene.layer;
    const theme = themeOf(this.host);
    this.drawChoosers();
    this.drawPlanes(theme);
    this.drawSum(theme);
    this.drawScatter(theme);
    this.drawOverview(theme);
    const s3 = scene.scale;
    this.legend.replaceChildren(legend(this.common ? [["everything", s3.all]] : [["input", s3.input], ["weights", s3.weight], ["output", s3.output]], theme));
    const places = this.cell.slice(3 - L.dims);
    this.planes.output.box.setAttribute("aria-label",
      `Output of filter ${filter}, ${by(scene.output.shape.slice(2))}. Arrow keys move the window. At ${places.join(", ")}: ${written(layer.y(filter, this.cell))}`);
  }

  drawChoosers() {
    const { layer, choose } = this;
    choose.filter.set(this.beyond ? range(0, layer.facts.out_channels) : range(layer.output.first, layer.output.count), this.filter, (v) => this.scene.filterNames?.[v] ? `${v}: ${this.scene.filterNames[v]}` : `${v} of ${layer.facts.out_channels}`);
    choose.channel.set(layer.channels(this.filter), this.channel, (v) => `${v} of ${layer.facts.in_channels}`);
    choose.slice.set(this.beyond ? range(0, outputSize(layer.axes[0])) : range(layer.output.origin[0], layer.output.size[0]), this.cell[0]);
    choose.depth.set(range(0, layer.kernel[0]), this.depth);
  }

  // Cell sizes in CSS pixels, from the room there is: side by side, or one above the other for sequences.
  measure() {
    const { layer } = this, flat = layer.facts.dims === 1, room = Math.max(260, this.section.clientWidth || 900);
    const i = layer.input.size, o = layer.output.size, k = layer.kernel;
    if (flat) {
      const width = Math.min(room / Math.max(i[2], o[2]), 46), tall = Math.max(28, Math.min(width, 40));
      return { flat, narrow: room < 640, input: [width, tall], output: [width, tall], kernel: [Math.min(room / k[2], 46), tall] };
    }
    const narrow = room < 640;
    const kernel = Math.min((narrow ? room * 0.5 : 170) / Math.max(k[1], k[2]), 44);
    const rest = narrow ? room - 16 : room - Math.max(kernel * k[2], 120) - 120;
    const cell = Math.min(rest / (i[2] + o[2]), 46, 460 / Math.max(i[1], o[1]));
    return { flat, narrow, input: [cell, cell], output: [cell, cell], kernel: [kernel, kernel] };
  }

  drawPlanes(theme) {
    const { layer, filter, channel, cell, depth } = this, { axes, input, output } = layer, L = layer.facts;
    const size = this.measure(), solid = L.dims === 3;
    this.stage.classList.toggle("flat", size.flat);
    this.stage.classList.toggle("narrow", size.narrow);
    const taps = layer.window(filter, channel, cell);
    this.products = layer.channels(filter).length * taps.filter((t) => t.place).length;
    const slice = this.inputSlice();
    const inSlice = slice === null ? null : clamp(slice, input.origin[0], input.origin[0] + input.size[0] - 1);
    const at = ([, r, c]) => [r - input.origin[1], c - input.origin[2]];
    const here = taps.filter((t) => t.place && t.tap[0] === depth);
    const marks = [];
    if (this.point) {
      if (this.point[0] === inSlice) marks.push({ cells: [at(this.point)], kind: "mark strong" });
    } else {
      if (!L.transposed) {
        const first = [1, 2].map((i) => source(axes[i], cell[i], 0) - input.origin[i]);
        const window = [1, 2].map((i) => windowSize(axes[i].kernel, axes[i].dilation));
        const stride = [axes[1].stride, axes[2].stride];
        if (stride[1] > 1 && cell[2] + 1 < output.origin[2] + output.size[2]) marks.push({ box: [first[0], first[1] + stride[1], ...window], kind: "ghost" });
        marks.push({ box: [...first, ...window], kind: "span" });
      }
      // Hundreds of outlines would hide what they mark: a large window is one frame.
      if (here.length > 200) marks.push({ box: frame(here.map((t) => at(t.place))), kind: "mark" });
      else marks.push({ cells: here.map((t) => at(t.place)), kind: here.length > 60 ? "mark thin" : "mark" });
    }
    const starts = (i) => range(output.origin[i], output.size[i]).map((o) => source(axes[i], o, 0) - input.origin[i]).filter((p) => p >= 0 && p < input.size[i]);
    const strided = !L.transposed && (axes[1].stride > 1 || axes[2].stride > 1);
    const extras = [L.stride.some((v) => v > 1) ? `stride ${L.stride.join("×")}` : null, L.dilation.some((v) => v > 1) ? `dilation ${L.dilation.join("×")}` : null].filter(Boolean).join(", ");
    this.planes.input.draw({
      title: [h("b", {}, "Input"), ` channel ${channel}`, solid ? `, slice ${inSlice ?? "–"}` : "", extras ? h("i", {}, ` · ${extras}`) : ""],
      label: `Input channel ${channel} of ${L.in_channels}${this.point ? `; cell ${this.point.slice(3 - L.dims).join(", ")} scatters` : ""}. ${L.transposed ? "Arrow keys choose the input that scatters." : "Drag to move the window."}`,
      rows: input.size[1], columns: input.size[2], value: (r, c) => inSlice === null ? null : layer.x(channel, [inSlice, r + input.origin[1], c + input.origin[2]]),
      largest: this.largest("input"), theme, cell: size.input, hatch: L.transposed ? [] : this.padding(inSlice), marks,
      ticks: strided ? { rows: size.flat ? [] : starts(1), columns: starts(2) } : null,
    });
    const used = taps.filter((t) => t.place && t.tap[0] === depth).map((t) => [t.tap[1], t.tap[2]]);
    this.planes.kernel.draw({
      title: [h("b", {}, "Filter"), ` ${filter}`, L.in_channels / L.groups > 1 ? `, channel ${channel}` : "", solid ? `, slice ${depth}` : ""],
      label: `Filter ${filter}, weights for channel ${channel}`, rows: layer.kernel[1], columns: layer.kernel[2],
      value: (r, c) => layer.w(filter, channel, [depth, r, c]), largest: this.largest("weight"), theme, cell: size.kernel,
      marks: L.transposed && !this.point ? [{ cells: used, kind: "mark" }] : [],
    });
    const spot = [cell[1] - output.origin[1], cell[2] - output.origin[2]];
    const foot = this.point ? this.footprint(this.point).filter((t) => t.cell[0] === cell[0]).map((t) => [t.cell[1] - output.origin[1], t.cell[2] - output.origin[2]]) : [];
    const partial = this.grown === null ? null : this.partial();
    this.planes.output.draw({
      title: [h("b", {}, "Output"), ` filter ${filter}`, solid ? `, slice ${cell[0]}` : "", partial ? h("i", {}, " so far") : ""], label: "Output",
      rows: output.size[1], columns: output.size[2],
      value: (r, c) => (partial ? partial[(cell[0] - output.origin[0]) * output.size[1] * output.size[2] + r * output.size[2] + c] : layer.y(filter, [cell[0], r + output.origin[1], c + output.origin[2]])),
      largest: this.largest("output"), theme, cell: size.output, marks: [{ cells: foot, kind: "span" }, { cells: [spot], kind: "mark strong" }],
    });
  }

  // Boxes of the held input that lie outside the real one.
  padding(slice) {
    const { input, axes } = this.layer, [, top, left] = input.origin, [, rows, columns] = input.size;
    if (slice !== null && (slice < 0 || slice >= axes[0].size)) return [[0, 0, rows, columns]];
    const above = Math.max(0, -top), below = Math.max(0, top + rows - axes[1].size);
    const before = Math.max(0, -left), after = Math.max(0, left + columns - axes[2].size), middle = rows - above - below;
    return [[0, 0, above, columns], [rows - below, 0, below, columns], [above, 0, middle, before], [above, columns - after, middle, after]]
      .filter((b) => b[2] > 0 && b[3] > 0);
  }

  product({ value, weight, product: p, padding }, theme) {
    if (p === null) return h("td", { class: "none" }, h("span", {}, "no input"));
    const rgb = colour(p, this.largest("output"), theme);
    return h("td", { class: padding ? "padded" : null, style: `background: ${css(rgb)}; color: ${readableOn(rgb)}` },
      h("span", {}, h("span", { class: "x" }, written(value)), " × ", h("span", { class: "w" }, written(weight))), h("b", { class: "p" }, written(p)));
  }

  grid(channel, depth, taps, theme) {
    const rows = range(0, this.layer.kernel[1]).map((r) => h("tr", {}, taps.filter((t) => t.tap[1] === r).map((t) => this.product(t, theme))));
    const total = taps.reduce((sum, t) => sum + (t.product ?? 0), 0);
    const name = `channel ${channel}${this.layer.kernel[0] > 1 ? `, slice ${depth}` : ""}`;
    return h("table", { "data-channel": channel, "data-depth": depth },
      h("caption", {}, name, h("span", { class: "part" }, " sum ", h("b", { class: "subtotal" }, written(total)))), h("tbody", {}, rows));
  }

  drawSum(theme) {
    const { layer, filter, cell } = this, L = layer.facts, channels = layer.channels(filter);
    const places = cell.slice(3 - L.dims).join(", ");
    this.sumTitle.replaceChildren(h("code", {}, `output[${filter}, ${places}]`), ` is the sum of ${grouped(this.products)} product${this.products === 1 ? "" : "s"}`, layer.biases ? " and the bias" : "");
    const all = channels.length * layer.taps <= 108;
    const shown = all ? channels : [this.channel];
    const depths = all || layer.taps <= 108 ? range(0, layer.kernel[0]) : [this.depth];
    this.grids.classList.toggle("small", layer.kernel[2] > 5);
    this.grids.replaceChildren(...shown.flatMap((c) => {
      const taps = layer.window(filter, c, cell);
      return depths.map((d) => this.grid(c, d, taps.filter((t) => t.tap[0] === d), theme));
    }));
    if (!all) this.sumTitle.append(h("i", {}, ` — shown: channel ${this.channel} of ${channels.length}${depths.length < layer.kernel[0] ? `, slice ${this.depth}` : ""}`));
    const sums = channels.map((c) => layer.subtotal(filter, c, cell));
    this.drawChips(all ? [] : channels, sums, theme);
    const bias = layer.bias(filter), total = sums.reduce((a, b) => a + b, 0);
    const terms = all && sums.length > 1 ? sums : [total];
    this.result.replaceChildren(
      ...terms.flatMap((v, i) => [i ? " + " : "", h("span", { class: "term" }, v < 0 && i ? `(${written(v)})` : written(v))]),
      bias === null ? "" : h("span", { class: "bias-term" }, " + bias ", h("span", { class: "bias" }, written(bias))),
      " = ", h("output", { class: "value" }, written(layer.y(filter, cell))));
  }

  // One button for each channel's sum; pages of 256 keep a 2048-channel layer quick.
  drawChips(channels, sums, theme) {
    const page = 256, first = Math.max(0, Math.floor(channels.indexOf(this.channel) / page)) * page, part = channels.slice(first, first + page);
    if (this.chips.children.length !== part.length) {
      this.chips.replaceChildren(...part.map((_, i) => h("button", { type: "button", onclick: () => this.set({ channel: this.part[i] }) }, h("small"), h("span", { class: "chip-value" }))));
    }
    this.part = part;
    this.chips.hidden = channels.length < 2;
    if (channels.length < 2) return;
    part.forEach((c, i) => {
      const button = this.chips.children[i], total = sums[first + i], rgb = colour(total, this.largest("output"), theme);
      button.style.background = css(rgb);
      button.style.color = readableOn(rgb);
      button.firstChild.textContent = `ch ${c}`;
      button.lastChild.textContent = written(total);
      button.setAttribute("aria-pressed", String(c === this.channel));
    });
  }

  footprint(point) {
    const { axes, kernel, output } = this.layer, found = [];
    for (let d = 0; d < kernel[0]; d++) for (let r = 0; r < kernel[1]; r++) for (let c = 0; c < kernel[2]; c++) {
      const tap = [d, r, c], cell = tap.map((t, i) => landing(axes[i], point[i], t));
      if (cell.every((o, i) => o !== null && o >= output.origin[i] && o < output.origin[i] + output.size[i])) found.push({ tap, cell });
    }
    return found;
  }

  // The output while a transposed layer plays: the bias and what the inputs up to the present one have added.
  partial() {
    const { layer, filter } = this, { output, input } = layer, channels = layer.channels(filter);
    let sum = this.sum;
    if (!sum || sum.layer !== layer || sum.filter !== filter || sum.next > this.grown + 1) {
      sum = this.sum = { layer, filter, next: 0, data: new Float64Array(product(output.size)).fill(layer.bias(filter) ?? 0) };
    }
    for (; sum.next <= this.grown; sum.next++) { // what was added at earlier steps stays
      const i = sum.next;
      const point = [Math.floor(i / (input.size[1] * input.size[2])), Math.floor(i / input.size[2]) % input.size[1], i % input.size[2]].map((v, n) => v + input.origin[n]);
      for (const { tap, cell } of this.footprint(point)) {
        const place = ((cell[0] - output.origin[0]) * output.size[1] + cell[1] - output.origin[1]) * output.size[2] + cell[2] - output.origin[2];
        for (const c of channels) sum.data[place] += layer.x(c, point) * layer.w(filter, c, tap);
      }
    }
    return sum.data;
  }

  // A transposed layer seen from its input: one value times the whole filter, and where each product lands.
  drawScatter(theme) {
    this.scatter.hidden = !this.scene.layer.transposed;
    if (this.scatter.hidden) return;
    const point = this.point ?? this.firstInput(), { layer, filter, channel } = this, lands = this.footprint(point), D = layer.facts.dims;
    const value = layer.x(channel, point), depth = this.depth;
    const rows = range(0, layer.kernel[1]).map((r) => h("tr", {}, range(0, layer.kernel[2]).map((c) => {
      const landed = lands.find((l) => l.tap[0] === depth && l.tap[1] === r && l.tap[2] === c);
      const p = value * layer.w(filter, channel, [depth, r, c]), rgb = colour(p, this.largest("output"), theme);
      if (!landed) return h("td", { class: "none" }, h("span", {}, "cut off"));
      return h("td", { style: `background: ${css(rgb)}; color: ${readableOn(rgb)}` }, h("span", {}, `to ${landed.cell.slice(3 - D).join(", ")}`), h("b", {}, written(p)));
    })));
    this.scatter.replaceChildren(heading(1, h("code", {}, `input[${channel}, ${point.slice(3 - D).join(", ")}]`), ` = ${written(value)} scatters over the output`),
      h("div", { class: "grids", tabindex: 0, role: "group", "aria-label": "Products that this input scatters" }, h("table", {}, h("tbody", {}, rows))));
  }

  // On the live page a click on the whole output goes there.
  jump(event, sizes) {
    const { left, top, width, height } = event.currentTarget.getBoundingClientRect();
    const at = (v, n) => clamp(Math.floor(v * n), 0, n - 1);
    this.set({ cell: [this.cell[0], sizes.length > 1 ? at((event.clientY - top) / height, sizes.at(-2)) : 0, at((event.clientX - left) / width, sizes.at(-1))] });
  }

  // Where the crop lies in the whole plane.
  drawOverview(theme) {
    const { overview } = this.scene;
    this.overview.replaceChildren();
    if (!overview) return;
    for (const [name, index, held, whole] of [["input", this.channel - this.layer.input.first, this.layer.input, this.scene.input.shape], ["output", this.filter - this.layer.output.first, this.layer.output, this.scene.output.shape]]) {
      const thumb = overview[name];
      if (!thumb || index >= thumb.shape[0]) continue;
      thumb.values ??= decode(thumb);
      const sizes = whole.slice(2), [rows, columns] = [sizes.length > 1 ? sizes.at(-2) : 1, sizes.at(-1)];
      const canvas = thumbnail(thumb, index, theme, this.largest(name));
      const share = (v, n) => `${(v / n * 100).toFixed(2)}%`;
      const jump = this.beyond && name === "output" ? (event) => this.jump(event, sizes) : null;
      this.overview.append(h("figure", {}, h("div", { class: jump ? "whole pick" : "whole", onclick: jump, style: `aspect-ratio: ${columns} / ${Math.max(rows, columns / 12)}` }, canvas,
        h("span", { class: "crop", style: `left: ${share(Math.max(0, held.origin[2]), columns)}; top: ${share(Math.max(0, held.origin[1]), rows)}; width: ${share(Math.min(held.size[2], columns), columns)}; height: ${share(Math.min(held.size[1], rows), rows)}` })),
        h("figcaption", {}, `whole ${name}, ${by(sizes)}`)));
    }
  }
}

// A quantised plane on a canvas.
function thumbnail(thumb, index, theme, largest, canvas = h("canvas", { "aria-hidden": "true" })) {
  const [, rows, columns] = thumb.shape, start = index * rows * columns;
  thumb.values ??= decode(thumb);
  Object.assign(canvas, { width: columns, height: rows });
  return paint(canvas, (i) => thumb.values[start + i] / 127 * thumb.largest, largest, theme);
}

function paint(canvas, value, largest, theme) {
  const context = canvas.getContext("2d"), image = context.createImageData(canvas.width, canvas.height);
  for (let i = 0; i < canvas.width * canvas.height; i++) {
    image.data.set(colour(value(i), largest, theme), i * 4);
    image.data[i * 4 + 3] = 255;
  }
  context.putImageData(image, 0, 0);
  return canvas;
}

// ---------------------------------------------------------------------------------------------- network
// Where an output cell looks on the image: [first, end) along each axis (twin of tilewise.pictures.fields.seen_by).
export function seenBy(fields, cell, sizes) {
  return sizes.map((n, i) => {
    if (!fields) return [0, n];
    const [size, jump, start] = fields[i], from = start + cell[i] * jump, tiny = 1e-6;
    return [Math.max(0, Math.floor(from + tiny)), Math.min(n, Math.ceil(from + size - tiny))];
  });
}

class Network {
  constructor(host, scene) {
    this.host = host;
    this.scene = scene;
    this.common = true;
    this.build();
    this.draw();
  }

  show(scene) {
    this.arithmetic?.stop();
    this.section.remove();
    Object.assign(this, { scene, arithmetic: null, open: null });
    this.build();
    this.draw();
  }

  build() {
    const { scene } = this, { input, totals } = scene;
    this.facts = h("p", { class: "facts" }, [`${scene.rows.length} steps`, `${grouped(totals.parameters)} parameters`, `${grouped(totals.multiply_adds)} multiply-adds`,
      totals.seconds ? `${(totals.seconds * 1000).toFixed(2)} ms measured` : null].filter(Boolean).join("  ·  "));
    this.image = h("div", { class: "image", style: `aspect-ratio: ${input.size.at(-1)} / ${Math.max(input.size.length > 1 ? input.size.at(-2) : 1, input.size.at(-1) / 8)}` });
    this.seen = h("span", { class: "seen", hidden: true });
    this.looked = h("p", { class: "looked", "aria-live": "polite" }, scene.convolutions.length ? "Choose a map: its cells show what they see of the image, and the sums behind them." : "");
    this.one = h("input", { type: "checkbox", checked: true, onchange: () => { this.common = this.one.checked; this.draw(); } });
    this.legend = h("div", { class: "legend-place" });
    this.list = h("ol", { class: "layers" }, scene.rows.map((row) => this.row(row)));
    this.section = h("section", { class: "network", "aria-label": `Network ${scene.title}` },
      h("header", {}, heading(0, scene.title), this.facts),
      h("aside", {}, h("figure", {}, this.image, h("figcaption", {}, h("b", {}, input.name), ` ${by(input.shape)}`)), this.looked,
        this.legend, h("label", { class: "check" }, this.one, " one scale for all layers"), h("div", { class: "notes" }, scene.notes.map((n) => h("p", {}, n)))),
      this.list);
    this.host.append(this.section);
  }

  row(row) {
    const { totals } = this.scene, share = (part, whole) => (whole ? part / whole : 0);
    const bar = (part, name) => h("span", { class: "bar", title: name, style: `--share: ${(part * 100).toFixed(1)}%` });
    const number = (value, text, part, name) => h("span", { class: "cost" }, value ? text : "", value ? bar(part, name) : null);
    const element = h("li", { class: row.faults.length ? "layer broken" : row.convolution === null ? "layer" : "layer convolution" },
      h("div", { class: "line-of" },
        h("span", { class: "kind" }, row.kind), h("code", { class: "name" }, row.name),
        h("span", { class: "shape" }, row.output ? by(row.output) : "—"),
        number(row.parameters, `${inColumn(row.parameters)} parameters`, share(row.parameters, totals.parameters), "share of all parameters"),
        number(row.multiply_adds, `${inColumn(row.multiply_adds)} multiply-adds`, share(row.multiply_adds, totals.multiply_adds), "share of all multiply-adds"),
        number(row.seconds, `${((row.seconds ?? 0) * 1000).toFixed(3)} ms`, share(row.seconds, totals.seconds), "share of the time measured")),
      row.faults.map((fault) => h("div", { class: "fault", role: "alert" }, h("p", {}, fault.message), fault.fixes.map((f) => f.split("\n")).map(([said, ...code]) => h("p", { class: "fix" }, said, code.map((line) => h("code", {}, line.trim())))))));
    if (row.convolution !== null) {
      const convolution = this.scene.convolutions[row.convolution], place = h("div", { class: "place" });
      const maps = h("div", { class: "maps", role: "group", "aria-label": `Feature maps of ${convolution.title}` });
      convolution.elements = { element, maps, place };
      element.append(maps, place);
      this.layMaps(convolution);
      this.lazily(maps, () => this.drawMaps(convolution));
    }
    return element;
  }

  // Draw when it comes near the window: a deep network has hundreds of maps.
  lazily(element, draw) {
    element.draw = draw;
    this.watcher ??= new IntersectionObserver((entries) => {
      for (const e of entries) if (e.isIntersecting) { e.target.near = true; e.target.draw(); }
    }, { rootMargin: "600px" });
    this.watcher.observe(element);
  }

  // Buttons of the right size at once, so that nothing moves when their pictures come.
  layMaps(convolution) {
    const { maps: thumb, elements, arithmetic } = convolution, [count, rows, columns] = thumb.shape;
    const side = Math.max(rows, columns) > 24 && this.host.clientWidth > 560 ? 84 : 64;
    const wide = columns >= rows ? side : side * columns / rows, tall = Math.max(wide * rows / columns, 14);
    const layer = arithmetic && (convolution.layer ??= new Layer(arithmetic));
    const weights = layer && layer.output.first === 0 && layer.taps > 1 ? layer : null;
    convolution.buttons = range(0, count).map((k) => {
      const canvas = h("canvas", { width: columns, height: rows, "aria-hidden": "true", style: `width: ${wide}px; height: ${tall}px` });
      const cell = h("span", { class: "cell", hidden: true });
      const filters = weights && k < weights.output.count ? this.filters(weights, k) : null;
      const button = h("button", { type: "button", class: "map", "aria-label": `Map ${k} of ${convolution.output[1]}`, "aria-pressed": "false",
        onclick: (e) => this.pick(convolution, k, e) }, h("span", { class: "map-box" }, canvas, cell), filters?.element);
      return Object.assign(button, { cell, canvas, filters });
    });
    elements.maps.append(...convolution.buttons, count < convolution.output[1] ? h("span", { class: "more" }, `${count} of ${convolution.output[1]} maps`) : "");
  }

  drawMaps({ maps: thumb, buttons }) {
    const theme = themeOf(this.host), largest = this.common ? this.scene.scale.all : thumb.largest;
    for (const [k, button] of buttons.entries()) {
      thumbnail(thumb, k, theme, largest, button.canvas);
      button.filters?.draw(theme);
    }
  }

  // The filter behind a map: its first channels, small.
  filters(layer, k) {
    const channels = layer.channels(k).slice(0, 4), [d, r, c] = layer.kernel;
    const canvases = channels.map(() => h("canvas", { width: c, height: r, "aria-hidden": "true", style: `width: 18px; height: ${Math.max(18 * r / c, 6)}px` }));
    const draw = (theme) => canvases.forEach((canvas, n) =>
      paint(canvas, (i) => layer.w(k, channels[n], [Math.floor(d / 2), Math.floor(i / c), i % c]), this.bound(layer), theme));
    return { draw, element: h("span", { class: "filters", title: `Filter ${k}, channels ${channels.join(", ")}` }, canvases) };
  }

  bound(layer) {
    layer.bound ??= layer.weights.reduce((m, v) => Math.max(m, Math.abs(v)), 0);
    return layer.bound;
  }

  // A cell of a map: the one under the pointer, or the middle where the keyboard chose the map.
  pick(convolution, filter, event) {
    const sizes = convolution.output.slice(2), dims = sizes.length, box = event.currentTarget.querySelector("canvas").getBoundingClientRect();
    const pointed = event.detail > 0 && event.clientX > box.left - 3 && event.clientX < box.right + 3 && event.clientY > box.top - 3 && event.clientY < box.bottom + 3;
    const at = (v, n) => clamp(Math.floor(v * n), 0, n - 1);
    const cell = pointed ? [...(dims === 3 ? [Math.floor(sizes[0] / 2)] : []), ...(dims > 1 ? [at((event.clientY - box.top) / box.height, sizes.at(-2))] : []), at((event.clientX - box.left) / box.width, sizes.at(-1))]
      : sizes.map((n) => Math.floor(n / 2));
    this.select(convolution, filter, cell);
  }

  select(convolution, filter, cell) {
    const before = this.open;
    if (before && before !== convolution) { this.arithmetic?.stop(); this.arithmetic = null; before.elements.place.replaceChildren(); }
    Object.assign(this, { open: convolution, filter, cell });
    const { arithmetic: scene, elements } = convolution, o = scene?.output;
    const held = scene && filter >= o.filters[0] && filter < o.filters[0] + o.filters[1] && cell.every((v, i) => v >= o.origin[i] && v < o.origin[i] + o.size[i]);
    if (held) {
      const lifted = [...Array(3 - cell.length).fill(0), ...cell];
      if (!this.arithmetic || before !== convolution) {
        elements.place.replaceChildren(heading(1, h("b", {}, convolution.title)));
        this.arithmetic = new Arithmetic(elements.place, scene, { heading: false, onmove: (view) => this.follow(view), beyond: this.beyond(convolution) });
      }
      elements.place.querySelector(".elsewhere")?.remove();
      this.arithmetic.set({ filter, cell: lifted }, false);
    } else {
      this.arithmetic?.stop();
      this.arithmetic = null;
      const part = scene ? ` Held are filters ${o.filters[0]}–${o.filters[0] + o.filters[1] - 1}, cells ${o.origin.map((f, i) => `${f}–${f + o.size[i] - 1}`).join(" × ")}.` : "";
      if (this.scene.live) { this.fetch(convolution, filter, cell); return; }
      elements.place.replaceChildren(h("p", { class: "elsewhere" }, `The arithmetic of cell ${cell.join(", ")} of map ${filter} is not in this file.${part} tilewise.see(layer, input, at=...) shows any cell of one layer.`));
      this.mark();
    }
    if (before && before !== convolution) this.unmark(before);
  }

  unmark({ buttons }) {
    for (const button of buttons) { button.cell.hidden = true; button.setAttribute("aria-pressed", "false"); }
  }

  // The live page has every cell: the server keeps what the layers of its last run saw.
  beyond(convolution) {
    const index = this.scene.convolutions.indexOf(convolution);
    return this.scene.live ? (filter, cell) => ask("cell", JSON.stringify({ convolution: index, filter, cell })) : null;
  }

  async fetch(convolution, filter, cell) {
    const answer = await this.beyond(convolution)(filter, cell);
    if (answer.error) { convolution.elements.place.replaceChildren(h("p", { class: "elsewhere" }, answer.error)); return; }
    Object.assign(convolution, { arithmetic: answer, layer: null });
    this.open = null;
    this.select(convolution, filter, cell);
  }

  follow(view) {
    if (!this.open) return;
    this.filter = view.filter;
    this.cell = view.cell.slice(3 - view.layer.facts.dims);
    this.mark();
  }

  // Show the chosen cell on its map and its receptive field on the image.
  mark() {
    const { open, filter, cell } = this, sizes = open.output.slice(2), { size } = this.scene.input;
    for (const [k, button] of open.buttons.entries()) {
      button.setAttribute("aria-pressed", String(k === filter));
      button.cell.hidden = k !== filter;
      const share = (v, n) => `${v / n * 100}%`, rows = sizes.length > 1 ? sizes.at(-2) : 1, r = sizes.length > 1 ? cell.at(-2) : 0;
      button.cell.style.cssText = `left: ${share(cell.at(-1), sizes.at(-1))}; top: ${share(r, rows)}; width: max(5px, ${share(1, sizes.at(-1))}); height: max(5px, ${share(1, rows)})`;
    }
    const whole = !open.fields || open.fields.length !== size.length, seen = seenBy(whole ? null : open.fields, cell, size);
    const [columns, rows] = [seen.at(-1), seen.length > 1 ? seen.at(-2) : [0, 1]], height = size.length > 1 ? size.at(-2) : 1;
    this.seen.hidden = false;
    this.seen.style.cssText = `left: ${columns[0] / size.at(-1) * 100}%; top: ${rows[0] / height * 100}%; width: ${(columns[1] - columns[0]) / size.at(-1) * 100}%; height: ${(rows[1] - rows[0]) / height * 100}%`;
    const text = whole ? "the whole image" : seen.map(([a, b]) => `${a}–${b - 1}`).join(" × ");
    this.looked.replaceChildren(h("b", {}, `Cell ${cell.join(", ")} of map ${filter}`), `${open.name ? `, layer ${open.name},` : ""} sees `, h("span", { class: "field-text" }, text), ".");
  }

  draw() {
    const theme = themeOf(this.host), { input, scale } = this.scene;
    const picture = input.uri ? h("img", { src: input.uri, alt: `The input, ${input.name}` }) : thumbnail(input.plane, 0, theme, input.plane.largest);
    this.image.replaceChildren(picture, this.seen);
    this.legend.replaceChildren(this.common ? legend([["all maps", scale.all]], theme) : h("p", { class: "check" }, "Each layer's maps have a scale of their own."));
    for (const c of this.scene.convolutions) if (c.elements?.maps.near) this.drawMaps(c);
    this.arithmetic?.draw();
    this.section.classList.add("drawn");
  }
}

// ---------------------------------------------------------------------------------------------- playground
// Settings as tilewise.pictures.settings has them; every formula here is compared with Python's by a test.
export function axesOf(t, size) {
  return size.map((n, i) => {
    let pair = [0, 0];
    if (t.padding === "same") pair = samePadding(t.kernel_size[i], t.dilation[i]);
    else if (t.padding === "causal") pair = [t.dilation[i] * (t.kernel_size[i] - 1), 0];
    else if (t.padding !== "valid") pair = [t.padding[i], t.padding[i]];
    return { size: n, kernel: t.kernel_size[i], stride: t.stride[i], before: pair[0], after: pair[1], dilation: t.dilation[i],
      transposed: t.transposed, outputPadding: t.transposed ? t.output_padding[i] : 0 };
  });
}

export const kindOf = (t) => `Conv${t.transposed ? "Transpose" : ""}${t.dims}d`;
const same = (values) => values.every((v) => v === values[0]);
const short = (v) => (typeof v === "string" ? `'${v}'` : same(v) ? String(v[0]) : `(${v.join(", ")})`);
const all = (values, v) => values.every((w) => w === v);

export function lineOf(t) {
  const causal = t.padding === "causal", numbers = Array.isArray(t.padding);
  const parts = [t.in_channels, t.out_channels, `kernel_size=${short(t.kernel_size)}`];
  if (!all(t.stride, 1)) parts.push(`stride=${short(t.stride)}`);
  if (!causal && !(t.padding === "valid" && !t.transposed) && !(numbers && all(t.padding, 0))) parts.push(`padding=${short(t.padding)}`);
  if (t.transposed && !all(t.output_padding, 0)) parts.push(`output_padding=${short(t.output_padding)}`);
  if (!all(t.dilation, 1)) parts.push(`dilation=${short(t.dilation)}`);
  if (t.groups !== 1) parts.push(`groups=${t.groups}`);
  if (!t.bias) parts.push("bias=False");
  if (t.padding_mode !== "zeros" && !causal) parts.push(`padding_mode='${t.padding_mode}'`);
  const layer = `nn.${kindOf(t)}(${parts.join(", ")})`;
  return causal ? `nn.Sequential(nn.ConstantPad1d((${t.dilation[0] * (t.kernel_size[0] - 1)}, 0), 0.0), ${layer})` : layer;
}

// The words are those of tilewise.geometry.preconditions, in its order of rules.
export function objection(t, size) {
  const per = (values) => (same(values) ? String(values[0]) : values.join(" x "));
  const says = (text) => `${kindOf(t)} ${text}.`;
  for (const name of ["kernel_size", "stride", "dilation"]) {
    if (Math.min(...t[name]) < 1) return says(`has ${name} ${per(t[name])}, but it must be at least 1`);
  }
  if (Array.isArray(t.padding)) {
    if (Math.min(...t.padding) < 0) return says(`has padding ${per(t.padding)}, but padding can't be negative: crop the image instead`);
  } else if (t.padding !== "causal") {
    if (t.transposed) return says(`has padding='${t.padding}', but a transposed convolution takes numbers only`);
    if (t.padding === "same" && Math.max(...t.stride) > 1) {
      return says(`has padding='same' and stride ${per(t.stride)}, but 'same' needs stride 1: with a stride the output can't be as large as the input`);
    }
  }
  const modes = t.transposed ? ["zeros"] : ["zeros", "reflect", "replicate", "circular"];
  if (!modes.includes(t.padding_mode)) return says(`has padding_mode='${t.padding_mode}', but the modes it takes are ${modes.map((m) => `'${m}'`).join(", ")}`);
  if (t.groups < 1) return says(`has groups=${t.groups}, but at least 1 is needed`);
  for (const [name, what] of [["in_channels", "input"], ["out_channels", "output"]]) {
    if (t[name] % t.groups) return says(`splits ${t[name]} ${what} channels into ${t.groups} groups, but ${t[name]} is not a multiple of ${t.groups}`);
  }
  if (t.transposed) {
    for (let i = 0; i < t.dims; i++) {
      const extra = t.output_padding[i], stride = t.stride[i], dilation = t.dilation[i];
      if (extra < 0 || extra >= Math.max(stride, dilation)) {
        return says(`has output_padding ${per(t.output_padding)} with stride ${per(t.stride)}, ` +
          (extra >= 0 ? "but it must be smaller than the stride" : "but it can't be negative") + (dilation > stride ? " or the dilation" : ""));
      }
    }
  }
  const axes = axesOf(t, size);
  if (!t.transposed && t.padding_mode !== "zeros" && t.padding !== "causal") {
    for (const a of [...axes].reverse()) {
      const most = { reflect: a.size - 1, circular: a.size }[t.padding_mode], asked = Math.max(a.before, a.after);
      if (most !== undefined && asked > most) return says(`pads an axis of ${a.size} by ${asked}, but mode '${t.padding_mode}' can take at most ${most} from the image`);
    }
  }
  const out = axes.map(outputSize);
  if (Math.min(...out) >= 1) return null;
  // Causal padding is a layer before: the image that flows in has grown.
  const flows = axes.map((a) => a.size + (t.padding === "causal" ? a.before : 0)), image = flows.join(" x ");
  if (t.transposed) return says(`makes an image of ${out.join(" x ")} from ${image}: its padding takes away more than there is`);
  const window = axes.map((a) => windowSize(a.kernel, a.dilation)).join(" x ");
  const spans = Math.max(...t.dilation) > 1 ? ` (with dilation ${per(t.dilation)})` : "";
  const pads = t.padding !== "causal" && axes.some((a) => a.before + a.after > 0);
  return says(`has a window of ${window}${spans}, but the image that flows in is only ${image}` +
    (pads ? ` (${axes.map((a) => a.size + a.before + a.after).join(" x ")} with padding)` : ""));
}

export function factsOf(t, size) {
  const line = lineOf(t), wrong = objection(t, size);
  if (wrong) return { line, objection: wrong };
  const axes = axesOf(t, size), output = axes.map(outputSize), taps = product(t.kernel_size);
  const weights = t.in_channels * (t.out_channels / t.groups) * taps;
  return {
    line, objection: null, output: [1, t.out_channels, ...output], formulas: axes.map(formula),
    parameters: weights + (t.bias ? t.out_channels : 0), multiply_adds: product(t.transposed ? size : output) * weights,
    receptive_field: axes.map((a) => (t.transposed ? 1 + Math.floor((windowSize(a.kernel, a.dilation) - 1) / a.stride) : windowSize(a.kernel, a.dilation))),
  };
}

// Numbers between -1 and 1 that are the same for the same seed (mulberry32).
function dice(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let v = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    v = (v + Math.imul(v ^ (v >>> 7), 61 | v)) ^ v;
    return ((v ^ (v >>> 14)) >>> 0) / 2147483648 - 1;
  };
}

// One filter's plane of weights: a known kernel set into the middle of the window.
function spread(known, name, kernel) {
  const [rows, columns] = kernel.length === 2 ? kernel : [1, kernel[0]], total = rows * columns;
  if (name === "blur") return Array(total).fill(1 / total);
  const top = Math.floor((rows - known.length) / 2), left = Math.floor((columns - known[0].length) / 2);
  return range(0, total).map((i) => known[Math.floor(i / columns) - top]?.[(i % columns) - left] ?? 0);
}

// Where a padding position takes its value from, or null for a zero.
function mirrored(p, n, mode) {
  if (p >= 0 && p < n) return p;
  if (mode === "reflect") return n === 1 ? 0 : Math.abs(((p % (2 * n - 2)) + 2 * n - 2) % (2 * n - 2) - (n - 1)) * -1 + n - 1;
  if (mode === "replicate") return clamp(p, 0, n - 1);
  if (mode === "circular") return ((p % n) + n) % n;
  return null;
}

const WORK = 2e7, MOST = 48;

// An arithmetic scene computed in the browser: a sample image under a known kernel, cropped where it is large.
export function playgroundScene(play, t, size, sample, kernelName) {
  const facts = factsOf(t, size), axes = axesOf(t, size), output = axes.map(outputSize), taps = product(t.kernel_size);
  const perGroup = t.in_channels / t.groups, filtersPerGroup = t.out_channels / t.groups;
  let count = output.map((n) => Math.min(n, t.dims === 1 ? 96 : MOST));
  while (product(count) * perGroup * taps > WORK && Math.max(...count) > 4) count = count.map((n) => Math.max(Math.min(n, 4), Math.floor(n * 0.8)));
  const filters = clamp(Math.floor(WORK / (product(count) * perGroup * taps)), 1, t.out_channels);
  const first = output.map((n, i) => Math.floor((n - count[i]) / 2));
  const reads = axes.map((a, i) => {
    const seen = range(first[i], count[i]).flatMap((o) => range(0, a.kernel).map((k) => source(a, o, k))).filter((p) => p !== null);
    return seen.length ? [Math.min(...seen), Math.max(...seen) + 1] : [0, 1];
  });
  const origin = reads.map((r) => r[0]), held = reads.map((r) => r[1] - r[0]);
  const groups = Math.floor((filters - 1) / filtersPerGroup) + 1, channels = groups * perGroup;
  // The sample, by nearest pixel; a sequence is its middle row.
  const pixels = decode(sample), [planes, rows, columns] = sample.shape, flat = t.dims === 1;
  const at = (c, r, col) => pixels[((c % planes) * rows + r) * columns + col] / 255;
  const pick = (p, n, whole) => Math.floor(p * whole / n);
  const grey = (r, col) => (planes === 3 && t.in_channels !== 3 ? 0.299 * at(0, r, col) + 0.587 * at(1, r, col) + 0.114 * at(2, r, col) : null);
  const value = (c, place) => {
    const real = place.map((p, i) => (t.transposed ? p : mirrored(p, size[i], t.padding === "causal" ? "zeros" : t.padding_mode)));
    if (real.includes(null)) return 0;
    const r = flat ? Math.floor(rows / 2) : pick(real[0], size[0], rows), col = pick(real.at(-1), size.at(-1), columns);
    return grey(r, col) ?? at(c, r, col);
  };
  const area = product(held), input = new Float64Array(channels * area), width = held.at(-1);
  for (let c = 0; c < channels; c++) for (let i = 0; i < area; i++) {
    input[c * area + i] = value(c, flat ? [origin[0] + i] : [origin[0] + Math.floor(i / width), origin[1] + i % width]);
  }
  const names = Object.keys(play.kernels[t.dims]), chosen = names.indexOf(kernelName);
  const bound = 1 / Math.sqrt(perGroup * taps), weight = new Float64Array(filters * perGroup * taps), bias = new Float64Array(filters);
  const named = [];
  for (let k = 0; k < filters; k++) {
    const random = dice(k + 1), name = names[(chosen + k) % names.length];
    named.push(chosen < 0 ? null : name);
    const plane = chosen < 0 ? null : spread(play.kernels[t.dims][name], name, t.kernel_size);
    for (let i = 0; i < perGroup * taps; i++) weight[k * perGroup * taps + i] = plane ? plane[i % taps] / perGroup : random() * bound;
    if (!plane) bias[k] = random() * bound;
  }
  const scene = {
    kind: "arithmetic", title: facts.line, keep: true, notes: [], filterNames: chosen < 0 ? null : named,
    layer: { ...t, kind: kindOf(t), size, output_size: output, padding: axes.map((a) => [a.before, a.after]),
      output_padding: axes.map((a) => a.outputPadding), parameters: facts.parameters, multiply_adds: facts.multiply_adds, formulas: facts.formulas },
    input: { shape: [1, t.in_channels, ...size], channels: [0, channels], origin, size: held, data: input },
    weight: { filters: [0, filters], data: weight }, bias: t.bias ? { data: bias } : null,
    output: { shape: facts.output, filters: [0, filters], origin: first, size: count, data: new Float64Array(filters * product(count)) },
    start: { filter: 0, channel: 0, cell: first.map((f, i) => f + Math.floor(count[i] / 2)) },
  };
  convolve(scene);
  const largest = (data) => data.reduce((m, v) => Math.max(m, Math.abs(v)), 0);
  const scale = { input: largest(input), weight: Math.max(largest(weight), largest(bias)), output: largest(scene.output.data) };
  scene.scale = { all: Math.max(scale.input, scale.weight, scale.output), ...scale };
  if (count.some((n, i) => n < output[i])) scene.notes.push(`Cropped: shown is output ${first.map((f, i) => `${f}–${f + count[i] - 1} of ${output[i]}`).join(", ")}.`);
  if (filters < t.out_channels) scene.notes.push(`Cropped: shown are filters 0–${filters - 1} of ${t.out_channels}.`);
  return scene;
}

// Fill the outputs of a scene made in the browser.
function convolve(scene) {
  const layer = new Layer(scene), { output } = layer;
  let i = 0;
  for (let k = 0; k < output.count; k++) {
    const channels = layer.channels(k), bias = layer.bias(k) ?? 0;
    for (let d = 0; d < output.size[0]; d++) for (let r = 0; r < output.size[1]; r++) for (let c = 0; c < output.size[2]; c++) {
      const cell = [d + output.origin[0], r + output.origin[1], c + output.origin[2]], places = [];
      for (let td = 0; td < layer.kernel[0]; td++) for (let tr = 0; tr < layer.kernel[1]; tr++) for (let tc = 0; tc < layer.kernel[2]; tc++) {
        const place = [source(layer.axes[0], cell[0], td), source(layer.axes[1], cell[1], tr), source(layer.axes[2], cell[2], tc)];
        if (!place.includes(null)) places.push([place, [td, tr, tc]]);
      }
      let total = bias;
      for (const channel of channels) for (const [place, tap] of places) total += layer.x(channel, place) * layer.w(k, channel, tap);
      scene.output.data[i++] = total;
    }
  }
}

// A number (or one for each axis: "3, 5") with a step down and up.
class Field {
  constructor(label, least, onchange) {
    const id = fresh("field");
    this.least = least;
    this.onchange = onchange;
    this.input = h("input", { type: "text", inputmode: "numeric", id, autocomplete: "off", onchange: () => this.read(), onkeydown: (e) => this.key(e) });
    const step = (by, sign, text) => h("button", { type: "button", class: "step", "aria-label": `${text} ${label.toLowerCase()}`, onclick: () => this.step(by) }, sign);
    this.element = h("div", { class: "field" }, h("label", { for: id }, label), h("span", { class: "joined" }, step(-1, "−", "Less"), this.input, step(1, "+", "More")));
  }

  set(value) {
    this.value = value;
    this.input.value = Array.isArray(value) ? (same(value) ? value[0] : value.join(", ")) : value;
    this.input.removeAttribute("aria-invalid");
  }

  key(event) {
    if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
    event.preventDefault();
    this.step(event.key === "ArrowUp" ? 1 : -1);
  }

  step(by) {
    const next = [this.value].flat().map((v) => Math.max(this.least, v + by));
    this.onchange(Array.isArray(this.value) ? next : next[0]);
  }

  read() {
    const typed = this.input.value.split(/[\s,x×]+/).filter(Boolean).map(Number);
    const wanted = Array.isArray(this.value) ? this.value.length : 1;
    if (!typed.every((v) => Number.isInteger(v) && v >= -999 && v <= 4096) || ![1, wanted].includes(typed.length)) {
      this.input.setAttribute("aria-invalid", "true");
      return;
    }
    const values = typed.length === wanted ? typed : Array(wanted).fill(typed[0]);
    this.onchange(Array.isArray(this.value) ? values : values[0]);
  }
}

class Playground {
  constructor(host, scene) {
    this.host = host;
    this.play = scene;
    this.t = structuredClone(scene.settings);
    this.size = [...scene.size];
    this.sample = 0;
    const names = Object.keys(scene.kernels[this.t.dims]);
    this.kernel = names.find((n) => n.startsWith("Sobel")) ?? names[2];
    this.controls();
    this.header = h("header", {}, heading(0, scene.title), h("p", { class: "facts" }, "Every parameter of a convolution, and what it does to an image."));
    this.line = h("code", { class: "line" });
    this.copied = h("button", { type: "button", class: "copy", onclick: () => this.copy() }, "Copy");
    this.summary = h("dl", { class: "summary" });
    this.wrong = h("p", { class: "objection", role: "alert" });
    this.picture = h("div", { class: "picture" });
    this.section = h("section", { class: "playground", "aria-label": "Convolution playground" }, this.header, this.panel,
      h("div", { class: "shown" }, h("div", { class: "copyable" }, this.line, this.copied), this.wrong, this.summary, this.picture,
        h("div", { class: "notes" }, scene.notes.map((n) => h("p", {}, n)))));
    host.append(this.section);
    this.update();
  }

  controls() {
    const field = (label, name, least) => new Field(label, least, (v) => this.set({ [name]: v }));
    this.fields = {
      size: new Field("Input size", 1, (v) => { this.size = [v].flat(); this.update(); }),
      in_channels: field("In channels", "in_channels", 1), out_channels: field("Out channels", "out_channels", 1),
      kernel_size: field("Kernel size", "kernel_size", 0), stride: field("Stride", "stride", 0),
      padding: field("Padding", "padding", -1), dilation: field("Dilation", "dilation", 0),
      groups: field("Groups", "groups", 0), output_padding: field("Output padding", "output_padding", -1),
    };
    const choice = (label, options, onchange) => {
      const id = fresh("choice"), select = h("select", { id, onchange: () => onchange(select.value) }, options.map(([v, text]) => h("option", { value: v }, text)));
      return { select, element: h("div", { class: "field" }, h("label", { for: id }, label), select) };
    };
    const words = (v) => [v, v];
    this.choices = {
      layer: choice("Layer", [["false", "Convolution"], ["true", "Transposed"]], (v) => this.set({ transposed: v === "true", ...(this.t.padding === "causal" ? { padding: Array(this.t.dims).fill(0) } : {}) })),
      dims: choice("Dimensions", [["1", "1-d"], ["2", "2-d"]], (v) => this.dims(Number(v))),
      padding: choice("Padding is", [["number", "a number"], words("same"), words("valid"), words("causal")], (v) => this.set({ padding: v === "number" ? Array(this.t.dims).fill(1) : v })),
      padding_mode: choice("Padding mode", ["zeros", "reflect", "replicate", "circular"].map(words), (v) => this.set({ padding_mode: v })),
      kernel: choice("Kernel", [], (v) => { this.kernel = v; this.update(); }),
      sample: choice("Image", this.play.samples.map((s, i) => [i, s.name]), (v) => { this.sample = Number(v); this.update(); }),
    };
    const bias = this.bias = h("input", { type: "checkbox", onchange: () => this.set({ bias: bias.checked }) });
    const f = this.fields, c = this.choices;
    const group = (name, ...items) => h("fieldset", {}, h("legend", {}, name), items.map((i) => i.element ?? i));
    this.panel = h("form", { class: "panel", onsubmit: (e) => e.preventDefault(), "aria-label": "Settings" },
      group("Layer", c.layer, c.dims, f.size, f.in_channels, f.out_channels),
      group("Window", f.kernel_size, f.stride, f.dilation, c.padding, f.padding, c.padding_mode, f.output_padding),
      group("Channels", f.groups, h("label", { class: "check" }, bias, " bias")),
      group("Try it on", c.kernel, c.sample));
  }

  set(change) {
    Object.assign(this.t, change);
    this.update();
  }

  dims(n) {
    const to = (v) => (Array.isArray(v) ? Array(n).fill(v[0]) : v);
    for (const name of ["kernel_size", "stride", "padding", "dilation", "output_padding"]) this.t[name] = to(this.t[name]);
    if (this.t.padding === "causal" && n === 2) this.t.padding = [0, 0];
    this.size = n === 1 ? [Math.max(this.size[0], 24)] : Array(2).fill(Math.min(this.size[0], 16));
    this.t.dims = n;
    this.update();
  }

  update() {
    const { t, fields, choices } = this;
    for (const name of Object.keys(fields)) if (name !== "size" && !(name === "padding" && !Array.isArray(t.padding))) fields[name].set(t[name]);
    fields.size.set(this.size);
    fields.padding.element.hidden = !Array.isArray(t.padding);
    fields.output_padding.element.hidden = !t.transposed;
    choices.layer.select.value = String(t.transposed);
    choices.dims.select.value = t.dims;
    choices.padding.select.value = Array.isArray(t.padding) ? "number" : t.padding;
    choices.padding.select.lastChild.hidden = choices.padding.select.lastChild.disabled = t.dims !== 1 || t.transposed;
    choices.padding_mode.select.value = t.padding_mode;
    this.bias.checked = t.bias;
    const names = [...Object.keys(this.play.kernels[t.dims]), this.play.random];
    if (!names.includes(this.kernel)) this.kernel = names[2];
    choices.kernel.select.replaceChildren(...names.map((n) => h("option", { value: n }, n)));
    choices.kernel.select.value = this.kernel;
    choices.sample.select.value = this.sample;
    const facts = factsOf(t, this.size);
    this.line.textContent = facts.line;
    this.wrong.hidden = !facts.objection;
    this.wrong.textContent = facts.objection ?? "";
    this.picture.classList.toggle("stale", Boolean(facts.objection));
    this.summary.hidden = Boolean(facts.objection);
    if (facts.objection) { this.arithmetic?.stop(); return; }
    const row = (name, ...value) => [h("dt", {}, name), h("dd", {}, ...value)];
    this.summary.replaceChildren(...row("Output", h("b", { class: "output-size" }, by(facts.output))),
      ...row("Cost", `${grouped(facts.parameters)} parameters, ${grouped(facts.multiply_adds)} multiply-adds`),
      ...row("Receptive field", `${by(facts.receptive_field)} input${product(facts.receptive_field) === 1 ? "" : "s"} to an output`));
    const scene = playgroundScene(this.play, t, this.size, this.play.samples[this.sample], this.kernel);
    if (this.arithmetic) this.arithmetic.show(scene);
    else this.arithmetic = new Arithmetic(this.picture, scene, { heading: false });
  }

  async copy() {
    try {
      await navigator.clipboard.writeText(this.line.textContent);
      this.copied.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(this.line);
      this.copied.textContent = "Selected";
    }
    setTimeout(() => { this.copied.textContent = "Copy"; }, 1600);
  }

  // A dropped image joins the samples; the settings stay.
  show(scene) {
    this.play = scene;
    this.sample = 0;
    this.choices.sample.select.replaceChildren(...scene.samples.map((s, i) => h("option", { value: i }, s.name)));
    this.size = this.t.dims === 2 ? scene.samples[0].shape.slice(1) : [scene.samples[0].shape[2]];
    this.update();
  }

  draw() {
    this.arithmetic?.draw();
  }
}

// ---------------------------------------------------------------------------------------------- mounting
function themeOf(element) {
  return element.closest("[data-theme]")?.dataset.theme ?? "light";
}

// The formulas that this file shares with Python, for the tests that compare them.
const TWINS = {
  numbers: (values) => values.map((v) => [written(v), brief(v)]),
  seen: (cases) => cases.map(([fields, cell, sizes]) => seenBy(fields, cell, sizes)),
  facts: (cases) => cases.map(([settings, size]) => factsOf(settings, size)),
};

// Where the page is served by the person's own machine: drop an image, or choose one, and the model runs on it.
class Drop {
  constructor(root, scene, show) {
    this.show = show;
    this.most = scene.live.most_bytes;
    const id = fresh("file");
    this.file = h("input", { type: "file", id, accept: ".png,.jpg,.jpeg,.dcm,image/png,image/jpeg,application/dicom", onchange: () => this.take(this.file.files[0]) });
    this.said = h("span", { class: "said", role: "status" }, "PNG, JPEG or DICOM; it stays on this machine");
    this.element = h("div", { class: "drop" }, h("label", { for: id }, "Drop an image anywhere, or ", h("u", {}, "choose a file")), this.file, this.said);
    root.append(this.element);
    const over = (on) => (event) => { event.preventDefault(); root.classList.toggle("dropping", on); };
    root.addEventListener("dragover", over(true));
    root.addEventListener("dragleave", over(false));
    root.addEventListener("drop", (event) => { over(false)(event); this.take(event.dataTransfer.files[0]); });
  }

  // A file is checked here for its size, and by the server for everything.
  async take(file) {
    if (!file) return;
    const refuse = (text) => { this.element.classList.add("refused"); this.said.textContent = text; };
    this.element.classList.remove("refused");
    if (file.size > this.most) return refuse(`${file.name} has ${(file.size / 1e6).toFixed(1)} MB; at most ${(this.most / 1e6).toFixed(1)} MB are taken.`);
    this.said.textContent = `Running on ${file.name} …`;
    const answer = await ask("image", file, { "X-Name": encodeURIComponent(file.name) });
    this.file.value = "";
    if (answer.error) return refuse(answer.error);
    this.said.textContent = `Showing ${file.name}`;
    this.show(answer);
  }
}

async function ask(path, body, headers = {}) {
  try {
    return await (await fetch(path, { method: "POST", body, headers })).json();
  } catch {
    return { error: "The server did not answer: a file may be too large for it, or it has ended." };
  }
}

const VIEWS = { arithmetic: Arithmetic, network: Network, playground: Playground };

// Draw `scene` into `element`; `colours` is {scale: {light, dark}}, `level` that of its heading. Returns the view.
export function mount(element, scene, colours, level = 2) {
  palette = colours;
  topLevel = level;
  const root = h("div", { class: "tilewise" });
  element.append(root);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  let view = null;
  const set = () => {
    // JupyterLab and VS Code say on their body which theme they have; elsewhere the system does.
    const { jpThemeLight: lab, vscodeThemeKind: code } = document.body.dataset;
    const isDark = lab ? lab === "false" : code ? /dark|high-contrast$/.test(code) : dark.matches;
    const theme = isDark ? "dark" : "light";
    if (root.dataset.theme === theme) return;
    root.dataset.theme = theme;
    view?.draw();
  };
  set();
  dark.addEventListener("change", set);
  new MutationObserver(set).observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light", "data-vscode-theme-kind"] });
  if (scene.live) new Drop(root, scene, (next) => view.show(next));
  view = new VIEWS[scene.kind](root, scene);
  root.view = view;
  root.test = TWINS;
  return view;
}

// What anywidget calls in a notebook.
export default {
  render({ model, el }) {
    mount(el, JSON.parse(model.get("scene")), JSON.parse(model.get("palette")));
  },
};
