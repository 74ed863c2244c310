// A subscriber: checks the signature, reads the event with the CloudEvents SDK and prints what it got as one line of JSON per request.
// The first line names its port. Arguments: the key, and the statuses to answer in turn; the last one stays.
const http = require('node:http');
const { HTTP } = require('cloudevents');
const { isSigned } = require('./verify.cjs');

const [key, ...statuses] = process.argv.slice(2);
const print = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);

const server = http.createServer((request, response) => {
  const parts = [];
  request.on('data', (part) => parts.push(part));
  request.on('end', () => {
    const body = Buffer.concat(parts);
    let event = null;
    let error = null;
    try {
      event = HTTP.toEvent({ headers: request.headers, body: body.toString('utf8') });
      event.validate();
    } catch (exception) {
      error = String(exception);
    }
    const swapped = { ...request.headers, 'ce-id': 'another' };
    print({
      signed: isSigned(request.headers, body, key),
      signedWithOtherHeader: isSigned(swapped, body, key),
      signedWithOtherBody: isSigned(request.headers, Buffer.concat([body, Buffer.from(' ')]), key),
      signedWithOtherKey: isSigned(request.headers, body, `${key}x`),
      headers: request.headers,
      event,
      error,
    });
    response.writeHead(Number(statuses.length > 1 ? statuses.shift() : statuses[0]));
    response.end();
  });
});
server.listen(0, '127.0.0.1', () => print({ port: server.address().port }));
process.stdin.on('end', () => process.exit(0)).resume();
