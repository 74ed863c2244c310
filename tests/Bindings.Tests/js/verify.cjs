const { createHmac, timingSafeEqual } = require('node:crypto');

// headers: as node:http gives them, names in lower case. body: the bytes as they came. key: the signing key.
function isSigned(headers, body, key) {
  const lines = Object.keys(headers).filter((name) => name.startsWith('ce-')).sort().map((name) => `${name}:${headers[name]}\n`);
  const hmac = createHmac('sha256', key);
  if (lines.length > 0) hmac.update(`${lines.join('')}\n`);
  const expected = Buffer.from(`sha256=${hmac.update(body).digest('hex')}`);
  const given = Buffer.from(headers['x-signature-256'] ?? '');
  return given.length === expected.length && timingSafeEqual(given, expected);
}

module.exports = { isSigned };
