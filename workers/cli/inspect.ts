/** `inspect FILE`: its tensors with name, dtype, shape and byte range. */
import { parseArgs } from "node:util";
import { onlyFile, openArgument } from "./source.ts";
import { table } from "./table.ts";

export async function inspect(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { json: { type: "boolean", default: false } },
  });
  const file = onlyFile("inspect", positionals);
  const source = await openArgument(file);
  const { kind, tensors, notes, metadata } = source.info;
  source.close();
  if (values.json) {
    const listed = tensors.map(({ name, dtype, shape, bytes, problem }) => ({
      ...{ name, dtype, shape, bytes: bytes ?? null },
      ...(problem !== undefined && { problem }),
    }));
    process.stdout.write(`${JSON.stringify({ file, kind, tensors: listed, notes, metadata })}\n`);
    return;
  }
  const files = new Set(tensors.flatMap((t) => t.bytes?.file ?? []));
  const rows = tensors.map(({ name, dtype, shape, bytes, problem }) => [
    name,
    dtype,
    shape.length === 0 ? "scalar" : shape.join(" x "),
    bytes ? String(bytes.begin) : "-",
    bytes ? String(bytes.end) : "-",
    [files.size > 1 ? bytes?.file : undefined, problem].filter(Boolean).join(": "),
  ]);
  process.stdout.write(table(["tensor", "dtype", "shape", "begin", "end", ""], rows, ["begin", "end"]));
  for (const note of notes) process.stdout.write(`note: ${note}\n`);
}
