/** The pages of the site, in the order in which they are read. `demo/NAME.html` is the page of that name. */
export const PAGES = [
  { name: 'index', title: 'Real or fake?' },
  { name: 'convolution', title: 'Convolution' },
  { name: 'learning', title: 'Learning' },
  { name: 'lab', title: 'The brain lab' },
  { name: 'tangent', title: 'How far weights move' },
  { name: 'fakes', title: 'Where the fakes come from' },
  { name: 'machine', title: 'Inside the machine' },
] as const;

export type PageName = (typeof PAGES)[number]['name'];

/** Address of a page from any other one. */
export const addressOf = (name: PageName) => `./${name}.html`;

/** The page to read after this one; undefined after the last one. */
export function pageAfter(name: PageName): (typeof PAGES)[number] | undefined {
  return PAGES[PAGES.findIndex((page) => page.name === name) + 1];
}
