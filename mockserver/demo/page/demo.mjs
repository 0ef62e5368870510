/** The shop's page: it carries a site token, uses it, and shows beside each answer what mockserver says of it. */

const UNAUTHORIZED = 401;
const GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const runs = document.getElementById("runs");
const state = document.getElementById("state");

let token = "";
let latest = null;
let config = null;

/** Ask the shop's own backend; same origin. */
async function shop(path, members = {}) {
  const headers = { "Content-Type": "application/json" };
  const answer = await fetch(`/api/${path}`, { method: "POST", headers, body: JSON.stringify(members) });
  const body = await answer.json();
  if (!answer.ok) throw new Error(body.detail);
  return body;
}

/** What the page itself sees of a call to the other origin: a status, or nothing but an error. */
async function seen(url, init) {
  try {
    const answer = await fetch(url, { method: "POST", ...init });
    const body = await answer.json();
    const text = `${answer.status} ${body.title ?? "OK"}`;
    return { status: answer.status, text };
  } catch (error) {
    return { status: 0, text: `${error.name}: the browser lets the page see nothing` };
  }
}

function useToken() {
  const headers = { "Content-Type": "application/json", Authorization: `Bearer ${token}` };
  return seen(`${config.api}/v1/delivery/options`, { headers, body: "{}" });
}

/** A form is sent without a preflight: the call arrives, and only its answer is kept from the page. */
function signIn(assertion) {
  return seen(config.auth, { body: new URLSearchParams({ grant_type: GRANT, assertion }) });
}

/** A minute's proof, signed by the page: with the key in its hands it can do all that the backend can. */
async function signed({ account, privateKey }) {
  const der = Uint8Array.from(atob(privateKey.replace(/-----[^-]+-----|\s/g, "")), (letter) => letter.charCodeAt(0));
  const algorithm = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("pkcs8", der, algorithm, false, ["sign"]);
  const now = Math.floor(Date.now() / 1000);
  const claims = { sub: account, aud: config.auth, iat: now, exp: now + 60 };
  const text = [{ alg: "RS256", typ: "JWT" }, claims].map((part) => base64url(JSON.stringify(part))).join(".");
  const signature = await crypto.subtle.sign(algorithm, key, new TextEncoder().encode(text));
  return `${text}.${base64url(String.fromCharCode(...new Uint8Array(signature)))}`;
}

function base64url(text) {
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

async function fetchToken(run) {
  await run.step("The page asks its backend for a token", async () => {
    token = (await shop("token")).token;
    return { text: "a site token, and nothing else" };
  });
}

const loadOptions = (run, title = "The page asks for delivery options") => run.step(title, useToken);

/** As a page should: no token, get one; 401, get another and retry once. */
async function loadAsOneShould(run) {
  if (!token) await fetchToken(run);
  const first = await loadOptions(run);
  if (first.status !== UNAUTHORIZED) return;
  await fetchToken(run);
  await loadOptions(run, "The page tries once more");
}

const tries = {
  async play(run) {
    token = "";
    await loadAsOneShould(run);
  },

  async expire(run) {
    if (!token) await fetchToken(run);
    await run.step("Meanwhile all site tokens expire", async () => {
      await shop("expire");
      return { text: "nothing" };
    });
    await loadAsOneShould(run);
  },

  async origin(run) {
    if (!token) await fetchToken(run);
    await shop("origins", { refuse: true });
    try {
      await loadOptions(run, "Only https://shop.example is allowed now; the page asks for delivery options");
    } finally {
      await shop("origins", { refuse: false });
    }
  },

  async leak(run) {
    const assertion = await signed(await shop("leak"));
    await run.step("The page has the backend's private key, signs an assertion and trades it itself", () => signIn(assertion));
  },

  async reset() {
    token = "";
    latest = null;
    await shop("reset");
    runs.replaceChildren();
    document.getElementById("nothing").hidden = false;
  },
};

/** An element with a class, texts and elements in it. */
function made(tag, className, ...parts) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...parts);
  return element;
}

function verdict(exchange) {
  const who = exchange.caller === "page" ? "Page" : "Backend";
  const call = made("code", "", `${exchange.method} ${exchange.path}`);
  const line = made("p", "call", `${who} → mockserver `, call, ` ${exchange.status}`, exchange.preflight ? " (preflight)" : "");
  const parts = [line];
  if (exchange.reason) {
    const compared = Object.entries(exchange.compared).map(([name, value]) => `${name} ${value}`).join(", ");
    parts.push(
      made("p", "reason", made("strong", "", exchange.reason), ` ${exchange.meaning}`),
      made("p", "why", [exchange.hint, compared, exchange.clause].filter(Boolean).join(" · ")),
    );
  }
  const box = made("div", exchange.reason ? "verdict no" : "verdict yes", ...parts);
  box.dataset.reason = exchange.reason;
  return box;
}

class Run {
  constructor(title) {
    this.list = made("ol", "steps");
    this.item = made("li", "run", made("h3", "", title), this.list);
    runs.prepend(this.item);
    document.getElementById("nothing").hidden = true;
  }

  /** Do it, and show what the page saw and what mockserver has to say. */
  async step(title, doing) {
    const found = await doing();
    const { items } = await shop("seen", { after: latest });
    if (items.length) latest = items.at(-1).id;
    const saw = made("p", "saw", "The page sees: ", made("b", "", found.text));
    this.list.append(made("li", "", made("p", "what", title), saw, ...items.map(verdict)));
    return found;
  }
}

async function press(button) {
  const name = button.dataset.try;
  const buttons = document.querySelectorAll("button");
  for (const each of buttons) each.setAttribute("aria-disabled", "true");
  state.textContent = "Working…";
  try {
    const title = button.firstChild.textContent;
    await tries[name](name === "reset" ? null : new Run(title));
    state.textContent = `Done: ${title}.`;
  } catch (error) {
    state.textContent = error.message;
  }
  for (const each of buttons) each.removeAttribute("aria-disabled");
  document.body.dataset.done = String(Number(document.body.dataset.done ?? 0) + 1);
}

config = await shop("config");
document.getElementById("api").textContent = `plays Ingrid at ${new URL(config.api).host}`;
document.getElementById("journal").href = config.journal;
const { items: before } = await shop("seen");
latest = before.at(-1)?.id ?? null;
for (const button of document.querySelectorAll("button[data-try]")) {
  button.addEventListener("click", () => button.getAttribute("aria-disabled") || press(button));
}
document.body.dataset.done = "0";
