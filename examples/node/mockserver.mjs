// A sandbox of a running emulator, from Node: three calls of its admin API are enough.

async function ask(url, body) {
  const answer = await fetch(url, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  const told = await answer.json();
  if (!answer.ok) throw new Error(told.detail);
  return told;
}

/** A world of its own, with fresh credentials: tests that run beside each other do not meet. */
export async function sandbox(server, asked = {}) {
  const { url, credentials } = await ask(`${server}/_mock/sandboxes`, asked);
  return {
    env: Object.assign({}, ...Object.values(credentials)),
    expire: (which = {}) => ask(`${url}/_mock/tokens/expire`, which),
    verify: (expected) => ask(`${url}/_mock/verify`, expected),
  };
}
