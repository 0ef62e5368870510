import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

export const Wait = { forHttp: (path, port) => ({ path, port }) };

export class GenericContainer {
  constructor(image) { this.image = image; this.env = {}; }
  withExposedPorts(...ports) { this.ports = ports; return this; }
  withEnvironment(env) { this.env = env; return this; }
  withWaitStrategy(wait) { this.wait = wait; return this; }
  async start() {
    const server = spawn("mockserver", ["serve", "--port", "0"], { env: { ...process.env, ...this.env } });
    const [line] = await once(createInterface({ input: server.stdout }), "line");
    const { port } = new URL(line.match(/ on (http:\S+)/)[1]);
    const stop = () => { server.kill(); return once(server, "exit"); };
    return { getHost: () => "127.0.0.1", getMappedPort: () => port, stop };
  }
}
