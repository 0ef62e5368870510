/**
 * A server with `@bigcommerce/storefront-data-hooks`: it mints an impersonation token and asks a question, once as it
 * should and once with a shopper's cookie passed on. Each step is told in a line of JSON.
 */

import { createRequire } from "node:module";

const hooks = (path) => createRequire(`${process.env.PACKAGES}/`)(`@bigcommerce/storefront-data-hooks/dist/api${path}`);
const { getConfig } = hooks("");
const mintImpersonationToken = hooks("/operations/get-customer-impersonation-token").default;

const QUERY = "query { site { settings { storeName } } }";

async function step(name, act) {
  try {
    console.log(JSON.stringify({ step: name, ...(await act()) }));
  } catch (error) {
    const { status, errors } = error;
    console.log(JSON.stringify({ step: name, error: error.name, status, errors }));
  }
}

await step("impersonation token", async () => ({ token: await mintImpersonationToken() }));
await step("query", async () => ({ data: (await getConfig().fetch(QUERY)).data }));
await step("query with a cookie", async () => {
  const passedOn = { headers: { Cookie: "SHOP_TOKEN=a_shoppers" } };
  return { data: (await getConfig().fetch(QUERY, {}, passedOn)).data };
});
