/** The project's pages as their readers get them: README, CHANGELOG, CONTRIBUTING and docs/, with their code blocks, links and headings. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '../..');

export interface CodeBlock {
  readonly language: string;
  readonly code: string;
}

export interface DocPage {
  /** Its path from the root of the project. */
  readonly path: string;
  readonly text: string;
  readonly blocks: readonly CodeBlock[];
}

export function docPages(): DocPage[] {
  const docs = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'));
  const paths = [
    'README.md',
    'CHANGELOG.md',
    'CONTRIBUTING.md',
    'bench/README.md',
    ...docs.map((name) => `docs/${name}`),
  ];
  return paths.map((path) => {
    const text = readFileSync(join(root, path), 'utf8');
    const blocks = [...text.matchAll(/^```([^\n]*)\n(.*?)^```$/gms)].map(([, language, code]) => ({
      language: language!,
      code: code!,
    }));
    return { path, text, blocks };
  });
}

/** Blocks of code. */
const CODE = /^```[^\n]*\n.*?^```$/gms;

/** The text without its code, in which a link or a heading means nothing. */
export const proseOf = ({ text }: DocPage) => text.replace(CODE, '').replace(/`[^`\n]*`/g, '');

/** Targets of the links in a page, pictures included. */
export const linksOf = (page: DocPage) => [...proseOf(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target!);

/** The ids that a page's headings have, as GitHub makes them. */
export function headingIds({ text }: DocPage): string[] {
  const headings = [...text.replace(CODE, '').matchAll(/^#{1,6} (.+)$/gm)];
  return headings.map(([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-'),
  );
}
