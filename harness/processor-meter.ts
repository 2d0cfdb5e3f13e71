/** Starts a meter that returns the milliseconds of a processor that this process has used since. */
export function startProcessorMeter(): () => number {
  const before = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  };
}
