const { join } = require('node:path');

// npm never downloads a browser as a side effect: tools/browser.ts finds one, or fetches one when it is first needed.
module.exports = { skipDownload: true, cacheDirectory: join(__dirname, '.browser', 'puppeteer') };
