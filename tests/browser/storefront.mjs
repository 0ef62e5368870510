/**
 * The pages of a storefront without a backend of the vendor's, each a trial that tells what it could see.
 *
 * The address says which trial, and where the store's GraphQL is. When a page has told, it waits for the next address.
 */

const { trial, graphql } = Object.fromEntries(new URLSearchParams(location.search));
const STORE_NAME = "query StoreName { site { settings { storeName } } }";
const CUSTOMER = "query { customer { entityId email } }";
const LOGIN = `mutation LogIn($email: String!, $password: String!) {
  login(email: $email, password: $password) { customer { entityId } }
}`;
const SHOPPER = { email: "shopper@example.com", password: "demo-password" };

/** The token that the page was built with. */
async function token(kind = "simple") {
  return (await (await fetch(`/${kind}`, { method: "POST" })).json()).data.token;
}

/** A question, as a page asks it: across origins, cookies and all. */
function asked(query, bearer, variables) {
  return attempt(graphql, { ...json({ query, variables }, bearer), credentials: "include" });
}

/** What a visitor of the page sees. */
function shown() {
  return { title: document.title, error: !document.getElementById("error").hidden };
}

/** Ask for the store's name and put it into the title; say so where that fails. */
async function show(bearer) {
  const answer = await asked(STORE_NAME, bearer);
  if (answer.body?.data) document.title = answer.body.data.site.settings.storeName;
  else document.getElementById("error").hidden = false;
  return { answer, ...shown() };
}

const trials = {
  /** Show the store's name. */
  async show() {
    return show(await token());
  },

  /** The same with a token that has died meanwhile. */
  async showLate() {
    const bearer = await token();
    await fetch("/later", { method: "POST" });
    return show(bearer);
  },

  /** A mistake: the page has a token for servers. */
  async showWithPrivate() {
    return show(await token("private"));
  },

  /** Log in, and ask who is there. */
  async logIn() {
    const bearer = await token();
    const login = await asked(LOGIN, bearer, SHOPPER);
    return { login, customer: await asked(CUSTOMER, bearer), cookies: document.cookie };
  },

  /** A mistake: the page mints its token itself. */
  async mint() {
    return attempt(`${new URL(graphql).origin}/stores/demostore/v3/storefront/api-token`, {
      ...json({ channel_id: 1, expires_at: 2147483647 }),
      headers: { "Content-Type": "application/json", "X-Auth-Token": "bc_demo_access_token" },
    });
  },
};

if (trial) {
  const tried = (async () => trials[trial]())();
  const findings = await tried.catch((error) => ({ broken: `${error.stack}` }));
  await fetch("/findings", { method: "POST", body: JSON.stringify(findings) });
}
location.replace(await (await fetch("/next")).text());
