/** Lines for people at a terminal. What files say of themselves cannot break them, nor tell the terminal what to do. */
import { printable, printableJson } from "../../kernels/text/printable.ts";

/** A line on standard output. */
export function say(line: string): void {
  process.stdout.write(`${printable(line)}\n`);
}

/** Lines on standard output, one for each note. */
export function sayNotes(notes: readonly string[]): void {
  for (const note of notes) say(`note: ${note}`);
}

/** A line on standard error. */
export function complain(line: string): void {
  process.stderr.write(`${printable(line)}\n`);
}

/** An object as one line of JSON. */
export const jsonLine = (value: unknown): string => `${printableJson(JSON.stringify(value))}\n`;
