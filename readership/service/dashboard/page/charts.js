// Charts in SVG. What a chart shows can be read hour by hour, with the pointer, a finger or the
// arrow keys: a slider lies over it, whose value is told in words.
import { HOUR, clock, count, day, hourOfDay } from "./words.js";

export const NARROW = matchMedia("(max-width: 40rem)");
const SVG = "http://www.w3.org/2000/svg";

export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(key, "");
    else if (value !== false && value !== null && value !== undefined) {
      made.setAttribute(key, value);
    }
  }
  // Texts are texts, whatever is in them.
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

function shape(name, attributes = {}, ...children) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

function round(most) {
  if (most <= 4) return Math.max(1, most);
  const unit = 10 ** Math.floor(Math.log10(most));
  return [1, 1.5, 2, 3, 4, 5, 6, 8, 10].map((step) => step * unit).find((top) => top >= most);
}

export function sparkline(values) {
  const most = Math.max(1, ...values);
  const svg = shape("svg", {
    class: "spark", viewBox: `0 0 ${4 * values.length} 24`, "aria-hidden": "true",
    preserveAspectRatio: "none",
  });
  values.forEach((value, n) => {
    const height = value ? Math.max(1, 23 * value / most) : 0.6;
    svg.append(shape("rect", {
      x: 4 * n, y: 24 - height, width: 3, height, class: value ? "bar" : "none",
    }));
  });
  return svg;
}

// Bars for hours, each with a start, an end, a value, what is usual, and its words.
export function hourChart(bars, { label, zone, height = 190, now = true }) {
  const wide = NARROW.matches ? 360 : 720;
  const left = 36;
  let free = 0;
  const top = round(Math.max(1, ...bars.map((bar) => Math.max(bar.value, bar.usual || 0))));
  const step = (wide - left) / bars.length;
  const y = (value) => height - (height - 8) * value / top;
  const svg = shape("svg", {
    class: "hours", viewBox: `0 0 ${wide} ${height + 22}`, "aria-hidden": "true",
  });
  for (const line of [0, top / 2, top]) {
    if (line && line !== Math.round(line)) continue;
    svg.append(
      shape("line", { class: line ? "grid" : "base", x1: left, x2: wide, y1: y(line), y2: y(line) }),
      shape("text", { class: "axis", x: left - 6, y: y(line) + 4, "text-anchor": "end" }, count(line)),
    );
  }
  const cursor = shape("rect", { class: "cursor", y: 0, width: step, height, x: left });
  svg.append(cursor);
  const gap = step > 6 ? 2 : 0.5;
  let usual = "";
  bars.forEach((bar, n) => {
    const x = left + n * step;
    if (bar.value) {
      svg.append(shape("rect", {
        class: now && n === bars.length - 1 ? "bar last" : "bar",
        x: x + gap / 2, width: Math.max(0.5, step - gap), y: y(bar.value),
        height: height - y(bar.value),
      }));
    }
    if (bar.usual !== null && bar.usual !== undefined) {
      usual += `${usual && bars[n - 1].usual !== null ? "L" : "M"}${x} ${y(bar.usual)}H${x + step}`;
    }
    const mark = bar.mark ?? markOf(bar, bars.length, zone);
    if (mark && x >= free && x < wide - 7 * mark.length) {
      free = x + 7 * mark.length + 12;
      svg.append(
        shape("line", { class: "tick", x1: x, x2: x, y1: height, y2: height + 5 }),
        shape("text", { class: "axis", x: x + 3, y: height + 17 }, mark),
      );
    }
  });
  if (usual) {
    svg.append(shape("path", { class: bars.length > 96 ? "usual many" : "usual", d: usual }));
  }
  const readout = element("output", { class: "readout" });
  const slider = element("input", {
    type: "range", min: 0, max: bars.length - 1, value: bars.length - 1, step: 1,
    "aria-label": label,
  });
  const show = () => {
    const bar = bars[slider.value];
    cursor.setAttribute("x", left + slider.value * step);
    readout.textContent = bar.words;
    slider.setAttribute("aria-valuetext", bar.words);
  };
  slider.addEventListener("input", show);
  slider.addEventListener("pointermove", (event) => {
    const box = slider.getBoundingClientRect();
    const place = Math.floor(bars.length * (event.clientX - box.left) / box.width);
    slider.value = Math.min(bars.length - 1, Math.max(0, place));
    show();
  });
  slider.addEventListener("pointerleave", () => {
    if (document.activeElement === slider) return;
    slider.value = bars.length - 1;
    show();
  });
  show();
  return element("div", { class: "chart" }, readout, element("div", { class: "plot" }, svg, slider));
}

// The name of the clock hour that begins in a bar, if it is one to be named.
function markOf(bar, number, zone) {
  const first = new Date(Math.ceil(bar.starts / HOUR) * HOUR);
  if (first >= bar.ends) return "";
  const hour = hourOfDay(first, zone);
  if (number > 96) return hour === 0 ? day(first, zone) : "";
  if (number > 48) return hour % 12 === 0 ? (hour ? "12:00" : day(first, zone)) : "";
  return hour % 3 === 0 ? clock(first, zone) : "";
}
