/** The tangent kernel between the points, at the start and now, as maps in the same colours. */
import { cssColor, diverging } from 'neurite/vis';
import { Scale } from '../draw/scale.tsx';
import { CellGrid } from '../lesson/numberGrid.tsx';
import { formatFixed } from '../lesson/verified.tsx';

/** Of a CSS colour in sRGB, as WCAG 2 defines it. */
function luminance(color: string): number {
  const [red, green, blue] = color.match(/\d+/g)!.map((text) => {
    const v = Number(text) / 255;
    return v <= 0.04 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
}

/** Below this luminance white text has the larger contrast. */
const MIDDLE = 0.179;

function colors(value: number, most: number): { color: string; background: string } {
  const background = cssColor(diverging, 0.5 + value / most / 2);
  return { color: luminance(background) < MIDDLE ? '#fff' : '#000', background };
}

export function KernelView(props: {
  start: ArrayLike<number>;
  now: ArrayLike<number>;
  columns: number;
  chosen: number;
  onChoose: (index: number) => void;
}) {
  const { start, now, columns, chosen, onChoose } = props;
  const most = Math.max(...Array.from(start, Math.abs));
  const maps = [
    { title: 'at the start', values: start },
    { title: 'now', values: now },
  ];
  return (
    <div class="kernel-view">
      <div class="kernel-maps">
        {maps.map(({ title, values }) => (
          <div key={title}>
            <p class="map-title">{title}</p>
            <CellGrid
              label={`K ${title}`}
              format={(value) => formatFixed(value, Math.abs(value) < 9.95 ? 1 : 0)}
              styleOf={(index) => colors(values[index]!, most)}
              {...{ values, columns, chosen, onChoose }}
            />
          </div>
        ))}
      </div>
      <Scale colors={diverging} range={{ low: -most, high: most }} />
      <p class="formula">
        <i>K</i>(<i>x</i>, <i>x</i>′) = ∇<sub>θ</sub>
        <i>f</i>(<i>x</i>) · ∇<sub>θ</sub>
        <i>f</i>(<i>x</i>′)
      </p>
      <p class="honest">
        ∇<sub>θ</sub>
        <i>f</i>(<i>x</i>): the derivative of the output at <i>x</i> by each of the weights θ.
      </p>
    </div>
  );
}
