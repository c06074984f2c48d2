const webpack = require('webpack');

const output = { path: __dirname, filename: 'bundle.js' };
webpack({ mode: 'production', context: __dirname, entry: './main.js', output }, (error, stats) => {
  if (error) throw error;
  if (stats.hasErrors() || stats.hasWarnings()) {
    // Its advice on sizes is about the bundle of any engine of this size.
    const { errors, warnings } = stats.toJson({ all: false, errors: true, warnings: true });
    const faults = [...errors, ...warnings].filter(({ message }) => !/size limit|lazy load|bundle size/.test(message));
    if (faults.length > 0) throw new Error(faults.map(({ message }) => message).join('\n'));
  }
});
