import { printable } from "../../kernels/text/printable.ts";

/** Text in columns for a terminal, made safe to show; the named columns are set flush right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[], right: readonly string[]): string {
  const lines = [head, ...rows.map((row) => row.map(printable))];
  const widths = head.map((_, i) => lines.reduce((most, line) => Math.max(most, line[i].length), 0));
  const text = lines.map((line) =>
    line.map((cell, i) => (right.includes(head[i]) ? cell.padStart(widths[i]) : cell.padEnd(widths[i]))).join("  "),
  );
  return `${text.map((line) => line.trimEnd()).join("\n")}\n`;
}

/** A number for people: six significant digits, plain where that is short. What is absent is a dash. */
export function figure(value: number | null | undefined): string {
  if (value === null || value === undefined) return "-";
  if (Number.isInteger(value) && Math.abs(value) < 1e9) return String(value);
  const text = value.toPrecision(6);
  return text.includes("e") ? text : String(Number(text));
}
