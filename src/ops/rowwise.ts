import { apply1, type Dispatch, expectDType, flatGrid, type Op, type OpNode } from '../graph.ts';
import type { Passed } from '../options.ts';
import type { Shader } from '../shader/shader.ts';
import { elements, type Tensor } from '../tensor.ts';
import { WORKGROUP } from './elementwise.ts';

/**
 * Creates an op that maps each row along the last axis to a row of the same length. Its gradient is computed from its
 * output. The shader has the entry points `forward` (reads `x`, writes `y`) and `backward` (reads `dy` and `y_saved`,
 * writes `dx`), and the overrides `ROWS` and `C`; each row has one invocation.
 */
export function rowwise(name: string, shader: Shader): (x: Tensor, more: Passed) => Tensor {
  const launch = (
    node: OpNode<undefined>,
    entryPoint: string,
    reads: Record<string, Tensor>,
    writes: Record<string, Tensor>,
  ): Dispatch[] => {
    const { shape } = node.outputs[0]!;
    const c = shape[shape.length - 1]!;
    const rows = elements(shape) / c;
    return [
      { shader, entryPoint, constants: { ROWS: rows, C: c }, reads, writes, workgroups: flatGrid(rows, WORKGROUP) },
    ];
  };

  const gradient: Op<undefined> = {
    name: `${name}Grad`,
    outputs: ([dy]) => [{ shape: dy!.shape }],
    dispatches: (node) => {
      const [dy, y] = node.inputs;
      return launch(node, 'backward', { dy: dy!, y_saved: y! }, { dx: node.outputs[0]! });
    },
  };

  const op: Op<undefined> = {
    name,
    outputs: ([x]) => {
      expectDType(name, x!, 'f32');
      return [{ shape: x!.shape }];
    },
    dispatches: (node) => launch(node, 'forward', { x: node.inputs[0]! }, { y: node.outputs[0]! }),
    backward: ({ outputs: [y] }, [dy]) => [apply1(gradient, [dy!, y!], undefined)],
  };
  return (x, more) => apply1(op, [x], undefined, more);
}
