/* What page script can see of an answer. A classic script, since a sandboxed frame may not load a module. */

/** Status, readable header fields and body of an answer; or the error, where there is none to read. */
async function attempt(url, init) {
  try {
    const answer = await fetch(url, { method: "POST", ...init });
    const text = await answer.text();
    const headers = Object.fromEntries(answer.headers);
    return { type: answer.type, status: answer.status, headers, body: text ? JSON.parse(text) : null };
  } catch (error) {
    return { error: error.name };
  }
}

/** A POST of JSON, with a bearer token if there is one. */
function json(members, token) {
  const headers = { "Content-Type": "application/json" };
  if (token) headers.Authorization = `Bearer ${token}`;
  return { headers, body: JSON.stringify(members) };
}

/** Use a token. */
function deliveryOptions(api, token) {
  return attempt(`${api}/v1/delivery/options`, json({}, token));
}
