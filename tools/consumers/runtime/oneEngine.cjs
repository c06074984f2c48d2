/** Throws unless what the other two entries have of the engine is this engine. */
exports.oneEngine = ({ ArgumentError }, simulateBrain, succeeded) => {
  if (typeof succeeded !== 'function') throw new Error('neurite/selftest lacks succeeded');
  try {
    simulateBrain({ segments: [99], imagesPerClass: 1, seed: 1 });
  } catch (error) {
    if (error instanceof ArgumentError) return;
    throw new Error(`neurite/brain has another engine: ${error}`);
  }
  throw new Error('neurite/brain takes a segment that does not exist');
};
