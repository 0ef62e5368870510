/**
 * A partner's backend with Node's own fetch, and the first call of its page. Each step is told in a line of JSON.
 *
 * It knows nothing of the emulator but five environment variables.
 */

const { ALTERNATIVE_BASE_URL: api, ALTERNATIVE_CLIENT_ID: id, ALTERNATIVE_CLIENT_SECRET: secret } = process.env;
const invoice = { customer_id: process.env.ALTERNATIVE_CUSTOMER_ID, invoice_id: process.env.ALTERNATIVE_INVOICE_ID };
const json = { "Content-Type": "application/json" };

function tell(step, answer, seen) {
  console.log(JSON.stringify({ step, status: answer.status, ...seen }));
}

const oauth = await fetch(`${api}/oauth/token`, {
  method: "POST",
  headers: { Authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString("base64")}` },
  body: new URLSearchParams({ grant_type: "client_credentials" }),
});
const { access_token, token_type } = await oauth.json();
tell("oauth token", oauth, { type: token_type });

const init = await fetch(`${api}/v1/checkout-auth/init`, {
  method: "POST",
  headers: { ...json, Authorization: `Bearer ${access_token}` },
  body: JSON.stringify(invoice),
});
const { token, expires_at } = await init.json();
// The mistake that integrators make: seconds, where a Date takes milliseconds.
tell("checkout token", init, { year: new Date(expires_at).getUTCFullYear() });

const shown = await fetch(`${api}/checkout/invoice`, { headers: { ...json, Authorization: `Bearer ${token}` } });
tell("invoice", shown, { id: (await shown.json()).id });
