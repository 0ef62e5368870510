// Stands for your own test command: all it knows is its environment.
import { Shop } from "../node/shop.mjs";

console.log((await new Shop(process.env).deliveryOptions()).siteId);
