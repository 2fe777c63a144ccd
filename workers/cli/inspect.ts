/** `inspect FILE`: its tensors with name, dtype, shape and byte range. */
import { parseArgs } from "node:util";
import type { TensorInfo } from "../tensors/info.ts";
import type { StoredAs } from "../tensors/stored.ts";
import { RAW_OPTIONS, rawSpec } from "./raw.ts";
import { jsonLine, sayNotes } from "./say.ts";
import { onlyFile, openArgument } from "./source.ts";
import { table } from "./table.ts";

export async function inspect(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { json: { type: "boolean", default: false }, ...RAW_OPTIONS },
  });
  const file = onlyFile("inspect", positionals);
  const source = await openArgument(file, { raw: rawSpec(values) });
  const { kind, tensors, notes, metadata } = source.info;
  source.close();
  if (values.json) {
    const listed = tensors.map(({ name, dtype, shape, bytes, problem, warning, stored }) => ({
      ...{ name, dtype, shape, bytes: bytes ?? null },
      ...(problem !== undefined && { problem }),
      ...(warning !== undefined && { warning }),
      ...(stored && { stored: storedRecord(stored) }),
    }));
    process.stdout.write(jsonLine({ file, kind, tensors: listed, notes, metadata }));
    return;
  }
  const parts = tensors.flatMap((t) => t.stored?.parts.map((part) => part.info) ?? []);
  const files = new Set([...tensors, ...parts].flatMap((t) => t.bytes?.file ?? []));
  const row = (
    { name, dtype, shape, bytes, problem, warning }: TensorInfo,
    indent: string,
    said?: string,
  ): string[] => [
    indent + name,
    dtype,
    shape.length === 0 ? "scalar" : shape.join(" x "),
    bytes ? String(bytes.begin) : "-",
    bytes ? String(bytes.end) : "-",
    [files.size > 1 ? bytes?.file : undefined, problem, warning && `warning: ${warning}`, said]
      .filter(Boolean)
      .join(": "),
  ];
  const rows = tensors.flatMap((tensor) => [
    row(tensor, "", tensor.stored && storedText(tensor.stored)),
    ...(tensor.stored?.parts ?? []).map((part) =>
      row({ ...part.info, dtype: part.dtype, shape: part.shape }, "  ", part.role),
    ),
  ]);
  process.stdout.write(table(["tensor", "dtype", "shape", "begin", "end", ""], rows, ["begin", "end"]));
  sayNotes(notes);
}

/** A quantized weight in a line: how it is stored, what that takes, and what was assumed. */
function storedText({ kind, bitsPerWeight }: StoredAs): string {
  const { layout, recipe, source, readings, doubt } = kind;
  const assumed = source === null ? "assumed from names and shapes" : `as ${source} says`;
  const open = readings.map((r) => `${r.id}=${r.usual}`).join(",");
  const own = recipe === null ? "" : `, ${recipe}`;
  return `${layout}, ${bitsPerWeight.toFixed(2)} bits a weight${own}, ${assumed}${open && ` (read with ${open})`}${doubt ? `; ${doubt}` : ""}`;
}

function storedRecord({ kind, parts, bitsPerWeight: all }: StoredAs) {
  const listed = parts.map(({ role, info, dtype, shape, bitsPerWeight }) => {
    const bytes = info.bytes ? info.bytes.end - info.bytes.begin : 0;
    return { role, name: info.name, dtype, shape, bytes, bitsPerWeight };
  });
  return { ...kind, bitsPerWeight: all, parts: listed };
}
