/**
 * What `@bigcommerce/catalyst-client` makes of each of these queries, one line of JSON each.
 *
 * The queries come as a JSON list in QUERIES; the client is found below PACKAGES. It knows nothing else of the emulator
 * than what its own documents say: BIGCOMMERCE_GRAPHQL_API_DOMAIN, a store hash, a channel, a token.
 */

import { createRequire } from "node:module";

const { createClient } = createRequire(`${process.env.PACKAGES}/`)("@bigcommerce/catalyst-client");

const print = console.log;

for (const { token, channel = "1", ...query } of JSON.parse(process.env.QUERIES)) {
  const logged = [];
  console.log = (line) => logged.push(line);
  const client = createClient({
    storefrontToken: token,
    storeHash: process.env.BIGCOMMERCE_STORE_HASH,
    channelId: channel,
    logger: true,
  });
  let told;
  try {
    const { data } = await client.fetch({ fetchOptions: {}, ...query });
    told = { data };
  } catch (error) {
    const { name, status, code, message, graphqlErrors, errors } = error;
    told = { error: name, status, code, message, errors: graphqlErrors ?? errors, cause: error.cause?.message };
  }
  print(JSON.stringify({ ...told, logged }));
}
