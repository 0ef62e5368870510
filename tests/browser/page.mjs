/**
 * The pages of a shop, each a trial that tells what it could see.
 *
 * The address says which trial, and where Ingrid is. When a page has told, it waits for the address of the next.
 */

const { trial, api, auth, site, control } = Object.fromEntries(new URLSearchParams(location.search));
const GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/** What the shop's own backend answers. */
async function backend(path) {
  return (await fetch(path, { method: "POST" })).json();
}

/** What a page hears of a stream of events. */
function listened(url) {
  return new Promise((resolve) => {
    const source = new EventSource(url);
    source.onopen = () => resolve("open");
    source.onerror = () => resolve("error");
  });
}

const trials = {
  /** Use a site token; once it has expired, see it refused, fetch another and retry once. */
  async renew() {
    const { accessToken } = await backend("/token");
    const steps = [await deliveryOptions(api, accessToken)];
    await backend("/later");
    steps.push(await deliveryOptions(api, accessToken));
    if (steps.at(-1).status === 401) {
      const renewed = await backend("/token");
      steps.push(await deliveryOptions(api, renewed.accessToken));
    }
    return steps;
  },

  /** Use a site token. */
  async use() {
    return deliveryOptions(api, (await backend("/token")).accessToken);
  },

  /** Use a site token, and have the browser send its cookies too. */
  async useWithCookies() {
    const { accessToken } = await backend("/token");
    return attempt(`${api}/v1/delivery/options`, { ...json({}, accessToken), credentials: "include" });
  },

  /** Use a site token where nothing is: a slip of the pen in the address. */
  async useElsewhere() {
    return attempt(`${api}/v1/delivery/options/`, json({}, (await backend("/token")).accessToken));
  },

  /** Use a site token in a frame without an origin. */
  async useInFrame() {
    const token = (await backend("/token")).accessToken;
    const frame = document.createElement("iframe");
    frame.sandbox = "allow-scripts";
    frame.src = "/frame.html";
    const loaded = new Promise((resolve) => frame.addEventListener("load", resolve));
    const told = new Promise((resolve) => addEventListener("message", ({ data }) => resolve(data), { once: true }));
    document.body.append(frame);
    await loaded;
    frame.contentWindow.postMessage({ api, token }, "*");
    return told;
  },

  /** Call without token and without preflight. */
  async ask() {
    return attempt(`${api}/v1/delivery/options`, { headers: { "Content-Type": "text/plain" }, body: "{}" });
  },

  /** A mistake: the backend has handed out its service token, and the page uses it in place of a site token. */
  async useServiceToken() {
    return deliveryOptions(api, (await backend("/service-token")).accessToken);
  },

  /** A mistake: the whole hand-off in the page, secrets and all. */
  async handOff() {
    const { assertion } = await backend("/assertion");
    const { accessToken } = await backend("/service-token");
    return {
      auth: await attempt(auth, json({ grantType: GRANT, assertion })),
      mint: await attempt(`${api}/v1/sites/${site}/access-tokens`, json({ scopes: ["view"] }, accessToken)),
    };
  },

  /** Reach for the emulator's own API, in every way that a page has. */
  async reachForControl() {
    const url = `${control}/clock/advance`;
    const body = JSON.stringify({ seconds: 3600 });
    return {
      json: await attempt(url, json({ seconds: 3600 })),
      text: await attempt(url, { body, mode: "no-cors" }),
      form: await attempt(url, { body: new URLSearchParams({ seconds: "3600" }), mode: "no-cors" }),
      blob: await attempt(url, { body: new Blob([body], { type: "text/plain" }), mode: "no-cors" }),
      beacon: navigator.sendBeacon(url, new Blob([body], { type: "text/plain" })),
      put: await attempt(`${control}/clock`, { ...json({ frozen: true }), method: "PUT" }),
      delete: await attempt(`${control}/journal`, { method: "DELETE" }),
      read: await attempt(`${control}/credentials`, { method: "GET" }),
      stream: await listened(`${control}/journal/stream`),
    };
  },

  /** The same mistake by a form, for which browsers ask no preflight; the second one gives up reading the answer. */
  async handOffByForm() {
    const { assertion } = await backend("/assertion");
    const body = new URLSearchParams({ grant_type: GRANT, assertion });
    return [await attempt(auth, { body }), await attempt(auth, { body, mode: "no-cors" })];
  },
};

if (trial) {
  const tried = (async () => trials[trial]())();
  const findings = await tried.catch((error) => ({ broken: `${error.stack}` }));
  await fetch("/findings", { method: "POST", body: JSON.stringify(findings) });
}
location.replace(await (await fetch("/next")).text());
