const webpack = require('webpack');

const output = { path: __dirname, filename: 'bundle.js' };
const performance = { hints: false }; // advice on how to split a page's files, which is the page's own affair
webpack({ mode: 'production', context: __dirname, entry: './main.js', output, performance }, (error, stats) => {
  if (error) throw error;
  const { errors, warnings } = stats.toJson({ all: false, errors: true, warnings: true });
  const faults = [...errors, ...warnings];
  if (faults.length > 0) throw new Error(faults.map(({ message }) => message).join('\n'));
});
