/**
 * A browser started in the POSIX locale names a language that Intl refuses ('en-US@posix'), and uPlot asks Intl as soon
 * as it is loaded: import this first.
 */
try {
  new Intl.NumberFormat(navigator.language);
} catch {
  Object.defineProperty(navigator, 'language', { value: 'en-US' });
}
