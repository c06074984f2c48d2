/** Softmax and cross-entropy in one op, with its gradients for logits and for labels. */
import source from '../../shaders/softmaxCrossEntropy.wgsl?raw';
import { ShapeError } from '../errors.ts';
import { apply, apply1, type Dispatch, expectDType, flatGrid, type Op, type OpNode } from '../graph.ts';
import type { Passed } from '../options.ts';
import { elements, formatShape, sameShape, type Tensor } from '../tensor.ts';
import { WORKGROUP } from './elementwise.ts';

export const softmaxCrossEntropyShader = { name: 'softmaxCrossEntropy', source };

/** A dispatch of one of the shader's entry points. `inputs[0]` of the node are the logits. */
function launch(
  { inputs }: OpNode<undefined>,
  entryPoint: string,
  invocations: number,
  reads: Record<string, Tensor>,
  writes: Record<string, Tensor>,
): Dispatch[] {
  const [rows, classes] = inputs[0]!.shape;
  return [
    {
      shader: softmaxCrossEntropyShader,
      entryPoint,
      constants: { ROWS: rows!, CLASSES: classes! },
      reads,
      writes,
      workgroups: flatGrid(invocations, WORKGROUP),
    },
  ];
}

/** The suffix of the entry point and the binding of the labels, which are class indices if their dtype is i32. */
export function labelKind(labels: Tensor): readonly ['Classes', 'labels'] | readonly ['Truth', 'truth'] {
  return labels.dtype === 'i32' ? ['Classes', 'labels'] : ['Truth', 'truth'];
}

/** Inputs `logits, labels, statistics, dy`. */
export const softmaxCrossEntropyGradOp: Op<undefined> = {
  name: 'softmaxCrossEntropyGrad',
  outputs: ([logits]) => [{ shape: logits!.shape }],
  dispatches: (node) => {
    const [logits, labels, statistics, dy] = node.inputs;
    const [suffix, binding] = labelKind(labels!);
    return launch(
      node,
      `backward${suffix}`,
      elements(logits!.shape),
      { logits: logits!, [binding]: labels!, statistics_saved: statistics!, dy: dy! },
      { dlogits: node.outputs[0]! },
    );
  },
};

const truthGradient: Op<undefined> = {
  name: 'softmaxCrossEntropyTruthGrad',
  outputs: ([logits]) => [{ shape: logits!.shape }],
  dispatches: (node) => {
    const [logits, statistics, dy] = node.inputs;
    return launch(
      node,
      'gradientOfTruth',
      elements(logits!.shape),
      { logits: logits!, statistics_saved: statistics!, dy: dy! },
      { dtruth: node.outputs[0]! },
    );
  },
};

export const softmaxCrossEntropyOp: Op<undefined> = {
  name: 'softmaxCrossEntropy',
  outputs: ([logits, labels]) => {
    checkScores('softmaxCrossEntropy', logits!, labels!);
    const rows = logits!.shape[0]!;
    return [{ shape: [rows] }, { shape: [rows, 3], name: 'statistics' }];
  },
  dispatches: (node) => {
    const [logits, labels] = node.inputs;
    const [y, statistics] = node.outputs;
    const [suffix, binding] = labelKind(labels!);
    return launch(
      node,
      `forward${suffix}`,
      logits!.shape[0]!,
      { logits: logits!, [binding]: labels! },
      { y: y!, statistics: statistics! },
    );
  },
  backward: ({ inputs: [logits, labels], outputs: [, statistics] }, [dy]) => [
    apply1(softmaxCrossEntropyGradOp, [logits!, labels!, statistics!, dy!], undefined),
    labels!.dtype === 'f32' ? apply1(truthGradient, [logits!, statistics!, dy!], undefined) : undefined,
  ],
};

/**
 * Cross-entropy of softmax(logits) and the labels for each row, stable for logits of any size.
 * @param logits `[n, classes]`
 * @param labels i32 `[n]`, class indices, or f32 `[n, classes]`, one-hot or other weights of the classes. The host
 *   checks class indices; the device returns NaN for a row whose class does not exist.
 * @returns `[n]`, not averaged
 * @throws ShapeError if logits and labels do not fit
 */
export function softmaxCrossEntropy(logits: Tensor, labels: Tensor, ...more: Passed): Tensor {
  return apply(softmaxCrossEntropyOp, [logits, labels], undefined, more)[0]!;
}

/** @throws ShapeError unless scores are `[n, classes]` and labels i32 `[n]` or f32 `[n, classes]` */
export function checkScores(what: string, scores: Tensor, labels: Tensor): void {
  expectDType(what, scores, 'f32');
  const fits =
    scores.shape.length === 2 &&
    (labels.dtype === 'i32' ? sameShape(labels.shape, [scores.shape[0]!]) : sameShape(labels.shape, scores.shape));
  if (!fits || labels.dtype === 'u32') {
    throw new ShapeError(
      `${what}: scores must be [n, classes] and labels i32 [n] or f32 [n, classes], ` +
        `got ${formatShape(scores.shape)} and ${labels.dtype} ${formatShape(labels.shape)}.`,
    );
  }
}
