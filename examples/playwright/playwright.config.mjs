import { defineConfig } from "@playwright/test";

const mockserver = process.env.MOCKSERVER_URL ?? "http://127.0.0.1:8080";
const shop = process.env.SHOP_URL ?? "http://127.0.0.1:3000";

export default defineConfig({
  use: { baseURL: shop, launchOptions: { executablePath: process.env.CHROMIUM || undefined } },
  // Two servers on two origins, as in production: CORS is real.
  webServer: [
    { command: "mockserver serve", url: `${mockserver}/_mock/health/ready`, env: { MOCKSERVER_PORT: new URL(mockserver).port, MOCKSERVER_GRPC_PORT: "" }, reuseExistingServer: !process.env.CI },
    { command: "node shop-server.mjs", url: shop, env: { MOCKSERVER_URL: mockserver, SHOP_PORT: new URL(shop).port }, reuseExistingServer: !process.env.CI },
  ],
  metadata: { mockserver },
});
