// Numbers, times and directions as texts.

export const SOURCES = {
  internal: "This site", direct: "Direct", search: "Search", social: "Social networks",
  email: "Newsletters", aggregator: "Aggregators", campaign: "Campaigns", ai: "AI assistants",
  other: "Other sites",
};
export const PERIODS = {
  "1h": { label: "Hour", name: "the last hour", before: "in the hour before" },
  today: { label: "Today", name: "today", before: "yesterday by this time" },
  "7d": { label: "7 days", name: "the last 7 days", before: "in the 7 days before" },
  "30d": { label: "30 days", name: "the last 30 days", before: "in the 30 days before" },
};
export const HOUR = 3600000;
const WHOLE = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
// A smaller change is no news, nor is one that chance explains: counts vary by their root.
const SAME = 0.03;
// Less than this is too little to compare with.
const LITTLE = 10;

export function count(number) {
  return WHOLE.format(number);
}

export function plural(number, one, many = `${one}s`) {
  return `${count(number)} ${number === 1 ? one : many}`;
}

export function share(part, whole) {
  if (!whole) return "0 %";
  const percent = 100 * part / whole;
  return percent > 0 && percent < 1 ? "under 1 %" : `${WHOLE.format(percent)} %`;
}

export function minutes(number) {
  const seconds = Math.round(number * 60);
  const rest = String(seconds % 60).padStart(2, "0");
  return `${Math.floor(seconds / 60)}:${rest}`;
}

// How a number compares with another: a kind for colour, a shape, and words that need neither.
export function direction(now, before, same = "about the same") {
  if (before === null || before === undefined) return null;
  if (Math.max(now, before) < LITTLE) return { kind: "same", shape: "■", words: "too few" };
  if (before === 0) return { kind: "up", shape: "▲", words: "from none" };
  const change = now / before - 1;
  if (Math.abs(change) < SAME || Math.abs(now - before) < Math.sqrt(before)) {
    return { kind: "same", shape: "■", words: same };
  }
  if (change >= 2) {
    const times = change < 9 ? (now / before).toFixed(1) : WHOLE.format(now / before);
    return { kind: "up", shape: "▲", words: `${times} times` };
  }
  const percent = WHOLE.format(Math.abs(100 * change));
  return change > 0
    ? { kind: "up", shape: "▲", words: `up ${percent} %` }
    : { kind: "down", shape: "▼", words: `down ${percent} %` };
}

function format(zone, options) {
  return new Intl.DateTimeFormat("en-GB", { timeZone: zone, ...options });
}

export function clock(moment, zone) {
  return format(zone, { hour: "2-digit", minute: "2-digit" }).format(moment);
}

export function weekday(moment, zone) {
  return format(zone, { weekday: "long" }).format(moment);
}

export function day(moment, zone) {
  return format(zone, { weekday: "short", day: "numeric", month: "short" }).format(moment);
}

export function longDay(moment, zone) {
  return format(zone, { weekday: "long", day: "numeric", month: "long", year: "numeric" })
    .format(moment);
}

export function hourOfDay(moment, zone) {
  return Number(format(zone, { hour: "2-digit", hourCycle: "h23" }).format(moment));
}
