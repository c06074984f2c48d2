/**
 * A vite plugin that adds a content security policy to pages, as a `<meta>` element, so that it applies on any server.
 * A page may load only files of its own origin. Of the scripts in the HTML itself, only those run that were there at
 * build time.
 */
import { createHash } from 'node:crypto';
import type { Plugin } from 'vite';

/**
 * The policy for HTML in its final form. During development, vite's client adds styles to the page and opens a web
 * socket. The directive `frame-ancestors` is missing, because browsers accept it only from the server.
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
      order: 'post', // after other plugins have added their scripts
      handler(html, { server }) {
        const content = policyOf(html, server !== undefined);
        const attrs = { 'http-equiv': 'Content-Security-Policy', content };
        return [{ tag: 'meta', attrs, injectTo: 'head-prepend' }]; // first, because it applies only to what follows it
      },
    },
  };
}
