import { printable } from "../../kernels/text/printable.ts";

type Field = string | number | null;

/** Comma-separated values with a heading line (RFC 4180); `null` is an empty field, numbers keep all their digits, and no text is a formula. */
export function csvOf(columns: readonly string[], rows: readonly (readonly Field[])[]): string {
  return [columns, ...rows].map((row) => row.map(field).join(",")).join("\r\n");
}

function field(value: Field): string {
  const text = value === null ? "" : plain(value);
  return /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A spreadsheet takes a text that begins so for a formula, and files name their tensors as they like: an apostrophe says that it is none. */
function plain(value: string | number): string {
  const text = printable(String(value));
  return typeof value === "string" && /^[=+\-@]/.test(text) && !Number.isFinite(Number(text)) ? `'${text}` : text;
}
