/**
 * The owner of a turn is a process under one of its names, `<address>.<n>`. The address is random and stays; n
 * grows each time the others have declared the process dead, so what it began before is not its own any more.
 */
export function ownerName(address: string, n: number): string {
  return `${address}.${n}`;
}

/** The address of an owner's process on the bus. */
export function addressOf(owner: string): string {
  return owner.slice(0, owner.lastIndexOf("."));
}
