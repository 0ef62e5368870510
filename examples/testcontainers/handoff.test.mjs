import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { GenericContainer, Wait } from "testcontainers";
import { sandbox } from "../node/mockserver.mjs";
import { Shop } from "../node/shop.mjs";

let container;

before(async () => {
  container = await new GenericContainer("mockserver")
    .withExposedPorts(8080)
    .withEnvironment({ MOCKSERVER_SEED: "1" })
    .withWaitStrategy(Wait.forHttp("/_mock/health/ready", 8080))
    .start();
});

after(() => container.stop());

test("on 401 the page gets another token and tries once more", async () => {
  const world = await sandbox(`http://${container.getHost()}:${container.getMappedPort(8080)}`);
  const shop = new Shop(world.env);
  await shop.deliveryOptions();
  await world.expire({ kind: "site" });
  await shop.deliveryOptions();

  const seen = await world.verify({ operation: "ingrid.get_delivery_options", outcome: "token.expired", exactly: 1 });
  assert.equal(seen.met, true);
});
