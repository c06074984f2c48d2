/** The result of a test: score, confusion matrix, ROC curve, score by segment, worst mistakes. Loaded with the first one. */
import { confusionMatrix } from 'neurite/vis';
import { useEffect, useRef } from 'preact/hooks';
import { formatCount, formatNumber, formatPercent } from '../../../format.ts';
import { CLASS_NAMES } from '../../protocol/index.ts';
import type { RunRecord, RunTest } from '../../runs/record.ts';
import { TEST_TEXTS, testKindOf } from '../../runs/testPictures.ts';
import { accuracyBySegment, areaUnderCurve, type RocPoint, rocCurve } from '../../score.ts';
import { BrainPicture } from '../brainPicture.tsx';

export function TestResult({ run, result }: { run: RunRecord; result: RunTest }) {
  const { labels, fake, segments, loss, accuracy, mistakes } = result;
  const curve = rocCurve(labels, fake);
  const area = areaUnderCurve(curve);
  return (
    <div class="test-result">
      <p class="score">
        <strong>{formatPercent(accuracy)}</strong> of {formatCount(labels.length)} test images right
        <span class="note">
          {run.name}: {TEST_TEXTS[testKindOf(run)].name}, loss {formatNumber(loss)}
        </span>
      </p>
      <div class="test-parts">
        <ConfusionTable labels={labels} fake={fake} />
        <Roc points={curve} area={area} />
        <table class="by-segment">
          <caption>By segment</caption>
          <tbody>
            {accuracyBySegment(labels, fake, segments).map(({ segment, accuracy, images }) => (
              <tr key={segment}>
                <th scope="row">segment {segment}</th>
                <td class="number">{formatPercent(accuracy)}</td>
                <td class="note number">of {formatCount(images)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <h4>The most confident mistakes</h4>
      {mistakes.length === 0 ? (
        <p class="note">There are none: every verdict is right.</p>
      ) : (
        <ul class="mistakes">
          {mistakes.map(({ picture, fake }) => {
            const verdict = fake > 0.5 ? 1 : 0;
            const sure = formatPercent(verdict === 1 ? fake : 1 - fake);
            const [truth, said] = [CLASS_NAMES[picture.label]!, CLASS_NAMES[verdict]];
            return (
              <li key={picture.row}>
                <BrainPicture pixels={picture.pixels} label={`${truth}, segment ${picture.segment}, called ${said}`} />
                <span>
                  is <span class={`${truth}-text`}>{truth}</span>, called <span class={`${said}-text`}>{said}</span>,{' '}
                  {sure} sure
                </span>
              </li>
            );
          })}
        </ul>
      )}
    </div>
  );
}

function ConfusionTable({ labels, fake }: { labels: Int32Array; fake: Float32Array }) {
  const element = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // Verdicts are "fake" from a probability of a half on.
    const verdicts = Array.from(fake, (probability) => (probability > 0.5 ? 1 : 0));
    const drawing = confusionMatrix(element.current!, labels, verdicts, { labels: CLASS_NAMES });
    return drawing.remove;
  }, [labels, fake]);
  return <div ref={element} class="confusion" />;
}

const SIZE = 170;

function Roc({ points, area }: { points: readonly RocPoint[]; area: number }) {
  const at = ({ falsePositive, truePositive }: RocPoint) => `${falsePositive * SIZE},${(1 - truePositive) * SIZE}`;
  const text = `ROC curve, area ${formatNumber(area, 3)}`;
  return (
    <figure class="roc">
      <figcaption>{text}</figcaption>
      <svg viewBox={`-30 -6 ${SIZE + 40} ${SIZE + 36}`} role="img" aria-label={text}>
        <rect width={SIZE} height={SIZE} class="roc-frame" />
        <line x1={0} y1={SIZE} x2={SIZE} y2={0} class="roc-chance" />
        <polygon points={`0,${SIZE} ${points.map(at).join(' ')} ${SIZE},${SIZE}`} class="roc-area" />
        <polyline points={points.map(at).join(' ')} class="roc-line" />
        <text x={SIZE / 2} y={SIZE + 24} text-anchor="middle">
          real images called fake
        </text>
        <text x={-SIZE / 2} y={-12} text-anchor="middle" transform="rotate(-90)">
          fakes found
        </text>
        <text x={-4} y={SIZE + 11} text-anchor="end">
          0
        </text>
        <text x={-4} y={8} text-anchor="end">
          1
        </text>
        <text x={SIZE} y={SIZE + 11} text-anchor="end">
          1
        </text>
      </svg>
    </figure>
  );
}
