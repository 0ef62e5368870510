// One emulator for all test files: the one at MOCKSERVER_URL, or one of our own on a free port.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

export default async function setup({ provide }) {
  if (process.env.MOCKSERVER_URL) {
    provide("mockserver", process.env.MOCKSERVER_URL);
    return undefined;
  }
  const server = spawn("mockserver", ["serve", "--port", "0"], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = await once(createInterface({ input: server.stdout }), "line");
  provide("mockserver", line.match(/ on (http:\S+)/)[1]);
  server.stdout.resume();
  return async () => {
    server.kill("SIGTERM");
    await once(server, "exit");
  };
}
