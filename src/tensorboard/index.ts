/**
 * `neurite/tensorboard`: writes the curves of a training into files that TensorBoard shows. It runs in Node.
 * @module neurite/tensorboard
 */
export { type TensorBoardOptions, tensorBoard } from './callback.ts';
