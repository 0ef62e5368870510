import { expect, test } from "@playwright/test";

test("a token that expires while the page is open is renewed, once", async ({ page, request }, info) => {
  const mock = `${info.config.metadata.mockserver}/_mock`;
  await page.goto("/");
  await page.getByRole("button").click();
  await expect(page.locator("output")).toHaveText("200");

  await request.post(`${mock}/tokens/expire`, { data: { kind: "site" } });
  await page.getByRole("button").click();

  await expect(page.locator("output")).toHaveText("200 200");
  const seen = { operation: "ingrid.get_delivery_options", outcome: "token.expired", exactly: 1 };
  expect(await (await request.post(`${mock}/verify`, { data: seen })).json()).toMatchObject({ met: true });
});
