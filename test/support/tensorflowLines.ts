/**
 * The lines that users of TensorFlow.js type most, with this engine imported as `tf`. docs/tensorflow.md has each of them, and
 * model/tensorflowLines.test.ts runs them. `model` is compiled, `x` and `y` are its data, `logits` a prediction.
 */
export interface Line {
  /** The line of TensorFlow.js. */
  readonly tensorflow: string;
  /** What to write. Absent: the same line works. */
  readonly here?: string;
  /** A part of the engine's message for the line. Absent where `here` is: the name does not exist, as JavaScript itself says. */
  readonly error?: string;
  /** What the line that works gives, if that is to be checked. */
  readonly gives?: unknown;
}

export const LINES: readonly Line[] = [
  // Models
  { tensorflow: 'tf.sequential()' },
  {
    tensorflow: 'tf.sequential({ layers: [tf.layers.dense({ inputShape: [4], units: 2 })] })',
    here: 'tf.sequential([tf.layers.dense({ inputShape: [4], units: 2 })])',
    error: 'a model needs a list of one or more layers, as in sequential([layers.dense({ … })])',
  },
  { tensorflow: "empty.add(tf.layers.dense({ inputShape: [4], units: 8, activation: 'relu' }))" },
  { tensorflow: "tf.layers.conv2d({ inputShape: [28, 28, 1], filters: 8, kernelSize: 5, activation: 'relu' })" },
  {
    tensorflow: "tf.sequential([tf.layers.dense({ inputShape: [4], units: 2, kernelInitializer: 'varianceScaling' })])",
    here: "tf.sequential([tf.layers.dense({ inputShape: [4], units: 2, kernelInitializer: 'lecunNormal' })])",
    error: "kernelInitializer must be 'zeros', ",
  },
  {
    tensorflow: 'tf.layers.maxPooling2d({ poolSize: [2, 2], strides: [2, 2] })',
    here: 'tf.layers.maxPool2d({ poolSize: [2, 2], strides: [2, 2] })',
    error: "layers has no 'maxPooling2d': write layers.maxPool2d.",
  },
  {
    tensorflow: 'tf.layers.globalAveragePooling2d()',
    here: 'tf.layers.globalAvgPool2d()',
    error: "layers has no 'globalAveragePooling2d': write layers.globalAvgPool2d.",
  },
  { tensorflow: 'tf.layers.flatten()' },
  { tensorflow: 'tf.layers.dropout({ rate: 0.25 })' },
  { tensorflow: 'tf.layers.batchNormalization()' },
  {
    tensorflow: 'tf.layers.reLU()',
    here: "tf.layers.activation({ activation: 'relu' })",
    error: "layers has no 'reLU': write layers.activation({ activation: 'relu' }).",
  },
  {
    tensorflow: 'tf.layers.dense({ units: 2, kernelRegularizer: tf.regularizers.l2({ l2: 0.01 }) })',
    here: "await model.compile({ recompile: true, optimizer: tf.adamw({ weightDecay: 0.004 }), loss: 'mse' })",
  },
  {
    tensorflow: 'tf.model({ inputs: tf.input({ shape: [4] }), outputs: [] })',
    here: 'tf.sequential([tf.layers.dense({ inputShape: [4], units: 2 })])',
  },
  {
    tensorflow: "model.getLayer('first')",
    here: "model.layers.find(({ name }) => name === 'first')",
    error: "a model has no 'getLayer': write model.layers.find(({ name }) => name === 'dense').",
  },
  { tensorflow: 'model.layers[0].trainable = false', gives: false },
  {
    tensorflow: 'model.summary()',
    here: 'console.log(model.summary())',
  },
  { tensorflow: 'model.countParams()', gives: 67 },
  // Compiling
  {
    tensorflow: "model.compile({ optimizer: 'adam', loss: 'meanSquaredError' })",
    here: "await fresh.compile({ optimizer: 'adam', loss: 'meanSquaredError' })",
    error: 'the model is compiled already',
  },
  {
    tensorflow: "fresh.compile({ optimizer: tf.train.adam(0.01), loss: 'sparseCategoricalCrossentropy' })",
    here: "await fresh.compile({ optimizer: tf.adam({ learningRate: 0.01 }), loss: 'sparseCategoricalCrossentropy' })",
  },
  {
    tensorflow: "fresh.compile({ optimizer: tf.adam(0.01), loss: 'meanSquaredError' })",
    here: "await fresh.compile({ optimizer: tf.adam({ learningRate: 0.01 }), loss: 'meanSquaredError' })",
    error: 'adam: options must be an object, such as { learningRate: … }, got 0.01.',
  },
  {
    tensorflow: "fresh.compile({ optimizer: 'sgd', loss: tf.losses.meanSquaredError })",
    here: "await fresh.compile({ optimizer: 'sgd', loss: 'meanSquaredError' })",
  },
  { tensorflow: "await fresh.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy', metrics: ['acc'] })" },
  {
    tensorflow: "await softmax.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy' })",
    here: "await fresh.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy' })",
    error: "must not end with softmax; leave it linear, and predict(x, { as: 'probabilities' }) gives probabilities.",
  },
  // Data
  { tensorflow: 'tf.tensor2d([[0, 0], [0, 1]])', here: "tf.ndarray([[0, 0], [0, 1]]).asType('float32')" },
  { tensorflow: "tf.tensor1d([0, 2, 1], 'int32')", here: '[0, 2, 1]' },
  { tensorflow: 'tf.tensor4d(pixels, [2, 28, 28, 1])', here: '({ data: pixels, shape: [2, 28, 28, 1] })' },
  {
    tensorflow: 'await model.fit(pixels, y)',
    here: 'await model.fit({ data: x.data, shape: x.shape }, y)',
    error: 'x must be { data, shape: [n, …] }',
  },
  {
    tensorflow: 'await model.fit(x, tf.oneHot(labels, 3))',
    here: 'await model.fit(x, labels)', // with sparseCategoricalCrossentropy
  },
  { tensorflow: 'tf.data.generator(examples)', here: 'tf.dataset(examples)' },
  {
    tensorflow: 'tf.data.array(rows).map(change).shuffle(100, 7).prefetch(2)',
    here: 'tf.dataset(rows).map(change).shuffle(100, { seed: 7 }).prefetch(2)',
  },
  {
    tensorflow: 'await model.fitDataset(batches, { epochs: 2, batchesPerEpoch: 3 })',
    here: 'await model.fit(batches, { epochs: 2, stepsPerEpoch: 3 })',
    error: "a model has no 'fitDataset': write model.fit(dataset, options).",
  },
  {
    tensorflow: 'await model.evaluateDataset(batches)',
    here: 'await model.evaluate(batches)',
    error: "a model has no 'evaluateDataset': write model.evaluate(dataset, options).",
  },
  { tensorflow: 'tf.util.shuffle(order)', here: 'tf.shuffle(order, 7)' },
  // Training
  { tensorflow: 'await model.fit(x, y, { epochs: 2, batchSize: 8, shuffle: true, validationSplit: 0.25 })' },
  { tensorflow: 'await model.fit(x, y, { epochs: 2, validationData: [xTest, yTest] })' },
  {
    tensorflow: 'await model.fit(x, y, { callbacks: { onEpochEnd: (epoch, logs) => console.log(epoch, logs.loss) } })',
  },
  {
    tensorflow: 'await model.fit(x, y, { callbacks: { onEpochEnd: (epoch, logs) => console.log(logs.acc) } })',
    here: 'await model.fit(x, y, { callbacks: { onEpochEnd: (epoch, logs) => console.log(logs.accuracy) } })',
    error: "logs has no 'acc': write logs.accuracy.",
  },
  {
    tensorflow:
      "await model.fit(x, y, { callbacks: tf.callbacks.earlyStopping({ monitor: 'val_loss', patience: 3 }) })",
    here: 'await model.fit(x, y, { validationSplit: 0.25, callbacks: tf.earlyStopping({ patience: 3 }) })',
  },
  {
    tensorflow:
      "await model.fit(x, y, { validationSplit: 0.25, callbacks: tf.earlyStopping({ monitor: 'val_loss' }) })",
    here: "await model.fit(x, y, { validationSplit: 0.25, callbacks: tf.earlyStopping({ monitor: 'valLoss' }) })",
    error: "there is no 'val_loss' in the logs: loss, accuracy, valLoss, valAccuracy. Did you mean 'valLoss'?",
  },
  {
    tensorflow: 'await model.fit(x, y, { callbacks: { onBatchEnd: () => tf.nextFrame() } })',
    here: 'await model.fit(x, y)', // the page stays responsive by itself
  },
  {
    tensorflow: 'await model.fit(x, y, { callbacks: { onEpochEnd: () => void (model.stopTraining = true) } })',
    here: 'await model.fit(x, y, { callbacks: { onEpochEnd: (epoch, logs, training) => training.stop() } })',
    error: "a model has no 'stopTraining': a callback gets training as its last argument; write training.stop().",
  },
  {
    tensorflow: 'await model.fit(x, y, { callbacks: (epoch, logs) => console.log(logs.loss) })',
    here: 'await model.fit(x, y, { callbacks: { onEpochEnd: (epoch, logs) => console.log(logs.loss) } })',
    error: 'fit: callbacks must be objects, got a function. Name its hook: { onEpochEnd(epoch, logs) { … } }.',
  },
  {
    tensorflow: 'history.history.loss',
    here: 'history.loss',
    error: "history has no 'history': write history.loss, not history.history.loss.",
  },
  { tensorflow: 'await model.trainOnBatch(x, y)' },
  { tensorflow: 'await model.evaluate(x, y, { batchSize: 8 })' },
  { tensorflow: '(await model.evaluate(x, y))[0].dataSync()', here: '(await model.evaluate(x, y)).loss' },
  // Results
  { tensorflow: 'model.predict(x).dataSync()', here: '(await model.predict(x)).data' },
  {
    tensorflow: 'logits.dataSync()',
    here: 'logits.data',
    error: "an array has no 'dataSync': its numbers are array.data.",
  },
  {
    tensorflow: 'logits.arraySync()',
    here: 'logits.data',
    error: "an array has no 'arraySync': its numbers are array.data, and array.print() shows them with their axes.",
  },
  { tensorflow: 'logits.argMax(-1)' },
  { tensorflow: 'logits.print()' },
  {
    tensorflow: 'tf.softmax(logits)',
    here: "await model.predict(x, { as: 'probabilities' })",
    error: 'softmax: input 0 must be a tensor made by a graph',
  },
  {
    tensorflow: 'model.predictOnBatch(x)',
    here: 'await model.predict(x)',
    error: "a model has no 'predictOnBatch': write model.predict(x).",
  },
  // Memory and devices
  { tensorflow: 'tf.tidy(() => model.predict(x))', here: 'await model.predict(x)' },
  {
    tensorflow: 'logits.dispose()',
    here: 'logits', // JavaScript frees it
    error: "an array has no 'dispose': leave it out, JavaScript frees its memory.",
  },
  { tensorflow: 'model.dispose()' },
  { tensorflow: 'tf.memory().numBytes', here: 'model.plan().peakBytes' },
  { tensorflow: "await tf.setBackend('webgl')", here: 'await model.predict(x)' }, // always WebGPU
  // Weights and files
  { tensorflow: 'await model.getWeights()' },
  { tensorflow: 'model.layers[0].getWeights()', here: '(await model.getWeights())[0]' },
  { tensorflow: 'await model.setWeights(await model.getWeights())' },
  { tensorflow: "await tf.loadLayersModel('model.json')", here: 'await tf.loadModel(await model.save())' },
];
