// The code under test: a shop's backend and page, as Ingrid's guide describes them. Put yours in its place.
import { sign } from "node:crypto";

const GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer";

async function post(url, body, token) {
  const headers = { "Content-Type": "application/json", ...(token && { Authorization: `Bearer ${token}` }) };
  return fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
}

async function json(answer) {
  if (!answer.ok) throw new Error(`refused with ${answer.status}: ${answer.headers.get("x-mock-reason")}`);
  return answer.json();
}

export class Shop {
  #service = { token: "", until: 0 };
  #token = "";

  constructor(env) {
    this.env = env;
  }

  /** The backend's part: a service token, kept while it lives; with it a site token for the page. */
  async siteToken() {
    const url = `${this.env.MERCHANTS_API_BASE}/v1/sites/${this.env.SITE_ID}/access-tokens`;
    return (await json(await post(url, { scopes: ["view"] }, await this.#serviceToken()))).accessToken;
  }

  /** The page's part: use the token; on 401 get another, and try once more. */
  async deliveryOptions() {
    const url = `${this.env.MERCHANTS_API_BASE}/v1/delivery/options`;
    this.#token ||= await this.siteToken();
    const answer = await post(url, {}, this.#token);
    if (answer.status !== 401) return json(answer);
    this.#token = await this.siteToken();
    return json(await post(url, {}, this.#token));
  }

  async #serviceToken() {
    if (Date.now() < this.#service.until) return this.#service.token;
    const asked = Date.now();
    const answer = await json(await post(this.env.MERCHANTS_AUTH_URL, { grantType: GRANT, assertion: this.#assertion() }));
    this.#service = { token: answer.accessToken, until: asked + answer.expiresIn * 1000 - 30_000 };
    return answer.accessToken;
  }

  #assertion() {
    const now = Math.floor(Date.now() / 1000);
    const claims = { sub: this.env.SERVICE_ACCOUNT_ID, aud: this.env.MERCHANTS_AUTH_URL, iat: now, exp: now + 60 };
    const text = [{ alg: "RS256", typ: "JWT" }, claims].map((each) => Buffer.from(JSON.stringify(each)).toString("base64url")).join(".");
    return `${text}.${sign("RSA-SHA256", Buffer.from(text), this.env.SERVICE_ACCOUNT_PRIVATE_KEY).toString("base64url")}`;
  }
}
