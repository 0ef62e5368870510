// npm oidc-provider as a token endpoint: client credentials, ES256 access tokens, its own in-memory store.
// node oidc_provider.mjs NODE_MODULES JWK_FILE PORT
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [modules, jwkFile, port] = process.argv.slice(2);
const { default: Provider } = await import(pathToFileURL(resolve(modules, "oidc-provider/lib/index.js")));

const provider = new Provider(`http://127.0.0.1:${port}`, {
  jwks: { keys: [JSON.parse(readFileSync(jwkFile, "utf8"))] },
  clients: [
    {
      client_id: "demo",
      client_secret: "demo-secret",
      grant_types: ["client_credentials"],
      redirect_uris: [],
      response_types: [],
      id_token_signed_response_alg: "ES256",
    },
  ],
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => "urn:demo",
      getResourceServerInfo: () => ({
        scope: "view",
        accessTokenTTL: 3600,
        accessTokenFormat: "jwt",
        jwt: { sign: { alg: "ES256" } },
      }),
    },
  },
});
provider.listen(Number(port), "127.0.0.1");
