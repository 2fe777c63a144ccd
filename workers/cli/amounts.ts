import { UserError } from "../errors/user-error.ts";

/** A whole number from `least` on; what is usual where nothing is said. Throws UserError. */
export function wholeArgument<T>(option: string, text: string | undefined, usual: T, least = 1): number | T {
  if (text === undefined) return usual;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value < 2 ** 32) return value;
  throw new UserError(`${option} is a whole number from ${least} on, not "${text}".`);
}

/** `1GB`, `500MB`, or bytes; what is usual where nothing is said. Throws UserError. */
export function bytesArgument<T>(option: string, text: string | undefined, usual: T): number | T {
  if (text === undefined) return usual;
  const [, number, unit = ""] = /^(\d+(?:\.\d+)?)\s*(kB|MB|GB)?$/i.exec(text) ?? [];
  if (number === undefined) throw new UserError(`${option} is a size such as 500MB or 2GB, not "${text}".`);
  const factors: Record<string, number> = { "": 1, kb: 1e3, mb: 1e6, gb: 1e9 };
  return Number(number) * factors[unit.toLowerCase()];
}
