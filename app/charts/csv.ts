import { printable } from "../../kernels/text/printable.ts";

type Field = string | number | null;

/** Comma-separated values with a heading line (RFC 4180); `null` is an empty field, numbers keep all their digits. */
export function csvOf(columns: readonly string[], rows: readonly (readonly Field[])[]): string {
  return [columns, ...rows].map((row) => row.map(field).join(",")).join("\r\n");
}

function field(value: Field): string {
  const text = value === null ? "" : printable(String(value));
  return /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
