// What every driver in JavaScript shares: a command of JSON on each line of input, an object of JSON for each.

import { createInterface } from "node:readline";

/** What the venue, or the peer before it asked the venue, answered instead of doing it. */
export class Refused extends Error {
  constructor(message, status = null, more = {}) {
    super(String(message));
    this.told = { error: String(message), http: status, ...more };
  }
}

/** Return what the sandbox says of its CLOB. */
export const sandbox = () => JSON.parse(process.env.POLYSPEC_SANDBOX).clob;

/** Carry out commands until there are no more; whatever else is printed goes to standard error. */
export const serve = async (driver) => {
  console.log = console.info = console.error;
  for await (const line of createInterface({ input: process.stdin })) {
    const { step, ...asked } = JSON.parse(line);
    const told = { step };
    try {
      told.result = (await driver[step](asked)) ?? null;
    } catch (error) {
      if (error instanceof Refused) told.refused = error.told;
      else told.failed = String(error?.stack ?? error);
    }
    process.stdout.write(`${JSON.stringify(told)}\n`);
  }
};
