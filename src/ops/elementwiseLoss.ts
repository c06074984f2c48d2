/** Losses that are computed element by element and averaged over each row: made from a shader, with both gradients. */
import { ShapeError } from '../errors.ts';
import { apply1, expectDType, expectTensors, flatGrid, type Op, type OpNode } from '../graph.ts';
import type { Passed } from '../options.ts';
import type { Shader } from '../shader/shader.ts';
import { elements, formatShape, sameShape, type Tensor } from '../tensor.ts';
import { vec4s, WORKGROUP } from './elementwise.ts';
import { mean } from './reduce.ts';
import { reshape } from './reshape.ts';

/**
 * Creates a loss: f(prediction, truth) element by element, then the mean over all axes but the first. The shader has
 * the name of the loss, the entry points `forward`, `backward` and `gradientOfTruth`, and the override `N`, in vec4s.
 * @param element name of the element-wise op
 */
export function elementwiseLoss(
  element: string,
  shader: Shader,
): (prediction: Tensor, truth: Tensor, more: Passed) => Tensor {
  const launch = (
    node: OpNode<undefined>,
    entryPoint: string,
    more: Record<string, Tensor>,
    writes: Record<string, Tensor>,
  ) => {
    const [prediction, truth] = node.inputs;
    const n = vec4s(prediction!);
    const reads = { prediction: prediction!, truth: truth!, ...more };
    return [{ shader, entryPoint, constants: { N: n }, reads, writes, workgroups: flatGrid(n, WORKGROUP) }];
  };

  const gradient = (name: string, entryPoint: string, output: string): Op<undefined> => ({
    name,
    outputs: ([prediction]) => [{ shape: prediction!.shape }],
    dispatches: (node) => launch(node, entryPoint, { dy: node.inputs[2]! }, { [output]: node.outputs[0]! }),
  });
  const predictionGradient = gradient(`${element}Grad`, 'backward', 'dprediction');
  const truthGradient = gradient(`${element}TruthGrad`, 'gradientOfTruth', 'dtruth');

  const op: Op<undefined> = {
    name: element,
    outputs: ([prediction]) => [{ shape: prediction!.shape }],
    dispatches: (node) => launch(node, 'forward', {}, { y: node.outputs[0]! }),
    backward: ({ inputs: [prediction, truth] }, [dy]) => [
      apply1(predictionGradient, [prediction!, truth!, dy!], undefined),
      apply1(truthGradient, [prediction!, truth!, dy!], undefined),
    ],
  };

  return (prediction, truth, more) => {
    expectTensors(shader.name, [prediction, truth], more);
    checkSameRows(shader.name, prediction, truth);
    const n = prediction.shape[0]!;
    const row = elements(prediction.shape) / n;
    const losses = apply1(op, [prediction, reshape(truth, prediction.shape)], undefined);
    return row === 1 ? reshape(losses, [n]) : mean(reshape(losses, [n, row]), { axes: 1 });
  };
}

/** @throws ShapeError unless both are f32 and of the same shape, if `[n]` and `[n, 1]` count as the same */
export function checkSameRows(what: string, prediction: Tensor, truth: Tensor): void {
  expectDType(what, prediction, 'f32');
  expectDType(what, truth, 'f32');
  const column = ({ shape }: Tensor) => (shape.length === 1 ? [...shape, 1] : shape);
  if (!sameShape(column(prediction), column(truth))) {
    throw new ShapeError(
      `${what}: prediction ${formatShape(prediction.shape)} and truth ${formatShape(truth.shape)} must have one shape.`,
    );
  }
}
