import type { Plan } from '../../plan/types.ts';
import type { DispatchTime } from '../../runtime/profile.ts';

/** Times of a training step's dispatches, in the order of its plan. */
export interface Profile {
  readonly plan: Plan;
  readonly dispatches: readonly DispatchTime[];
}

/** A request for a profile, which the next training step resolves. */
export class ProfileRequest {
  readonly result: Promise<Profile>;
  resolve!: (profile: Promise<Profile>) => void;
  reject!: (error: Error) => void;

  constructor() {
    this.result = new Promise<Profile>((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    this.result.catch(() => {}); // the caller handles a rejection
  }
}
