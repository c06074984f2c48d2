const neurite = require('neurite');
const { simulateBrain } = require('neurite/brain');
const { succeeded } = require('neurite/selftest');
const { oneEngine } = require('./oneEngine.cjs');
const { train } = require('./train.cjs');

async function main() {
  oneEngine(neurite, simulateBrain, succeeded);
  const { findGpu } = await import('./gpu.mjs');
  console.log(await train(neurite, await findGpu()));
}
main();
