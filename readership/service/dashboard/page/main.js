// The page: what is chosen, what is fetched, and when it is shown.
import { PERIODS, clock, longDay } from "./words.js";
import { NARROW, element } from "./charts.js";
import {
  audiencePart, lifePart, nowPart, periodsPart, postsPart, sourcesPart, trendsPart,
} from "./parts.js";

const EVERY = 30000;
const SECRET = "readership-secret";
const place = (id) => document.getElementById(id);
// In a single file, the answers of the service are in the page.
const stored = JSON.parse(place("documents")?.textContent ?? "null");
const chosen = { site: "", period: "today", sites: [], secret: "" };
let shown = null;
let asked = 0;

async function ask(path, parameters = {}) {
  if (stored) {
    const found = stored[[path, ...Object.values(parameters)].join("\n")];
    if (!found) throw new Error("this file does not have it");
    return found;
  }
  const headers = chosen.secret ? { "X-Readership-Secret": chosen.secret } : {};
  const answer = await fetch(`/v2/${path}?${new URLSearchParams(parameters)}`, { headers, cache: "no-cache" });
  const found = await answer.json();
  if (!found.success) throw Object.assign(new Error(found.message), { code: found.code });
  return found;
}

// ---------- choices

function remember() {
  const hash = new URLSearchParams({ site: chosen.site, period: chosen.period });
  history.replaceState(null, "", `#${hash}`);
}

function recall() {
  const hash = new URLSearchParams(location.hash.slice(1));
  chosen.site = hash.get("site") ?? "";
  const period = hash.get("period");
  if (period in PERIODS) chosen.period = period;
}

function showChoices() {
  const sites = chosen.sites.length ? chosen.sites : [chosen.site];
  place("site").replaceChildren(...sites.map((site) => element(
    "option", { value: site, selected: site === chosen.site }, site,
  )));
  place("site-choice").hidden = sites.length < 2;
  const fields = Object.entries(PERIODS).map(([period, words]) => element(
    "label", {},
    element("input", {
      type: "radio", name: "period", value: period, checked: period === chosen.period,
    }),
    element("span", {}, words.label),
  ));
  place("periods").replaceChildren(element("legend", {}, "Period"), ...fields);
  place("choices").hidden = false;
}

function choose() {
  chosen.site = place("site").value;
  chosen.period = place("choices").querySelector("input:checked").value;
  remember();
  shown = null;
  refresh();
}

// ---------- what is shown

function notice(text) {
  if (place("notice").textContent !== text) place("notice").textContent = text;
}

async function refresh() {
  const turn = ++asked;
  const main = place("content");
  main.setAttribute("aria-busy", "true");
  try {
    const found = await ask("dashboard", { apikey: chosen.site, period: chosen.period });
    if (turn !== asked) return;
    notice("");
    const text = JSON.stringify(found);
    // What has not changed stays as it is, with what is open in it.
    if (text !== shown) {
      shown = text;
      show(found);
    }
  } catch (error) {
    if (turn !== asked) return;
    if (error.code === 403) return signIn(chosen.secret ? error.message : "");
    notice(`${shown ? "Not up to date" : "No numbers"}: ${error.message}.`);
  } finally {
    if (turn === asked) main.removeAttribute("aria-busy");
  }
}

function show(found) {
  const main = place("content");
  const focused = document.activeElement?.dataset?.url;
  const open = [...main.querySelectorAll("[aria-expanded=true]")].map((one) => [
    one.closest("section").id, one.dataset.url,
  ]);
  const at = new Date(found.as_of);
  const zone = found.time_zone;
  document.title = `${found.name}: ${found.now.visitors} readers in the last hour`;
  place("name").textContent = found.name;
  place("as-of").textContent =
    `As of ${clock(at, zone)}, ${longDay(at, zone)}: the newest event, ${zone.replaceAll("_", " ")} time`;
  const openPost = (button, details, url) => toggle(button, details, url, zone);
  main.replaceChildren(
    nowPart(found), periodsPart(found),
    element("div", { class: "columns" },
      element("div", { class: "main" }, postsPart(found, openPost)),
      element("div", { class: "side" }, trendsPart(found, openPost), sourcesPart(found))),
    audiencePart(found),
    element("footer", {}, element("p", {},
      "Posts alone count, as in the API: front pages and other pages are left out. All numbers are exact.")),
  );
  for (const [id, url] of open) {
    const button = [...place(id).querySelectorAll(".open")].find((one) => one.dataset.url === url);
    button?.click();
  }
  if (focused) [...main.querySelectorAll(".open")].find((one) => one.dataset.url === focused)?.focus();
}

async function toggle(button, details, url, zone) {
  const is_open = button.getAttribute("aria-expanded") === "true";
  button.setAttribute("aria-expanded", String(!is_open));
  details.hidden = is_open;
  if (is_open) return;
  const inside = details.querySelector("td") ?? details;
  inside.replaceChildren(element("p", { class: "quiet" }, "One moment …"));
  try {
    inside.replaceChildren(lifePart(await ask("dashboard/post", { apikey: chosen.site, url }), zone));
  } catch (error) {
    inside.replaceChildren(element("p", { class: "quiet" }, `Its life is not known: ${error.message}.`));
  }
}

// ---------- secrets

function signIn(refusal) {
  shown = null;
  place("choices").hidden = true;
  const site = element("input", { name: "site", autocomplete: "username", required: true });
  const secret = element("input", {
    name: "secret", type: "password", autocomplete: "current-password", required: true,
  });
  site.value = chosen.site;
  const form = element("form", { class: "keys" },
    element("h2", {}, "Which site?"),
    element("p", { class: "soft" }, "The site's id and its secret, as for calls of the API. "
      + "The secret stays in this tab and is sent to this service alone."),
    element("label", {}, "Site", site), element("label", {}, "Secret", secret),
    element("button", {}, "Show the numbers"));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    chosen.site = site.value.trim();
    chosen.secret = secret.value;
    sessionStorage.setItem(SECRET, JSON.stringify([chosen.site, chosen.secret]));
    remember();
    showChoices();
    place("content").replaceChildren();
    refresh();
  });
  place("content").replaceChildren(form);
  notice(refusal ? `Not shown: ${refusal}.` : "");
}

// ---------- start

async function start() {
  recall();
  place("choices").addEventListener("change", choose);
  // Charts are drawn for the width that there is.
  NARROW.addEventListener("change", () => { if (shown) show(JSON.parse(shown)); });
  place("choices").addEventListener("submit", (event) => event.preventDefault());
  if (!stored) {
    // Not while nobody looks, nor while a secret is asked for.
    setInterval(() => { if (!document.hidden && !place("choices").hidden) refresh(); }, EVERY);
  }
  let found;
  try {
    found = await ask("dashboard/sites");
  } catch (error) {
    notice(`No numbers: ${error.message}.`);
    return;
  }
  if (found.needs_secret) {
    const [site, secret] = JSON.parse(sessionStorage.getItem(SECRET) ?? "[\"\", \"\"]");
    if (secret) Object.assign(chosen, { site, secret });
    if (!secret) return signIn("");
  } else if (!found.sites.length) {
    notice("There is no site yet: load events, build and publish.");
    return;
  } else {
    chosen.sites = found.sites;
    if (!found.sites.includes(chosen.site)) [chosen.site] = found.sites;
  }
  showChoices();
  await refresh();
}

start();
