/* Names below `localhost` are this machine (RFC 6761 section 6.3), which not every resolver knows. */

const dns = require("node:dns");

const { lookup } = dns;

dns.lookup = (name, ...rest) => lookup(name.endsWith(".localhost") ? "localhost" : name, ...rest);
