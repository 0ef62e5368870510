/**
 * A shop's backend and page as Ingrid's guide describes them, with what Node brings: fetch and node:crypto.
 *
 * It tells each step in a line of JSON. After the first use of its token it waits for a line, and then uses the
 * token again. It knows nothing of the emulator but five environment variables.
 */

import { createPrivateKey, sign } from "node:crypto";
import { createInterface } from "node:readline";

const {
  MERCHANTS_API_BASE: api,
  MERCHANTS_AUTH_URL: authUrl,
  SERVICE_ACCOUNT_ID: account,
  SERVICE_ACCOUNT_PRIVATE_KEY: privateKey,
  SITE_ID: site,
} = process.env;

const GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const UNAUTHORIZED = 401;

function say(members) {
  process.stdout.write(`${JSON.stringify(members)}\n`);
}

/** POST it, and tell the step with what can be seen of the answer without reading a token. */
async function post(step, url, members, token) {
  const headers = { "Content-Type": "application/json" };
  if (token) headers.Authorization = `Bearer ${token}`;
  const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify(members) });
  const body = await answer.json();
  const { type, siteId, expiresIn } = body;
  say({ step, status: answer.status, type, siteId, expiresIn });
  return { ok: answer.ok, status: answer.status, body };
}

function must(answer) {
  if (!answer.ok) throw new Error(`refused with ${answer.status}: ${JSON.stringify(answer.body)}`);
  return answer.body;
}

/** The part that holds the private key: it trades assertions for service tokens, and mints site tokens. */
class Backend {
  #serviceToken = "";
  #freshUntil = 0;

  /** A minute's proof of who we are. */
  #assertion() {
    const now = Math.floor(Date.now() / 1000);
    const encode = (members) => Buffer.from(JSON.stringify(members)).toString("base64url");
    const header = encode({ alg: "RS256", typ: "JWT" });
    const claims = encode({ sub: account, iat: now, exp: now + 60, aud: authUrl });
    const signature = sign("RSA-SHA256", Buffer.from(`${header}.${claims}`), createPrivateKey(privateKey));
    return `${header}.${claims}.${signature.toString("base64url")}`;
  }

  /** A service token: the same one, while it lives. */
  async #token() {
    if (Date.now() >= this.#freshUntil) {
      const askedAt = Date.now();
      const grant = { grantType: GRANT, assertion: this.#assertion() };
      const { accessToken, expiresIn } = must(await post("service token", authUrl, grant));
      this.#serviceToken = accessToken;
      this.#freshUntil = askedAt + expiresIn * 1000;
    }
    return this.#serviceToken;
  }

  async #mint() {
    const wanted = { scopes: ["view"], ttlSeconds: 300, externalRef: "frontend-session" };
    return post("site token", `${api}/v1/sites/${site}/access-tokens`, wanted, await this.#token());
  }

  /** The answer with a site token. A service token that died early is replaced once. */
  async siteToken() {
    const answer = await this.#mint();
    if (answer.status !== UNAUTHORIZED) return must(answer);
    this.#freshUntil = 0;
    return must(await this.#mint());
  }
}

/** The part that a browser would run: it carries a site token, and fetches a new one when that is refused. */
class Page {
  #token = "";

  constructor(backend) {
    this.backend = backend;
  }

  /** Ask, and ask once more with a new token if the old one was refused. */
  async deliveryOptions() {
    if (!this.#token) await this.#fetchToken();
    const answer = await this.#ask();
    if (answer.status !== UNAUTHORIZED) return;
    await this.#fetchToken();
    await this.#ask();
  }

  async #fetchToken() {
    this.#token = (await this.backend.siteToken()).accessToken;
  }

  #ask() {
    return post("delivery options", `${api}/v1/delivery/options`, {}, this.#token);
  }
}

const page = new Page(new Backend());
await page.deliveryOptions();

const input = createInterface({ input: process.stdin });
const line = new Promise((resolve) => input.once("line", resolve).once("close", resolve));
say({ step: "waiting" });
await line;
input.close();

await page.deliveryOptions();
