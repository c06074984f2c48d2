/**
 * The content security policy of pages, as a `<meta>`, so that it holds on any server. A page may load its own files and nothing
 * else, from nowhere else; of the scripts in the HTML itself only those run that were there when it was built.
 */
import { createHash } from 'node:crypto';
import type { Plugin } from 'vite';

/**
 * For HTML in its final form; vite's client, which is there while one develops, puts styles into the page and opens a web socket.
 * `frame-ancestors` is missing, for browsers take it from the server only.
 */
export function policyOf(html: string, developing: boolean): string {
  const directives = {
    'default-src': "'none'",
    'script-src': ["'self'", ...inlineScripts(html).map(hashOf)].join(' '),
    'worker-src': "'self'",
    'style-src': developing ? "'self' 'unsafe-inline'" : "'self'",
    'img-src': "'self' data:",
    'connect-src': developing ? "'self' ws:" : "'self'",
    'base-uri': "'none'",
    'form-action': "'none'",
  };
  return Object.entries(directives)
    .map((directive) => directive.join(' '))
    .join('; ');
}

/** The texts of `<script>` elements without `src`, as the HTML parser sees them. */
function inlineScripts(html: string): string[] {
  const scripts = html.replaceAll('\r\n', '\n').matchAll(/<script\b([^>]*)>(.*?)<\/script>/gs);
  return [...scripts].filter(([, attributes]) => !/\bsrc=/.test(attributes!)).map(([, , text]) => text!);
}

const hashOf = (script: string) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`;

/** Puts the policy into each page. */
export function contentSecurityPolicy(): Plugin {
  return {
    name: 'content-security-policy',
    transformIndexHtml: {
      order: 'post', // after the others have put their scripts in
      handler(html, { server }) {
        const content = policyOf(html, server !== undefined);
        const attrs = { 'http-equiv': 'Content-Security-Policy', content };
        return [{ tag: 'meta', attrs, injectTo: 'head-prepend' }]; // it holds for what comes after it
      },
    },
  };
}
