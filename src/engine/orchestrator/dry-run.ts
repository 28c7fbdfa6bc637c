/** What a use case rejects with when it was only asked for its plan; nothing was changed. */
export class DryRun extends Error {
  /** What would be done, in order, in words an operator knows. */
  readonly steps: readonly string[];

  constructor(steps: readonly string[]) {
    super('nothing was changed: this was a dry run');
    this.name = 'DryRun';
    this.steps = steps;
  }
}
