// The pages work without this file. It tells the server the reader's time zone, and keeps what is shown fresh.
"use strict";

const REFRESH_MS = 5000;
const LATE_MS = 30000;
const live = document.querySelector("[data-live]");

function tellZone() {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const html = document.documentElement;
  if (!zone || zone === html.dataset.zone) return;
  document.cookie = `zone=${encodeURIComponent(zone)}; Path=/; Max-Age=31536000; SameSite=Lax`;
  const shown = sessionStorage.getItem("zone");
  if (shown === zone) return; // told before in this tab, and still not followed: the server does not know it
  sessionStorage.setItem("zone", zone);
  if (document.querySelector("time")) location.reload();
}

// Makes `now` look like `next`, touching only what differs: focus, selection, what is typed and unfolded stay.
function morph(now, next) {
  for (const { name, value } of [...next.attributes]) {
    if (now.getAttribute(name) !== value && !kept(now, name)) now.setAttribute(name, value);
  }
  for (const { name } of [...now.attributes]) {
    if (!next.hasAttribute(name) && !kept(now, name)) now.removeAttribute(name);
  }
  const old = new Map([...now.children].filter((child) => child.id).map((child) => [child.id, child]));
  const wanted = [...next.childNodes];
  let at = now.firstChild;
  for (const node of wanted) {
    const same = node.id ? old.get(node.id) : at && !at.id && alike(at, node) ? at : null;
    if (!same) {
      now.insertBefore(document.importNode(node, true), at);
      continue;
    }
    if (same === at) at = at.nextSibling;
    else now.insertBefore(same, at);
    if (same.nodeType === Node.ELEMENT_NODE) morph(same, node);
    else if (same.data !== node.data) same.data = node.data;
  }
  while (at) {
    const gone = at;
    at = at.nextSibling;
    if (!gone.contains(document.activeElement) || gone.id) gone.remove();
  }
}

const alike = (one, other) => one.nodeType === other.nodeType && one.nodeName === other.nodeName;
const kept = (element, name) =>
  (name === "open" && element.nodeName === "DETAILS") ||
  (name === "data-sent" && element.nodeName === "FORM") ||
  (name === "hidden" && "all" in element.dataset) ||
  (["checked", "value", "class"].includes(name) && element.matches("input, textarea, select, option"));

// On a phone what changes stands above the forms: the field in which somebody types stays where it is on the screen.
function keepTyped(change) {
  const field = document.activeElement?.closest("main :is(input, textarea, select)");
  const place = () => field.getBoundingClientRect().top;
  const before = field ? place() : 0;
  change();
  if (field?.isConnected) window.scrollBy({ top: place() - before, behavior: "instant" });
}

let refreshing = false;

async function refresh() {
  if (document.hidden || refreshing) return; // a late answer would show what was before the next one
  refreshing = true;
  const note = document.getElementById("live");
  try {
    const answer = await fetch(location.href, {
      headers: { "X-Live": "1" },
      cache: "no-store",
      redirect: "manual",
      signal: AbortSignal.timeout(LATE_MS),
    });
    if (answer.type === "opaqueredirect" || answer.status === 401) {
      clearInterval(timer);
      location.assign(location.pathname + location.search); // the session is over: the way in leads back here
      return;
    }
    if (!answer.ok) throw new Error(String(answer.status));
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    keepTyped(() => {
      for (const region of document.querySelectorAll("[data-live]")) {
        const next = page.getElementById(region.id);
        if (next) morph(region, next);
      }
    });
    if (note) note.hidden = true;
  } catch {
    if (note) note.hidden = false;
  } finally {
    refreshing = false;
  }
}

function chooseAll() {
  for (const all of document.querySelectorAll("[data-all]")) {
    const form = all.closest("form");
    const boxes = () => [...form.querySelectorAll("input[name=" + all.dataset.all + "]")];
    all.hidden = false;
    all.addEventListener("change", () => boxes().forEach((box) => (box.checked = all.checked)));
    form.addEventListener("change", () => {
      const chosen = boxes().filter((box) => box.checked).length;
      all.checked = chosen > 0 && chosen === boxes().length;
      all.indeterminate = chosen > 0 && !all.checked;
    });
  }
}

// An impatient second click sends nothing: the server would do nothing twice, but answer that it was done before.
function sendOnce(event) {
  if (event.target.method !== "post") return;
  if (event.target.dataset.sent) event.preventDefault();
  event.target.dataset.sent = "1";
}

// Who comes back by the browser's button may send again.
function sendAgain() {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
}

// "/" leads to the search field, as people know it.
function searchByKey(event) {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select")) return;
  const field = document.querySelector("form.search input[type=search]");
  if (!field) return;
  event.preventDefault();
  field.select();
}

// On a phone the tabs are wider than the screen.
document.querySelector(".tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
tellZone();
chooseAll();
document.addEventListener("submit", sendOnce);
window.addEventListener("pageshow", sendAgain);
document.addEventListener("keydown", searchByKey);
const timer = live ? setInterval(refresh, REFRESH_MS) : 0;
if (live) document.addEventListener("visibilitychange", refresh);
