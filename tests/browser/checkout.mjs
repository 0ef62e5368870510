/**
 * The pages of a partner's checkout, each a trial that tells what it could see.
 *
 * The address says which trial, and where Alternative is. When a page has told, it waits for the address of the next.
 */

const { trial, api } = Object.fromEntries(new URLSearchParams(location.search));
const PAYMENT = { amount: "100.00", payment_date: "2030-01-01", payment_method: "card", payment_method_id: "pm_card" };
const THREE = ["/invoice", "/payment-methods", "/preferences/theme"];

/** What the partner's own backend answers. */
async function backend(path) {
  return (await fetch(path, { method: "POST" })).json();
}

/** A new checkout token, as the page's own callback fetches it. */
async function renewed() {
  return (await backend("/checkout-token")).token;
}

/**
 * A client that keeps to what the vendor documents of its browser SDK: a 401 makes it ask the page for another token,
 * and repeat the call once. Each call does so by itself.
 */
class Checkout {
  callbacks = 0;

  constructor(token, onExpired) {
    this.token = token;
    this.onExpired = onExpired;
  }

  async call(path, init = {}) {
    const first = await this.send(path, init);
    if (first.status !== 401) return [first];
    this.callbacks += 1;
    this.token = await this.onExpired();
    return [first, await this.send(path, init)];
  }

  send(path, { headers, ...init }) {
    const authorization = { Authorization: `Bearer ${this.token}`, "Content-Type": "application/json" };
    return attempt(`${api}/checkout${path}`, { method: "GET", ...init, headers: { ...authorization, ...headers } });
  }
}

const trials = {
  /** Use a token; once it has expired, have it renewed, and repeat the call. */
  async renew() {
    const checkout = new Checkout(await renewed(), renewed);
    const before = await checkout.call("/invoice");
    await backend("/later");
    const after = await checkout.call("/invoice");
    return { steps: [...before, ...after], callbacks: checkout.callbacks };
  },

  /** Three calls at once with a token that has expired. */
  async renewInParallel() {
    const checkout = new Checkout(await renewed(), renewed);
    await backend("/later");
    const calls = await Promise.all(THREE.map((path) => checkout.call(path)));
    return { calls, callbacks: checkout.callbacks };
  },

  /** A callback that has no token to give. */
  async renewWithNothing() {
    const checkout = new Checkout(await renewed(), async () => null);
    await backend("/later");
    return { steps: await checkout.call("/invoice"), callbacks: checkout.callbacks };
  },

  /** A callback that gives what the page had already. */
  async renewWithTheSame() {
    const token = await renewed();
    const checkout = new Checkout(token, async () => token);
    await backend("/later");
    return { steps: await checkout.call("/invoice"), callbacks: checkout.callbacks };
  },

  /** Ask six times. */
  async ask() {
    const checkout = new Checkout(await renewed(), renewed);
    await backend("/later");
    const answers = [];
    for (let number = 0; number < 6; number += 1) answers.push(...(await checkout.call("/invoice")));
    return answers;
  },

  /** Pay twice with one idempotency key, then something else with it. */
  async pay() {
    const checkout = new Checkout(await renewed(), renewed);
    const answers = [];
    for (const amount of ["100.00", "100.00", "1.00"]) {
      const body = JSON.stringify({ ...PAYMENT, amount });
      answers.push(...(await checkout.call("/payments", { method: "POST", headers: { "Idempotency-Key": "k" }, body })));
    }
    return answers;
  },

  /** Call where nothing is. */
  async misspell() {
    return new Checkout(await renewed(), renewed).call("/invoices");
  },

  /** A mistake: the page has the backend's token, and uses it in place of a checkout token. */
  async useOAuthToken() {
    const { access_token: token } = await backend("/oauth-token");
    return new Checkout(token, async () => token).call("/invoice");
  },

  /** A mistake: the page makes the hand-off itself. The second try is a form, for which browsers ask no preflight. */
  async handOff() {
    const body = new URLSearchParams({ grant_type: "client_credentials" });
    const headers = { Authorization: `Basic ${btoa("client_demo:secret_demo")}` };
    const secret = new URLSearchParams({ ...Object.fromEntries(body), client_secret: "secret_demo" });
    return [await attempt(`${api}/oauth/token`, { body, headers }), await attempt(`${api}/oauth/token`, { body: secret })];
  },
};

if (trial) {
  const tried = (async () => trials[trial]())();
  const findings = await tried.catch((error) => ({ broken: `${error.stack}` }));
  await fetch("/findings", { method: "POST", body: JSON.stringify(findings) });
}
location.replace(await (await fetch("/next")).text());
