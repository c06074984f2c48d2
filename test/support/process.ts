/** What a process wrote to stderr, less what Dawn remarks on a driver: that differs from machine to machine. */
export function ownErrors(stderr: string): string {
  return stderr.replace(/^Warning: .*\n(?: +(?:-|at) .*\n)*\n?/gm, '').trim();
}
