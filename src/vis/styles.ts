/**
 * The look of the drawings. A constructed style sheet works under a content security policy that forbids `<style>`, and within a
 * shadow root. Colours come from custom properties; the defaults are made of the text's own colour, so that they fit a light and
 * a dark page. The colours of curves are readable on both.
 */

/** Colours of curves; they come round again. */
const CURVES = ['#7563cf', '#2f8f4e', '#c8458a', '#8a7d10', '#16858a', '#6b7688'];

const SHEET = `
.neurite-vis {
  --nv-quiet: var(--neurite-quiet, color-mix(in srgb, currentColor 80%, transparent));
  --nv-line: var(--neurite-line, color-mix(in srgb, currentColor 22%, transparent));
  --nv-right: var(--neurite-right, #2f8f4e);
  --nv-wrong: var(--neurite-wrong, #d5483c);
  ${CURVES.map((color, i) => `--nv-curve-${i}: var(--neurite-curve-${i}, ${color});`).join(' ')}
  min-width: 0;
  margin: 0;
  font-size: 0.875rem;
  line-height: 1.5;
}
.neurite-vis figure { margin: 0 0 1rem; min-width: 0; }
.neurite-vis figcaption, .neurite-vis caption { margin: 0 0 0.4rem; color: var(--nv-quiet); text-align: left; }
.neurite-vis p { margin: 0.4rem 0; color: var(--nv-quiet); }
.neurite-vis .scroll { max-width: 100%; overflow: auto; }
.neurite-vis table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
.neurite-vis th, .neurite-vis td { padding: 0.3rem 0.6rem; border: 1px solid var(--nv-line); text-align: right; }
.neurite-vis th { font-weight: 600; }
.neurite-vis thead td { border: 0; }
.neurite-vis .cells th[scope="col"], .neurite-vis .cells td { text-align: center; }
.neurite-vis .cells td { min-width: 3rem; background: color-mix(in srgb, var(--cell) var(--share), transparent); }
.neurite-vis .cells .right { --cell: var(--nv-right); }
.neurite-vis .cells .wrong { --cell: var(--nv-wrong); }
.neurite-vis .cells strong, .neurite-vis .cells span { display: block; }
.neurite-vis .tiles { display: grid; grid-template-columns: repeat(auto-fill, minmax(var(--tile, 3.25rem), 1fr)); gap: 0.4rem; margin: 0 0 0.6rem; padding: 0; list-style: none; }
.neurite-vis .tiles li { min-width: 0; }
.neurite-vis .tile { display: grid; gap: 1px; }
.neurite-vis .tile canvas, .neurite-vis .scale canvas { display: block; width: 100%; image-rendering: pixelated; }
.neurite-vis .scale { display: inline-flex; align-items: center; gap: 0.4rem; margin-right: 1rem; font-variant-numeric: tabular-nums; }
.neurite-vis .scale canvas { width: 6rem; min-width: 2rem; height: 0.6rem; }
.neurite-vis .chart { position: relative; min-width: 0; overflow: hidden; }
.neurite-vis .swatch { display: inline-block; width: 1.2rem; margin-right: 0.4rem; border-top: 2px solid; vertical-align: middle; }
.neurite-vis .swatch.dashed { border-top-style: dashed; }
.neurite-vis .about { display: inline-block; }
.neurite-vis .legend > span { display: inline-block; margin-right: 1rem; }
.neurite-vis summary { color: var(--nv-quiet); cursor: pointer; }
.neurite-vis .probe { position: absolute; width: 0; height: 0; overflow: hidden; }
.neurite-vis .uplot, .neurite-vis .u-wrap { position: relative; width: min-content; }
.neurite-vis .u-over, .neurite-vis .u-under, .neurite-vis .u-axis { position: absolute; }
.neurite-vis .uplot canvas { display: block; width: 100%; height: 100%; }
`;

/** The custom property with the colour of a curve. */
export const curveColor = (index: number): string => `--nv-curve-${index % CURVES.length}`;

const sheets = new WeakMap<Document, CSSStyleSheet>();

/** Gives the styles to the document, or the shadow root, that an element is in. */
export function adoptStyles(element: Element): void {
  const root = element.getRootNode();
  const page = element.ownerDocument;
  const scope = 'adoptedStyleSheets' in root ? (root as Document | ShadowRoot) : page;
  let sheet = sheets.get(page);
  if (!sheet) {
    sheet = new (page.defaultView ?? globalThis).CSSStyleSheet();
    sheet.replaceSync(SHEET);
    sheets.set(page, sheet);
  }
  if (!scope.adoptedStyleSheets.includes(sheet)) scope.adoptedStyleSheets.push(sheet);
}
