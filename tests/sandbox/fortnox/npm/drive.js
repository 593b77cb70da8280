'use strict';
// Lets the npm package fortnox-api carry out the steps that come on standard input, one after another, and prints what each brought.
//
// node drive.js MODULES BASE TOKEN HEADERS < [{"call": "articles.get", "args": ["1"]}, ...]
//
// MODULES is where the package lies; HEADERS is "bearer" to put the bearer header in the place of the retired ones, by the package's own
// table of defaults, or "retired" to leave it as it is. A line for each step: {"error": {code, message} or null, "body": ...}.
const path = require('path');
const [modules, base, token, headers] = process.argv.slice(2);
const Fortnox = require(path.join(modules, 'fortnox-api'));

const client = Fortnox.create({ url: base, token: token, secret: 'a-secret' });
if (headers === 'bearer') {
  client.defaults.headers = { Authorization: 'Bearer ' + token, 'Content-Type': 'application/json', Accept: 'application/json' };
}

function print(error, body) {
  console.log(JSON.stringify({ error: error ? { code: error.code, message: error.message } : null, body: body === undefined ? null : body }));
}

function run(steps) {
  if (steps.length === 0) return;
  const [step, ...rest] = steps;
  const names = step.call.split('.');
  const name = names.pop();
  const owner = names.reduce((found, one) => found[one], client);
  owner[name](...step.args, (error, ...brought) => {
    print(error, brought[brought.length - 1]);
    run(rest);
  });
}

let text = '';
process.stdin.on('data', (piece) => { text += piece; });
process.stdin.on('end', () => run(JSON.parse(text)));
