// The parts of the page, each made of the numbers of one document.
import {
  HOUR, PERIODS, SOURCES, clock, count, day, direction, minutes, plural, share, weekday,
} from "./words.js";
import { element, hourChart, sparkline } from "./charts.js";

const TRENDS = 8;
const STATES = {
  rising: { kind: "up", shape: "▲", words: "rising" },
  fading: { kind: "down", shape: "▼", words: "fading" },
  new: { kind: "same", shape: "✦", words: "new" },
  evergreen: { kind: "same", shape: "∞", words: "evergreen" },
  steady: { kind: "same", shape: "■", words: "steady" },
};

function arrow(found) {
  if (!found) return null;
  return element(
    "span", { class: `direction ${found.kind}` },
    element("span", { "aria-hidden": "true", class: "shape" }, found.shape), " ", found.words,
  );
}

function section(id, title, ...children) {
  const heading = element("h2", { id: `${id}-title` }, title);
  return element("section", { id, "aria-labelledby": `${id}-title` }, heading, ...children);
}

function hidden(text) {
  return element("span", { class: "unseen" }, text);
}

function title(post) {
  return post.title || post.url.replace(/^https?:\/\//, "");
}

function address(url) {
  return /^https?:\/\//.test(url) ? url : null;
}

// ---------- now, and its hours

export function nowPart(found) {
  const zone = found.time_zone;
  const { now } = found;
  const ends = new Date(now.ends_at);
  const usual = now.usual_visitors;
  const hour = `${clock(new Date(ends - HOUR), zone)}–${clock(ends, zone)}`;
  const lead = element("p", { class: "lead" });
  if (usual === null) {
    lead.append("What is usual at this hour is known after a week of data.");
  } else {
    const against = direction(now.visitors, usual, "as usual");
    const on = `${weekday(ends, zone)}, `;
    lead.append(
      arrow(against),
      against.kind === "same"
        ? `: ${count(usual)} on a ${on}` : ` on the usual ${count(usual)} of a ${on}`,
      element("span", { class: "whole" }, hour),
    );
  }
  const bars = found.hours.slice().reverse().map((one) => {
    const until = new Date(one.ends_at);
    const from = new Date(until - HOUR);
    const normal = one.usual_visitors === null ? "" : `, usually ${count(one.usual_visitors)}`;
    return {
      starts: from, ends: until, value: one.visitors, usual: one.usual_visitors,
      words: `${day(from, zone)}, ${clock(from, zone)}–${clock(until, zone)}: `
        + `${plural(one.visitors, "reader")}${normal}`,
    };
  });
  const weeks = Math.max(...found.hours.map((one) => one.weeks));
  const key = element(
    "p", { class: "key" }, element("span", { class: "swatch bar" }), "readers in an hour",
  );
  if (weeks) {
    key.append(
      element("span", { class: "swatch usual" }),
      weeks > 1 ? `usual: the median of ${weeks} weeks` : "usual: a week earlier",
    );
  }
  return section(
    "now", "Readers in the last hour",
    element(
      "div", { class: "now" },
      element(
        "div", {}, element("p", { class: "figure" }, count(now.visitors)), lead,
        element("p", { class: "soft" }, `${plural(now.views, "view")} of posts`,
          now.usual_views === null ? "" : `; usually ${count(now.usual_views)}`),
      ),
      element(
        "div", {},
        hourChart(bars, { label: "Readers by hour", zone }), key,
      ),
    ),
  );
}

// ---------- periods against those before

function figure(label, value, ...notes) {
  return element(
    "div", { class: "item" }, element("dt", {}, label),
    element("dd", {}, element("span", { class: "value" }, value),
      ...notes.map((note) => element("span", { class: "note" }, note))),
  );
}

function compared(one, metric) {
  if (!one.is_comparable) return "no full period before";
  return arrow(direction(one.now?.[metric] ?? 0, one.before?.[metric] ?? 0));
}

export function periodsPart(found) {
  const list = element("dl", { class: "ledger" });
  for (const period of ["today", "7d"]) {
    const one = found.periods[period];
    const words = PERIODS[period];
    list.append(
      figure(period === "today" ? "Readers today" : "Readers in 7 days",
        count(one.now?.visitors ?? 0), compared(one, "visitors"),
        one.is_comparable ? `${count(one.before?.visitors ?? 0)} ${words.before}` : ""),
      figure(period === "today" ? "Views today" : "Views in 7 days",
        count(one.now?.views ?? 0), compared(one, "views"),
        one.is_comparable ? `${count(one.before?.views ?? 0)} ${words.before}` : ""),
    );
  }
  return section("against", "Against the period before", list);
}

export function audiencePart(found) {
  const one = found.periods[found.period];
  const name = PERIODS[found.period].name;
  if (!one.now) {
    return section("audience", `Readers, ${name}`, element("p", { class: "quiet" }, "No post was read."));
  }
  const { now } = one;
  const before = one.is_comparable ? one.before : null;
  const list = element("dl", { class: "ledger" });
  list.append(
    figure("Engaged time a reader", `${minutes(now.avg_engaged)} min`,
      before ? `${minutes(before.avg_engaged)} before` : ""),
    figure("Recirculation", `${Math.round(100 * now.recirculation_rate)} %`,
      "of views led on to another page",
      before ? `${Math.round(100 * before.recirculation_rate)} % before` : ""),
    figure("New", share(now.visitors_new, now.visitors), plural(now.visitors_new, "reader")),
    figure("Returning", share(now.visitors_returning, now.visitors),
      plural(now.visitors_returning, "reader"), "seen in the 30 days before their visit"),
    figure("Loyal", share(found.loyal, now.visitors), plural(found.loyal, "reader"),
      "by views in the last 30 days"),
  );
  const bar = element("div", { class: "split", "aria-hidden": "true" },
    element("span", { class: "new" }), element("span", { class: "returning" }));
  bar.children[0].style.flexGrow = now.visitors_new;
  bar.children[1].style.flexGrow = now.visitors_returning;
  return section("audience", `Readers, ${name}`, bar, list);
}

// ---------- posts

export function postsPart(found, onOpen) {
  const { name, before } = PERIODS[found.period];
  const part = section("posts", `Most read, ${name}`);
  if (!found.posts.length) {
    part.append(element("p", { class: "quiet" }, "No post was read in this period."));
    return part;
  }
  const is_comparable = found.periods[found.period].is_comparable;
  const body = element("tbody");
  const since = new Date(found.periods[found.period].starts_after_at);
  found.posts.forEach((post, n) => body.append(...postRows(post, n + 1, since, onOpen)));
  const head = element("tr", {});
  for (const [label, kind] of [
    ["", "rank"], ["Post", "post"], ["Views", "number"], ["Change", "change"],
    ["Readers", "number wide"], ["Engaged", "number wide"], ["24 hours", "sparks wide"],
  ]) {
    head.append(element("th", { scope: "col", class: kind }, label || hidden("Rank")));
  }
  part.append(
    element("table", { class: "posts" },
      element("caption", {}, is_comparable
        ? `Change is against views ${before}. Choose a post to see its life.`
        : "The data do not reach back over the period before. Choose a post to see its life."),
      element("thead", {}, head), body),
  );
  return part;
}

function opener(post, onOpen, details, tag = "button") {
  const button = element(tag, { type: "button", class: "open", "aria-expanded": "false" }, title(post));
  button.dataset.url = post.url;
  button.addEventListener("click", () => onOpen(button, details, post.url));
  return button;
}

function changeOf(post, since) {
  // What was not there before cannot have had fewer readers.
  if (post.previous_views === 0 && new Date(`${post.pub_date}Z`) > since) return STATES.new;
  return direction(post.metrics.views, post.previous_views);
}

function postRows(post, rank, since, onOpen) {
  const cell = element("td", { colspan: 7 });
  const details = element("tr", { class: "details", hidden: true }, cell);
  const about = [post.author, post.section].filter(Boolean).join(" · ");
  const row = element(
    "tr", {},
    element("td", { class: "rank" }, String(rank)),
    element("th", { scope: "row", class: "post" }, opener(post, onOpen, details),
      about ? element("span", { class: "about" }, about) : null),
    element("td", { class: "number" }, count(post.metrics.views)),
    element("td", { class: "change" },
      arrow(changeOf(post, since)) ?? hidden("no period before")),
    element("td", { class: "number wide" }, count(post.metrics.visitors)),
    element("td", { class: "number wide" }, `${minutes(post.metrics.avg_engaged)}`),
    element("td", { class: "sparks wide" }, sparkline(post.hours)),
  );
  return [row, details];
}

export function lifePart(life, zone) {
  if (!life.post) return element("p", { class: "quiet" }, "This post is not in the data any more.");
  const { post } = life;
  const made = element("div", { class: "life" });
  const { metrics } = post;
  const facts = element("p", { class: "facts" },
    `Since ${day(new Date(life.since), zone)}: ${plural(metrics.views, "view")} by ${plural(metrics.visitors, "reader")}, `
    + `${minutes(metrics.avg_engaged)} minutes each; `
    + `${Math.round(100 * metrics.recirculation_rate)} % of views led on.`);
  const link = address(post.url);
  if (link) {
    facts.append(" ", element("a", { href: link, rel: "noopener noreferrer" }, "Open the post"));
  }
  made.append(facts);
  if (life.hours.length) {
    const first = new Date(life.hours[0].at);
    const until = new Date(life.as_of);
    made.append(element("h3", {}, `Its first hours, from ${day(first, zone)}, ${clock(first, zone)}`),
      lifeChart(life, first, new Date(Math.min(until, Number(first) + 72 * HOUR)), zone, post));
    if (until - first > 72 * HOUR) {
      const start = new Date(Math.floor(until / HOUR) * HOUR - 47 * HOUR);
      made.append(element("h3", {}, "The last 48 hours"), lifeChart(life, start, until, zone, post));
    }
  }
  if (life.referrers.length) {
    const list = element("ul", { class: "names" });
    for (const one of life.referrers) {
      list.append(element("li", {}, `${one.name} `,
        element("span", { class: "soft" }, `${SOURCES[one.type] ?? one.type}, ${count(one.views)}`)));
    }
    made.append(element("h3", {}, "Where its readers came from"), list);
  }
  return made;
}

function lifeChart(life, from, until, zone, post) {
  const views = new Map(life.hours.map((one) => [Number(new Date(one.at)), one.views]));
  const bars = [];
  for (let at = Number(from); at < until; at += HOUR) {
    const value = views.get(at) ?? 0;
    const starts = new Date(at);
    bars.push({
      starts, ends: new Date(at + HOUR), value,
      words: `${day(starts, zone)}, ${clock(starts, zone)}: ${plural(value, "view")}`,
    });
  }
  return hourChart(bars, { label: `Views by hour of ${title(post)}`, zone, height: 110, now: false });
}

// ---------- what moves

export function trendsPart(found, onOpen) {
  const part = section("trends", "Moving now",
    element("p", { class: "soft" }, "Views in the last hour, beside what a post like it would have."));
  const order = { rising: 0, new: 1, evergreen: 2, steady: 2, fading: 3 };
  const shown = found.trends.slice(0, TRENDS)
    .concat(found.trends.slice(TRENDS).filter((one) => one.state === "fading"))
    .sort((one, other) => order[one.state] - order[other.state] || other.score - one.score);
  if (!shown.length) {
    part.append(element("p", { class: "quiet" }, "No post has enough readers now to rise or to fade."));
    return part;
  }
  const list = element("ol", { class: "trends" });
  for (const one of shown) {
    const details = element("div", { class: "details", hidden: true });
    list.append(element("li", {},
      arrow(STATES[one.state]),
      opener(one, onOpen, details),
      element("span", { class: "about" },
        `${plural(one.views, "view")}, ${count(one.expected_views)} expected`),
      details));
  }
  part.append(list);
  return part;
}

// ---------- sources

export function sourcesPart(found) {
  const part = section("sources", `Sources, ${PERIODS[found.period].name}`);
  const total = found.sources.reduce((sum, one) => sum + one.views, 0);
  if (!total) {
    part.append(element("p", { class: "quiet" }, "No post was read in this period."));
    return part;
  }
  const most = Math.max(...found.sources.map((one) => one.views));
  const people = found.sources.filter((one) => one.source !== "ai");
  const none = { source: "ai", views: 0, previous_views: null, referrers: [] };
  const ai = found.sources.find((one) => one.source === "ai") ?? none;
  const list = element("ul", { class: "sources" });
  for (const one of people) list.append(sourceItem(one, most, total));
  part.append(list, element("h3", {}, "AI, apart"),
    element("ul", { class: "sources ai" }, sourceItem(ai, most, total)));
  return part;
}

function sourceItem(one, most, total) {
  const bar = element("span", { class: "bar", "aria-hidden": "true" });
  bar.style.width = `${100 * one.views / most}%`;
  const names = one.referrers.filter((name) => name.name)
    .map((name) => `${name.name} ${count(name.views)}`);
  return element("li", {},
    element("span", { class: "source" }, SOURCES[one.source] ?? one.source,
      ...[arrow(direction(one.views, one.previous_views))].filter(Boolean)),
    element("span", { class: "number" }, `${count(one.views)} `, hidden("views, "),
      element("span", { class: "soft" }, share(one.views, total))),
    element("span", { class: "track" }, bar),
    one.source === "internal" || !names.length
      ? null : element("span", { class: "about" }, names.join(", ")));
}
