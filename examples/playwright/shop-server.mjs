// The shop under test: a page, and the one call by which it gets a token. Put yours in its place.
import { createServer } from "node:http";
import { Shop } from "../node/shop.mjs";

const page = (api) => `<!doctype html><html lang="en"><title>Shop</title><button>Delivery options</button><output></output>
<script type="module">
  let token = "";
  const renew = async () => { token = await (await fetch("/token", { method: "POST" })).text(); };
  const use = () => fetch("${api}/v1/delivery/options", {
    method: "POST", body: "{}", headers: { "Content-Type": "application/json", Authorization: "Bearer " + token } });
  document.querySelector("button").onclick = async () => {
    if (!token) await renew();
    let answer = await use();
    if (answer.status === 401) { await renew(); answer = await use(); }
    document.querySelector("output").textContent += answer.status + " ";
  };
</script></html>`;

const credentials = await (await fetch(`${process.env.MOCKSERVER_URL}/_mock/credentials`)).json();
const shop = new Shop(credentials.ingrid);

createServer(async (request, response) => {
  if (request.method === "POST") return response.end(await shop.siteToken());
  return response.setHeader("Content-Type", "text/html; charset=utf-8").end(page(credentials.ingrid.MERCHANTS_API_BASE));
}).listen(Number(process.env.SHOP_PORT), "127.0.0.1");
