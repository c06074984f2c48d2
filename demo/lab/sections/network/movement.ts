/** How far weights have moved: root mean squares of the change, and of the weights as they began. */
export function movement(now: ArrayLike<number>, change: ArrayLike<number>): { moved: number; size: number } {
  const rms = (value: (i: number) => number) => {
    let sum = 0;
    for (let i = 0; i < now.length; i++) sum += value(i) ** 2;
    return Math.sqrt(sum / (now.length || 1));
  };
  return { moved: rms((i) => change[i]!), size: rms((i) => now[i]! - change[i]!) };
}
