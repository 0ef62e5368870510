import { expect, inject, test } from "vitest";
import { sandbox } from "../node/mockserver.mjs";
import { Shop } from "../node/shop.mjs";

test("on 401 the page gets another token and tries once more", async () => {
  const world = await sandbox(inject("mockserver"));
  const shop = new Shop(world.env);
  await shop.deliveryOptions();

  await world.expire({ kind: "site" });
  await shop.deliveryOptions();

  const seen = await world.verify({ operation: "ingrid.get_delivery_options", outcome: "token.expired", exactly: 1 });
  expect(seen).toMatchObject({ met: true });
});

test("the service token is kept while it lives", async () => {
  const world = await sandbox(inject("mockserver"));
  const shop = new Shop(world.env);

  await shop.siteToken();
  await shop.siteToken();

  expect(await world.verify({ operation: "ingrid.mint_service_token", exactly: 1 })).toMatchObject({ met: true });
});
