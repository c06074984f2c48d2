/** The pages of the site, in the order in which they are read. `demo/NAME.html` is the page of that name; `short` is for the bar. */
export const PAGES = [
  { name: 'index', title: 'Real or fake?', short: 'Real or fake?' },
  { name: 'convolution', title: 'Convolution', short: 'Convolution' },
  { name: 'learning', title: 'Learning', short: 'Learning' },
  { name: 'lab', title: 'The brain lab', short: 'Lab' },
  { name: 'tangent', title: 'How far do weights move?', short: 'Tangent kernel' },
  { name: 'fakes', title: 'Where the fakes come from', short: 'Fakes' },
  { name: 'machine', title: 'Inside the machine', short: 'Machine' },
] as const;

export type PageName = (typeof PAGES)[number]['name'];

/** Address of a page from any other one. */
export const addressOf = (name: PageName) => `./${name}.html`;

/** The page to read after this one; undefined after the last one. */
export function pageAfter(name: PageName): (typeof PAGES)[number] | undefined {
  return PAGES[PAGES.findIndex((page) => page.name === name) + 1];
}
